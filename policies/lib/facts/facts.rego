# METADATA
# title: Facts that may be absent
# description: >-
#   A fact that was not read is absent from the input; a null is treated alike. Beware of `not f(input.x)` and of `not
#   input.x in y`: where x is absent they are undefined, not true, because Rego evaluates the reference outside the
#   negation. Controls therefore ask `object.get(input, "x", null) == null`. `not input.x == y` is true as expected.
# scope: package
package policies.lib.facts

# METADATA
# description: The named members of a record that are present.
pick(record, names) := object.filter(record, names)

# METADATA
# description: A member as lower-case text; empty when it is absent or no text.
# scope: document
default folded(_, _) := ""

folded(record, name) := lower(record[name]) if is_string(record[name])
