# METADATA
# title: Applications that use the Management APIs are registered soundly
# description: >-
#   The registration of an application of this tenant that uses the Office 365 Management APIs has a fault - a
#   certificate whose RSA key is shorter than 2048 bits, which the API does not accept; a credential that has expired; a
#   secret although the application works without a user, where a certificate or a federated credential serves; an
#   audience of several tenants that is not declared as needed (multi_tenant_needed); no reply URL although it has
#   that audience, so that nobody can consent; or a reply URL that is not https or has a wildcard. The loopback address
#   and schemes of programs are fine.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis
#   - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
#   - ref: https://learn.microsoft.com/entra/identity-platform/reply-url
# custom:
#   id: MA-003
#   severity: medium
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   optional: [certificate_keys]
#   absence: false
#   message: "{subject} uses the Office 365 Management APIs, and {evidence.what}: {key.at}"
#   remediation: >-
#     Entra admin center > App registrations > the application: Certificates & secrets (upload a certificate of 2048
#     bits or more, delete secrets and what has expired), Authentication (supported account types, redirect URIs). With
#     Graph: PATCH /applications/{id} with keyCredentials, signInAudience or web/redirectUris; POST
#     /applications/{id}/removePassword for a secret.
package policies.management_api.registration_fault

import data.policies.lib.credentials
import data.policies.lib.facts
import data.policies.lib.management_api
import data.policies.lib.origin
import data.policies.lib.reply_urls

applies if {
	not object.get(input, "origin", null) in origin.elsewhere
	not management_api.unused(input)
}

deny contains {"key": key, "evidence": object.union(min(proofs), what)} if {
	input.origin == "own"
	management_api.used(input) != []
	some key, proofs in _faults
	what := {"what": object.get(_words, key.fault, key.fault)}
}

unknown contains "origin" if not input.origin == "own"

unknown contains list if some list in management_api.unread(input)

unknown contains "resource or kind of a permission" if {
	some row in management_api.rows(input)
	not _clear(row)
}

unknown contains "credentials" if object.get(input, "credentials", null) == null

unknown contains "type or days_left of a credential" if {
	some credential in input.credentials
	not _told(credential)
}

unknown contains sprintf("key of the certificate %s", [credentials.name(certificate)]) if {
	some certificate in credentials.certificates(input)
	not credentials.short(certificate)
	not credentials.long(certificate)
}

unknown contains "sign_in_audience" if not object.get(input, "sign_in_audience", null) in (_single | _many)

unknown contains "redirect_uris" if object.get(input, "redirect_uris", null) == null

# Every fault has its words.
_words := {
	"expired_credential": "a credential of its registration has expired",
	"short_key": "the RSA key of a certificate is shorter than 2048 bits",
	"secret_of_a_daemon": "it signs in with a secret although it works without a user",
	"multi_tenant": "its registration accepts other tenants, which is not declared as needed",
	"no_reply_url": "its registration accepts other tenants and has no reply URL, so that nobody can consent",
	"reply_url_not_https": "a reply URL is not https",
	"reply_url_wildcard": "a reply URL has a wildcard",
}

_single := {"AzureADMyOrg", "PersonalMicrosoftAccount"}

_many := {"AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount"}

_faults[_key("expired_credential", credential)] contains _proof(credential) if {
	some credential in credentials.expired(input)
}

_faults[_key("short_key", certificate)] contains _proof(certificate) if {
	some certificate in credentials.certificates(input)
	credentials.short(certificate)
}

_faults[_key("secret_of_a_daemon", secret)] contains _proof(secret) if {
	"application" in {row.kind | some row in management_api.used(input)}
	some secret in credentials.secrets(input)
}

_faults[{"fault": "multi_tenant", "at": input.sign_in_audience}] contains {} if {
	input.sign_in_audience in _many
	not input.declared.multi_tenant == true
}

_faults[{"fault": "no_reply_url", "at": input.sign_in_audience}] contains {} if {
	input.sign_in_audience in _many
	input.redirect_uris == []
	not "redirect_uris" in {gap.field | some gap in input.incomplete}
}

_faults[{"fault": sprintf("reply_url_%s", [fault]), "at": reply.uri}] contains facts.pick(reply, ["platform"]) if {
	some reply in input.redirect_uris
	fault := reply_urls.fault(reply.uri)
}

_key(fault, credential) := object.union(
	{"fault": fault, "at": credentials.name(credential)},
	facts.pick(credential, ["of"]),
)

_proof(credential) := facts.pick(credential, ["name", "type", "usage", "starts", "ends", "days_left", "key_bits"])

_told(credential) if {
	credential.type in {"secret", "certificate"}
	is_number(credential.days_left)
}

_clear(row) if {
	facts.folded(row, "resource_app_id") == management_api.resource
	row.kind in {"application", "delegated"}
}
