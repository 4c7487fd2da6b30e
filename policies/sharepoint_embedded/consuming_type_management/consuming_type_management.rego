# METADATA
# title: Container types are managed in the tenant that owns them only
# description: >-
#   FileStorageContainerType.Manage.All serves the tenant that owns a container type. An application whose container
#   types are owned elsewhere - it is registered in another tenant, or its type is registered here and not owned here
#   - has no use for it in this tenant: it could only create container types at this tenant's cost, and change those
#   that belong to others. Any member may consent to it, so that grants by single users count like an administrator's.
#   The identity that collects for this audit may hold it, because no narrower permission lists container types.
#   Microsoft's own tools are left out: people create this tenant's own types with them.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/development/auth
#   - ref: https://learn.microsoft.com/graph/api/oauth2permissiongrant-update
# custom:
#   id: SPE-002
#   severity: high
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants]
#   optional: [container_types, container_type_registrations]
#   absence: false
#   message: >-
#     {subject} holds {key.permission} ({key.consent} consent), and this tenant owns none of its container types
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions: revoke it under admin consent and
#     user consent, and ask the publisher to drop it from the manifest. With Graph: PATCH /oauth2PermissionGrants/{id}
#     without it in scope, or DELETE the grant when nothing else is left in it.
package policies.sharepoint_embedded.consuming_type_management

import data.policies.lib.embedded
import data.policies.lib.facts
import data.policies.lib.permissions

applies if {
	not object.get(input, "origin", null) in {"microsoft", "managed_identity", "deleted"}
	not _owning == "here"
}

deny contains {"key": key, "evidence": object.union(max(rows), _where)} if {
	_owning == "elsewhere"
	not input.auditor == true
	some key, rows in _held
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "origin, or which container types the application has here and who owns them" if {
	not input.auditor == true
	count(_held) > 0
}

unknown contains "name of a permission" if {
	some row in input.grants
	embedded.nameless(row, permissions.microsoft_graph)
	not row.kind == "application"
}

_held[key] contains facts.pick(grant, ["users"]) if {
	some grant in input.grants
	embedded.matches(grant, embedded.manage_types)
	key := object.union({"permission": "FileStorageContainerType.Manage.All"}, facts.pick(grant, ["consent"]))
}

_where := object.union(
	facts.pick(input, ["origin"]),
	{"container_types": [name | some type in _registered; name := object.get(type, "name", type.id)]},
)

_registered := object.get(input, "registered_types", [])

# A container type belongs to the tenant in which its application is registered, unless the list of this tenant's own
# types says otherwise.
_owning := "here" if {
	_owned_here == {true}
} else := "elsewhere" if {
	false in _owned_here
} else := "elsewhere" if {
	input.origin == "foreign"
	not true in _owned_here
} else := "here" if {
	input.origin == "own"
	input.registered_types == []
}

_owned_here contains object.get(type, "owned_here", null) if some type in _registered
