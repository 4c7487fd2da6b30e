package policies.lib.requests_test

import data.policies.lib.requests
import data.policies.lib.testing

far := object.union(testing.approval, {"id": "a-far", "name": "Far", "state": "denied", "destination_tenant_id": "9"})

near := object.union(testing.approval, {"id": "c-near", "name": "Near", "app_id": "9"})

farther := object.union(near, {"id": "b-farther", "name": "Farther", "state": "denied"})

own := object.union(testing.approval, {"id": "d-own", "name": "Own", "state": "denied"})

vague := object.remove(object.union(near, {"id": "b-vague", "name": "Vague"}), ["sink_locations"])

twin := object.union(near, {"id": "b-twin", "name": "Twin"})

nearest := {
	"that of the same application": {"approvals": [near, own], "is": "Own"},
	"though more of its rules are broken": {"approvals": [far, near], "is": "Far"},
	"else the fewest broken rules": {"approvals": [farther, near], "is": "Near"},
	"then the one of which most is known": {"approvals": [vague, near], "is": "Near"},
	"then the first by id": {"approvals": [near, twin], "is": "Twin"},
	"in whatever order": {"approvals": [own, twin, vague, near, far], "is": "Own"},
	"by its id without a name": {"approvals": [object.remove(near, ["name"])], "is": "c-near"},
	"by nothing": {"approvals": [object.remove(near, ["name", "id"])], "is": "an application without id"},
}

test_nearest[name] if {
	some name, choice in nearest
	requests.approval == choice.is with input as testing.against_all(choice.approvals)
}

test_without_a_yardstick[name] if {
	some name, approvals in {"no approvals": [], "one agrees in full": [own, testing.approval]}
	requests.approval == "none" with input as testing.against_all(approvals)
	requests.evidence == {"approval": "none"} with input as testing.against_all(approvals)
	not requests.yardstick with input as testing.against_all(approvals)
}

test_broken_rules_are_those_of_the_nearest if {
	requests.broken == {"state"} with input as testing.against_all([near, own])
	requests.broken == {"app"} with input as testing.against_all([near])
	requests.broken == {"state", "destination_tenant"} with input as testing.against_all([far])
}

test_nothing_is_broken_while_an_approval_may_agree if {
	open := object.remove(testing.approval, ["state"])
	request := testing.against_all([near, open])
	requests.broken == set() with input as request
	requests.unclear("state") == {"state or expiry, from an event (approval of Mail insights)"} with input as request
	requests.unclear("app") == set() with input as request
}

test_only_the_first_rule_speaks_without_approvals if {
	every rule in ["state", "app_tenant", "dataset", "columns", "destination_tenant", "destination", "scope"] {
		not requests.concerns(rule) with input as testing.against_all([])
		requests.concerns(rule) with input as testing.against_all([near])
	}
	requests.concerns("app") with input as testing.against_all([])
}

test_approvals_of_others_say_nothing_while_the_own_may_exist if {
	request := testing.known_since(testing.against_all([near]), 179)
	requests.broken == set() with input as request
	not requests.concerns("state") with input as request
	before := "approvals from before 2026-09-01T00:00:00Z, when the events that are known begin"
	requests.unclear("app") == {before} with input as request
	requests.broken == {"app"} with input as testing.known_since(testing.against_all([near]), 180)
}

# With another tenant in the request, the approval of the same id is the only one that says anything.
test_the_same_id_elsewhere_is_compared_while_the_own_may_exist if {
	here := testing.known_since(testing.against_all([near, own]), 80)
	request := object.union(here, {"app_tenant_id": "99999999-2222-3333-4444-555555555555"})
	requests.broken == {"app_tenant", "state"} with input as request
	count(requests.unclear("app")) == 1 with input as request
}

test_what_differs_is_not_certain_while_the_application_is_not_known if {
	request := testing.known_since(testing.untold(testing.against_all([own]), "app_id"), 80)
	requests.broken == set() with input as request
	count(requests.unclear("state")) == 1 with input as request
	requests.broken == {"state"} with input as testing.untold(testing.against_all([own]), "app_id")
}

test_doubts_are_named if {
	request := testing.against({"doubts": ["two different rows have this id"]})
	requests.unclear("scope") == {"two different rows have this id (approval of Mail insights)"} with input as request
	requests.unclear("app") == set() with input as request
}

reasons := {
	"an expression": {
		"request": testing.untold(testing.pipeline, "columns"),
		"is": concat("", [
			"columns: @pipeline().parameters.columns (factory/pipeline/CopyMail.json:20): ",
			"the parameter has no default value",
		]),
	},
	"no expression": {
		"request": object.union(object.remove(testing.pipeline, ["columns"]), {"unresolved": [{
			"field": "columns",
			"file": "a.json",
			"line": 3,
			"reason": "one of the columns has no name",
		}]}),
		"is": "columns: one of the columns has no name (a.json:3)",
	},
	"the whole activity": {
		"request": object.union(object.remove(testing.pipeline, ["dataset", "columns"]), {"unresolved": [{
			"field": "activity",
			"file": "a.json",
			"line": 3,
			"reason": "a data flow",
		}]}),
		"is": "activity: a data flow (a.json:3)",
	},
	"a field that nothing is said of": {"request": object.remove(testing.pipeline, ["dataset"]), "is": "dataset"},
}

of_approvals := {
	"all columns of a dataset that the catalogue does not know": {
		"request": object.union(object.remove(testing.pipeline, ["columns"]), {"all_columns": true}),
		"is": "all columns of BasicDataSet_v0.Message_v1 (approval of Mail insights)",
	},
	"the approved columns": {
		"request": testing.against({"datasets": [object.remove(testing.approved_messages, ["columns"])]}),
		"is": "the approved columns (approval of Mail insights)",
	},
	"an approval that nobody gave": {
		"request": testing.against_all([object.remove(testing.approval, ["approved_at", "datasets", "state", "days_left"])]),
		"is": "what is approved: no event tells (approval of Mail insights)",
	},
	"approvals": {"request": object.remove(testing.pipeline, ["approvals"]), "is": "approvals"},
}

test_reasons[name] if {
	some name, known in object.union(reasons, of_approvals)
	requests.unclear("columns") == {known.is} with input as known.request
}

places := {
	"the place within an account": {
		"destination": {"location": "https://contosoinsights.blob.core.windows.net", "partial": true},
		"is": "where in https://contosoinsights.blob.core.windows.net it writes to (approval of Mail insights)",
	},
	"a location in another form": {
		"destination": {"location": "wasbs://mail", "partial": false},
		"is": "a destination that can be compared (approval of Mail insights)",
	},
}

test_reasons_of_places[name] if {
	sinks := {"sink_locations": ["https://contosoinsights.blob.core.windows.net/mail"]}
	some name, place in places
	request := object.union(testing.against(sinks), {"destination": place.destination})
	requests.unclear("destination") == {place.is} with input as request
}

test_reasons_of_sinks if {
	request := object.union(testing.against({"sinks_unclear": true, "sink_locations": []}), {})
	requests.unclear("destination") == {"all approved sinks (approval of Mail insights)"} with input as request
	named := testing.against({"sinks_unclear": true, "sink_locations": [], "sinks_unread": ["b", "a"]})
	told := {"which place these approved sinks are: a, b (approval of Mail insights)"}
	requests.unclear("destination") == told with input as named
	nowhere := object.union(named, {"destination": {"location": "https://a.example.com/../b"}})
	cause := {"a destination that can be compared (approval of Mail insights)"}
	requests.unclear("destination") == cause with input as nowhere
}
