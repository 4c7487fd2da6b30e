package policies.lib.approvals_test

import data.policies.lib.approvals

test_no_state_is_both_in_force_and_refused if approvals.in_force & approvals.refused == set()

test_four_states_are_known if count(approvals.known) == 4

test_evidence_leaves_out_what_is_absent if {
	app := {"id": "t/a", "state": "approved", "days_left": 0, "expires_at": null}
	approvals.evidence(app) == {"state": "approved", "days_left": 0}
}
