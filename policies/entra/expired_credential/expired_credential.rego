# METADATA
# title: Expired credentials are removed
# description: >-
#   An expired secret or certificate on an application or its service principal no longer works. Left in place it
#   hides which credential is in use, and that renewal was forgotten. The severity is low when a valid credential of
#   the same object stands beside it. Microsoft's own applications and managed identities are renewed by the platform.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
#   - ref: https://learn.microsoft.com/graph/api/application-removepassword
#   - ref: https://learn.microsoft.com/graph/api/application-removekey
# custom:
#   id: ENTRA-010
#   severity: medium
#   subject: application
#   requires: [applications, service_principals]
#   absence: false
#   message: "{subject} still has the {evidence.type} {key.credential}, which expired on {evidence.ends}"
#   remediation: >-
#     Entra admin center > App registrations > the application > Certificates & secrets: delete it (Enterprise
#     applications > Single sign-on for a service principal's certificate). With Graph: POST
#     /applications/{id}/removePassword with its keyId for a secret; PATCH /applications/{id} or
#     /servicePrincipals/{id} with the remaining keyCredentials for a certificate.
package policies.entra.expired_credential

import data.policies.lib.credentials
import data.policies.lib.facts

applies if {
	not input.origin == "microsoft"
	not input.origin == "managed_identity"
	not input.origin == "deleted"
}

deny contains object.union({"key": key, "evidence": min(rows)}, _severity(key)) if {
	input.origin in {"own", "foreign"}
	some key, rows in _expired
}

unknown contains "origin" if {
	not input.origin == "own"
	not input.origin == "foreign"
}

unknown contains "credentials" if {
	some index in ["expired_credentials", "undated_credentials", "valid_credentials"]
	object.get(input, index, null) == null
}

unknown contains "days_left of a credential" if input.undated_credentials > 0

# A signing certificate and its password are one credential: they share their key id.
_expired[key] contains facts.pick(credential, ["name", "type", "usage", "starts", "ends", "days_left"]) if {
	some credential in input.expired_credentials
	key := credentials.key(credential)
}

default _severity(_) := {}

# Whatever is valid now ends later than what has expired.
_severity(key) := {"severity": "low"} if input.valid_credentials[key.of] == true
