package policies.sharepoint_embedded.leftover_container_selected_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.leftover_container_selected

test_cases[case.name] if {
	some case in cases
	result := leftover_container_selected with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "neither requested nor granted", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "requested and granted as a role",
	"outcome": "fail",
	"keys": [
		{"held": "requested", "kind": "application"},
		{"held": "granted", "kind": "application", "consent": "admin"},
	],
	"input": testing.holding(testing.requesting(testing.application, [role, testing.user_read]), [role]),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [{"held": "requested", "kind": "application"}],
	"input": testing.requesting(testing.application, [role]),
}

cases contains {
	"name": "requested with the wrong type too is one finding",
	"outcome": "fail",
	"keys": [{"held": "requested", "kind": "application"}],
	"input": testing.requesting(testing.application, [role, object.union(role, {"type_mismatch": true})]),
}

cases contains {
	"name": "requested by an id that could not be resolved",
	"outcome": "fail",
	"keys": [{"held": "requested", "kind": "delegated"}],
	"input": testing.requesting(
		testing.application,
		[of_sharepoint(testing.unresolved("delegated", upper(scope.permission_id)))],
	),
}

cases contains {
	"name": "granted as a scope, by an administrator and by users",
	"outcome": "fail",
	"keys": [
		{"held": "granted", "kind": "delegated", "consent": "admin"},
		{"held": "granted", "kind": "delegated", "consent": "user"},
	],
	"input": testing.holding(testing.application, [scope, object.union(scope, {"consent": "user", "users": 2})]),
}

cases contains {
	"name": "granted by name, under another id",
	"outcome": "fail",
	"keys": [{"held": "granted", "kind": "delegated", "consent": "admin"}],
	"input": testing.holding(
		testing.application,
		[object.union(scope, {"permission_id": "b0000000-0000-4000-8000-000000000009"})],
	),
}

cases contains {
	"name": "an application of another tenant",
	"outcome": "fail",
	"keys": [{"held": "granted", "kind": "application", "consent": "admin"}],
	"input": testing.holding(testing.foreign_application, [role]),
}

cases contains {
	"name": "what took its place",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		testing.permission("application", "FileStorageContainer.Selected", "40dc41bc-0f7e-42ff-89bd-d9516947e474"),
		of_sharepoint(testing.permission("application", "Sites.Selected", "20d37865-089c-4dee-8c41-6967602d4ac8")),
	]),
}

cases contains {
	"name": "a permission of that name of our own API",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.union(role, {
		"resource_app_id": "a1b2c3d4-0000-4000-8000-0000000000aa",
		"permission_id": "b0000000-0000-4000-8000-000000000009",
	})]),
}

cases contains {
	"name": "an application of another tenant, which has no manifest here",
	"outcome": "pass",
	"input": testing.foreign_application,
}

cases contains {
	"name": "an application of Microsoft",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [role]), {"origin": "microsoft"}),
}

cases contains {
	"name": "only grants are left",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [role]), {"origin": "deleted"}),
}

cases contains {
	"name": "manifest not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["requests", "requested_keys"]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.foreign_application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "a permission of SharePoint without a name",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [of_sharepoint(unresolved("application"))]),
}

cases contains {
	"name": "a permission of Graph without a name",
	"outcome": "pass",
	"input": testing.holding(testing.application, [unresolved("application")]),
}

of_sharepoint(row) := object.union(row, {
	"resource_app_id": "00000003-0000-0ff1-ce00-000000000000",
	"resource_name": "Office 365 SharePoint Online",
})

role := of_sharepoint(testing.permission("application", "Container.Selected", "19766c1b-905b-43af-8756-06526ab42875"))

scope := of_sharepoint(testing.permission("delegated", "Container.Selected", "4d114b1a-3649-4764-9dfb-be1e236ff371"))

unresolved(kind) := testing.unresolved(kind, "b0000000-0000-4000-8000-000000000001")

test_evidence if {
	app := testing.holding(testing.application, [object.union(scope, {"consent": "user", "users": 2})])
	some finding in leftover_container_selected.deny with input as app
	finding.evidence == {
		"permission_id": scope.permission_id,
		"resource_name": "Office 365 SharePoint Online",
		"users": 2,
	}
}

test_evidence_tells_a_wrong_type if {
	app := testing.requesting(testing.application, [object.union(role, {"type_mismatch": true})])
	some finding in leftover_container_selected.deny with input as app
	finding.evidence.type_mismatch
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := leftover_container_selected with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without requests.0.permission: requested only",
	"of": "requested only",
	"at": "/requests/0/permission",
	"outcome": "fail",
	"reasons": {"name of a permission"},
	"keys": {{"held": "requested", "kind": "application"}},
}
