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

test_beyond_is_undefined_for_a_dataset_that_is_not_approved if {
	not approvals.beyond(datasets, "Event", ["Start"])
	not approvals.beyond([], "Mail", ["Body"])
}

test_unlisted if {
	approvals.unlisted(datasets, "Event")
	approvals.unlisted([], "Mail")
	not approvals.unlisted(datasets, "mail")
}

test_unlisted_is_undefined_in_doubt[name] if {
	some name, approved in {
		"no approval": null,
		"a dataset without name": [{"columns": ["Subject"]}],
		"a dataset with a null name": [{"name": null}],
	}
	not approvals.unlisted(approved, "Event")
}

test_unlisted_is_undefined_without_a_name if not approvals.unlisted(datasets, null)

test_tables_are_compared_without_case_space_and_prefix[name] if {
	some name in ["Mail", " mail", "BasicDataSet_v0.Mail", "basicdataset_v0.MAIL"]
	approvals.rows([{"name": "BasicDataset_v0.mail"}], name) != []
}

test_tables_differ_by_version if approvals.rows([{"name": "BasicDataSet_v0.Message_v0"}], "Message_v1") == []

states := {
	"approved": {"app": {"state": "approved", "days_left": 1}, "word": "current"},
	"updated since": {"app": {"state": "update_available", "days_left": 1}, "word": "current"},
	"expired": {"app": {"state": "approved", "days_left": 0}, "word": "lapsed"},
	"denied": {"app": {"state": "denied", "days_left": 100}, "word": "lapsed"},
	"pending": {"app": {"state": "pending"}, "word": "lapsed"},
	"expiry not known": {"app": {"state": "approved"}, "word": "days_left"},
	"null expiry": {"app": {"state": "approved", "days_left": null}, "word": "days_left"},
	"state not known": {"app": {"days_left": 1}, "word": "state"},
	"null state": {"app": {"state": null, "days_left": 1}, "word": "state"},
	"state of a later version": {"app": {"state": "suspended", "days_left": 1}, "word": "state"},
}

test_an_approval_is_current_lapsed_or_in_doubt[name] if {
	some name, example in states
	{example.word} == words(example.app)
}

words(app) := ({"current" | approvals.current(app)} | {"lapsed" | approvals.lapsed(app)}) | approvals.doubts(app)

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

test_nobody_approves_columns_that_rows_have_anyway if {
	not approvals.beyond(datasets, "Mail", ["puser", "PTENANT", "pObjectId", "ODataType"])
	approvals.beyond(datasets, "Mail", ["puser", "To"]) == ["To"]
}

test_each_part if {
	approvals.each(datasets, "mail", ["puser"])
	not approvals.each(datasets, "mail", ["Subject"])
	not approvals.each(datasets, "mail", ["SentDateTime"])
	approvals.each(datasets, "User", ["name"])
	approvals.each([{"name": "Mail", "columns": ["*"]}, {"name": "Mail", "columns": ["a"]}], "Mail", ["A"])
	not approvals.each([{"name": "Mail", "columns": ["*"]}, {"name": "Mail", "columns": ["a"]}], "Mail", ["b"])
}

damaged_approvals := {
	"an expiry that is no number": {"state": "approved", "days_left": "x"},
	"a state that nobody knows, long ago": {"state": "suspended", "days_left": -1},
}

test_damaged_approvals_are_neither_current_nor_lapsed[name] if {
	some name, approval in damaged_approvals
	not approvals.current(approval)
	not approvals.lapsed(approval)
}

test_datasets_that_are_no_list_are_not_named if {
	not approvals.named({}, "Mail")
	approvals.named([], "Mail")
}

test_key[name] if {
	some name, story in {
		"dated": {"app": {"approved_at": "2026-09-01T00:00:00Z", "version": "3"}, "key": {
			"approved_at": "2026-09-01T00:00:00Z",
		}},
		"undated": {"app": {"approved_at": null, "version": "3"}, "key": {"version": "3"}},
		"neither": {"app": {"version": null}, "key": {}},
		"nothing": {"app": {}, "key": {}},
	}
	approvals.key(story.app) == story.key
}
