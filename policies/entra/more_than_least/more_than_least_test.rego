package policies.entra.more_than_least_test

import data.policies.entra.more_than_least
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := more_than_least with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "nothing can go",
	"outcome": "pass",
	"input": app([observed({"removable": [], "add": []})], [used(directory)]),
}

cases contains {
	"name": "a narrower permission would do for what was seen",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": app([observed({})], [used(directory), used(mail)]),
}

cases contains {
	"name": "what was declared, without any usage",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": object.remove(app([declared({})], [directory]), ["activity", "uses"]),
}

cases contains {
	"name": "declared, granted yesterday",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": app([declared({})], [object.union(directory, {"stood_least": 0, "stood_most": 0})]),
}

cases contains {
	"name": "seen and declared agree on one of two",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": app(
		[observed({"removable": [directory.key, mail.key]}), declared({})],
		[used(directory), used(mail)],
	),
}

cases contains {
	"name": "declared, but not seen for long enough",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": lasting(app([observed({}), declared({})], [directory]), 20),
}

cases contains {
	"name": "not needed by what is declared, but by what was seen, for however short a time",
	"outcome": "pass",
	"input": lasting(app([observed({"removable": []}), declared({})], [used(directory)]), 20),
}

cases contains {
	"name": "of both kinds",
	"outcome": "fail",
	"keys": [by_admin(directory), by_admin(files)],
	"input": app([observed({}), delegated({})], [used(directory), used(files)]),
}

cases contains {
	"name": "by users and by an administrator is one finding",
	"outcome": "fail",
	"keys": [by_admin(files)],
	"input": app([delegated({})], [used(files), used(object.union(files, {"consent": "user", "users": 3}))]),
}

cases contains {
	"name": "used, of a date that is not known",
	"outcome": "fail",
	"keys": [by_admin(files)],
	"input": app([delegated({})], [without_date(files)]),
}

cases contains {
	"name": "used exactly unused_days ago, of a date that is not known",
	"outcome": "fail",
	"keys": [by_admin(files)],
	"input": app([delegated({})], [object.union(without_date(files), {"used_days": 90})]),
}

cases contains {
	"name": "used too long ago, of a date that is not known",
	"outcome": "unknown",
	"input": app([delegated({})], [object.union(without_date(files), {"used_days": 91, "idle": true})]),
}

cases contains {
	"name": "used nobody knows when, of a date that is not known",
	"outcome": "unknown",
	"input": app([delegated({})], [object.remove(without_date(files), ["used_days"])]),
}

cases contains {
	"name": "not used, of a date that is not known",
	"outcome": "unknown",
	"input": app([delegated({})], [object.union(files, {"used": "not_used"})]),
}

cases contains {
	"name": "granted during the look-back",
	"outcome": "pass",
	"input": app([observed({})], [object.union(used(directory), {"stood_least": 89, "stood_most": 89})]),
}

cases contains {
	"name": "not proven the smallest, but lighter",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": app([observed({"proven": false, "gap": 1})], [used(directory)]),
}

cases contains {
	"name": "not proven the smallest, and nothing can go",
	"outcome": "unknown",
	"input": app([observed({"proven": false, "gap": 1, "removable": [], "add": []})], [used(directory)]),
}

cases contains {
	"name": "not proven the smallest, and not lighter",
	"outcome": "unknown",
	"input": app([observed({"proven": false, "gap": 1, "weight": 40})], [used(directory)]),
}

cases contains {
	"name": "a call that no catalogue knows",
	"outcome": "unknown",
	"input": app([observed({"uncovered": ["GET /new"]})], [used(directory)]),
}

cases contains {
	"name": "look-back too short",
	"outcome": "unknown",
	"input": lasting(app([observed({})], [used(directory)]), 89),
}

cases contains {
	"name": "no set of the other kind",
	"outcome": "unknown",
	"input": app([observed({"removable": []})], [used(directory), used(files)]),
}

cases contains {
	"name": "no call of the other kind: for ENTRA-006 to judge",
	"outcome": "pass",
	"input": app([observed({"removable": []})], [used(directory), object.union(files, {"used": "not_used"})]),
}

