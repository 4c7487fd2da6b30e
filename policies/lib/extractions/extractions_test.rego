package policies.lib.extractions_test

import data.policies.lib.extractions

early := {"started_at": "2026-10-01T02:00:00Z", "pipeline": "B", "runs": 5}

late := {"started_at": "2026-10-03T02:00:00Z", "pipeline": "A", "runs": 2}

undated := {"pipeline": "C"}

test_approved_leaves_out_runs_without_an_approval[decision] if {
	some decision in ["none", "denied", "pending"]
	extractions.approved({"extractions": [early, object.union(late, {"decision": decision})]}) == [early]
}

test_approved_keeps_what_may_have_been_approved[decision] if {
	some decision in ["approved", "expired", "paused", null]
	run := object.union(late, {"decision": decision})
	extractions.approved({"extractions": [run]}) == [run]
}

test_runs_of_an_application_of_which_there_may_be_two_prove_nothing if {
	gap := {"dataset": "data_connect_events", "reason": "two", "field": "extractions"}
	extractions.of({"extractions": [early], "incomplete": [gap]}) == []
	extractions.approved({"extractions": [early], "incomplete": [gap]}) == []
	extractions.of({"extractions": [early], "incomplete": [object.remove(gap, ["field"])]}) == [early]
}

test_evidence_counts_all_and_names_the_latest if {
	extractions.evidence({early, late, undated}) == object.union(late, {"runs": 7})
}

test_evidence_of_an_undated_run if extractions.evidence({undated}) == {"pipeline": "C", "runs": 0}

test_evidence_leaves_out_what_is_null if {
	extractions.evidence([{"runs": null, "status": null}, {"runs": 2, "status": "Failed"}]) == {
		"runs": 2,
		"statuses": ["Failed"],
	}
}
