# METADATA
# title: Requested and granted permissions
# scope: package
package policies.lib.permissions

import data.policies.lib.facts

# METADATA
# description: The application id of Microsoft Graph, the same in every cloud.
microsoft_graph := "00000003-0000-0000-c000-000000000000"

# METADATA
# description: >-
#   Keys of the OpenID Connect scopes. Sign-in asks for them at run time, so that a manifest need not name them.
protocol_scopes := {
	"00000003-0000-0000-c000-000000000000/delegated/email",
	"00000003-0000-0000-c000-000000000000/delegated/offline_access",
	"00000003-0000-0000-c000-000000000000/delegated/openid",
	"00000003-0000-0000-c000-000000000000/delegated/profile",
}

# METADATA
# description: Whether it is not known which permission a request or a grant is.
# scope: document
unresolved(row) if object.get(row, "resolved_by", null) == null

unresolved(row) if object.get(row, "key", null) == null

# METADATA
# description: What proves a request or a grant.
evidence(row) := object.union(
	facts.pick(row, ["resource_name", "permission_id", "kind", "tier"]),
	{"permission": _label(row)},
)

# METADATA
# description: >-
#   Whether a permission is among others, as far as their members tell: "same", "different" or "unclear".
among(row, others) := _worst({compare(row, other) | some other in others})

# METADATA
# description: >-
#   Whether two rows are one permission, as far as their members tell: "same", "different" or "unclear". One id may
#   stand for a role and for a scope, and the kind of an unresolved request is only what the manifest says: an id in
#   two kinds is unclear.
# scope: document
default compare(_, _) := "unclear"

compare(a, b) := "different" if {
	_differ(a.resource_app_id, b.resource_app_id)
} else := "different" if {
	_differ(a.permission_id, b.permission_id)
} else := "same" if {
	_agree(a.permission_id, b.permission_id)
	_agree(a.kind, b.kind)
} else := "different" if {
	_differ(a.permission, b.permission)
} else := "different" if {
	_agree(a.permission, b.permission)
	_differ(a.kind, b.kind)
} else := "same" if {
	_agree(a.permission, b.permission)
	_agree(a.kind, b.kind)
}

_agree(a, b) if {
	is_string(a)
	is_string(b)
	lower(a) == lower(b)
}

_differ(a, b) if {
	is_string(a)
	is_string(b)
	lower(a) != lower(b)
}

_worst(verdicts) := "same" if {
	"same" in verdicts
} else := "unclear" if {
	"unclear" in verdicts
} else := "different"

_label(row) := row.permission if {
	is_string(row.permission)
} else := row.permission_id if {
	is_string(row.permission_id)
} else := "a permission without a name"
