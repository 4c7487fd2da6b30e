# METADATA
# title: Federated credentials trust one workload of a known issuer
# description: >-
#   A federated credential lets whoever holds a fitting token of its issuer sign in as the application. It is reported
#   when the issuer is none of trusted_issuers and not this tenant itself - another tenant of Entra, an address over
#   http, a host that looks like a known one; and when the subject fits more than one workload - wildcards, pull
#   requests, a whole repository or organization of GitHub, no subject at all, or the expression of a flexible
#   credential that does so. Whether a repository or cluster that a trusted issuer names is yours, no interface tells.
#   Federated credentials of managed identities stand at their Azure resources, which are not read.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
#   - ref: https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials
#   - ref: https://learn.microsoft.com/graph/api/federatedidentitycredential-update
#   - ref: https://docs.github.com/actions/reference/security/oidc
# custom:
#   id: ENTRA-024
#   severity: high
#   subject: application
#   requires: [applications, federated_credentials]
#   absence: false
#   message: "{subject} trusts {evidence.issuer} by the federated credential {key.credential}: {evidence.what}"
#   remediation: >-
#     Entra admin center > App registrations > the application > Certificates & secrets > Federated credentials: name
#     one environment or branch in the subject, or delete the credential; list an issuer that is yours under
#     trusted_issuers. With Graph: PATCH or DELETE /applications/{id}/federatedIdentityCredentials/{id}.
package policies.entra.wide_federated_credential

import data.policies.lib.facts
import data.policies.lib.federation
import data.policies.lib.keys
import data.policies.lib.origin

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains {"key": key, "evidence": min(rows)} if {
	input.origin == "own"
	some key, rows in _found
}

unknown contains "origin" if not input.origin == "own"

unknown contains "federated_credentials" if object.get(input, "federated_credentials", null) == null

unknown contains sprintf("issuer of the federated credential %s", [_name(credential)]) if {
	some credential in input.federated_credentials
	facts.folded(credential, "issuer") == ""
}

unknown contains sprintf("subject of the federated credential %s", [_name(credential)]) if {
	some credential in input.federated_credentials
	not _readable(credential)
}

unknown contains "tenant_id" if {
	facts.folded(input, "tenant_id") == ""
	some credential in input.federated_credentials
	federation.entra(facts.folded(credential, "issuer"))
}

_name(credential) := object.get(credential, "name", object.get(credential, "id", "without a name"))

# Names are unique, where they were read. What is trusted may change under a name.
_found[_key(credential, "foreign_issuer")] contains _evidence(credential, "this issuer is not trusted") if {
	some credential in input.federated_credentials
	_foreign(facts.folded(credential, "issuer"))
}

# A credential has a subject or an expression. Should it have both, it is one finding.
_found[_key(credential, "wide_subject")] contains _evidence(credential, _words[_breadth(member, credential)]) if {
	some credential in input.federated_credentials
	some member in ["subject", "expression"]
}

_key(credential, fault) := object.union(
	{"credential": _name(credential), "fault": fault},
	keys.told(credential, ["issuer", "subject", "expression"]),
)

_evidence(credential, what) := object.union(
	facts.pick(credential, ["issuer", "subject", "expression"]),
	{"what": what},
)

_foreign(issuer) if {
	issuer != ""
	not federation.listed(issuer, data.config.trusted_issuers)
	not _possibly_own(issuer)
}

_possibly_own(issuer) if federation.own(issuer, facts.folded(input, "tenant_id"))

_possibly_own(issuer) if {
	facts.folded(input, "tenant_id") == ""
	federation.entra(issuer)
}

_breadth("subject", credential) := federation.breadth(_issuer(credential), credential.subject) if {
	is_string(credential.subject)
}

_breadth("expression", credential) := federation.breadth_of_expression(_issuer(credential), credential.expression) if {
	is_string(credential.expression)
}

_issuer(credential) := facts.folded(credential, "issuer")

_readable(credential) if {
	is_string(credential.subject)
	object.get(credential, "expression", null) == null
}

_readable(credential) if {
	is_string(credential.expression)
	federation.readable(credential.expression)
}

_words := {
	"empty": "its subject is empty",
	"wildcard": "its subject has a wildcard",
	"pull_request": "any pull request gets in",
	"whole_repository": "every run of the repository gets in",
	"whole_organization": "every repository of the organization gets in",
	"any_repository": "its subject names no repository, and any repository of the issuer may have that subject",
	"any_subject": "it names no subject",
}
