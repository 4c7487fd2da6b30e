package policies.entra.provisioning_too_wide_test

import data.policies.entra.provisioning_too_wide
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := provisioning_too_wide with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "no provisioning", "outcome": "not_applicable", "input": testing.application}

cases contains {
	"name": "application permission to write synchronization, granted",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": testing.holding(testing.application, [sync_write]),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [requested(sync_write)],
	"input": testing.requesting(testing.application, [sync_write]),
}

cases contains {
	"name": "both wide permissions, requested and granted, are two findings",
	"outcome": "fail",
	"keys": [granted(sync_write), granted(apps_write)],
	"input": testing.holding(testing.requesting(testing.application, [sync_write, apps_write]), [sync_write, apps_write]),
}

cases contains {
	"name": "writes all applications, and reads synchronization",
	"outcome": "fail",
	"keys": [granted(apps_write)],
	"input": testing.holding(testing.application, [apps_write, sync_read]),
}

cases contains {
	"name": "writes all applications, and asks for synchronization as its user",
	"outcome": "fail",
	"keys": [granted(apps_write)],
	"input": testing.holding(testing.requesting(testing.application, [sync_as_user]), [apps_write]),
}

cases contains {
	"name": "writes all applications, and was seen to provision",
	"outcome": "fail",
	"keys": [granted(apps_write)],
	"input": calling([apps_write], [acquire]),
}

cases contains {
	"name": "writes all applications, and is declared to provision",
	"outcome": "fail",
	"keys": [granted(apps_write)],
	"input": with_sets([apps_write], [declared]),
}

cases contains {
	"name": "of another tenant",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": testing.holding(testing.foreign_application, [sync_write]),
}

cases contains {
	"name": "by id, without a name",
	"outcome": "fail",
	"keys": [granted(unnamed(sync_write))],
	"input": testing.holding(testing.application, [unnamed(sync_write)]),
}

cases contains {
	"name": "under another cloud's id",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": testing.holding(testing.application, [object.union(
		sync_write,
		{"permission_id": "7b34580a-e1eb-4327-aa30-0e48cd4ae5ac"},
	)]),
}

cases contains {
	"name": "origin not known",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": object.remove(testing.holding(testing.application, [sync_write]), ["origin"]),
}

cases contains {
	"name": "delegated permission for acquireAccessToken",
	"outcome": "not_applicable",
	"input": testing.holding(testing.requesting(testing.application, [sync_as_user]), [sync_as_user]),
}

cases contains {
	"name": "delegated permission to write applications beside it",
	"outcome": "not_applicable",
	"input": testing.holding(testing.application, [sync_as_user, apps_as_user]),
}

cases contains {
	"name": "the owned applications, and reading synchronization",
	"outcome": "not_applicable",
	"input": calling([owned, sync_read], [acquire]),
}

cases contains {
	"name": "writes all applications and does nothing with synchronization",
	"outcome": "not_applicable",
	"input": calling([apps_write], [object.union(acquire, {"path": "/applications/{id}"})]),
}

cases contains {
	"name": "a permission of that name of another resource",
	"outcome": "not_applicable",
	"input": testing.holding(testing.application, [object.union(sync_write, {
		"resource_app_id": "c5393580-f805-4401-95e8-94b7a6ef2fc2",
		"permission_id": "b0000000-0000-4000-8000-000000000009",
	})]),
}

cases contains {
	"name": "changes synchronization jobs, which takes more",
	"outcome": "pass",
	"input": calling([sync_write], [change]),
}

cases contains {
	"name": "changes jobs as its user only",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": calling([sync_write], [object.union(change, {"kind": "delegated"})]),
}

cases contains {
	"name": "changes jobs, which takes no writing of applications",
	"outcome": "fail",
	"keys": [granted(apps_write)],
	"input": calling([sync_write, apps_write], [change]),
}

cases contains {
	"name": "declared to change jobs",
	"outcome": "pass",
	"input": with_sets([sync_write], [object.union(declared, {"operations": [change_declared]})]),
}

cases contains {
	"name": "declared to change jobs as its user",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": with_sets([sync_write], [object.union(declared, {"operations": [change_declared], "kind": "delegated"})]),
}

