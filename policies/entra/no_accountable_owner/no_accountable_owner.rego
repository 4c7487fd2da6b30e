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
#   message: "{subject} has no accountable owner: none of its {evidence.owners} owners is an enabled member of this tenant"
#   remediation: >-
#     Entra admin center > App registrations > the application > Owners: add a person who answers for it, better two.
#     With Graph: POST /applications/{id}/owners/$ref with {"@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/{user id}"}.
package policies.entra.no_accountable_owner

import data.policies.lib.facts
import data.policies.lib.origin

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains {"key": {}, "evidence": evidence} if {
	input.origin == "own"
	every owner in input.owners {
		count(_reasons(owner)) > 0
	}
	rejected := [object.union(facts.pick(owner, ["id", "name", "upn"]), {"because": _reasons(owner)}) |
		some owner in input.owners
	]
	evidence := {"owners": count(rejected), "rejected": rejected}
}

unknown contains "origin" if not object.get(input, "origin", null) in origin.known

unknown contains "owners" if object.get(input, "owners", null) == null

unknown contains "type, enabled or user_type of an owner" if {
	not _accountable
	some owner in input.owners
	count(_reasons(owner)) == 0
}

_accountable if {
	some owner in input.owners
	owner.readable == true
	owner.type == "user"
	owner.enabled == true
	owner.user_type == "member"
}

_reasons(owner) := [reason |
	some reason, holds in {
		"not a user": _not_user(owner),
		"disabled": _equal(owner, "enabled", false),
		"guest": _equal(owner, "user_type", "guest"),
	}
	holds
]

default _not_user(_) := false

_not_user(owner) if {
	is_string(owner.type)
	owner.type != "user"
}

default _equal(_, _, _) := false

_equal(owner, name, value) if owner[name] == value
