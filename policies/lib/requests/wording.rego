package policies.lib.requests

import data.policies.lib.facts

# METADATA
# description: What makes the scope of a request another than the approved one.
asked_scope := object.union(facts.pick(input, ["dataset", "scope"]), {"asks": _asks})

default _asks := "all users"

_asks := object.get(input, "filter", "") if input.scope == "filter"

_asks := sort({group |
	some part in _parts(_yardstick)
	some group in _beyond(part)
}) if {
	input.scope == "list"
}

_beyond(part) := _excess(part) if part.scope == "list"

# Under a filter no list of groups will do.
_beyond(part) := input.groups if part.scope == "filter"

# METADATA
# description: The scopes that the yardstick allows, by their words.
approved_scope := sort({allowed |
	some part in _parts(_yardstick)
	some allowed in _allowed(part)
})

_allowed(part) := part.groups if part.scope == "list"

_allowed(part) := [part.filter] if part.scope == "filter"

_excess(part) := {group |
	some group in input.groups
	not lower(group) in {lower(approved) | some approved in part.groups}
}

# METADATA
# description: Whose data a request asks for beyond its approval, in words.
# scope: document
default asked_words := "all users"

asked_words := sprintf("users by the filter %s", [_asks]) if input.scope == "filter"

asked_words := sprintf("groups %s", [concat(", ", _asks)]) if input.scope == "list"

# METADATA
# description: Whose data the yardstick allows, in words.
allowed_words := sort({words | some part in _parts(_yardstick); words := _in_words(part)})

default _in_words(_) := "users of a scope that is not known"

_in_words(part) := "all users" if part.scope == "all"

_in_words(part) := sprintf("groups %s", [concat(", ", part.groups)]) if part.scope == "list"

_in_words(part) := sprintf("users by the filter %s", [part.filter]) if part.scope == "filter"