cases contains {
	"name": "no call of the other kind since long ago: for ENTRA-006 to judge",
	"outcome": "pass",
	"input": app(
		[observed({"removable": []})],
		[used(directory), object.union(used(files), {"used_days": 91, "idle": true})],
	),
}

cases contains {
	"name": "perhaps no call of the other kind since long ago",
	"outcome": "unknown",
	"input": app([observed({"removable": []})], [used(directory), object.union(used(files), {"used_days": 91})]),
}

cases contains {
	"name": "no call of the other kind in a short look-back",
	"outcome": "unknown",
	"input": lasting(
		app([declared({"removable": []})], [used(directory), object.union(files, {"used": "not_used"})]),
		20,
	),
}

cases contains {
	"name": "no sets",
	"outcome": "unknown",
	"input": object.remove(app([], [used(directory)]), ["least"]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(app([observed({})], [used(directory)]), ["grants", "granted_keys"]),
}

cases contains {
	"name": "an application of another tenant",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": object.union(testing.holding(testing.foreign_application, [used(directory)]), {"least": [observed({})]}),
}

cases contains {
	"name": "origin not known",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": object.remove(app([observed({})], [used(directory)]), ["origin"]),
}

cases contains {
	"name": "sign-in scopes, though no call takes them",
	"outcome": "pass",
	"input": app(
		[delegated({"removable": [row.key | some row in testing.sign_in]})],
		array.concat(testing.sign_in, [used(files)]),
	),
}

cases contains {
	"name": "other resources only",
	"outcome": "not_applicable",
	"input": app([], [testing.feed_read]),
}

cases contains {
	"name": "an identity of this program, whose calls are left out",
	"outcome": "not_applicable",
	"input": object.remove(object.union(app([], [used(directory)]), left_out), ["activity", "least"]),
}

cases contains {
	"name": "an identity of this program of which calls are declared",
	"outcome": "fail",
	"keys": [by_admin(directory)],
	"input": object.remove(object.union(app([declared({})], [used(directory)]), left_out), ["activity"]),
}

cases contains {
	"name": "Microsoft's own",
	"outcome": "not_applicable",
	"input": object.union(app([observed({})], [used(directory)]), {"origin": "microsoft"}),
}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": object.union(app([observed({})], [used(directory)]), {"origin": "deleted"}),
}

cases contains {
	"name": "a grant without a key",
	"outcome": "unknown",
	"input": app([observed({})], [object.remove(used(directory), ["key"])]),
}

cases contains {
	"name": "Microsoft's own, with consents",
	"outcome": "not_applicable",
	"input": object.union(app([delegated({})], [used(files)]), {"origin": "microsoft"}),
}

cases contains {
	"name": "a set in doubt, of a kind that is not held",
	"outcome": "pass",
	"input": app([observed({"uncovered": ["GET /new"]}), delegated({"removable": []})], [used(files)]),
}

cases contains {
	"name": "of a kind without a set, sign-in scopes only",
	"outcome": "pass",
	"input": app([observed({"removable": []})], array.concat(testing.sign_in, [used(directory)])),
}

cases contains {
	"name": "a set that is not proven, of a kind of which sign-in scopes only are held",
	"outcome": "pass",
	"input": app(
		[observed({"removable": []}), delegated({"removable": [], "proven": false})],
		array.concat(testing.sign_in, [used(directory)]),
	),
}

cases contains {
	"name": "a set that was not seen for long enough, of a kind that is not held",
	"outcome": "pass",
	"input": lasting(app([declared({"removable": []}), delegated({})], [used(directory)]), 20),
}

cases contains {
	"name": "a grant of another resource, without a key",
	"outcome": "pass",
	"input": app(
		[observed({"removable": []})],
		[used(directory), object.remove(testing.feed_read, ["key"])],
	),
}

cases contains {
	"name": "of users alone",
	"outcome": "fail",
	"keys": [{"permission": files.key, "consent": "user"}],
	"input": app([delegated({})], [object.union(used(files), {"consent": "user", "users": 2})]),
}

cases contains {
	"name": "of users and of an administrator",
	"outcome": "fail",
	"keys": [by_admin(files)],
	"input": app([delegated({})], [object.union(used(files), {"consent": "user", "users": 2}), used(files)]),
}

