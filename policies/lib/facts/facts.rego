# METADATA
# title: Facts that may be absent
# description: >-
#   A fact that was not read is absent from the input. These functions treat a null
#   like an absent member.
# scope: package
package policies.lib.facts

# METADATA
# description: The named members of a record that are present.
pick(record, names) := {name: value |
	some name in names
	value := record[name]
	value != null
}

# METADATA
# description: A member as lower-case text; empty when it is absent or no text.
default folded(_, _) := ""

folded(record, name) := lower(record[name]) if is_string(record[name])
