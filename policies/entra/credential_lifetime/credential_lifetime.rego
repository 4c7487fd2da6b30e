# METADATA
# title: Credentials do not live longer than is allowed
# description: >-
#   A secret or certificate lives, from its start to its end, longer than credential_max_days. The longer it lives, the
#   longer a copy of it works that nobody knows of. Credentials that begin later count; expired ones are judged by
#   ENTRA-010. The severity is low for a certificate that signs tokens for single sign-on and for what was made with it
#   (same object, same end): its key stays in Entra, which makes it for three years unless told otherwise. A service
#   principal of another tenant's application is judged by the credentials that this tenant added to it. Microsoft's
#   own applications and managed identities are renewed by the platform.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
#   - ref: https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy
#   - ref: https://learn.microsoft.com/graph/api/application-addpassword
# custom:
#   id: ENTRA-011
#   severity: medium
#   subject: application
#   requires: [applications, service_principals]
#   absence: false
#   message: >-
#     {subject} has the {evidence.type} {key.credential}, which lives for {evidence.lifetime_days} days (at most
#     {evidence.allowed_days} are allowed)
#   remediation: >-
#     Entra admin center > App registrations > the application > Certificates & secrets: add a credential with a shorter
#     life, put it into use, delete the long one (Enterprise applications > the application > Single sign-on for a
#     signing certificate). With Graph: POST /applications/{id}/addPassword with endDateTime, then POST
#     /applications/{id}/removePassword; PATCH keyCredentials of /applications/{id} or /servicePrincipals/{id}. An app
#     management policy keeps it so (PATCH /policies/defaultAppManagementPolicy with maxLifetime).
package policies.entra.credential_lifetime

import data.policies.lib.credentials
import data.policies.lib.facts

applies if {
	not input.origin == "microsoft"
	not input.origin == "managed_identity"
	not input.origin == "deleted"
}

deny contains object.union({"key": key, "evidence": evidence}, _severity(key, evidence)) if {
	input.origin in {"own", "foreign"}
	some key, rows in _long
	evidence := max(rows)
}

unknown contains "origin" if {
	not input.origin == "own"
	not input.origin == "foreign"
}

unknown contains "credentials" if object.get(input, "credentials", null) == null

unknown contains "start or end of a credential" if {
	some credential in input.credentials
	not credentials.ended(credential)
	not _told(credential)
}

# A signing certificate and its password share their key id.
_long[credentials.key(credential)] contains object.union(facts.pick(credential, _details), _allowed) if {
	some credential in input.credentials
	credentials.lasting(credential)
	_told(credential)
	credential.lifetime_days > data.config.credential_max_days
}

_allowed := {"allowed_days": data.config.credential_max_days}

_details := ["name", "type", "usage", "starts", "ends", "days_left", "lifetime_days"]

# What ends before it starts was not written by anybody in earnest.
_told(credential) if {
	is_number(credential.days_left)
	is_number(credential.lifetime_days)
	credential.lifetime_days >= 0
}

default _severity(_, _) := {}

_severity(key, evidence) := {"severity": "low"} if [key.of, evidence.ends] in _signing

_signing contains [credential.of, credential.ends] if {
	some credential in input.credentials
	credential.usage == "sign"
}
