package policies.sharepoint_embedded.app_only_beside_delegated_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.app_only_beside_delegated

test_cases[case.name] if {
	some case in cases
	result := app_only_beside_delegated with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "no grant", "outcome": "not_applicable", "input": testing.application}

cases contains {
	"name": "the owner has everything on both sides",
	"outcome": "not_applicable",
	"input": granted([object.union(guest(["full"], ["full"]), {"guest": false})]),
}

cases contains {
	"name": "a guest on both sides",
	"outcome": "fail",
	"keys": [key],
	"input": granted([guest(["readContent", "read"], ["readContent"])]),
}

cases contains {
	"name": "a guest with full app-only, and reading for users",
	"outcome": "fail",
	"keys": [over(["full"])],
	"input": granted([guest(["full"], ["readContent"])]),
}

cases contains {
	"name": "an application of another tenant",
	"outcome": "fail",
	"keys": [over(["manageContent"])],
	"input": object.union(testing.foreign_application, {"type_grants": [guest(["manageContent"], ["full"])]}),
}

cases contains {
	"name": "two container types, one of them its own",
	"outcome": "fail",
	"keys": [over(["full"])],
	"input": granted([
		guest(["full"], ["full"]),
		object.union(guest(["full"], ["full"]), {
			"container_type_id": "a1b2c3d4-0000-4000-8000-0000000000c2",
			"guest": false,
		}),
	]),
}

cases contains {
	"name": "usage is covered and shows no app-only call",
	"outcome": "fail",
	"keys": [key],
	"input": used(granted([guest(["readContent"], ["readContent"])]), "not_used"),
}

cases contains {
	"name": "app-only calls were seen that another permission allows",
	"outcome": "fail",
	"keys": [key],
	"input": testing.holding(
		granted([guest(["readContent"], ["readContent"])]),
		[object.union(testing.sites_selected, {"used": "used", "used_days": 1}), selected("application")],
	),
}

cases contains {
	"name": "delegated calls were seen, no app-only one",
	"outcome": "fail",
	"keys": [key],
	"input": testing.holding(granted([guest(["readContent"], ["readContent"])]), [
		object.union(selected("delegated"), {"used": "used", "used_days": 1}),
		object.union(selected("application"), {"used": "not_used"}),
	]),
}

cases contains {
	"name": "app-only calls were seen, exactly unused_days ago",
	"outcome": "pass",
	"input": called(90),
}

cases contains {
	"name": "app-only calls were seen, too long ago",
	"outcome": "fail",
	"keys": [key],
	"input": called(91),
}

cases contains {
	"name": "app-only calls were seen, nobody knows when",
	"outcome": "fail",
	"keys": [key],
	"input": used(granted([guest(["readContent"], ["readContent"])]), "used"),
}

cases contains {
	"name": "app-only alone",
	"outcome": "pass",
	"input": granted([guest(["readContent", "writeContent"], [])]),
}

cases contains {
	"name": "for users alone",
	"outcome": "pass",
	"input": granted([guest([], ["full"])]),
}

cases contains {
	"name": "no content app-only",
	"outcome": "pass",
	"input": granted([guest(["read", "enumeratePermissions"], ["readContent"])]),
}

cases contains {
	"name": "no content for users",
	"outcome": "pass",
	"input": granted([guest(["readContent"], ["read"])]),
}

cases contains {
	"name": "grants on container types not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["type_grants"]),
}

cases contains {
	"name": "owner of the type not known",
	"outcome": "unknown",
	"input": granted([object.remove(guest(["readContent"], ["readContent"]), ["guest"])]),
}

cases contains {
	"name": "owner of the type not known, for users alone",
	"outcome": "pass",
	"input": granted([object.remove(guest([], ["readContent"]), ["guest"])]),
}

cases contains {
	"name": "one side not read",
	"outcome": "unknown",
	"input": granted([object.remove(guest(["readContent"], []), ["delegated_permissions"])]),
}

cases contains {
	"name": "a permission that is not known",
	"outcome": "unknown",
	"input": granted([guest(["readContent"], ["unknownFutureValue"])]),
}

cases contains {
	"name": sprintf("a guest with several app-only permissions on content, %s", [order]),
	"outcome": "fail",
	"keys": [over(["readContent", "writeContent"])],
	"input": granted([guest(app_only, ["readContent"])]),
} if {
	some order, app_only in {
		"in one order": ["writeContent", "readContent"],
		"in the other": ["readContent", "writeContent"],
	}
}

key := over(["readContent"])

over(app_only) := {"container_type": "a1b2c3d4-0000-4000-8000-0000000000c1", "app_only": app_only}

selected(kind) := testing.permission(kind, "FileStorageContainer.Selected", {
	"application": "40dc41bc-0f7e-42ff-89bd-d9516947e474",
	"delegated": "085ca537-6565-41c2-aca7-db852babc212",
}[kind])

used(app, word) := testing.holding(app, [object.union(selected("application"), {"used": word})])

called(days) := testing.holding(
	granted([guest(["readContent"], ["readContent"])]),
	[object.union(selected("application"), {"used": "used", "used_days": days, "idle": true})],
)

guest(app_only, delegated) := {
	"container_type_id": "a1b2c3d4-0000-4000-8000-0000000000c1",
	"name": "Contracts",
	"owning_app_id": "a1b2c3d4-0000-4000-8000-0000000000aa",
	"guest": true,
	"application_permissions": app_only,
	"delegated_permissions": delegated,
}

granted(grants) := object.union(testing.application, {"type_grants": grants})

declaring(app, permissions) := object.union(app, {"declared": {"container_application": permissions}})

test_declared_app_only_use_is_silent if {
	app := declaring(granted([guest(["readContent", "read"], ["readContent"])]), ["readcontent"])
	testing.outcome(app_only_beside_delegated) == "pass" with input as app with data.config as testing.config
}

test_more_than_the_declared_app_only_use if {
	app := declaring(granted([guest(["readContent", "writeContent"], ["readContent"])]), ["readcontent"])
	some finding in app_only_beside_delegated.deny with input as app with data.config as testing.config
	finding.evidence == {
		"name": "Contracts",
		"owning_app_id": "a1b2c3d4-0000-4000-8000-0000000000aa",
		"app_only": {"writeContent"},
		"delegated": {"readContent"},
		"app_only_use": "not known",
	}
}

test_app_only_use[want] if {
	some want, app in {
		"not seen": called(91),
		"not known": object.union(called(91), {"activity": object.union(testing.application.activity, {"days": 89})}),
	}
	some finding in app_only_beside_delegated.deny with input as app with data.config as testing.config
	finding.evidence.app_only_use == want
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := app_only_beside_delegated with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "usage is covered and shows no app-only call",
	"of": "usage is covered and shows no app-only call",
	"outcome": "fail",
	"keys": {key},
	"findings": {
		{
			"evidence": {
				"app_only": ["readContent"],
				"app_only_use": "not seen",
				"delegated": ["readContent"],
				"name": "Contracts",
				"owning_app_id": "a1b2c3d4-0000-4000-8000-0000000000aa",
			},
			"key": key,
		},
	},
}

variants contains {
	"name": "without type_grants.1.application_permissions: two container types, one of them its own",
	"of": "two container types, one of them its own",
	"at": "/type_grants/1/application_permissions",
	"outcome": "fail",
	"keys": {over(["full"])},
}

variants contains {
	"name": "type_grants.0.delegated_permissions.0 is null: for users alone",
	"of": "for users alone",
	"at": "/type_grants/0/delegated_permissions/0",
	"becomes": null,
	"outcome": "pass",
}
