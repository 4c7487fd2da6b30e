package policies.lib.management_api_test

import data.policies.lib.management_api
import data.policies.lib.testing

feed := management_api.ids["ActivityFeed.Read"]

granted(kind, name) := {
	"key": management_api.key(kind, name),
	"resource_app_id": management_api.resource,
	"permission_id": management_api.ids[name],
	"permission": name,
	"kind": kind,
	"resolved_by": "tenant",
}

test_unused if {
	management_api.unused(testing.application)
	management_api.unused(testing.foreign_application)
	management_api.unused({"origin": "own", "requested_resources": [], "granted_resources": []})
}

doubts := {
	"requests not read": object.remove(testing.application, ["requested_resources"]),
	"grants not read": object.remove(testing.application, ["granted_resources"]),
	"origin not known, no manifest": object.remove(testing.foreign_application, ["origin"]),
	"resource of a grant not known": testing.holding(testing.application, [{"permission": "Sites.Selected"}]),
	"resource of a request not known": testing.requesting(testing.application, [{"permission_id": "x"}]),
}

test_unused_is_undefined_in_doubt[name] if {
	some name, app in doubts
	app.id
	not management_api.unused(app)
}

test_used_is_what_is_certain if {
	management_api.used(testing.holding(testing.application, [
		granted("application", "ActivityFeed.Read"),
		{"permission": "ActivityFeed.Read"},
		object.union(granted("delegated", "ServiceHealth.Read"), {"resource_app_id": upper(management_api.resource)}),
	])) == [
		object.union(granted("application", "ActivityFeed.Read"), {"consent": "admin"}),
		object.union(
			granted("delegated", "ServiceHealth.Read"),
			{"consent": "admin", "resource_app_id": upper(management_api.resource)},
		),
	]
}

comparisons := {
	"application permission": {"row": granted("application", "ActivityFeed.Read"), "verdict": "same"},
	"delegated permission": {"row": granted("delegated", "ActivityFeed.Read"), "verdict": "same"},
	"delegated permission, by name": {
		"row": object.remove(granted("delegated", "ActivityFeed.Read"), ["permission_id"]),
		"verdict": "same",
	},
	"by id": {
		"row": {"resource_app_id": management_api.resource, "permission_id": upper(feed), "kind": "application"},
		"verdict": "same",
	},
	"another permission": {"row": granted("application", "ActivityFeed.ReadDlp"), "verdict": "different"},
	"the name at another resource": {
		"row": {"resource_app_id": "x", "permission": "ActivityFeed.Read", "kind": "application"},
		"verdict": "different",
	},
	"neither id nor name": {"row": {"resource_app_id": management_api.resource}, "verdict": "unclear"},
}

test_compare[name] if {
	some name, comparison in comparisons
	management_api.compare(comparison.row, "ActivityFeed.Read") == comparison.verdict
}

test_held if {
	app := testing.requesting(
		testing.holding(testing.application, [granted("application", "ActivityFeed.Read")]),
		[granted("delegated", "ActivityFeed.Read"), granted("application", "ActivityFeed.Read")],
	)
	management_api.held(app, "ActivityFeed.Read") == {
		"application": {
			"permission": "ActivityFeed.Read",
			"kind": "application",
			"requested": true,
			"granted": true,
		},
		"delegated": {
			"permission": "ActivityFeed.Read",
			"kind": "delegated",
			"requested": true,
			"granted": false,
		},
	}
	management_api.held(app, "ActivityFeed.ReadDlp") == {}
}

test_key if management_api.key("application", "A") == sprintf("%s/application/A", [management_api.resource])

test_an_application_of_another_tenant_has_no_requests_to_read if {
	management_api.unread({"origin": "foreign", "grants": []}) == set()
	management_api.unread({"origin": "own", "grants": []}) == {"requests"}
}
