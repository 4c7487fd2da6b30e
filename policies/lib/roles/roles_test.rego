package policies.lib.roles_test

import data.policies.lib.roles

administrator := "62e90394-69f5-4237-9190-012177145e10"

connect := "ee67aa9c-e510-4759-b906-227085a7fd4d"

app(holds, events) := {
	"approved_at": "2026-09-01T10:00:00Z",
	"approver_roles": holds,
	"approver_role_events": events,
	"role_coverage": {"from": "2026-06-01T00:00:00Z", "days": 172, "whole": true},
}

held := {"role_id": administrator, "via": "assigned", "scope": "/"}

eligible := {"role_id": administrator, "via": "eligible", "scope": "/"}

grouped := {"role_id": administrator, "via": "group", "scope": "/"}

change(word, at) := {
	"role_id": administrator,
	"change": word,
	"at": at,
	"after_approval": at > "2026-09-01T10:00:00Z",
}

# Two years, a day, and an hour before the approval; an hour and a month after it.
added_uncovered := change("added", "2024-09-01T10:00:00Z")

removed_uncovered := change("removed", "2024-09-01T10:00:00Z")

added_july := change("added", "2026-07-01T00:00:00Z")

removed_july := change("removed", "2026-07-01T00:00:00Z")

added_before := change("added", "2026-09-01T09:00:00Z")

removed_before := change("removed", "2026-09-01T09:30:00Z")

added_after := change("added", "2026-09-01T11:00:00Z")

removed_after := change("removed", "2026-09-01T12:00:00Z")

added_october := change("added", "2026-10-01T00:00:00Z")

removed_october := change("removed", "2026-10-02T00:00:00Z")

# By what is held now, and the changes.
stories := {
	"held, nothing has changed": {"app": app([held], []), "verdict": "held"},
	"not held, nothing has changed": {"app": app([], []), "verdict": "not held"},
	"held since July": {"app": app([held], [added_july]), "verdict": "held"},
	"held again since July": {"app": app([held], [added_july, removed_july, added_july]), "verdict": "held"},
	"given after the approval": {"app": app([held], [added_after]), "verdict": "not held"},
	"given after the approval, and reported twice": {
		"app": app([held], [added_after, added_after]),
		"verdict": "not held",
	},
	"lost in July, given back after the approval": {
		"app": app([held], [removed_july, added_october]),
		"verdict": "not held",
	},
	"taken after the approval": {"app": app([], [removed_after]), "verdict": "held"},
	"given and taken around the approval": {"app": app([], [added_before, removed_after]), "verdict": "held"},
	"taken after the approval, given back": {"app": app([held], [removed_after, added_october]), "verdict": "held"},
	"taken after the approval, given and taken": {
		"app": app([], [removed_after, added_october, removed_october]),
		"verdict": "held",
	},
}

further := {
	"given and taken after the approval": {"app": app([], [added_after, removed_after]), "verdict": "not held"},
	"given and taken before the approval": {"app": app([], [added_july, removed_before]), "verdict": "not held"},
	"given and taken before the approval and after it": {
		"app": app([], [added_july, removed_before, added_after, removed_october]),
		"verdict": "not held",
	},
	"lost before the time that is covered": {"app": app([], [removed_uncovered]), "verdict": "not held"},
	"given before the time that is covered, not held": {"app": app([], [added_uncovered]), "verdict": "not held"},
	"given before the time that is covered, held": {"app": app([held], [added_uncovered]), "verdict": "held"},
}

contradictions := {
	"held though lost in July": {"app": app([held], [removed_july]), "verdict": "unclear"},
	"held though lost after the approval": {"app": app([held], [removed_after]), "verdict": "unclear"},
	"not held though given in July": {"app": app([], [added_july]), "verdict": "unclear"},
	"not held though given after the approval": {"app": app([], [added_after]), "verdict": "unclear"},
	"given twice": {"app": app([held], [added_july, added_after]), "verdict": "unclear"},
	"taken twice": {"app": app([], [removed_july, removed_after]), "verdict": "unclear"},
}

