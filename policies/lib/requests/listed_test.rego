package policies.lib.requests_test

import data.policies.lib.requests
import data.policies.lib.testing

# As an application stands in the register, on which nobody has decided.
entry := object.union(
	object.filter(testing.approval, ["id", "app_id", "app_tenant_id", "name"]),
	{"self_declared": false, "sinks_unclear": false, "state_seen": false},
)

since(days, entries) := testing.known_since(testing.against_all(entries), days)

test_an_entry_of_the_register_is_no_approval if {
	not requests.yardstick with input as since(180, [entry])
	requests.broken == {"app"} with input as since(180, [entry])
}

# One part of a decision tells that there was one.
test_any_part_of_a_decision_makes_it_one[field] if {
	parts := {
		"state": "pending",
		"approved_at": "2026-09-01T00:00:00Z",
		"expires_at": "2027-02-28T00:00:00Z",
		"datasets": testing.approval.datasets,
		"sinks": [],
		"destination_tenant_id": "9",
	}
	some field, part in parts
	request := since(180, [object.union(entry, {field: part})])
	requests.yardstick.id == entry.id with input as request
	not "app" in requests.broken with input as request
}

test_it_may_have_been_approved_before_events_begin if {
	request := since(179, [entry])
	requests.yardstick.id == entry.id with input as request
	requests.broken == set() with input as request
	requests.unclear("app") == {
		"approvals from before 2026-09-01T00:00:00Z, when the events that are known begin",
		"whether it was ever approved: it stands in the register only (approval of Mail insights)",
	} with input as request
}

# Whose registration it is, the register tells.
test_the_tenant_of_an_entry_is_known if {
	requests.unclear("app_tenant") == set() with input as since(179, [entry])
}

test_an_entry_of_another_application_says_nothing if {
	request := since(179, [object.union(entry, {"app_id": "9"})])
	not requests.yardstick with input as request
	not requests.concerns("state") with input as request
}

# Whatever is listed, a request that does not tell its application is not told of.
test_an_untold_application_is_named[name] if {
	some name, approvals in {"none": [], "an entry": [entry], "an approval": [testing.approval]}
	request := object.remove(testing.against_all(approvals), ["app_id"])
	requests.unclear("app") == {"app_id"} with input as request
}
