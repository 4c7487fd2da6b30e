# METADATA
# title: Far-reaching permissions are replaced by narrower ones
# description: >-
#   The application asks for, or was granted, a permission of tier high or critical for which a narrower permission of
#   the same kind exists, such as Sites.Selected in place of Sites.FullControl.All. Managed identities count: what they
#   hold was granted by the tenant. Microsoft's own applications cannot be changed and are left out, and so are
#   permissions that the catalogue does not rate.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/secure-least-privileged-access
#   - ref: https://learn.microsoft.com/graph/permissions-reference
# custom:
#   id: ENTRA-003
#   severity: high
#   subject: application
#   requires: [applications, app_role_assignments, delegated_grants]
#   absence: false
#   message: "{subject} has {evidence.permission} ({evidence.tier}), for which a narrower permission exists: {evidence.narrower}"
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: add the narrower permission, grant
#     consent to it, test, then remove the wide one and revoke it under Enterprise applications > Permissions. With
#     Graph: PATCH /applications/{id} (requiredResourceAccess), POST /servicePrincipals/{id}/appRoleAssignments, then
#     DELETE /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH /oauth2PermissionGrants/{id}.
package policies.entra.narrower_exists

import data.policies.lib.facts
import data.policies.lib.origin
import data.policies.lib.permissions

applies if not input.origin == "microsoft"

deny contains {"key": {"permission": key}, "evidence": object.union(min(rows), held)} if {
	input.origin in origin.known
	some key, rows in _wide
	held := {"requested": key in _requested, "granted": key in _granted}
}

unknown contains "origin" if not object.get(input, "origin", null) in origin.known

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "requests" if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
}

unknown contains "tier or narrower of a permission" if {
	some row in input.requests
	_unrated(row)
}

unknown contains "tier or narrower of a permission" if {
	some row in input.grants
	_unrated(row)
}

_wide[row.key] contains _details(row) if {
	some row in input.requests
	_replaceable(row)
}

_wide[row.key] contains _details(row) if {
	some row in input.grants
	_replaceable(row)
}

_replaceable(row) if {
	row.tier in {"high", "critical"}
	is_array(row.narrower)
	row.narrower != []
}

_unrated(row) if permissions.unresolved(row)

_unrated(row) if object.get(row, "tier", null) == null

_unrated(row) if {
	row.tier in {"high", "critical"}
	object.get(row, "narrower", null) == null
}

_requested contains row.key if some row in input.requests

_granted contains row.key if some row in input.grants

_details(row) := object.union(
	facts.pick(row, ["resource_name", "kind", "tier", "narrower"]),
	{"permission": permissions.label(row)},
)
