package policies.lib.least_test

import data.policies.lib.least
import data.policies.lib.testing

observed := {
	"basis": "observed", "kind": "application", "permissions": ["g/application/User.Read.All"],
	"weight": 3, "granted_weight": 9, "proven": true, "uncovered": [],
	"removable": ["a", "b"], "add": ["g/application/User.Read.All"],
}

declared := object.union(
	object.remove(observed, ["removable"]),
	{"basis": "declared", "permissions": ["g/application/Mail.Read"], "add": [], "removable": ["b", "c"]},
)

app(rows) := {"activity": testing.application.activity, "least": rows}

changed(row, members) := object.union(object.remove(row, object.keys(members)), members)

test_kinds if least.kinds == {"application", "delegated"}

test_sets_of_a_kind if {
	rows := [observed, changed(observed, {"kind": "delegated"}), object.remove(observed, ["kind"])]
	least.sets(app(rows), "application") == [rows[0], rows[2]]
	least.sets({}, "application") == []
}

test_both_bases if {
	found := least.bases(app([observed, declared]), "application") with data.config as testing.config
	found == {"observed", "declared"}
}

test_another_basis_does_not_count if {
	least.bases(app([changed(observed, {"basis": "guessed"})]), "application") == set() with data.config as testing.config
}

test_what_was_seen_does_not_count_without_a_look_back if {
	least.bases({"least": [observed, declared]}, "application") == {"declared"} with data.config as testing.config
}

test_removed_by_all if {
	least.removes(app([observed, declared]), "application", "b")
	not least.removes(app([observed, declared]), "application", "a")
	not least.removes(app([observed, declared]), "application", "c")
}

test_concludes[name] if {
	some name, rows in {
		"proven": [observed],
		"both": [observed, declared],
		"proven, though not lighter": [changed(observed, {"weight": 12})],
		"not proven, but lighter": [changed(observed, {"proven": false})],
	}
	least.concludes(app(rows), "application") with data.config as testing.config
}

test_does_not_conclude[name] if {
	some name, rows in {
		"no set": [],
		"not proven and not lighter": [changed(observed, {"proven": false, "weight": 9})],
		"not proven, weight not known": [changed(observed, {"proven": false, "granted_weight": null})],
		"proof not known, weight not known": [object.remove(observed, ["proven", "weight"])],
		"a call that nobody knows": [changed(observed, {"uncovered": ["GET /x"]})],
		"a call that nobody knows, in one of two": [declared, changed(observed, {"uncovered": ["GET /x"]})],
		"basis not known": [object.remove(observed, ["basis"])],
		"kind not known": [object.remove(observed, ["kind"])],
		"what can go not known": [object.remove(observed, ["removable"])],
		"uncovered not known": [object.remove(observed, ["uncovered"])],
		"not proven, weight null": [changed(observed, {"proven": false, "weight": null})],
		"basis not known, of one of two": [declared, object.remove(observed, ["basis"])],
	}
	not least.concludes(app(rows), "application") with data.config as testing.config
}

test_readable if {
	least.readable(observed)
	least.readable(declared)
	not least.readable(object.remove(observed, ["removable"]))
}

test_evidence if {
	least.evidence(app([observed, declared]), "application") == {
		"bases": ["declared", "observed"],
		"least": ["Mail.Read", "User.Read.All"],
		"add": ["User.Read.All"],
		"sets": [
			{"basis": "observed", "weight": 3, "granted_weight": 9, "proven": true},
			{"basis": "declared", "weight": 3, "granted_weight": 9, "proven": true},
		],
	} with data.config as testing.config
}

test_a_set_of_a_kind_that_is_not_told_is_of_each_kind if {
	of_null := {"kind": null, "basis": "declared"}
	least.sets({"least": [of_null]}, "application") == [of_null]
	least.sets({"least": [{"basis": "declared"}, {"kind": "delegated"}]}, "application") == [{"basis": "declared"}]
}
