package policies.lib.approvals_test

import data.policies.lib.approvals

test_no_state_is_both_in_force_and_refused if approvals.in_force & approvals.refused == set()

test_every_known_state_is_in_force_or_refused if approvals.known == approvals.in_force | approvals.refused

test_evidence_leaves_out_what_is_absent if {
	app := {"id": "t/a", "state": "approved", "days_left": 0}
	approvals.evidence(app) == {"state": "approved", "days_left": 0}
}

datasets := [
	{"name": "Mail", "columns": ["Subject", "Body"]},
	{"name": "User", "columns": ["Name"]},
	{"name": "MAIL", "columns": ["SentDateTime"]},
]

test_columns_of_all_parts_of_a_dataset if {
	approvals.columns(datasets, "mail") == ["Body", "SentDateTime", "Subject"]
	approvals.columns(datasets, "Event") == []
}

test_beyond_ignores_case_and_sorts if {
	approvals.beyond(datasets, "mail", ["body", "To", "From", "Name"]) == ["From", "Name", "To"]
}

test_beyond_holds_every_column_of_a_dataset_that_is_not_approved if {
	approvals.beyond(datasets, "Event", ["Start"]) == ["Start"]
	approvals.beyond([], "Mail", ["Body"]) == ["Body"]
}

test_beyond_takes_an_asterisk_for_all_columns if {
	not approvals.beyond([{"name": "Mail", "columns": ["*"]}], "Mail", ["Body", "*"])
	approvals.beyond(datasets, "Mail", ["*"]) == ["*"]
}

test_beyond_is_undefined_without_excess if {
	not approvals.beyond(datasets, "Mail", ["Subject"])
	not approvals.beyond(datasets, "Mail", [])
}

doubts := {
	"no approval": null,
	"a dataset without name": [{"columns": ["Subject"]}],
	"a dataset with a null name": [{"name": null, "columns": ["Subject"]}],
	"the dataset without columns": [{"name": "mail"}],
	"a part of the dataset without columns": array.concat(datasets, [{"name": "Mail", "columns": null}]),
}

test_beyond_is_undefined_in_doubt[name] if {
	some name, approved in doubts
	not approvals.clear(approved, "Mail")
	not approvals.beyond(approved, "Mail", ["To"])
}

test_clear if {
	approvals.clear(datasets, "Mail")
	approvals.clear([], "Mail")
	approvals.clear(array.concat(datasets, [{"name": "Event"}]), "Mail")
	not approvals.clear(datasets, null)
}
