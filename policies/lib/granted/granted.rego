# METADATA
# title: Grants that this tenant can take back
# description: >-
#   An application permission of one of Microsoft's own applications was given by Microsoft and cannot be changed here,
#   unless an audit event tells of a person who gave it. What administrators and users consented to can be, of
#   Microsoft's applications too.
# scope: package
package policies.lib.granted

import data.policies.lib.permissions

# METADATA
# description: Whether this tenant can take back a grant, as far as is known.
# scope: document
ours(app, _) if not app.origin == "microsoft"

ours(_, grant) if not grant.kind == "application"

ours(_, grant) if grant.given_here == true

# METADATA
# description: The grants of an application that this tenant can take back, as far as is known.
revocable(app) := [grant | some grant in app.grants; ours(app, grant)]

# METADATA
# description: Whether an application has such a grant, or may have one.
# scope: document
any_revocable(app) if object.get(app, "grants", null) == null

any_revocable(app) if {
	some grant in app.grants
	ours(app, grant)
}

# METADATA
# description: >-
#   Whether such a grant shows in calls of Microsoft Graph - the scopes of OpenID Connect go into tokens only - on a
#   resource that is there.
callable(app, grant) if {
	of_graph(grant)
	not object.get(grant, "key", null) in permissions.protocol_scopes
	not grant.resource_deleted == true
	ours(app, grant)
}

# METADATA
# description: Whether a request or a grant is of Microsoft Graph, as far as is known.
# scope: document
of_graph(row) if row.resource_app_id == permissions.microsoft_graph

of_graph(row) if object.get(row, "resource_app_id", null) == null
