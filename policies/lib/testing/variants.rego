package policies.lib.testing

# METADATA
# description: >-
#   The input of a variant: that of the case with the name `of`, without the member at the JSON pointer `at`, or with
#   `becomes` in its place. Variants hold what no case needs: which reasons are given, and what damage may do.
varied(cases, variant) := json.patch(case.input, _operations(variant)) if {
	some case in cases
	case.name == variant.of
}

_operations(variant) := [{"op": "replace", "path": variant.at, "value": variant.becomes}] if {
	"becomes" in object.keys(variant)
} else := [{"op": "remove", "path": variant.at}] if {
	variant.at
} else := []

# METADATA
# description: >-
#   Whether a control says of a variant what it names: the outcome and, where it applies, all `reasons`, all `keys`,
#   and all of the `findings` when they are named.
# scope: document
says(variant, control) if {
	variant.outcome == "not_applicable"
	outcome(control) == "not_applicable"
}

says(variant, control) if {
	outcome(control) == variant.outcome
	variant.outcome != "not_applicable"
	{reason | some reason in control.unknown} == {reason | some reason in variant.reasons}
	{finding.key | some finding in control.deny} == {key | some key in variant.keys}
	_reported(control.deny) == _reported(object.get(variant, "findings", control.deny))
}

# In reports sets are lists.
_reported(findings) := json.unmarshal(json.marshal(findings))
