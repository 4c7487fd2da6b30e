# METADATA
# title: Members of keys
# description: >-
#   What makes a finding this finding, beside what it is about - whoever accepts a risk accepts it as wide as it was
#   then. What was not read is left out. Lists are sorted, each element once. Nothing is in a key that changes by
#   itself.
# scope: package
package policies.lib.keys

import data.policies.lib.permissions

# METADATA
# description: The named members of a record that are there.
told(record, names) := {name: record[name] | some name in names; record[name] != null}

# METADATA
# description: Texts as a member of a key. A long list is told by its digest, since keys have to be small.
list(texts) := sorted if {
	sorted := sort({text | some text in texts; is_string(text)})
	count(sorted) <= longest
} else := [sprintf("%d in all, SHA-256 %s", [count(sorted), crypto.sha256(concat("\n", sorted))])] if {
	sorted := sort({text | some text in texts; is_string(text)})
}

# METADATA
# description: How many elements a list in a key may have.
longest := 20

# METADATA
# description: Objects as a member of a key, whatever the order of them and of lists in them.
digest(records) := crypto.sha256(json.marshal({_ordered(record) | some record in records}))

# METADATA
# description: >-
#   A number as a member of a key, so that only growth by an order of magnitude makes another finding. Undefined for
#   what is no number from 1 on.
step(number) := "more" if {
	number > 100
} else := "11 to 100" if {
	number > 10
} else := "2 to 10" if {
	number > 1
} else := "1" if {
	number == 1
}

# METADATA
# description: A permission that an application has, whether it was granted, and by whose consent (see held, consent).
permission(app, key, granted) := object.union_n([{"permission": key}, held(app, granted), consent(app, key)])

# METADATA
# description: Whether a permission that an application has was granted, or is requested only.
# scope: document
default held(_, _) := {}

held(_, true) := {"held": "granted"}

held(app, false) := {"held": "requested"} if is_object(app.granted_keys)

# METADATA
# description: >-
#   By whose consent an application has a permission: "admin", which is for everybody, before "user". Nothing where none
#   of the grants says so.
# scope: document
default consent(_, _) := {}

consent(app, key) := {"consent": _furthest({grant.consent | some grant in app.grants; grant.key == key})}

# METADATA
# description: Grants, as their permissions, and marked where users alone consented.
grants(rows) := list({_mark(row, rows) | some row in rows})

# METADATA
# description: The same of those that reach far.
far_reaching(rows) := grants([row | some row in rows; row.tier in {"critical", "high"}])

_mark(row, rows) := sprintf("%s by users", [_name(row)]) if {
	row.consent == "user"
	not _by_administrator(row, rows)
} else := _name(row)

_by_administrator(row, rows) if {
	some other in rows
	other.consent == "admin"
	_name(other) == _name(row)
}

_name(row) := row.key if {
	is_string(row.key)
} else := permissions.evidence(row).permission

_furthest(words) := "admin" if {
	"admin" in words
} else := "user" if {
	"user" in words
}

_ordered(record) := {name: value |
	some name, member in record
	value := _sorted(member)
}

_sorted(member) := sort({element | some element in member}) if {
	is_array(member)
} else := member
