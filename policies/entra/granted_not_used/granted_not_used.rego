# METADATA
# title: Every granted permission is used
# description: >-
#   A permission of Microsoft Graph that was granted, and for which the look-back of the usage evidence shows no call,
#   is a risk without a use, whether or not the manifest still asks for it. So is one whose last use lies more than
#   unused_days back. The look-back has to be whole, to last unused_days and to reach up to the audit; else nothing is
#   concluded, nor of a use without a date, nor where a call succeeded that nothing granted is known to allow. Grants
#   that did not stand for that long are left out, and it is not known of a grant without a date, unless the consent
#   events tell that it is old. The scopes openid, profile, email and offline_access go into tokens and show in no call.
#   Calls of other resources are in no activity log; their permissions are not judged. Of Microsoft's own applications,
#   what was consented to here is. What the identity that collects for this audit holds is judged by AUD-001, since its
#   own calls are left out.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/graph/microsoft-graph-activity-logs-overview
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/manage-application-permissions
#   - ref: https://learn.microsoft.com/graph/api/serviceprincipal-delete-approleassignments
#   - ref: https://learn.microsoft.com/graph/api/oauth2permissiongrant-update
# custom:
#   id: ENTRA-006
#   severity: medium
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants, graph_activity]
#   optional: [applications, consent_events]
#   absence: true
#   message: >-
#     {subject} was granted {evidence.permission} ({key.consent} consent), and no call that takes it was seen in
#     {evidence.look_back.days} days
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions: revoke the permission; App
#     registrations > the application > API permissions: remove it from the manifest, else the next consent brings it
#     back. With Graph: DELETE /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH /oauth2PermissionGrants/{id}
#     with a shorter scope, and PATCH /applications/{id} with requiredResourceAccess without it.
package policies.entra.granted_not_used

import data.policies.lib.facts
import data.policies.lib.granted
import data.policies.lib.permissions
import data.policies.lib.usage

applies if {
	not input.origin == "deleted"
	not usage.left_out(input)
	_any
}

deny contains object.union({"key": key, "evidence": evidence}, _severity(grant)) if {
	usage.proves_absence(input)
	some grant in _open
	usage.taken(grant) == "not_used"
	usage.standing(input, grant) == "standing"
	key := object.union({"permission": grant.key}, facts.pick(grant, ["consent"]))
	evidence := object.union_n([
		permissions.evidence(grant),
		facts.pick(grant, ["users", "last_used_at"]),
		_requested(grant),
		{"look_back": usage.silence(input, grant)},
	])
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "used of a grant" if {
	some grant in _open
	usage.taken(grant) == "unclear"
}

unknown contains "activity that is whole, long and fresh enough" if {
	count(_open) > 0
	not usage.proves_absence(input)
}

unknown contains "since when a grant stands" if {
	some grant in _open
	usage.standing(input, grant) == "unclear"
}

unknown contains "key of a grant" if {
	some grant in _open
	object.get(grant, "key", null) == null
}

_any if object.get(input, "grants", null) == null

_any if {
	some grant in input.grants
	granted.callable(input, grant)
}

_open := [grant |
	some grant in input.grants
	not usage.taken(grant) == "used"
	granted.callable(input, grant)
	not usage.standing(input, grant) == "young"
]

# Where the manifest was not read, nothing is said of it.
default _requested(_) := {}

_requested(grant) := {"requested": object.get(input.requested_keys, [grant.key], false)}

_severity(grant) := {"severity": "high"} if {
	grant.tier in {"critical", "high"}
} else := {}
