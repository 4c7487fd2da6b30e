# METADATA
# title: Applications that nobody uses hold no permissions
# description: >-
#   An application has not signed in, for itself or for a user, and was not signed in to, for more than unused_days,
#   and still holds grants. What nobody uses, nobody watches - its credentials and owners are as good as ever for
#   whoever finds them. An application that the sign-in report does not name counts once it is older than that itself.
#   The report may leave managed identities out - where it does not name one, nothing is known. The severity is high
#   where a grant is of tier high or critical. Microsoft's own applications sign in where no report sees it.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/serviceprincipalsigninactivity
#   - ref: https://learn.microsoft.com/entra/identity/monitoring-health/recommendation-remove-unused-apps
#   - ref: https://learn.microsoft.com/graph/api/serviceprincipal-delete-approleassignments
# custom:
#   id: ENTRA-018
#   severity: medium
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants, sign_in_activity]
#   absence: false
#   message: "{subject} holds {evidence.grants} permissions and {evidence.last}"
#   remediation: >-
#     Ask the owner. Entra admin center > Enterprise applications > the application > Permissions: revoke what it holds;
#     Properties > Enabled for users to sign-in: No, and delete it after a while. With Graph: DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id}, DELETE /oauth2PermissionGrants/{id}, PATCH
#     /servicePrincipals/{id} with {"accountEnabled": false}.
package policies.entra.unused_application

import data.policies.lib.facts
import data.policies.lib.keys

applies if {
	not input.origin == "microsoft"
	not input.origin == "deleted"
	not input.grants == []
}

deny contains object.union({"key": key, "evidence": evidence}, _severity) if {
	input.origin in _judged
	is_array(input.grants)
	key := {"permissions": keys.far_reaching(input.grants)}
	evidence := object.union(
		{"last": _last, "grants": count(input.grants), "sign_in": input.sign_in},
		facts.pick(input, ["age_days"]),
	)
}

unknown contains "origin" if not object.get(input, "origin", null) in _judged

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "last sign-in" if not _told

_judged := {"own", "foreign", "managed_identity"}

_last := sprintf("signed in last %d days ago", [input.sign_in.days]) if {
	input.sign_in.days > data.config.unused_days
} else := "never signed in as far as is reported" if {
	_never_seen
	input.age_days > data.config.unused_days
}

# A day ahead of the audit is one of an hour that began after it; more is no instant to go by.
_told if input.sign_in.days >= -1

_told if _never_seen

# https://learn.microsoft.com/entra/identity/monitoring-health/concept-service-principal-sign-ins
_never_seen if {
	input.sign_in.seen == false
	is_number(input.age_days)
	not input.origin == "managed_identity"
}

default _severity := {}

_severity := {"severity": "high"} if {
	some grant in input.grants
	grant.tier in {"critical", "high"}
}
