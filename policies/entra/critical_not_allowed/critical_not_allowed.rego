# METADATA
# title: Critical permissions are held by applications on the allow list only
# description: >-
#   A critical permission takes over the tenant or grants itself more. Each application that asks for one, or was
#   granted one, has to stand on the allow list of the configuration (critical_allowed) with that permission and the
#   reason. Of Microsoft's own applications those delegated permissions count that somebody here consented to, since
#   they can be revoked, and those application permissions of which the consent events tell that a person gave them;
#   the others were given by Microsoft. What the catalogue does not rate is
#   not critical here: ENTRA-026 judges it.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/secure-least-privileged-access
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/manage-application-permissions
#   - ref: https://learn.microsoft.com/graph/permissions-reference
# custom:
#   id: ENTRA-004
#   severity: critical
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   optional: [consent_events]
#   absence: false
#   message: "{subject} has {evidence.permission} ({evidence.kind}), which is critical and not on its allow list"
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions: revoke the permission; App
#     registrations > the application > API permissions: remove it. When it is needed, name application, permission and
#     reason under declared.critical_allowed in the configuration. With Graph: DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH /oauth2PermissionGrants/{id} with a shorter scope, and
#     PATCH /applications/{id} with requiredResourceAccess without it.
package policies.entra.critical_not_allowed

import data.policies.lib.facts
import data.policies.lib.granted
import data.policies.lib.keys
import data.policies.lib.origin
import data.policies.lib.permissions

applies if {
	not input.origin == "deleted"
	_changeable
}

deny contains {"key": key, "evidence": object.union(min(rows), held)} if {
	is_string(input.origin)
	some permission, rows in _outside
	held := {
		"requested": _listed("requested_keys", permission),
		"granted": _listed("granted_keys", permission),
	}
	key := keys.permission(input, permission, held.granted)
}

unknown contains "origin" if object.get(input, "origin", null) == null

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "requests" if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
}

unknown contains "tier of a permission" if {
	some list in ["requests", "grants"]
	some row in input[list]
	object.get(row, "tier", null) == null
	_notable(row)
}

unknown contains "key of a permission" if {
	some row in _critical
	object.get(row, "key", null) == null
}

_changeable if not input.origin == "microsoft"

_changeable if granted.any_revocable(input)

# Rows of one permission differ in their consent at most: one finding.
_outside[row.key] contains permissions.evidence(row) if {
	some row in _critical
}

_critical := [row |
	some list in ["requests", "grants"]
	some row in input[list]
	row.tier == "critical"
	_notable(row)
]

_notable(row) if {
	granted.ours(input, row)
	not facts.folded(row, "permission") in _allowed
}

# The configuration has ids in lower case.
_allowed contains lower(name) if some name in input.declared.critical

default _listed(_, _) := false

_listed(keys, key) if input[keys][key]
