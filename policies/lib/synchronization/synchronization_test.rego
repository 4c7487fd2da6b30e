package policies.lib.synchronization_test

import data.policies.lib.synchronization
import data.policies.lib.testing

microsoft_graph := "00000003-0000-0000-c000-000000000000"

elsewhere := "00000002-0000-0000-c000-000000000000"

wide := {
	"by name": {"permission": "Synchronization.ReadWrite.All", "kind": "application", "resource_app_id": microsoft_graph},
	"by the other name": {"permission": "Application.ReadWrite.All", "resource_app_id": microsoft_graph},
	"by id": {"permission_id": "9b50c33d-700f-43b1-b2eb-87e89b703581"},
	"by the other id": {"permission_id": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"},
}

narrow := {
	"by name, of another API": object.union(wide["by name"], {"resource_app_id": elsewhere}),
	"by id, of another API": object.union(wide["by id"], {"resource_app_id": elsewhere}),
	"delegated": object.union(wide["by name"], {"kind": "delegated"}),
	"another permission": {"permission": "Application.ReadWrite.OwnedBy", "resource_app_id": microsoft_graph},
}

test_wide[name] if {
	some name, row in wide
	some list in ["requests", "grants"]
	synchronization.wide({list: [row]}) == [row]
	synchronization.any_wide({list: [row]})
}

test_not_wide[name] if {
	some name, row in narrow
	synchronization.wide({"grants": [row]}) == []
	not synchronization.any_wide({"grants": [row]})
}

test_only_requests_and_grants_count if {
	app := {"former": [object.union(wide["by id"], {"permission": "Synchronization.ReadWrite.All"})]}
	synchronization.wide(app) == []
	not synchronization.any_wide(app)
	synchronization.because(app) == set()
	not synchronization.any_nameless({"former": [{"permission_id": "x"}]})
}

test_nameless if {
	synchronization.any_nameless({"grants": [{"permission_id": "x", "resource_app_id": microsoft_graph}]})
	not synchronization.any_nameless({"grants": [{"permission_id": "x", "resource_app_id": elsewhere}]})
}

# Permissions that are told by their id are not nameless.
known := {
	"9b50c33d-700f-43b1-b2eb-87e89b703581", # Synchronization.ReadWrite.All
	"1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", # Application.ReadWrite.All
	"7bb27fa3-ea8f-4d67-a916-87715b6188bd",
	"5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce",
	"7aa02aeb-824f-4fbe-a3f7-611f751f5b55",
}

test_known_ids[id] if {
	some id in known
	not synchronization.any_nameless({"grants": [{"permission_id": id}]})
}

because := {
	"a permission": {"app": {"grants": [{"permission": "Synchronization.Read.All"}]}, "is": {"permission"}},
	"a permission of another API": {
		"app": {"grants": [{"permission": "Synchronization.Read.All", "resource_app_id": elsewhere}]},
		"is": set(),
	},
	"the right to write applications alone": {"app": {"grants": [wide["by the other id"]]}, "is": set()},
	"a call": {"app": {"uses": [{"path": "/servicePrincipals/{id}/Synchronization/jobs"}]}, "is": {"observed"}},
	"another call": {"app": {"uses": [{"path": "/users"}]}, "is": set()},
	"an operation": {
		"app": {"least": [{"operations": ["GET /servicePrincipals/{id}/synchronization"]}]},
		"is": {"declared"},
	},
	"another operation": {"app": {"least": [{"operations": ["GET /users"]}]}, "is": set()},
}

test_because[name] if {
	some name, example in because
	synchronization.because(example.app) == example.is
}

synchronization_write := {"key": "s", "permission": "Synchronization.ReadWrite.All"}

test_needed_to_change_jobs[name] if {
	some name, example in {
		"a changed job": {"operation": "PATCH /servicePrincipals/{id}/synchronization/jobs/{id}", "is": true},
		"a job that is read": {"operation": "GET /servicePrincipals/{id}/synchronization/jobs/{id}", "is": false},
		"something else": {"operation": "PATCH /users/{id}", "is": false},
	}
	app := {"least": [{"kind": "application", "operations": [example.operation]}]}
	[1 | synchronization.needed(app, synchronization_write)] == [1 | example.is]
}

# Which of the two a permission is, its name tells as well as its id.
test_application_write_is_needed_where_the_least_set_has_it[name] if {
	some name, row in {
		"by name": {"key": "a", "permission": "Application.ReadWrite.All"},
		"by id": {"key": "a", "permission_id": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"},
	}
	synchronization.needed(building({"proven": true, "permissions": ["a"]}), row)
	not synchronization.needed(building({"proven": true, "permissions": ["b"]}), row)
	synchronization.doubtful(building({"proven": false, "permissions": ["a"]}), row)
	not synchronization.doubtful(building({"proven": true, "permissions": ["a"]}), row)
	not synchronization.needed({"least": [changes]}, row)
}

building(set) := {"least": [object.union({"basis": "declared"}, set)]}

apps_write := {"key": "a", "permission": "Application.ReadWrite.All"}

seeing(uses) := object.union(testing.application, {
	"least": [{"basis": "observed", "proven": true, "permissions": ["a"]}],
	"uses": [object.union({"kind": "application"}, use) | some use in uses],
})

test_application_write_that_was_seen[name] if {
	some name, example in {
		"of late": {"uses": [{"days": 90, "allowed": ["a"]}], "needed": true, "doubtful": false},
		"long ago": {"uses": [{"days": 91, "allowed": ["a"]}], "needed": false, "doubtful": false},
		"of late and long ago": {
			"uses": [{"days": 90, "allowed": ["a"]}, {"days": 91, "allowed": ["a"]}],
			"needed": false,
			"doubtful": true,
		},
		"long ago, and something else of late": {
			"uses": [{"days": 1, "allowed": ["b"]}, {"days": 91, "allowed": ["a"]}],
			"needed": false,
			"doubtful": false,
		},
		"not granted, of late": {"uses": [{"days": 1, "allowed": []}], "needed": true, "doubtful": false},
		"not granted, as a user only": {"uses": [{"days": 1, "kind": "delegated"}], "needed": false, "doubtful": true},
		"no call": {"uses": [], "needed": false, "doubtful": true},
	}
	found := {
		"needed": [1 | synchronization.needed(seeing(example.uses), apps_write)] == [1],
		"doubtful": [1 | synchronization.doubtful(seeing(example.uses), apps_write)] == [1],
	} with data.config as testing.config
	found == object.filter(example, ["needed", "doubtful"])
}

job_changed(days) := {"days": days, "method": "PATCH", "path": "/servicePrincipals/{id}/synchronization/jobs/{id}"}

test_jobs_that_were_seen_to_change[name] if {
	some name, example in {
		"of late": {"days": [90], "needed": true, "doubtful": false},
		"long ago": {"days": [91], "needed": false, "doubtful": false},
		"nobody knows when": {"days": [null], "needed": false, "doubtful": true},
		"nobody knows when, and of late": {"days": [null, 90], "needed": true, "doubtful": false},
	}
	app := seeing([job_changed(days) | some days in example.days])
	found := {
		"needed": [1 | synchronization.needed(app, synchronization_write)] == [1],
		"doubtful": [1 | synchronization.doubtful(app, synchronization_write)] == [1],
	} with data.config as testing.config
	found == object.filter(example, ["needed", "doubtful"])
}

test_changed_jobs_take_no_writing_of_applications if {
	app := object.union(seeing([job_changed(null)]), {"least": []})
	not synchronization.doubtful(app, apps_write) with data.config as testing.config
}

test_a_least_set_tells_nothing_of_writing_synchronization if {
	not synchronization.needed(building({"proven": true, "permissions": ["s"]}), synchronization_write)
}

test_what_is_declared_is_of_now_whenever_it_was_called if {
	app := object.union(
		seeing([{"days": 200, "allowed": ["a"]}]),
		building({"proven": false, "permissions": ["a"]}),
	)
	synchronization.doubtful(app, apps_write) with data.config as testing.config
}

changes := {"kind": "application", "operations": ["PATCH /servicePrincipals/{id}/synchronization/jobs/{id}"]}
