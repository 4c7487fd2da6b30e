# METADATA
# title: Owners of applications with critical permissions are as privileged as these
# description: >-
#   Whoever owns an application or its service principal may add a credential to it and act with all that it was
#   granted. With a critical permission that makes an administrator of the owner, past every review of roles.
#   Authorities differ on what to do about it - Maester advises no owners at all, Microsoft's Zero Trust assessment at
#   least two. The choice privileged_app_owners settles it - "none" reports every owner; "privileged_only", the default,
#   those who do not hold, and may not activate, one of privileged_roles over the whole directory, themselves or by
#   being in a group; "any" none. Who may activate the membership of a group (Privileged Identity Management for Groups)
#   is not read, and does not count. Service principals that own an application count like people, and so do disabled
#   accounts, which somebody may enable. Roles that the application itself holds are judged by ENTRA-021, permissions
#   without a tier by ENTRA-026. Managed identities take no credentials from their owners.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/overview-assign-app-owners
#   - ref: https://learn.microsoft.com/entra/fundamentals/zero-trust-protect-engineering-systems
#   - ref: https://maester.dev/docs/tests/MT.1077
#   - ref: https://learn.microsoft.com/graph/api/application-delete-owners
# custom:
#   id: ENTRA-022
#   severity: high
#   subject: application
#   requires: [application_owners, service_principal_owners, service_principals, app_role_assignments, delegated_grants]
#   optional: [directory_role_assignments, directory_role_definitions]
#   absence: false
#   message: >-
#     {subject} holds {evidence.permissions} and is owned by {evidence.name} ({key.owner}); {evidence.what}
#   remediation: >-
#     Entra admin center > App registrations > the application > Owners (and Enterprise applications > the application >
#     Owners): remove the owner, and let those who hold Application Administrator or another of privileged_roles manage
#     it. With Graph: DELETE /applications/{id}/owners/{owner id}/$ref and /servicePrincipals/{id}/owners/{owner
#     id}/$ref.
package policies.entra.unprivileged_owner

import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.permissions

applies if {
	not data.config.privileged_app_owners == "any"
	not input.origin == "managed_identity"
	not input.origin == "deleted"
	not _nothing_critical
}

deny contains {"key": key, "evidence": min(rows)} if {
	input.origin in _judged
	_critical != set()
	some owner, rows in _at_fault
	key := object.union(owner, {"permissions": keys.grants(_critical_grants)})
}

unknown contains "origin" if not object.get(input, "origin", null) in _judged

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "owners" if object.get(input, "owners", null) == null

unknown contains "tier of a permission" if {
	_critical == set()
	count(_at_fault) > 0
}

unknown contains sprintf("directory roles of the owner %s", [_name(owner)]) if {
	not data.config.privileged_app_owners == "none"
	some owner in input.owners
	_privilege(owner) == "unclear"
}

_judged := {"own", "foreign", "microsoft"}

_nothing_critical if {
	every grant in input.grants {
		not object.get(grant, "tier", null) in {"critical", null}
	}
}

_critical contains permissions.evidence(grant).permission if some grant in _critical_grants

_critical_grants := [grant | some grant in input.grants; grant.tier == "critical"]

_at_fault[{"owner": _name(owner)}] contains object.union(evidence, facts.pick(owner, _details)) if {
	some owner in input.owners
	evidence := {"what": _fault(owner), "permissions": sort(_critical)}
}

_details := ["name", "upn", "type", "user_type", "enabled", "of", "roles"]

_fault(_) := "no owner is allowed" if {
	data.config.privileged_app_owners == "none"
}

_fault(owner) := "the owner holds no privileged directory role" if {
	not data.config.privileged_app_owners == "none"
	_privilege(owner) == "none"
}

_name(owner) := object.get(owner, "id", object.get(owner, "upn", object.get(owner, "name", "without a name")))

default _privilege(_) := "unclear"

_privilege(owner) := "held" if {
	some hold in owner.roles
	_privileged(hold)
	hold.via in {"assigned", "eligible"}
	hold.scope == "/"
} else := "none" if {
	every hold in owner.roles {
		not _possibly_privileged(hold)
	}
}

_privileged(hold) if facts.folded(hold, "role_id") in {lower(id) | some id in data.config.privileged_roles}

# By way of a group, of which the members are not known, or over what is not known.
_possibly_privileged(hold) if facts.folded(hold, "role_id") == ""

_possibly_privileged(hold) if {
	_privileged(hold)
	facts.folded(hold, "scope") in {"/", ""}
}
