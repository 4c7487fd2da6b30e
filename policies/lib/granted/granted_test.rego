package policies.lib.granted_test

import data.policies.lib.granted
import data.policies.lib.permissions
import data.policies.lib.testing

role := testing.sites_selected

scope := testing.user_read

test_everything_of_other_applications if {
	some origin in ["own", "foreign", "managed_identity", "deleted"]
	granted.revocable({"origin": origin, "grants": [role, scope]}) == [role, scope]
}

test_everything_where_the_origin_is_not_known if granted.revocable({"grants": [role, scope]}) == [role, scope]

test_of_microsoft_what_was_consented_to if {
	granted.revocable({"origin": "microsoft", "grants": [role, scope]}) == [scope]
}

test_of_microsoft_what_somebody_here_gave if {
	given := object.union(role, {"given_here": true})
	granted.revocable({"origin": "microsoft", "grants": [given, object.union(role, {"given_here": false})]}) == [given]
}

test_a_grant_without_kind_may_be_revocable if {
	kindless := object.remove(role, ["kind"])
	granted.revocable({"origin": "microsoft", "grants": [kindless]}) == [kindless]
}

test_any_revocable[name] if {
	some name, app in {
		"grants not read": {"origin": "microsoft"},
		"grants null": {"origin": "microsoft", "grants": null},
		"consented": {"origin": "microsoft", "grants": [role, scope]},
		"own": {"origin": "own", "grants": [role]},
	}
	granted.any_revocable(app)
}

test_none_revocable[name] if {
	some name, app in {
		"no grants": {"origin": "own", "grants": []},
		"given by Microsoft": {"origin": "microsoft", "grants": [role]},
	}
	not granted.any_revocable(app)
}

test_callable if {
	elsewhere := testing.feed_read
	gone := object.union(scope, {"resource_deleted": true})
	anywhere := object.remove(scope, ["resource_app_id"])
	grants := array.concat(testing.sign_in, [role, elsewhere, gone, anywhere])
	[row | some row in grants; granted.callable({"origin": "own"}, row)] == [role, anywhere]
	[row | some row in grants; granted.callable({"origin": "microsoft"}, row)] == [anywhere]
}

test_sign_in_scopes_of_other_resources_are_not_protocol if {
	every row in testing.sign_in {
		row.key in permissions.protocol_scopes
	}
}
