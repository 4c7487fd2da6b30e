# METADATA
# title: Whose data is read
# description: >-
#   As Data Connect itself does before a run: an approval for all users allows any scope, one for groups allows some of
#   them, one for a filter allows the same filter to the letter.
# scope: package
package policies.lib.scopes

import data.policies.lib.approvals

# METADATA
# description: >-
#   Whether what is asked of one dataset - its scope, groups and filter - is "within" what the approved datasets allow,
#   "beyond" it, or "unclear", also where several parts of one dataset disagree. A run tells its groups alone. Undefined
#   when it is not clear that the dataset is approved.
verdict(datasets, name, asked) := _agreed({_allowed(row, asked) | some row in approvals.rows(datasets, name)}) if {
	approvals.named(datasets, name)
	not approvals.unlisted(datasets, name)
}

# METADATA
# description: The groups asked for that no approved list names.
beyond(datasets, name, asked) := sort(_folded(asked.groups) - approved) if {
	approved := {group | some row in approvals.rows(datasets, name); some group in _folded(row.groups)}
}

default _agreed(_) := "unclear"

_agreed(verdicts) := verdict if {
	some verdict in {"within", "beyond"}
	verdicts == {verdict}
}

default _allowed(_, _) := "unclear"

_allowed(row, asked) := "within" if {
	row.scope == "all"
} else := "beyond" if {
	row.scope in {"list", "filter"}
	asked.scope in ({"all", "list", "filter"} - {row.scope})
} else := _words[(_folded(asked.groups) - _folded(row.groups)) == set()] if {
	row.scope == "list"
	object.get(asked, "scope", "list") == "list"
	_folded(asked.groups) != set()
} else := _words[asked.filter == row.filter] if {
	row.scope == "filter"
	asked.scope == "filter"
	is_string(asked.filter)
	is_string(row.filter)
}

_words := {true: "within", false: "beyond"}

_folded(groups) := {lower(group) | some group in groups} if is_array(groups)
