# METADATA
# title: Nobody grants permissions to an application of their own
# description: >-
#   Whoever granted a permission for the whole tenant - consented as an administrator, or assigned an application
#   permission - owns the application, or its service principal, or is the application itself; applications that own
#   others count, too. Then nobody but the applicant has looked at what was applied for. Persons are compared by object
#   id; where an id is missing by user principal name, of which another one may be that of the same person, renamed
#   since, unless neither has an id. Who granted what is told by audit events, which reach back for months at most -
#   what is older stays unknown, unless the application has no owners and holds nothing with which applications grant.
#   Consent of users for themselves does not count. The severity is high where such a permission is of tier high or
#   critical.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-admin-consent-workflow
#   - ref: https://learn.microsoft.com/graph/api/resources/directoryaudit
# custom:
#   id: ENTRA-023
#   severity: medium
#   subject: application
#   requires: [application_owners, service_principal_owners, service_principals, app_role_assignments, delegated_grants]
#   optional: [consent_events]
#   absence: false
#   message: "{evidence.name} ({key.owner}) answers for {subject} and granted {evidence.permissions} to it"
#   remediation: >-
#     Let another administrator review the permissions - Entra admin center > Enterprise applications > the application
#     > Permissions, revoke what is not needed - or take the administrator off the owners: App registrations > the
#     application > Owners. Turn on the admin consent workflow (Enterprise applications > Consent and permissions >
#     Admin consent settings). With Graph: DELETE /applications/{id}/owners/{owner id}/$ref, DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id}, PATCH /policies/adminConsentRequestPolicy.
package policies.entra.consented_by_owner

import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.permissions

applies if {
	not input.origin == "microsoft"
	not input.origin == "deleted"
	not _users_only
}

deny contains object.union({"key": key, "evidence": evidence}, _severity(granted)) if {
	input.origin in _judged
	some owner in input.owners
	not _itself({"object_id": object.get(owner, "id", "")})
	granted := [grant |
		some grant in _for_all
		grant.consent == "admin"
		_compare(grant.granted_by, owner) == "same"
	]
	granted != []
	key := {"owner": _name(owner), "permissions": keys.grants(granted)}
	evidence := object.union(
		{"permissions": _names(granted)},
		facts.pick(owner, ["name", "upn"]),
	)
}

# An application that may grant permissions may grant them to itself.
deny contains object.union({"key": key, "evidence": evidence}, _severity(granted)) if {
	input.origin in _judged
	granted := [grant | some grant in _for_all; _itself(grant.granted_by)]
	granted != []
	key := {"owner": input.service_principal_id, "permissions": keys.grants(granted)}
	evidence := {"permissions": _names(granted), "name": "the application itself"}
}

unknown contains "origin" if not object.get(input, "origin", null) in _judged

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "owners" if object.get(input, "owners", null) == null

unknown contains "granted_by or consent of a grant (consent_events)" if {
	count(_people) > 0
	some grant in _for_all
	not _told(grant)
}

unknown contains "id or upn of an owner or of who granted" if {
	some owner in _people
	some grant in _for_all
	_compare(grant.granted_by, owner) == "unclear"
}

unknown contains "id of an application that owns it" if {
	some owner in input.owners
	owner.type == "service_principal"
	some grant in _for_all
	object.get(grant.granted_by, "upn", null) == null
	_compare(grant.granted_by, owner) == "unclear"
}

unknown contains "granted_by of a grant, to an application that may grant (consent_events)" if {
	some held in input.grants
	facts.folded(held, "key") in _grants_itself
	some grant in _for_all
	object.get(grant, "granted_by", null) == null
}

unknown contains "service_principal_id" if {
	object.get(input, "service_principal_id", null) == null
	some grant in _for_all
	object.get(grant.granted_by, "upn", null) == null
}

_judged := {"own", "foreign", "managed_identity"}

_users_only if {
	is_array(input.grants)
	_for_all == []
}

# Whatever is not known to be a user's own consent.
_for_all := [grant | some grant in input.grants; not grant.consent == "user"]

# Applications own each other, and hardly ever consent: where no event tells, nothing is suspected of them.
_people := [owner | some owner in input.owners; not owner.type == "service_principal"]

# With these an application gives application permissions, or consents for all users.
_grants_itself contains lower(sprintf("%s/application/%s", [permissions.microsoft_graph, name])) if {
	some name in {"AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"}
}

_itself(actor) if facts.folded(actor, "object_id") == lower(input.service_principal_id)

_names(grants) := sort({permissions.evidence(grant).permission | some grant in grants})

_told(grant) if {
	is_object(grant.granted_by)
	grant.consent == "admin"
}

_name(owner) := object.get(owner, "id", object.get(owner, "upn", null))

default _compare(_, _) := "unclear"

_compare(person, owner) := _words[facts.folded(person, "object_id") == facts.folded(owner, "id")] if {
	not "" in {facts.folded(person, "object_id"), facts.folded(owner, "id")}
} else := "unclear" if {
	"" in {facts.folded(person, "upn"), facts.folded(owner, "upn")}
} else := "same" if {
	facts.folded(person, "upn") == facts.folded(owner, "upn")
} else := "different" if {
	{facts.folded(person, "object_id"), facts.folded(owner, "id")} == {""}
}

_words := {true: "same", false: "different"}

default _severity(_) := {}

_severity(grants) := {"severity": "high"} if {
	some grant in grants
	grant.tier in {"critical", "high"}
}
