# METADATA
# title: Nobody holds tenant-wide container management for good
# description: >-
#   FileStorageContainer.Manage.All reaches every container, and FileStorageContainerTypeReg.Manage.All admits
#   applications to every container type, as soon as an administrator of SharePoint Embedded signs in. They serve
#   single acts of administration and are revoked afterwards; applications work with FileStorageContainer.Selected and
#   FileStorageContainerTypeReg.Selected. Grants by an administrator and by single users count, also those to
#   Microsoft's own tools such as Graph PowerShell: this tenant gave them and may take them back. The identity that
#   collects for this audit may hold both, because nothing narrower lists a tenant's registrations and containers.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/administration/consuming-tenant-admin/cta
#   - ref: https://learn.microsoft.com/graph/api/oauth2permissiongrant-update
# custom:
#   id: SPE-010
#   severity: high
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: "{subject} holds {key.permission} ({key.consent} consent)"
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions: revoke it under admin consent and
#     user consent once the work is done; give administrators of SharePoint Embedded the role for the time of the work
#     only. With Graph: PATCH /oauth2PermissionGrants/{id} without it in scope, or DELETE the grant when nothing else
#     is left in it.
package policies.sharepoint_embedded.standing_management

import data.policies.lib.embedded
import data.policies.lib.facts
import data.policies.lib.permissions

applies if not input.origin == "deleted"

deny contains {"key": key, "evidence": max(rows)} if {
	not input.auditor == true
	some key, rows in _held
}

unknown contains "grants" if object.get(input, "grants", null) == null

# Both are delegated permissions.
unknown contains "name of a permission" if {
	some grant in input.grants
	embedded.nameless(grant, permissions.microsoft_graph)
	not grant.kind == "application"
}

_held[key] contains facts.pick(grant, ["users"]) if {
	some grant in input.grants
	some name, wanted in _managing
	embedded.matches(grant, wanted)
	key := object.union({"permission": name}, facts.pick(grant, ["consent"]))
}

_managing := {
	"FileStorageContainer.Manage.All": {
		"resource": permissions.microsoft_graph,
		"name": "filestoragecontainer.manage.all",
		"ids": {"527b6d64-cdf5-4b8b-b336-4aa0b8ca2ce5"},
	},
	"FileStorageContainerTypeReg.Manage.All": {
		"resource": permissions.microsoft_graph,
		"name": "filestoragecontainertypereg.manage.all",
		"ids": {"c319a7df-930e-44c0-a43b-7e5e9c7f4f24"},
	},
}
