package policies.lib.needs_test

import data.policies.lib.needs

need := {
	"dataset": "delegated_grants",
	"least": ["Directory.Read.All", "B.Read"],
	"accepted": ["Directory.ReadWrite.All"],
}

test_names_are_folded if {
	needs.least(need) == {"directory.read.all", "b.read"}
	needs.accepted(need) == {"directory.readwrite.all"}
}

test_lists_that_are_absent_are_empty[name] if {
	some name, example in {"absent": {"dataset": "x"}, "null": {"dataset": "x", "least": null, "accepted": null}}
	needs.least(example) == set()
	needs.accepted(example) == set()
	not needs.readable(example)
}

test_any_token_will_do if {
	needs.readable({"dataset": "organization", "least": []})
	not needs.readable({"least": []})
}

test_alternatives if needs.alternatives(need) == "Directory.Read.All or B.Read"

holdings := {
	"known": {"input": {"opaque": false, "held": [{"permission": "A"}]}, "unknown": set()},
	"none": {"input": {"held": []}, "unknown": set()},
	"opaque": {"input": {"opaque": true}, "unknown": {"held permissions: the token is opaque"}},
	"not read": {"input": {"opaque": false}, "unknown": {"held permissions"}},
	"null": {"input": {"held": null}, "unknown": {"held permissions"}},
	"without a name": {
		"input": {"held": [{"permission": "A"}, {"kind": "application"}]},
		"unknown": {"the name of a held permission"},
	},
}

test_unknown_holdings[name] if {
	some name, example in holdings
	needs.unknown_holdings(example.input) == example.unknown
}

old := "needs: the snapshot does not say what its datasets take"

recorded := {
	"known": {"input": {"needs": [need]}, "unknown": set()},
	"none": {"input": {"needs": []}, "unknown": set()},
	"absent": {"input": {}, "unknown": {old}},
	"null": {"input": {"needs": null}, "unknown": {old}},
	"of no dataset": {"input": {"needs": [need, {"least": ["A"]}]}, "unknown": {"what a dataset takes"}},
	"of no permission": {"input": {"needs": [{"dataset": "x"}]}, "unknown": {"what a dataset takes"}},
}

test_unknown_needs[name] if {
	some name, example in recorded
	needs.unknown_needs(example.input) == example.unknown
}
