# METADATA
# title: Nobody reads all containers by search
# description: >-
#   While search in SharePoint Embedded is in preview, the application permission Files.Read.All of Microsoft Graph
#   searches the content of all containers in the tenant, past the grants on container types. So does
#   Files.ReadWrite.All, which includes it. Applications of this tenant, of others, and managed identities are judged,
#   where any container type that is registered here shows its content to search (isSearchEnabled). The delegated
#   permission finds what its user may see and is fine. Microsoft's own applications cannot be changed.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/development/auth#operations-involving-searching-sharepoint-embedded-content
#   - ref: https://learn.microsoft.com/graph/permissions-selected-overview
# custom:
#   id: SPE-007
#   severity: high
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants, container_type_registrations]
#   absence: false
#   message: >-
#     {subject} holds the application permission {key.permission}, which searches the content of {evidence.searchable}
#     container types
#   remediation: >-
#     Replace it by FileStorageContainer.Selected for containers and by Sites.Selected or
#     Files.SelectedOperations.Selected for other files; then Entra admin center > Enterprise applications > the
#     application > Permissions: revoke it. With Graph: DELETE /servicePrincipals/{id}/appRoleAssignments/{id}. A
#     container type whose content nobody has to find: PATCH /storage/fileStorage/containerTypes/{id} with
#     settings.isSearchEnabled false.
package policies.sharepoint_embedded.content_by_search

import data.policies.lib.facts
import data.policies.lib.permissions

applies if {
	not input.origin == "microsoft"
	not input.origin == "deleted"
	not input.searchable_types.registered == 0
}

deny contains {"key": {"permission": name}, "evidence": object.union(max(rows), _where)} if {
	input.origin in {"own", "foreign", "managed_identity"}
	input.searchable_types.searchable > 0
	some name, rows in _held
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "origin" if {
	not object.get(input, "origin", null) in {"own", "foreign", "managed_identity"}
	count(_held) > 0
}

unknown contains "searchable_types: whether container types show their content to search" if {
	count(_held) > 0
	_unclear
}

unknown contains "kind or name of a permission" if {
	some grant in input.grants
	facts.folded(grant, "resource_app_id") in {permissions.microsoft_graph, ""}
	not facts.folded(grant, "permission_id") in object.keys(_ids)
	_maybe(grant)
}

_where := facts.pick(input.searchable_types, ["registered", "searchable"])

_held[_ids[facts.folded(grant, "permission_id")]] contains facts.pick(grant, ["permission_id"]) if {
	some grant in input.grants
}

_held[_names[facts.folded(grant, "permission")]] contains facts.pick(grant, ["permission_id"]) if {
	some grant in input.grants
	grant.kind == "application"
	facts.folded(grant, "resource_app_id") in {permissions.microsoft_graph, ""}
}

_ids := {
	"01d4889c-1287-42c6-ac1f-5d1e02578ef6": "Files.Read.All",
	"75359482-378d-4052-8f01-80520e7db3cd": "Files.ReadWrite.All",
}

_names := {"files.read.all": "Files.Read.All", "files.readwrite.all": "Files.ReadWrite.All"}

# The delegated permissions of the same names are others.
_maybe(grant) if {
	_names[facts.folded(grant, "permission")]
	object.get(grant, "kind", null) == null
}

_maybe(grant) if {
	object.get(grant, "permission", null) == null
	not grant.kind == "delegated"
}

_unclear if {
	some member in ["registered", "searchable", "unclear"]
	not is_number(object.get(input, ["searchable_types", member], null))
}

_unclear if input.searchable_types.unclear > 0
