# METADATA
# title: Requested and granted permissions
# scope: package
package policies.lib.permissions

# METADATA
# description: Application id of Microsoft Graph, the same in every cloud.
graph := "00000003-0000-0000-c000-000000000000"

# METADATA
# description: >-
#   Keys of the OpenID Connect scopes. Sign-in asks for them at run time, so that a
#   manifest need not name them.
protocol_scopes := {sprintf("%s/delegated/%s", [graph, scope]) |
	some scope in ["openid", "profile", "email", "offline_access"]
}

# METADATA
# description: Whether it is unsure which permission a request or a grant is.
unresolved(row) if object.get(row, "resolved_by", null) == null

unresolved(row) if object.get(row, "key", null) == null

# METADATA
# description: What to call a permission in a message.
label(row) := row.permission if {
	is_string(row.permission)
} else := row.permission_id if {
	is_string(row.permission_id)
} else := "a permission without a name"

# METADATA
# description: >-
#   Whether two rows are the same permission, as far as their members tell: "same",
#   "different" or "unclear".
default compare(_, _) := "unclear"

compare(a, b) := verdict if {
	_both(a.resource_app_id, b.resource_app_id)
	a.resource_app_id != b.resource_app_id
	verdict := "different"
} else := _words[a.permission_id == b.permission_id] if {
	_both(a.permission_id, b.permission_id)
} else := "different" if {
	_both(a.permission, b.permission)
	lower(a.permission) != lower(b.permission)
} else := _words[a.kind == b.kind] if {
	_both(a.permission, b.permission)
	_both(a.kind, b.kind)
}

_words := {true: "same", false: "different"}

_both(a, b) if {
	is_string(a)
	is_string(b)
}