# By Privileged Identity Management.
activations := {
	"eligible, never activated": {"app": app([eligible], []), "verdict": "unclear"},
	"eligible, activated around the approval": {
		"app": app([eligible], [added_before, removed_after]),
		"verdict": "held",
	},
	"eligible, activated an hour before, the end not reported": {
		"app": app([eligible], [added_before]),
		"verdict": "held",
	},
	"eligible, activated in July, the end not reported": {"app": app([eligible], [added_july]), "verdict": "unclear"},
	"eligible, activated and ended before": {
		"app": app([eligible], [added_before, removed_before]),
		"verdict": "unclear",
	},
	"eligible, activated after the approval only": {
		"app": app([eligible], [added_after, removed_october]),
		"verdict": "unclear",
	},
	"eligible, activated now": {"app": app([eligible, held], [added_october]), "verdict": "unclear"},
	"not eligible, given an hour before, not held": {"app": app([], [added_before]), "verdict": "unclear"},
}

# By other ways, and by other roles.
ways := {
	"a group holds it": {"app": app([grouped], []), "verdict": "unclear"},
	"a group holds it, given an hour before, not held": {"app": app([grouped], [added_before]), "verdict": "unclear"},
	"a group holds it, and the approver itself": {"app": app([grouped, held], []), "verdict": "held"},
	"held over an administrative unit": {
		"app": app([object.union(held, {"scope": "/administrativeUnits/a"})], []),
		"verdict": "not held",
	},
	"another role": {"app": app([object.union(held, {"role_id": "f2ef992c"})], []), "verdict": "not held"},
	"change of another role": {
		"app": app([], [object.union(removed_after, {"role_id": "f2ef992c"})]),
		"verdict": "not held",
	},
	"the other approving role": {"app": app([object.union(held, {"role_id": connect})], []), "verdict": "held"},
	"one given after the approval, the other held all the time": {
		"app": app([held, object.union(held, {"role_id": connect})], [added_after]),
		"verdict": "held",
	},
	"not eligible for one, eligible for the other": {
		"app": app([object.union(eligible, {"role_id": connect})], []),
		"verdict": "unclear",
	},
}

unknowns := {
	"scope not known": {"app": app([object.remove(held, ["scope"])], []), "verdict": "unclear"},
	"scope of another role not known": {
		"app": app([object.remove(object.union(held, {"role_id": "f2ef992c"}), ["scope"])], []),
		"verdict": "not held",
	},
	"a way that is not known": {"app": app([object.union(held, {"via": "delegated"})], []), "verdict": "unclear"},
	"role of a change not known": {"app": app([held], [object.remove(removed_after, ["role_id"])]), "verdict": "unclear"},
	"instant of a change not known": {
		"app": app([], [object.remove(removed_after, ["at", "after_approval"])]),
		"verdict": "unclear",
	},
	"kind of a change not known": {"app": app([], [object.remove(removed_after, ["change"])]), "verdict": "unclear"},
	"kind of a change of a later version": {
		"app": app([held], [object.union(added_after, {"change": "renewed"})]),
		"verdict": "unclear",
	},
}

test_verdict_of_what_groups_lost[name] if {
	some name, role in {"the role": held.role_id, "a role that is not named": ""}
	lost := {"role_id": role, "via": "group"}
	roles.verdict(app([lost], [])) == "unclear"
	roles.verdict(app([held, lost], [])) == "held"
}

