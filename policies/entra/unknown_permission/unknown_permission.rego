# METADATA
# title: Permissions are ones that their API publishes, of the type that is asked for
# description: >-
#   A manifest that names an id which the API does not publish asks for nothing, and for whatever the API may publish
#   under that id one day; a scope or role that was granted and is published no more is left over. A permission that is
#   asked for with the wrong type (Role for a scope, Scope for an app role) cannot be granted as the manifest says.
#   Where the lists of the API were not read, and its id is not in the catalogue either, nothing is concluded. Not
#   judged are the scopes of OpenID Connect, which are asked for on any API, grants on an API that is gone (ENTRA-020),
#   and the application permissions that Microsoft gave its own applications.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/requiredresourceaccess
#   - ref: https://learn.microsoft.com/graph/api/resources/resourceaccess
#   - ref: https://learn.microsoft.com/graph/permissions-reference
# custom:
#   id: ENTRA-017
#   severity: medium
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   optional: [consent_events]
#   absence: false
#   message: "{subject} has {evidence.permission} of {evidence.resource_name}: {evidence.fault}"
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: remove the entry, and add the
#     permission that is meant, of the right type; Enterprise applications > the application > Permissions: revoke what
#     was granted. With Graph: PATCH /applications/{id} (requiredResourceAccess); DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH /oauth2PermissionGrants/{id} with a shorter scope. GET
#     /servicePrincipals(appId='{api}')?$select=appRoles,oauth2PermissionScopes lists what the API publishes.
package policies.entra.unknown_permission

import data.policies.lib.facts
import data.policies.lib.granted
import data.policies.lib.keys
import data.policies.lib.origin
import data.policies.lib.permissions

applies if {
	not input.origin == "deleted"
	_any
}

deny contains {"key": key, "evidence": object.union(min(rows), held)} if {
	some what, rows in _faulty
	held := {
		"fault": _words[what.fault],
		"requested": _listed("requested_keys", what.permission),
		"granted": _listed("granted_keys", what.permission),
	}
	key := object.union(what, keys.held(input, held.granted))
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "requests" if _requests_missing

unknown contains "whether a permission is published" if {
	some list in ["requests", "grants"]
	some row in input[list]
	object.get(row, "published", null) == null
	object.get(row, "resolved_by", null) == null
	_judged(row)
}

unknown contains "key of a permission" if {
	some row in _unpublished
	object.get(row, "key", null) == null
}

unknown contains "key of a request" if {
	some row in _mistyped
	object.get(row, "key", null) == null
}

unknown contains "type_mismatch of a request" if {
	some request in input.requests
	object.get(request, "type_mismatch", null) == null
}

_any if object.get(input, "grants", null) == null

_any if _requests_missing

_any if {
	some list in ["requests", "grants"]
	some row in input[list]
	granted.ours(input, row)
}

_requests_missing if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
}

_faulty[{"permission": row.key, "fault": "not_published"}] contains permissions.evidence(row) if {
	some row in _unpublished
}

_faulty[{"permission": row.key, "fault": "wrong_type"}] contains permissions.evidence(row) if {
	some row in _mistyped
}

_words := {
	"not_published": "the API does not publish it",
	"wrong_type": "the manifest asks for it with the wrong type",
}

_unpublished := [row |
	some list in ["requests", "grants"]
	some row in input[list]
	row.published == false
	_judged(row)
]

_mistyped := [row | some row in input.requests; row.type_mismatch == true]

_judged(row) if {
	granted.ours(input, row)
	not row.resource_deleted == true
	not _protocol(row)
}

_protocol(row) if {
	row.kind == "delegated"
	facts.folded(row, "permission") in {"email", "offline_access", "openid", "profile"}
}

default _listed(_, _) := false

_listed(keys, key) if input[keys][key]