cases contains {
	"name": "other calls of a job",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": calling([sync_write], [
		object.union(change, {"method": "GET"}),
		object.union(change, {"path": "/servicePrincipals/{id}/synchronization/jobs/{id}/schema"}),
	]),
}

cases contains {
	"name": "writing all applications is in the proven smallest set",
	"outcome": "pass",
	"input": seen_writing([90]),
}

cases contains {
	"name": "writing all applications is in the proven smallest set, for calls of too long ago",
	"outcome": "fail",
	"keys": [granted(apps_write)],
	"input": seen_writing([91, 200]),
}

cases contains {
	"name": "writing all applications is in the proven smallest set, for calls of which some are too old",
	"outcome": "unknown",
	"input": seen_writing([2, 91]),
}

cases contains {
	"name": "writing all applications is in the proven smallest set, for calls of too long ago, and later ones not read",
	"outcome": "unknown",
	"input": object.union(
		seen_writing([91]),
		{"activity": object.union(testing.application.activity, {"whole": false})},
	),
}

cases contains {
	"name": "writing all applications is in the proven smallest set, for calls of which nobody knows when",
	"outcome": "unknown",
	"input": object.union(seen_writing([]), {"uses": [object.remove(acquire, ["days"])]}),
}

cases contains {
	"name": "writing all applications is in the proven smallest set, and calls were not read",
	"outcome": "unknown",
	"input": object.remove(seen_writing([2]), ["uses"]),
}

cases contains {
	"name": "asks to write all applications, which is in the proven smallest set",
	"outcome": "pass",
	"input": testing.holding(
		testing.requesting(object.union(seen_writing([]), {"uses": [acquire]}), [apps_write]),
		[sync_read],
	),
}

cases contains {
	"name": "writing all applications is in the smallest set for what is declared",
	"outcome": "pass",
	"input": with_sets([apps_write], [object.union(declared, {"permissions": [apps_write.key]})]),
}

cases contains {
	"name": "changed synchronization jobs too long ago",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": calling([sync_write], [object.union(change, {"days": 91})]),
}

cases contains {
	"name": "changed synchronization jobs too long ago, in a look-back that is too short",
	"outcome": "unknown",
	"input": object.union(
		calling([sync_write], [object.union(change, {"days": 91})]),
		{"activity": object.union(testing.application.activity, {"days": 89})},
	),
}

cases contains {
	"name": "changed synchronization jobs, nobody knows when",
	"outcome": "unknown",
	"input": calling([sync_write], [object.remove(change, ["days"])]),
}

cases contains {
	"name": "writing all applications is in a set that is not proven",
	"outcome": "unknown",
	"input": with_sets([apps_write, sync_read], [needing(apps_write, false)]),
}

cases contains {
	"name": "writing synchronization is in a smallest set, where the permission for owned applications weighs as much",
	"outcome": "fail",
	"keys": [granted(sync_write)],
	"input": with_sets([sync_write], [needing(sync_write, true)]),
}

cases contains {
	"name": "writes all applications, usage not read",
	"outcome": "unknown",
	"input": object.remove(testing.holding(testing.application, [apps_write]), ["uses", "activity"]),
}

cases contains {
	"name": "writes all applications, look-back too short",
	"outcome": "unknown",
	"input": object.union(
		testing.holding(testing.application, [apps_write]),
		{"activity": object.union(testing.application.activity, {"days": 10})},
	),
}

cases contains {
	"name": "unresolved request",
	"outcome": "unknown",
	"input": testing.requesting(testing.application, [unresolved]),
}

cases contains {
	"name": "wide without a key",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(sync_write, ["key"])]),
}

cases contains {
	"name": "manifest not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["requests", "requested_keys"]),
}

cases contains {
	"name": "no manifest of an application of another tenant",
	"outcome": "not_applicable",
	"input": testing.foreign_application,
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "Microsoft's own",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.foreign_application, {"origin": "microsoft"}), [sync_write]),
}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.foreign_application, {"origin": "deleted"}), [sync_write]),
}

cases contains {
	"name": "writes all applications, its calls not read",
	"outcome": "unknown",
	"input": object.remove(testing.holding(testing.application, [apps_write]), ["uses"]),
}