unread := {
	"roles not read": {"app": object.remove(app([], []), ["approver_roles"]), "verdict": "unclear"},
	"changes not read": {"app": object.remove(app([held], []), ["approver_role_events"]), "verdict": "unclear"},
	"coverage not known": {"app": object.remove(app([held], []), ["role_coverage"]), "verdict": "unclear"},
	"coverage with a hole": {
		"app": object.union(app([], []), {"role_coverage": {"whole": false}}),
		"verdict": "unclear",
	},
	"covered from after the approval": {
		"app": object.union(app([held], []), {"role_coverage": {"from": "2026-09-01T10:00:01Z"}}),
		"verdict": "unclear",
	},
	"covered from the approval": {
		"app": object.union(app([held], []), {"role_coverage": {"from": "2026-09-01T10:00:00.000Z"}}),
		"verdict": "held",
	},
	"approval not dated": {"app": object.remove(app([held], []), ["approved_at"]), "verdict": "unclear"},
	"a change on the day that the approval is dated by": {
		"app": object.union(app([held], [added_after]), {"approved_at": "2026-09-01T00:00:00Z"}),
		"verdict": "unclear",
	},
	"a change on the day after the one that the approval is dated by": {
		"app": object.union(app([held], [added_after]), {"approved_at": "2026-08-31T00:00:00Z"}),
		"verdict": "not held",
	},
}

test_verdict[name] if {
	some name, story in object.union(stories, further)
	roles.verdict(story.app) == story.verdict
}

test_verdict_of_contradictions[name] if {
	some name, story in contradictions
	roles.verdict(story.app) == story.verdict
}

test_verdict_of_activations[name] if {
	some name, story in activations
	roles.verdict(story.app) == story.verdict
}

test_verdict_of_other_ways[name] if {
	some name, story in ways
	roles.verdict(story.app) == story.verdict
}

test_verdict_of_what_is_not_known[name] if {
	some name, story in object.union(unknowns, unread)
	roles.verdict(story.app) == story.verdict
}

# A null is no fact either.
test_verdict_in_doubt_of_nulls[name] if {
	some name in ["approver_roles", "approver_role_events", "role_coverage", "approved_at"]
	roles.verdict(object.union(app([held], []), {name: null})) == "unclear"
}

test_no_lost_fact_of_a_change_makes_it_held[name] if {
	some name in ["role_id", "change", "at", "after_approval"]
	roles.verdict(app([held], [object.remove(added_after, [name])])) != "held"
	roles.verdict(app([held], [object.union(added_after, {name: null})])) != "held"
}

test_findings if {
	roles.findings(app([held], [added_after])) == [
		{
			"role": "Global Administrator",
			"now": "held",
			"changes": [{"at": "2026-09-01T11:00:00Z", "change": "added"}],
		},
		{"role": "Microsoft Graph Data Connect Administrator", "now": "not held", "changes": []},
	]
}

damaged_roles := {
	"activated, and events have a hole": object.union(
		app([eligible], [added_before]),
		{"role_coverage": {"from": "2026-06-01T00:00:00Z", "days": 172, "whole": false}},
	),
	"events begin nowhere": object.union(app([held], []), {"role_coverage": {"from": null, "whole": true}}),
	"removed afterwards, and what is held now is not told": app(
		[{"role_id": administrator, "via": "assigned"}],
		[removed_after],
	),
	"a change without a time": app([], [object.union(removed_after, {"at": null})]),
	"a role that is null": app([{"role_id": null, "via": "assigned"}], []),
	"a change of another role than the one to activate": app(
		[object.union(eligible, {"role_id": connect})],
		[added_before],
	),
}

test_damaged_roles_are_unclear[name] if {
	some name, damaged in damaged_roles
	roles.at_approval(damaged, administrator) == "unclear"
}

test_activated_a_day_before if {
	roles.at_approval(app([eligible], [change("added", "2026-08-31T10:00:00Z")]), administrator) == "held"
	roles.at_approval(app([eligible], [change("added", "2026-08-31T09:59:59Z")]), administrator) != "held"
}

test_findings_of_a_group_and_of_the_first_event if {
	first := change("removed", "2026-06-01T00:00:00Z")
	some finding in roles.findings(app([grouped], [first]))
	finding.role == "Global Administrator"
	finding.now == "not held"
	finding.changes == [{"at": first.at, "change": "removed"}]
}

test_findings_without_the_begin_of_events if {
	known := object.union(app([], [removed_after]), {"role_coverage": {"from": null, "whole": true}})
	some finding in roles.findings(known)
	finding.role == "Global Administrator"
	count(finding.changes) == 1
}
