# METADATA
# title: Far-reaching permissions are replaced by narrower ones
# description: >-
#   The application asks for, or was granted, a permission of tier high or critical for which a narrower permission of
#   the same kind exists, such as Sites.Selected in place of Sites.FullControl.All. Managed identities count: what
#   they hold was granted by the tenant. Microsoft's own applications cannot be changed and are left out, and so are
#   permissions that the catalogue does not rate. The identity that collects for this audit may hold the two
#   SharePoint Embedded permissions without which a tenant's registrations and containers cannot be listed; and a
#   permission of the Office 365 Management APIs that is declared as needed (declared_needs) may be held.
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
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: >-
#     {subject} has {evidence.permission} ({evidence.tier}), for which a narrower permission exists:
#     {evidence.narrower}
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: add the narrower permission, grant
#     consent to it, test, then remove the wide one and revoke it under Enterprise applications > Permissions. With
#     Graph: PATCH /applications/{id} (requiredResourceAccess), POST /servicePrincipals/{id}/appRoleAssignments, then
#     DELETE /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH /oauth2PermissionGrants/{id}.
package policies.entra.narrower_exists

import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.management_api
import data.policies.lib.origin
import data.policies.lib.permissions

applies if {
	not input.origin == "microsoft"
	not input.origin == "deleted"
}

deny contains {"key": key, "evidence": object.union(min(rows), held)} if {
	input.origin in _changeable
	some permission, rows in _replaceable
	held := {
		"requested": _listed("requested_keys", permission),
		"granted": _listed("granted_keys", permission),
	}
	key := keys.permission(input, permission, held.granted)
}

unknown contains "origin" if not object.get(input, "origin", null) in _changeable

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "requests" if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
}

unknown contains "name, tier or narrower of a permission" if {
	some row in _notable
	_unrated(row)
}

# Rows of one permission differ in their consent at most: one finding.
_replaceable[row.key] contains facts.pick(row, _details) if {
	some row in _notable
	row.tier in {"high", "critical"}
	is_array(row.narrower)
	row.narrower != []
}

_details := ["resource_name", "permission_id", "kind", "tier", "permission", "narrower"]

_changeable := {"own", "foreign", "managed_identity"}

# Whatever is not known to be harmless.
_notable := [row |
	some list in ["requests", "grants"]
	some row in input[list]
	not row.tier == "low"
	not row.tier == "medium"
	not _needed(row)
]

# https://learn.microsoft.com/sharepoint/dev/embedded/administration/consuming-tenant-admin/cta
_needed(row) if {
	input.auditor == true
	row.key in {
		"00000003-0000-0000-c000-000000000000/delegated/FileStorageContainer.Manage.All",
		"00000003-0000-0000-c000-000000000000/delegated/FileStorageContainerTypeReg.Manage.All",
	}
}

_needed(row) if {
	facts.folded(row, "resource_app_id") == management_api.resource
	facts.folded(row, "permission") in {lower(name) | some name in input.declared.needs}
}

_unrated(row) if permissions.unresolved(row)

_unrated(row) if object.get(row, "tier", null) == null

_unrated(row) if {
	row.tier in {"high", "critical"}
	object.get(row, "narrower", null) == null
}

default _listed(_, _) := false

_listed(keys, key) if input[keys][key]
