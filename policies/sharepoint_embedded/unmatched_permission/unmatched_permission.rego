# METADATA
# title: The permission on Graph and the grant on a container type go together
# description: >-
#   FileStorageContainer.Selected opens nothing without a grant on a container type, and such a grant nothing without
#   it; each side, app-only and for users, stands for itself. One without the other is left over, or waits for a
#   single consent to become access that nobody looks at again. The application that owns a registered type reaches it
#   without a grant. A grant to an application that has no service principal in the tenant waits for one as well.
#   Microsoft's own applications, such as the Foundry guest, need no consent that would show here.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/development/auth
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainertypeapppermissiongrant-delete
# custom:
#   id: SPE-009
#   severity: low
#   subject: application
#   requires:
#     - service_principals
#     - app_role_assignments
#     - delegated_grants
#     - container_type_registrations
#     - container_type_grants
#   absence: true
#   message: "{subject} has {evidence.has} ({key.kind}), and lacks the {key.missing} that goes with it"
#   remediation: >-
#     Decide whether the application has to reach containers in this way. If not: Entra admin center > Enterprise
#     applications > the application > Permissions: revoke FileStorageContainer.Selected (DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id}, PATCH /oauth2PermissionGrants/{id}), or let the owner of the
#     type DELETE
#     /storage/fileStorage/containerTypeRegistrations/{containerTypeId}/applicationPermissionGrants/{appId}. If so,
#     add what is missing.
package policies.sharepoint_embedded.unmatched_permission

import data.policies.lib.embedded
import data.policies.lib.facts
import data.policies.lib.permissions

applies if {
	not input.origin == "microsoft"
	_there
}

_there if not input.origin == "deleted"

# Of Microsoft's own applications this one is granted where it has no service principal.
_there if {
	not input.id == embedded.foundry
	not input.type_grants == []
}

deny contains {"key": {"missing": "grant on a container type", "kind": kind}, "evidence": max(rows)} if {
	input.registered_types == []
	is_array(input.type_grants)
	some kind, rows in _held
	not kind in _allowed
	not kind in _unread
}

deny contains {"key": key, "evidence": evidence} if {
	is_array(input.grants)
	some grant in input.type_grants
	some kind in embedded.sides
	embedded.side(grant, kind) != []
	not _held[kind]
	not _maybe_held(kind)
	key := {"missing": "permission of Microsoft Graph", "kind": kind, "container_type": grant.container_type_id}
	evidence := object.union(
		{"has": sprintf("a grant on container type %s", [object.get(grant, "name", grant.container_type_id)])},
		facts.pick(grant, ["owning_app_id", "application_permissions", "delegated_permissions"]),
	)
}

unknown contains name if {
	some name in ["grants", "type_grants", "registered_types"]
	object.get(input, name, null) == null
}

unknown contains sprintf("%s permissions of a grant on a container type", [kind]) if some kind in _unread

unknown contains "container_type_id of a grant" if {
	some grant in input.type_grants
	facts.folded(grant, "container_type_id") == ""
}

unknown contains "kind or name of a permission of Microsoft Graph" if {
	some kind in embedded.sides
	_maybe_held(kind)
}

_held[kind] contains object.union({"has": "FileStorageContainer.Selected"}, proof) if {
	some grant in input.grants
	embedded.matches(grant, embedded.selected)
	kind := grant.kind
	proof := facts.pick(grant, ["permission_id", "consent", "users"])
}

_maybe_held(_) if {
	some grant in input.grants
	embedded.matches(grant, embedded.selected)
	not object.get(grant, "kind", null) in embedded.sides
}

_maybe_held(kind) if {
	some grant in input.grants
	embedded.nameless(grant, permissions.microsoft_graph)
	not embedded.matches(grant, embedded.selected)
	not object.get(grant, "kind", null) in (embedded.sides - {kind})
}

_allowed contains kind if {
	some grant in input.type_grants
	some kind in embedded.sides
	embedded.side(grant, kind) != []
}

_unread contains kind if {
	some grant in input.type_grants
	some kind in embedded.sides
	embedded.unread(grant, kind)
}
