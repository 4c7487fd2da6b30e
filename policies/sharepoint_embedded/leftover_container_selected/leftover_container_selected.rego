# METADATA
# title: Container.Selected of SharePoint Online is dropped
# description: >-
#   Container.Selected on SharePoint Online opened containers before Microsoft Graph could register container types,
#   and served the agents that were given up in March 2026. Nothing needs it any more: FileStorageContainer.Selected
#   and FileStorageContainerTypeReg.Selected of Microsoft Graph took its place. Whether still requested or granted, as
#   a role or as a scope, by an administrator or by single users, it is left over.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/development/auth
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/whats-new
# custom:
#   id: SPE-008
#   severity: medium
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: "{subject} still has Container.Selected of SharePoint Online ({key.held}, {key.kind})"
#   remediation: >-
#     Move the application to FileStorageContainer.Selected of Microsoft Graph. Then Entra admin center > App
#     registrations > the application > API permissions: remove Container.Selected of SharePoint; Enterprise
#     applications > the application > Permissions: revoke it. With Graph: PATCH /applications/{id} without it in
#     requiredResourceAccess; DELETE /servicePrincipals/{id}/appRoleAssignments/{id} for the role; PATCH
#     /oauth2PermissionGrants/{id} without it in scope.
package policies.sharepoint_embedded.leftover_container_selected

import data.policies.lib.embedded
import data.policies.lib.facts
import data.policies.lib.origin

applies if {
	not input.origin == "microsoft"
	not input.origin == "deleted"
}

deny contains {"key": key, "evidence": max(rows)} if some key, rows in _held

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "requests" if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
}

unknown contains "name of a permission" if {
	some list in ["requests", "grants"]
	some row in input[list]
	embedded.nameless(row, _container_selected.resource)
}

_held[key] contains facts.pick(request, ["permission_id", "resource_name", "type_mismatch"]) if {
	some request in input.requests
	embedded.matches(request, _container_selected)
	key := object.union({"held": "requested"}, facts.pick(request, ["kind"]))
}

_held[key] contains facts.pick(grant, ["permission_id", "resource_name", "users"]) if {
	some grant in input.grants
	embedded.matches(grant, _container_selected)
	key := object.union({"held": "granted"}, facts.pick(grant, ["kind", "consent"]))
}

# As a role, and as the scope of public manifests.
_container_selected := {
	"resource": "00000003-0000-0ff1-ce00-000000000000",
	"name": "container.selected",
	"ids": {"19766c1b-905b-43af-8756-06526ab42875", "4d114b1a-3649-4764-9dfb-be1e236ff371"},
}
