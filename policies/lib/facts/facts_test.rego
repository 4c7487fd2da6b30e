package policies.lib.facts_test

import data.policies.lib.facts

test_pick_drops_what_is_absent if {
	facts.pick({"a": 1, "b": null, "c": false, "d": 2}, ["a", "b", "c", "e"]) == {"a": 1, "b": null, "c": false}
}

test_pick_of_nothing if facts.pick({}, ["a"]) == {}

test_folded_text if facts.folded({"upn": "Adele@Contoso.com"}, "upn") == "adele@contoso.com"

test_folded_is_empty_without_text[name] if {
	some name, record in {"absent": {}, "null": {"upn": null}, "number": {"upn": 1}, "no record": null}
	facts.folded(record, "upn") == ""
}
