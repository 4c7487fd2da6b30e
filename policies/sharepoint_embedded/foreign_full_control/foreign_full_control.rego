# METADATA
# title: Only the owning application controls all containers of a type
# description: >-
#   An application other than the owner of the container type holds the app-only permission full or managePermissions.
#   It reaches every container of the type in this tenant, without a user, or can let itself in.
# scope: package
# schemas:
#   - input: schema.container_type
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainertypeapppermissiongrant-update
# custom:
#   id: SPE-003
#   severity: high
#   subject: container_type
#   requires: [container_type_registrations, container_type_grants]
#   absence: false
#   message: >-
#     On all containers of {subject}, {key.app} holds the app-only permission {key.permission} without owning the
#     container type
#   remediation: >-
#     Let the owning application, or a SharePoint Embedded administrator with FileStorageContainerTypeReg.Manage.All,
#     replace the permission by the ones needed, such as readContent. With Graph: PATCH
#     /storage/fileStorage/containerTypeRegistrations/{containerTypeId}/applicationPermissionGrants/{appId} with a
#     shorter applicationPermissions. There is no portal page for it.
package policies.sharepoint_embedded.foreign_full_control

import data.policies.lib.facts

# Not `registered == true`: what is not known must not be waved through.
applies if not input.registered == false

deny contains {"key": {"app": app, "permission": permission}, "evidence": evidence} if {
	facts.folded(input, "owning_app_id") != ""
	some grant in _foreign
	app := facts.folded(grant, "app_id")
	app != ""
	some permission in _controlling
	permission in grant.application_permissions
	evidence := object.union(
		facts.pick(grant, ["app_name", "application_permissions", "delegated_permissions"]),
		facts.pick(input, ["owning_app_id", "owning_app_name"]),
	)
}

unknown contains "registered" if object.get(input, "registered", null) == null

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "application_permissions of a grant" if {
	some grant in _foreign
	object.get(grant, "application_permissions", null) == null
}

unknown contains sprintf("meaning of permission %s", [permission]) if {
	some grant in _foreign
	some permission in grant.application_permissions
	not permission in (_controlling | _harmless)
}

unknown contains "owning_app_id, or app_id of a grant" if {
	some grant in _foreign
	"" in {facts.folded(input, "owning_app_id"), facts.folded(grant, "app_id")}
	some permission in _controlling
	permission in grant.application_permissions
}

# Also those of which the holder or the owner is not known.
_foreign contains grant if {
	some grant in input.grants
	not facts.folded(grant, "app_id") in ({facts.folded(input, "owning_app_id")} - {""})
}

_controlling := {"full", "managePermissions"}

_harmless := {
	"none", "readContent", "writeContent", "manageContent", "create", "delete", "read", "write",
	"enumeratePermissions", "addPermissions", "updatePermissions", "deletePermissions", "deleteOwnPermission",
}
