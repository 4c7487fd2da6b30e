# METADATA
# title: Containers are shared no further than configured
# description: >-
#   A container type says with whom files in its containers may be shared: nobody outside (disabled), guests who are
#   in the directory already (existingExternalUserSharingOnly), any guest who signs in (externalUserSharingOnly), or
#   anybody with a link (externalUserAndGuestSharing). The configuration says how far it may go (choices > sharing).
#   The setting of the registration, which is in force in this tenant, counts before that of the owner. The tenant's
#   own setting for SharePoint may restrict sharing further and is not read.
# scope: package
# schemas:
#   - input: schema.container_type
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/filestoragecontainertypesettings
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/development/sharing-and-perm
#   - ref: https://learn.microsoft.com/powershell/module/sharepoint-online/set-spoapplication
# custom:
#   id: SPE-012
#   severity: medium
#   subject: container_type
#   requires: [container_type_registrations]
#   optional: [container_types]
#   absence: false
#   message: "{subject} allows the sharing {evidence.sharing}; configured is {evidence.allowed} at most"
#   remediation: >-
#     In the owning tenant: PATCH /storage/fileStorage/containerTypes/{id} with settings.sharingCapability; it reaches
#     the registrations within 24 hours. In this tenant, with SharePoint Online Management Shell: Set-SPOApplication
#     -OwningApplicationId {appId} -OverrideTenantSharingCapability $true -SharingCapability {setting}. There is no
#     portal page for it.
package policies.sharepoint_embedded.sharing_too_wide

import data.policies.lib.facts

deny contains object.union({"key": {"sharing": sharing}, "evidence": evidence}, _severity) if {
	sharing := facts.folded(input, "sharing")
	_width[sharing] > _width[lower(data.config.sharing)]
	evidence := object.union(
		{"allowed": data.config.sharing},
		facts.pick(input, ["sharing", "sharing_restricted", "registered", "owning_app_id", "owning_app_name"]),
	)
}

unknown contains "sharing" if facts.folded(input, "sharing") == ""

unknown contains sprintf("meaning of sharing %s", [input.sharing]) if not _width[facts.folded(input, "sharing")]

unknown contains "the sharing that is configured" if not _width[lower(object.get(data.config, "sharing", ""))]

# Anybody who has the link, without signing in.
default _severity := {}

_severity := {"severity": "high"} if facts.folded(input, "sharing") == "externaluserandguestsharing"

_width := {
	"disabled": 0,
	"existingexternalusersharingonly": 1,
	"externalusersharingonly": 2,
	"externaluserandguestsharing": 3,
}
