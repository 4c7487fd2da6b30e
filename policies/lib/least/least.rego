# METADATA
# title: Smallest sets of permissions
# description: >-
#   What the smallest sets that cover an application's calls say of its grants. There may be one for the calls that were
#   seen, and one for those that are declared, of each kind.
# scope: package
package policies.lib.least

import data.policies.lib.usage

# METADATA
# description: The kinds of permissions.
kinds := {"application", "delegated"}

# METADATA
# description: The sets of one kind, as far as is known.
sets(app, kind) := [set | some set in app.least; object.get(set, "kind", kind) in {kind, null}]

# METADATA
# description: Whether a set counts - a declared one always does, one of calls that were seen with a look-back.
# scope: document
counts(_, set) if set.basis == "declared"

counts(app, set) if {
	set.basis == "observed"
	usage.proves_absence(app)
}

# METADATA
# description: Whether the parts of a set are there that matter.
readable(set) if {
	set.kind in kinds
	set.basis in {"declared", "observed"}
	is_array(set.removable)
}

# METADATA
# description: What the sets of a kind that count rest on.
bases(app, kind) := {set.basis |
	some set in sets(app, kind)
	counts(app, set)
}

# METADATA
# description: Whether the sets of a kind tell what can go.
concludes(app, kind) if {
	bases(app, kind) != set()
	every set in sets(app, kind) {
		readable(set)
		set.uncovered == []
		_lighter(set)
	}
}

# METADATA
# description: Whether no set of a kind needs a permission.
removes(app, kind, key) if {
	every set in sets(app, kind) {
		key in set.removable
	}
}

# METADATA
# description: What proves that a permission of a kind can go.
evidence(app, kind) := {
	"bases": sort(bases(app, kind)),
	"least": _names(app, kind, "permissions"),
	"add": _names(app, kind, "add"),
	"sets": [object.filter(set, ["basis", "weight", "granted_weight", "proven", "gap"]) | some set in sets(app, kind)],
}

# A set that is not proven the smallest is still one that is enough.
_lighter(set) if set.proven == true

_lighter(set) if {
	is_number(set.weight)
	set.weight < set.granted_weight
}

_names(app, kind, member) := sort({name |
	some set in sets(app, kind)
	some key in set[member]
	name := regex.replace(key, `^[^/]*/[^/]*/`, "")
})
