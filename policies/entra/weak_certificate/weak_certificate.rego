# METADATA
# title: Certificates have strong keys and signatures
# description: >-
#   A certificate of an application or its service principal that has not expired has an RSA key of less than 2048
#   bits, or is signed with SHA-1, MD5 or MD2. Short keys can be factored, and a certificate signed with a broken hash
#   can be imitated wherever its chain is checked. Keys on elliptic curves are strong. Certificates that sign tokens for
#   single sign-on count as well. Lists do not tell the keys: they are read one by one where the collection is told to
#   (certificate_keys), and are not known otherwise. Microsoft's own applications and managed identities are renewed by
#   the platform.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
#   - ref: https://learn.microsoft.com/graph/api/resources/keycredential
#   - ref: https://learn.microsoft.com/graph/api/application-removekey
# custom:
#   id: ENTRA-013
#   severity: high
#   subject: application
#   requires: [applications, service_principals]
#   optional: [certificate_keys]
#   absence: false
#   message: "{subject} has the certificate {key.credential} with {evidence.what}"
#   remediation: >-
#     Make a certificate with an RSA key of 2048 bits or more and a SHA-256 signature. Entra admin center > App
#     registrations > the application > Certificates & secrets: upload it, put it into use, delete the weak one
#     (Enterprise applications > the application > Single sign-on > Token signing certificate for one that signs). With
#     Graph: PATCH keyCredentials of /applications/{id} or /servicePrincipals/{id}; POST
#     /servicePrincipals/{id}/addTokenSigningCertificate.
package policies.entra.weak_certificate

import data.policies.lib.credentials
import data.policies.lib.facts

applies if {
	not input.origin == "microsoft"
	not input.origin == "managed_identity"
	not input.origin == "deleted"
}

deny contains {"key": key, "evidence": evidence} if {
	input.origin in {"own", "foreign"}
	some certificate in credentials.certificates(input)
	credentials.lasting(certificate)
	some fault, what in _faults(certificate)
	key := object.union(credentials.key(certificate), {"fault": fault})
	evidence := object.union(facts.pick(certificate, _details), {"what": what})
}

unknown contains "origin" if {
	not input.origin == "own"
	not input.origin == "foreign"
}

unknown contains "credentials" if object.get(input, "credentials", null) == null

unknown contains "type of a credential" if {
	some credential in input.credentials
	credentials.untyped(credential)
}

unknown contains "end of a certificate" if {
	some certificate in credentials.certificates(input)
	credentials.undated(certificate)
}

unknown contains sprintf("key of the certificate %s", [credentials.name(certificate)]) if {
	some certificate in credentials.certificates(input)
	not _told(certificate)
}

unknown contains sprintf("signature of the certificate %s", [credentials.name(certificate)]) if {
	some certificate in credentials.certificates(input)
	not _broken(facts.folded(certificate, "signature"))
	not regex.match(`sha-?(224|256|384|512)|ed25519`, facts.folded(certificate, "signature"))
}

_details := ["name", "usage", "ends", "days_left", "key_algorithm", "key_bits", "signature"]

_faults(certificate) := object.union(
	{"short_key": sprintf("an RSA key of %d bits", [certificate.key_bits]) | credentials.short(certificate)},
	{"weak_signature": sprintf("the signature %s", [certificate.signature]) |
		_broken(facts.folded(certificate, "signature"))
	},
)

_told(certificate) if facts.folded(certificate, "key_algorithm") in {"ecdsa", "ed25519"}

_told(certificate) if {
	facts.folded(certificate, "key_algorithm") == "rsa"
	is_number(certificate.key_bits)
}

# As Go writes them (SHA1-RSA, ECDSA-SHA1), and as OpenSSL does (sha1WithRSAEncryption). SHA-128 does not exist.
_broken(signature) if regex.match(`(md2|md5|sha-?1)([^0-9]|$)`, signature)
