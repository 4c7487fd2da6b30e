package policies.lib.keys_test

import data.policies.lib.keys
import data.policies.lib.testing

test_told_leaves_out_what_is_absent_or_null if {
	keys.told({"a": 1, "b": null, "c": false, "d": 2}, ["a", "b", "c", "e"]) == {"a": 1, "c": false}
}

test_list_is_sorted_and_names_each_once if keys.list(["b", "a", "b"]) == ["a", "b"]

test_list_of_a_set if keys.list({"b", "a"}) == ["a", "b"]

test_list_of_nothing if keys.list([]) == []

test_list_leaves_out_what_is_no_text if keys.list(["b", null, 1]) == ["b"]

test_list_as_long_as_may_be if count(keys.list(letters(20))) == 20

test_list_that_is_too_long if {
	[text] := keys.list(letters(21))
	startswith(text, "21 in all, SHA-256 ")
	count(text) == count("21 in all, SHA-256 ") + 64
	keys.list(array.reverse(letters(21))) == [text]
	keys.list(array.concat(letters(21), [null, "x01"])) == [text]
}

test_list_that_is_too_long_tells_another_from_it if {
	others := array.concat(letters(20), ["y"])
	keys.list(others) != keys.list(letters(21))
}

test_digest_of_objects_in_any_order if {
	keys.digest([{"a": ["x", "y"], "b": true}, {"a": ["z"]}]) == keys.digest([{"a": ["z"]}, {"a": ["y", "x"], "b": true}])
}

test_digest_tells_others_from_them[name] if {
	some name, other in {
		"one more": [{"a": ["x"]}, {"a": ["z"]}],
		"a list that is longer": [{"a": ["x", "y"]}],
		"another fact": [{"a": ["x"], "b": false}],
		"a fact that was not read": [{}],
	}
	keys.digest([{"a": ["x"]}]) != keys.digest(other)
}

steps := {1: "1", 2: "2 to 10", 10: "2 to 10", 11: "11 to 100", 100: "11 to 100", 101: "more", 100000: "more"}

test_step[number] if {
	some number, step in steps
	keys.step(number) == step
}

test_no_step[number] if {
	some number in [0, -1, null]
	not keys.step(number)
}

test_held_is_granted_or_requested if {
	app := testing.holding(testing.application, [testing.user_read])
	keys.held(app, true) == {"held": "granted"}
	keys.held(app, false) == {"held": "requested"}
}

test_held_is_not_told_where_grants_were_not_read[name] if {
	some name, app in {
		"absent": object.remove(testing.application, testing.of_grants),
		"null": object.union(testing.application, {"granted_keys": null}),
	}
	keys.held(app, false) == {}
}

admin := object.union(testing.user_read, {"consent": "admin"})

user := object.union(testing.user_read, {"consent": "user"})

untold := testing.user_read

role := object.union(testing.sites_selected, {"consent": "admin", "tier": "critical"})

consents := {
	"of an administrator": {"grants": [admin], "consent": {"consent": "admin"}},
	"of users": {"grants": [role, user], "consent": {"consent": "user"}},
	"of both": {"grants": [user, admin], "consent": {"consent": "admin"}},
	"of users and who knows whom": {"grants": [untold, user], "consent": {"consent": "user"}},
	"of who knows whom": {"grants": [untold], "consent": {}},
	"to something else": {"grants": [role], "consent": {}},
	"not granted": {"grants": [], "consent": {}},
}

test_consent[name] if {
	some name, story in consents
	keys.consent({"grants": story.grants}, testing.user_read.key) == story.consent
}

test_consent_where_grants_were_not_read if keys.consent({}, testing.user_read.key) == {}

test_grants_are_sorted_and_each_once if {
	keys.grants([admin, role, admin]) == [role.key, admin.key]
	keys.grants([role, admin]) == [role.key, admin.key]
}

test_grants_by_users_alone_are_marked if {
	keys.grants([role, user]) == [role.key, sprintf("%s by users", [user.key])]
	keys.grants([user, admin]) == [admin.key]
	keys.grants([untold]) == [untold.key]
}

test_grants_without_a_key_have_their_name_or_id if {
	keys.grants([object.remove(admin, ["key"])]) == ["User.Read"]
	nameless := object.remove(user, ["key", "permission"])
	keys.grants([nameless]) == [sprintf("%s by users", [user.permission_id])]
	keys.grants([object.union(admin, {"key": null})]) == ["User.Read"]
}

test_far_reaching[tier] if {
	some tier, expected in {"critical": 1, "high": 1, "medium": 0, "low": 0, "unrated": 0}
	count(keys.far_reaching([object.union(user, {"tier": tier})])) == expected
}

test_far_reaching_of_what_has_no_tier if keys.far_reaching([object.remove(user, ["tier"]), role]) == [role.key]

letters(number) := [sprintf("x%02d", [n]) | some n in numbers.range(1, number)]