cases contains {
	"name": "reads synchronization, and holds something unresolved",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [sync_read, unresolved]),
}

cases contains {
	"name": "reads synchronization, manifest not read",
	"outcome": "unknown",
	"input": object.remove(testing.holding(testing.application, [sync_read]), ["requests", "requested_keys"]),
}

cases contains {
	"name": "asks to read synchronization, grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.requesting(testing.application, [sync_read]), ["grants", "granted_keys"]),
}

knockout := {
	"/least": "what an application is built to call is known only where the configuration declares it",
	"/least/0/operations": "as above",
}

sync_write := object.union(
	testing.permission("application", "Synchronization.ReadWrite.All", "9b50c33d-700f-43b1-b2eb-87e89b703581"),
	{"tier": "high"},
)

sync_as_user := testing.permission("delegated", "Synchronization.ReadWrite.All", "7bb27fa3-ea8f-4d67-a916-87715b6188bd")

sync_read := testing.permission("application", "Synchronization.Read.All", "5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce")

apps_write := object.union(
	testing.permission("application", "Application.ReadWrite.All", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"),
	{"tier": "critical"},
)

apps_as_user := testing.permission("delegated", "Application.ReadWrite.All", "bdfbf15f-ee85-4955-8675-146e8e5296b5")

owned := testing.permission("application", "Application.ReadWrite.OwnedBy", "18a4783c-866b-4cc7-a460-3d5e5662c884")

unresolved := testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")

unnamed(permission) := testing.unresolved("application", permission.permission_id)

acquire := {
	"kind": "application",
	"method": "POST",
	"path": "/servicePrincipals/{id}/synchronization/acquireAccessToken",
	"calls": 4,
	"days": 90,
	"known": true,
	"allowed": [],
}

change := object.union(acquire, {"method": "PATCH", "path": "/servicePrincipals/{id}/synchronization/jobs/{id}"})

calling(grants, uses) := object.union(
	testing.holding(object.remove(testing.application, ["uses"]), grants),
	{"uses": uses},
)

declared := {
	"basis": "declared",
	"kind": "application",
	"permissions": [owned.key],
	"weight": 9,
	"granted_weight": 27,
	"uncovered": [],
	"removable": [],
	"add": [owned.key],
	"operations": ["POST /applications/{id}/synchronization/acquireAccessToken"],
	"proven": true,
}

needing(permission, proven) := {
	"basis": "observed",
	"kind": "application",
	"permissions": [permission.key],
	"weight": 9,
	"granted_weight": 9,
	"uncovered": [],
	"removable": [],
	"add": [],
	"proven": proven,
}

# Calls that writing all applications allows, of so many days ago, and one of yesterday that it does not.
seen_writing(days) := object.union(
	to_write,
	{"uses": array.concat([object.union(writing, {"days": n}) | some n in days], [reading])},
)

to_write := with_sets([apps_write, sync_read], [needing(apps_write, true)])

writing := object.union(object.remove(acquire, ["allowed"]), {"allowed": [apps_write.key]})

reading := object.union(acquire, {"method": "GET", "path": "/users", "days": 1})

change_declared := "PATCH /servicePrincipals/{id}/synchronization/jobs/{id}"

with_sets(grants, sets) := object.union(
	testing.holding(object.remove(testing.application, ["least"]), grants),
	{"least": sets},
)

test_a_call_without_a_path_may_be_one_of_synchronization if {
	app := calling([apps_write], [object.remove(acquire, ["path"])])
	testing.outcome(provisioning_too_wide) == "unknown" with input as app with data.config as testing.config
}

test_evidence if {
	app := testing.holding(calling([], [acquire]), [sync_write])
	some finding in provisioning_too_wide.deny with input as app with data.config as testing.config
	finding.evidence == {
		"permission": "Synchronization.ReadWrite.All",
		"permission_id": sync_write.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "high",
		"serves": "Application.ReadWrite.OwnedBy",
		"because": ["observed", "permission"],
		"requested": false,
		"granted": true,
	}
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := provisioning_too_wide with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

granted(permission) := {"permission": permission.key, "held": "granted"}

requested(permission) := {"permission": permission.key, "held": "requested"}
