package policies.lib.scopes_test

import data.policies.lib.scopes

everyone := {"name": "Mail", "scope": "all"}

list := {"name": "Mail", "scope": "list", "groups": ["a", "B"]}

filter := {"name": "Mail", "scope": "filter", "filter": "https://graph.microsoft.com/v1.0/users?$filter=a eq 'B'"}

asks := {
	"all of all": {"row": everyone, "asked": {"scope": "all"}, "verdict": "within"},
	"a list of all": {"row": everyone, "asked": {"scope": "list", "groups": ["z"]}, "verdict": "within"},
	"a filter of all": {"row": everyone, "asked": {"scope": "filter", "filter": "f"}, "verdict": "within"},
	"nobody knows what of all": {"row": everyone, "asked": {}, "verdict": "within"},
	"all of a list": {"row": list, "asked": {"scope": "all"}, "verdict": "beyond"},
	"a filter of a list": {"row": list, "asked": {"scope": "filter", "filter": "f"}, "verdict": "beyond"},
	"the list in other case": {"row": list, "asked": {"scope": "list", "groups": ["A", "b"]}, "verdict": "within"},
	"a part of the list": {"row": list, "asked": {"scope": "list", "groups": ["b"]}, "verdict": "within"},
	"another group": {"row": list, "asked": {"scope": "list", "groups": ["a", "c"]}, "verdict": "beyond"},
	"groups of a run": {"row": list, "asked": {"groups": ["a"]}, "verdict": "within"},
	"another group of a run": {"row": list, "asked": {"groups": ["c"]}, "verdict": "beyond"},
}

lists := {
	"no groups": {"row": list, "asked": {"scope": "list", "groups": []}, "verdict": "unclear"},
	"no groups of a run": {"row": list, "asked": {"groups": []}, "verdict": "unclear"},
	"groups not told": {"row": list, "asked": {}, "verdict": "unclear"},
	"groups of a list not told": {"row": list, "asked": {"scope": "list"}, "verdict": "unclear"},
	"a scope of a later version": {"row": list, "asked": {"scope": "site", "groups": ["a"]}, "verdict": "unclear"},
	"approved groups not read": {
		"row": {"name": "Mail", "scope": "list"},
		"asked": {"scope": "list", "groups": ["a"]},
		"verdict": "unclear",
	},
	"approved scope not read": {"row": {"name": "Mail"}, "asked": {"scope": "all"}, "verdict": "unclear"},
	"approved scope of a later version": {
		"row": {"name": "Mail", "scope": "site"},
		"asked": {"scope": "list", "groups": ["a"]},
		"verdict": "unclear",
	},
}

filters := {
	"the filter": {"row": filter, "asked": {"scope": "filter", "filter": filter.filter}, "verdict": "within"},
	"the filter in other case": {
		"row": filter,
		"asked": {"scope": "filter", "filter": lower(filter.filter)},
		"verdict": "beyond",
	},
	"all of a filter": {"row": filter, "asked": {"scope": "all"}, "verdict": "beyond"},
	"a list of a filter": {"row": filter, "asked": {"scope": "list", "groups": ["a"]}, "verdict": "beyond"},
	"groups of a run under a filter": {"row": filter, "asked": {"groups": ["a"]}, "verdict": "unclear"},
	"filter not told": {"row": filter, "asked": {"scope": "filter"}, "verdict": "unclear"},
	"approved filter not read": {
		"row": {"name": "Mail", "scope": "filter"},
		"asked": {"scope": "filter", "filter": "f"},
		"verdict": "unclear",
	},
}

test_verdict[name] if {
	some name, ask in object.union_n([asks, lists, filters])
	scopes.verdict([ask.row], "mail", ask.asked) == ask.verdict
	scopes.verdict([{"name": "Event", "scope": "all"}, ask.row], "mail", ask.asked) == ask.verdict
}

test_parts_of_a_dataset_must_agree if {
	parts := [list, object.union(list, {"groups": ["b", "c"]})]
	scopes.verdict(parts, "Mail", {"groups": ["b"]}) == "within"
	scopes.verdict(parts, "Mail", {"groups": ["c"]}) == "unclear"
	scopes.verdict(parts, "Mail", {"groups": ["d"]}) == "beyond"
	scopes.verdict([list, everyone], "Mail", {"groups": ["z"]}) == "unclear"
	scopes.verdict([list, everyone], "Mail", {"groups": ["a"]}) == "within"
	scopes.verdict(array.concat(parts, [{"name": "Mail"}]), "Mail", {"groups": ["d"]}) == "unclear"
}

test_verdict_is_undefined_unless_the_dataset_is_approved if {
	not scopes.verdict([everyone], "Event", {"scope": "all"})
	not scopes.verdict([], "Mail", {"scope": "all"})
	not scopes.verdict([everyone, {"scope": "all"}], "Mail", {"scope": "all"})
	not scopes.verdict(null, "Mail", {"scope": "all"})
	not scopes.verdict([everyone], null, {"scope": "all"})
}

test_beyond if {
	scopes.beyond([list, {"name": "Event", "groups": ["c"]}], "Mail", {"groups": ["D", "a", "C"]}) == ["c", "d"]
}

damaged_scopes := {
	"a scope that is null": {"row": object.union(filter, {"scope": null}), "asked": object.remove(filter, ["name"])},
	"asked for by no scope": {"row": filter, "asked": {"filter": filter.filter}},
	"both filters are null": {"row": object.union(filter, {"filter": null}), "asked": {"scope": "filter", "filter": null}},
	"the filter is null": {"row": object.union(filter, {"filter": null}), "asked": {"scope": "filter", "filter": "a"}},
	"the filter asked for is null": {"row": filter, "asked": {"scope": "filter", "filter": null}},
	"groups that are null": {"row": object.union(list, {"groups": null}), "asked": {"scope": "list", "groups": ["a"]}},
}

test_damaged_scopes_are_unclear[name] if {
	some name, example in damaged_scopes
	scopes.verdict([example.row], "Mail", example.asked) == "unclear"
}