directory := object.union(
	testing.permission("application", "Directory.Read.All", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
	{"tier": "medium"},
)

mail := object.union(
	testing.permission("application", "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01"),
	{"tier": "high"},
)

files := testing.permission("delegated", "Files.Read.All", "df85f4d6-205c-4ac5-a5ea-6bf408dba283")

least_set(basis, kind, key) := {
	"basis": basis,
	"kind": kind,
	"permissions": ["00000003-0000-0000-c000-000000000000/application/User.Read.All"],
	"weight": 3,
	"granted_weight": 9,
	"proven": true,
	"uncovered": [],
	"removable": [key],
	"add": ["00000003-0000-0000-c000-000000000000/application/User.Read.All"],
}

changed(set, members) := object.union(object.remove(set, object.keys(members)), members)

observed(members) := changed(least_set("observed", "application", directory.key), members)

declared(members) := changed(least_set("declared", "application", directory.key), members)

delegated(members) := changed(least_set("observed", "delegated", files.key), members)

used(permission) := object.union(permission, {
	"used": "used",
	"used_days": 2,
	"stood_least": 110,
	"stood_most": 110,
})

without_date(permission) := object.remove(used(permission), ["stood_least", "stood_most"])

app(sets, grants) := object.union(
	testing.holding(object.remove(testing.application, ["least"]), grants),
	{"least": sets},
)

lasting(it, days) := object.union(it, {"activity": object.union(it.activity, {"days": days})})

test_parts_of_a_set_not_read if {
	parts := object.remove(observed({}), ["removable"])
	found := more_than_least with input as app([parts], [used(directory)]) with data.config as testing.config
	found.deny == set()
	found.unknown == {"parts of a least set"}
}

test_evidence if {
	some finding in more_than_least.deny with input as app([observed({})], [used(directory)])
		with data.config as testing.config
	finding.evidence == {
		"permission": "Directory.Read.All",
		"permission_id": directory.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "medium",
		"bases": ["observed"],
		"least": ["User.Read.All"],
		"add": ["User.Read.All"],
		"sets": [{"basis": "observed", "weight": 3, "granted_weight": 9, "proven": true}],
	}
	not "severity" in object.keys(finding)
}

test_evidence_of_what_may_be_too_little if {
	key := "00000003-0000-0000-c000-000000000000/application/Mail.ReadBasic.All"
	some finding in more_than_least.deny with input as app([observed({"narrow": [key]})], [used(directory)])
		with data.config as testing.config
	finding.evidence.narrow == ["Mail.ReadBasic.All"]
}

test_evidence_of_nothing_too_little if {
	some finding in more_than_least.deny with input as app([observed({"narrow": []})], [used(directory)])
		with data.config as testing.config
	not "narrow" in object.keys(finding.evidence)
}

test_severity_follows_the_tier[tier] if {
	some tier in ["critical", "high"]
	held := object.union(used(mail), {"tier": tier})
	some finding in more_than_least.deny with input as app([observed({"removable": [mail.key]})], [held])
		with data.config as testing.config
	finding.severity == "high"
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := more_than_least with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

_sure(case, found) if {
	startswith(case.name, "not proven")
	found.unknown == {"whether a least set is the smallest"}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := more_than_least with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "an identity of this program, whose calls are left out",
	"of": "an identity of this program, whose calls are left out",
	"outcome": "not_applicable",
}

variants contains {
	"name": "without grants.0.kind: nothing can go",
	"of": "nothing can go",
	"at": "/grants/0/kind",
	"outcome": "unknown",
	"reasons": {"least set of delegated permissions"},
}

variants contains {
	"name": "without grants.0.kind: a set that was not seen for long enough, of a kind that is not held",
	"of": "a set that was not seen for long enough, of a kind that is not held",
	"at": "/grants/0/kind",
	"outcome": "unknown",
	"reasons": {"activity that is whole, long and fresh enough"},
}

# Without what is declared of its calls, nothing is known of them.
knockout := {"/least": "of an identity of this program, no call is known; AUD-001 judges it"}

left_out := {"auditor": true, "usage_left_out": true}

by_admin(permission) := {"permission": permission.key, "consent": "admin"}
