# METADATA
# title: Permission grant policies
# description: >-
#   What users may consent to: whatever matches one of the conditions that a policy includes, and none that it
#   excludes (https://learn.microsoft.com/graph/api/resources/permissiongrantpolicy).
# scope: package
package policies.lib.consent_policies

import data.policies.lib.facts

# METADATA
# description: >-
#   Whether a policy is "wider" than Microsoft's policy for low permissions, "within" it, or "unclear". Where not even
#   that one is allowed, every policy that lets anything through is wider. Microsoft's legacy policy, which allows
#   whatever needs no administrator, is known without its conditions.
verdict(policy, low_allowed) := "wider" if {
	facts.folded(policy, "id") == "microsoft-user-default-legacy"
} else := "unclear" if {
	not is_array(object.get(policy, "includes", null))
} else := "within" if {
	policy.includes == []
} else := "wider" if {
	not low_allowed
} else := "wider" if {
	"wide" in _reaches(policy)
} else := "unclear" if {
	"unclear" in _reaches(policy)
} else := "within"

# METADATA
# description: The conditions of a policy that are too wide.
wide(policy) := [condition |
	some condition in object.get(policy, "includes", [])
	_reach(condition, object.get(policy, "built_in", null)) == "wide"
]

_reaches(policy) := {_reach(condition, object.get(policy, "built_in", null)) | some condition in policy.includes}

# A condition is narrow for one of several reasons, wide when none of them can hold.
_reach(condition, built_in) := "narrow" if {
	some reason in _reasons(condition, built_in)
	reason == "holds"
} else := "unclear" if {
	"unclear" in _reasons(condition, built_in)
} else := "wide"

_reasons(condition, built_in) := {
	_all({_word(condition, "classification", {"low"}), _known_client(condition)}),
	_all({_listed(condition, "client_apps"), _listed(condition, "permissions"), _one_resource(condition)}),
	_all({_listed(condition, "client_apps"), _true(built_in)}),
}

_known_client(condition) := _any({
	_true(object.get(condition, "verified_publisher_only", null)),
	_listed(condition, "client_apps"),
	_listed(condition, "client_tenants"),
	_listed(condition, "client_publishers"),
})

_word(condition, name, words) := "unclear" if {
	facts.folded(condition, name) == ""
} else := "holds" if {
	facts.folded(condition, name) in words
} else := "fails"

_one_resource(condition) := "unclear" if {
	facts.folded(condition, "resource") == ""
} else := "fails" if {
	facts.folded(condition, "resource") == "any"
} else := "holds"

# Whether a list names what it lets through, rather than everything.
_listed(condition, name) := "unclear" if {
	not is_array(object.get(condition, name, null))
} else := "fails" if {
	"all" in {lower(trim_space(word)) | some word in condition[name]}
} else := "unclear" if {
	condition[name] == []
} else := "holds"

_true(fact) := "holds" if {
	fact == true
} else := "fails" if {
	fact == false
} else := "unclear"

_all(words) := "fails" if {
	"fails" in words
} else := "unclear" if {
	"unclear" in words
} else := "holds"

_any(words) := "holds" if {
	"holds" in words
} else := "unclear" if {
	"unclear" in words
} else := "fails"
