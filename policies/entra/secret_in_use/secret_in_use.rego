# METADATA
# title: Applications do not sign in with secrets
# description: >-
#   An application has a secret that has not expired. Whoever reads a secret can use it anywhere, and it is copied into
#   settings, scripts and logs. A federated credential leaves nothing to copy where the application runs on Azure or
#   another platform that issues tokens - GitHub, Azure DevOps, Kubernetes, other clouds; a certificate whose key cannot
#   be exported serves everywhere else. The finding names the alternative, first of all a federated credential that is
#   there already. The severity is high for a secret that this tenant added to the service principal of another tenant's
#   or Microsoft's application, or to a managed identity: these need none, and it lets its holder act as them. The
#   password of a certificate that signs tokens for single sign-on is no secret to sign in with.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
#   - ref: https://learn.microsoft.com/entra/workload-id/workload-identity-federation
#   - ref: https://learn.microsoft.com/graph/api/application-removepassword
#   - ref: https://learn.microsoft.com/graph/api/serviceprincipal-removepassword
# custom:
#   id: ENTRA-012
#   severity: medium
#   subject: application
#   requires: [applications, service_principals]
#   optional: [federated_credentials]
#   absence: false
#   message: "{subject} has the secret {key.credential}, valid until {evidence.ends}; instead: {evidence.alternative}"
#   remediation: >-
#     Entra admin center > App registrations > the application > Certificates & secrets: add a federated credential or
#     upload a certificate, put it into use, then delete the secret. With Graph: POST
#     /applications/{id}/federatedIdentityCredentials, or PATCH keyCredentials of /applications/{id}; then POST
#     /applications/{id}/removePassword or /servicePrincipals/{id}/removePassword with the keyId of the secret.
package policies.entra.secret_in_use

import data.policies.lib.credentials
import data.policies.lib.facts

applies if not input.origin == "deleted"

deny contains object.union({"key": key, "evidence": min(rows)}, _severity) if some key, rows in _secrets

unknown contains "credentials" if object.get(input, "credentials", null) == null

unknown contains "type of a credential" if {
	some credential in input.credentials
	credentials.untyped(credential)
}

unknown contains "end of a secret" if {
	some secret in credentials.secrets(input)
	credentials.undated(secret)
}

_secrets[credentials.key(secret)] contains object.union(evidence, {"alternative": _alternative}) if {
	some secret in credentials.secrets(input)
	credentials.lasting(secret)
	evidence := facts.pick(secret, ["name", "starts", "ends", "days_left"])
}

_somebody_elses if input.origin in {"foreign", "microsoft", "managed_identity"}

default _severity := {}

_severity := {"severity": "high"} if _somebody_elses

default _alternative := "a federated credential where it runs on a platform that issues tokens, else a certificate"

_alternative := "none, it needs no credential of this tenant" if {
	_somebody_elses
} else := sprintf("its federated credential that trusts %s", [concat(" and ", _issuers)]) if {
	_issuers != set()
}

_issuers contains federated.issuer if {
	some federated in input.federated_credentials
	is_string(federated.issuer)
}
