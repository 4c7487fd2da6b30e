# METADATA
# title: Every application has an accountable owner
# description: >-
#   Somebody must answer for each application of this tenant: an owner of the registration or of its service principal
#   who is an enabled user and a member, not a guest. Other applications, guests and disabled accounts do not count.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/overview-assign-app-owners
#   - ref: https://learn.microsoft.com/graph/api/application-post-owners
# custom:
#   id: ENTRA-009
#   severity: medium
#   subject: application
#   requires: [application_owners, service_principal_owners]
#   absence: true
#   message: "{subject} has no owner who is an enabled member of this tenant; owners in all: {evidence.owners}"
#   remediation: >-
#     Entra admin center > App registrations > the application > Owners: add a person who answers for it, better two.
#     With Graph: POST /applications/{id}/owners/$ref with "@odata.id": ".../directoryObjects/{user id}".
package policies.entra.no_accountable_owner

import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.origin

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains {"key": key, "evidence": {"owners": count(rejected), "rejected": rejected}} if {
	input.origin == "own"
	every owner in input.owners {
		_ruled_out(owner)
	}
	key := {"rejected": keys.list({_identity(owner) | some owner in input.owners})}
	rejected := [facts.pick(owner, ["type", "user_type", "enabled"]) | some owner in input.owners]
}

unknown contains "origin" if not input.origin == "own"

unknown contains "owners" if object.get(input, "owners", null) == null

unknown contains "type, user_type or enabled of an owner" if {
	not _accountable
	some owner in input.owners
	not _ruled_out(owner)
}

_identity(owner) := object.get(owner, "id", object.get(owner, "upn", object.get(owner, "name", "without a name")))

_accountable if {
	some owner in input.owners
	owner.readable == true
	owner.type == "user"
	owner.user_type == "member"
	owner.enabled == true
}

_ruled_out(owner) if owner.enabled == false

_ruled_out(owner) if owner.user_type == "guest"

_ruled_out(owner) if {
	is_string(owner.type)
	owner.type != "user"
}
