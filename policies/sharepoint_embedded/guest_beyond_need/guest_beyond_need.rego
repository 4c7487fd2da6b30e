# METADATA
# title: Guest applications have no more than their declared need
# description: >-
#   A guest is an application with permissions on a container type that it does not own. What it needs is known to
#   people only: the configuration declares it (container_needs), for each side. What a guest holds beyond that is a
#   finding; a guest of which nothing is declared has no known need, and all it holds is. The one exception is the
#   application of Microsoft Foundry, for which Microsoft publishes the grant: readContent for users, nothing
#   app-only. Declaring full declares everything, and manageContent includes writeContent.
# scope: package
# schemas:
#   - input: schema.container_type
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/development/auth
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/build/sharepoint-embedded-knowledge-source
# custom:
#   id: SPE-006
#   severity: medium
#   subject: container_type
#   requires: [container_type_registrations, container_type_grants]
#   absence: false
#   message: >-
#     On {subject}, the guest {key.app} holds more than its need ({evidence.need}): app-only
#     {evidence.excess.application}, for users {evidence.excess.delegated}
#   remediation: >-
#     Declare what the guest needs in the configuration (declared > container_needs), and let the owner of the
#     container type take the rest away: PATCH
#     /storage/fileStorage/containerTypeRegistrations/{containerTypeId}/applicationPermissionGrants/{appId} with the
#     needed permissions, or DELETE the grant. There is no portal page for it; SharePoint Online Management Shell
#     shows guests with Get-SPOApplication -OwningApplicationId.
package policies.sharepoint_embedded.guest_beyond_need

import data.policies.lib.embedded
import data.policies.lib.facts
import data.policies.lib.keys

# Not `registered == true`: what is not known must not be waved through.
applies if not input.registered == false

deny contains {"key": key, "evidence": object.union(evidence, facts.pick(grant, _details))} if {
	facts.folded(input, "owning_app_id") != ""
	some grant in _guests
	app := facts.folded(grant, "app_id")
	app != ""
	excess := {side: _excess(grant, app, side) | some side in embedded.sides}
	excess != {"application": set(), "delegated": set()}
	key := {"app": app, "excess": {side: keys.list(permissions) |
		some side, permissions in excess
		not embedded.unread(grant, side)
	}}
	evidence := object.union(
		{"excess": excess, "need": _need(app).need},
		facts.pick(input, ["owning_app_id", "owning_app_name"]),
	)
}

unknown contains "registered" if object.get(input, "registered", null) == null

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains sprintf("%s permissions of a grant", [side]) if {
	some grant in _guests
	some side in embedded.sides
	embedded.unread(grant, side)
}

# Where both are known, there is a finding.
unknown contains "owning_app_id, or app_id of a grant" if {
	some grant in _guests
	some side in embedded.sides
	_excess(grant, facts.folded(grant, "app_id"), side) != set()
}

# Also those of which the holder or the owner is not known.
_guests contains grant if {
	some grant in input.grants
	not facts.folded(grant, "app_id") in ({facts.folded(input, "owning_app_id")} - {""})
}

# What was not read is no excess; that it was not read is said elsewhere.
_excess(grant, app, side) := {permission |
	some permission in embedded.side(grant, side)
	permission != "none"
	not _covered(lower(permission), {lower(word) | some word in object.get(_need(app), side, [])})
}

_covered(permission, declared) if permission in declared

_covered(_, declared) if "full" in declared

_covered("writecontent", declared) if "managecontent" in declared

_need(app) := object.union({"need": "declared"}, declared) if {
	declared := data.config.container_needs[app]
} else := {"need": "as Microsoft publishes it", "delegated": ["readContent"]} if {
	app == embedded.foundry
} else := {"need": "undeclared"}

_details := ["app_name", "application_permissions", "delegated_permissions"]
