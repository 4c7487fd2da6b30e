# METADATA
# title: Provisioning applications manage only what they own
# description: >-
#   The synchronization API, acquireAccessToken included, takes Application.ReadWrite.OwnedBy of an application that
#   owns what it provisions. An application that uses it - it asks for or holds a permission of synchronization, was
#   seen to call it, or is declared to - and has the application permission Synchronization.ReadWrite.All or
#   Application.ReadWrite.All can change all the others as well. The delegated Synchronization.ReadWrite.All is the
#   least there is for acquireAccessToken and is in order. So is Synchronization.ReadWrite.All for an application that
#   was seen in the last unused_days, or is declared, to change synchronization jobs with PATCH, and
#   Application.ReadWrite.All where the proven smallest set holds it for calls that are declared or no older.
#   Microsoft's own applications are left out.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/synchronization-synchronization-acquireaccesstoken
#   - ref: https://learn.microsoft.com/graph/permissions-reference#applicationreadwriteownedby
#   - ref: https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-configuration-api
# custom:
#   id: ENTRA-005
#   severity: high
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   optional: [graph_activity]
#   absence: false
#   message: >-
#     {subject} uses synchronization ({evidence.because}) and has {evidence.permission}, where {evidence.serves} serves
#     for what it owns
#   remediation: >-
#     Make the application an owner of what it provisions (POST /servicePrincipals/{id}/owners/$ref). Entra admin center
#     > App registrations > the application > API permissions: add Application.ReadWrite.OwnedBy, grant consent, test,
#     then remove the wide permission and revoke it under Enterprise applications > Permissions. With Graph: POST
#     /servicePrincipals/{id}/appRoleAssignments, then DELETE /servicePrincipals/{id}/appRoleAssignments/{id} and PATCH
#     /applications/{id} (requiredResourceAccess).
package policies.entra.provisioning_too_wide

import data.policies.lib.keys
import data.policies.lib.origin
import data.policies.lib.permissions
import data.policies.lib.synchronization
import data.policies.lib.usage

applies if {
	not input.origin == "deleted"
	not input.origin == "microsoft"
	_may_be_wide
	_may_synchronise
}

deny contains {"key": key, "evidence": object.union(min(rows), evidence)} if {
	because := synchronization.because(input)
	because != set()
	some permission, rows in _wide
	evidence := {
		"serves": "Application.ReadWrite.OwnedBy",
		"because": sort(because),
		"requested": _listed("requested_keys", permission),
		"granted": _listed("granted_keys", permission),
	}
	key := object.union({"permission": permission}, keys.held(input, evidence.granted))
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "requests" if _requests_missing

unknown contains "name of a permission" if synchronization.any_nameless(input)

unknown contains "key of a permission" if {
	some row in synchronization.wide(input)
	object.get(row, "key", null) == null
}

unknown contains "whether it uses synchronization" if synchronization.because(input) == set()

unknown contains "whether calls of the last unused_days take a wide permission" if {
	some row in synchronization.wide(input)
	synchronization.doubtful(input, row)
}

_requests_missing if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
}

_lists_missing if object.get(input, "grants", null) == null

_lists_missing if _requests_missing

_lists_missing if synchronization.any_nameless(input)

_may_be_wide if _lists_missing

_may_be_wide if synchronization.any_wide(input)

_may_synchronise if _lists_missing

_may_synchronise if synchronization.because(input) != set()

_may_synchronise if object.get(input, "uses", null) == null

_may_synchronise if not usage.proves_absence(input)

_may_synchronise if {
	some use in input.uses
	object.get(use, "path", null) == null
}

_wide[row.key] contains permissions.evidence(row) if {
	some row in synchronization.wide(input)
	not synchronization.needed(input, row)
	not synchronization.doubtful(input, row)
}

default _listed(_, _) := false

_listed(keys, key) if input[keys][key]
