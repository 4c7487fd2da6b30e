# METADATA
# title: Who may write content on a container type may read it
# description: >-
#   Graph refuses writeContent without readContent on a container type, app-only as well as for users. A grant that
#   holds the one without the other, and not full, was left by an older interface or was put together by hand: nobody
#   can say what it allows, and the next change of it fails. The two sides of a grant do not help each other.
# scope: package
# schemas:
#   - input: schema.container_type
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainertypeapppermissiongrant-update
# custom:
#   id: SPE-004
#   severity: low
#   subject: container_type
#   requires: [container_type_registrations, container_type_grants]
#   absence: false
#   message: "On {subject}, {key.app} has writeContent without readContent ({key.side})"
#   remediation: >-
#     Let the owning application, or a SharePoint Embedded administrator with FileStorageContainerTypeReg.Manage.All,
#     add readContent or take writeContent away. With Graph: PATCH
#     /storage/fileStorage/containerTypeRegistrations/{containerTypeId}/applicationPermissionGrants/{appId} with the
#     whole applicationPermissions or delegatedPermissions. There is no portal page for it.
package policies.sharepoint_embedded.write_without_read

import data.policies.lib.embedded
import data.policies.lib.facts

# Not `registered == true`: what is not known must not be waved through.
applies if not input.registered == false

deny contains {"key": {"app": app, "side": side}, "evidence": facts.pick(grant, _details)} if {
	some grant in input.grants
	app := facts.folded(grant, "app_id")
	app != ""
	some side in embedded.sides
	_blind(embedded.side(grant, side))
	count(_foreign_words(grant, side)) == 0
}

unknown contains "registered" if object.get(input, "registered", null) == null

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains sprintf("%s permissions of a grant", [side]) if {
	some grant in input.grants
	some side in embedded.sides
	embedded.unread(grant, side)
}

# It may include readContent, as full does.
unknown contains sprintf("meaning of permission %s", [permission]) if {
	some grant in input.grants
	some side in embedded.sides
	_blind(embedded.side(grant, side))
	some permission in _foreign_words(grant, side)
}

# Where it is known, there is a finding.
unknown contains "app_id of a grant" if {
	some grant in input.grants
	some side in embedded.sides
	_blind(embedded.side(grant, side))
}

_details := ["app_name", "application_permissions", "delegated_permissions"]

_blind(permissions) if {
	"writeContent" in permissions
	not "readContent" in permissions
	not "full" in permissions
}

_foreign_words(grant, side) := {word | some word in embedded.side(grant, side)} - embedded.known
