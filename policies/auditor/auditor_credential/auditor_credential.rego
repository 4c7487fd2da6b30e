# METADATA
# title: leastwise itself signs in with a sound credential
# description: >-
#   An identity of leastwise reads the whole directory, and its credential is worth as much. It is reported when the
#   identity signs in with a secret, where a managed identity, a federated token or a certificate serves; and when, of
#   the credentials of its application, one lives longer than credential_max_days, the last one to end of those that it
#   may sign in with does so within credential_warning_days (then the audit goes blind), or several secrets are valid at
#   once, of which nobody knows which is in use. A managed identity is renewed by Azure; one with a federated token
#   needs none of these. An identity that acts for a person - device code, browser - has that person's credential, which
#   the sign-in policies of the tenant govern, and is not judged here.
# scope: package
# schemas:
#   - input: schema.auditor
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
#   - ref: https://learn.microsoft.com/entra/workload-id/workload-identity-federation
#   - ref: https://learn.microsoft.com/graph/api/application-removepassword
# custom:
#   id: AUD-003
#   severity: medium
#   subject: auditor
#   requires: [] # the manifest of the snapshot tells how it signed in
#   optional: [applications, service_principals]
#   absence: false
#   message: "{subject}: {evidence.what}"
#   remediation: >-
#     Run leastwise with a managed identity or a federated token (credential managed or workload in leastwise.yaml), or
#     with a certificate. Entra admin center > App registrations > the application that leastwise signs in as >
#     Certificates & secrets: add the credential, change leastwise.yaml, delete the secrets. With Graph: POST
#     /applications/{id}/federatedIdentityCredentials, POST /applications/{id}/removePassword.
package policies.auditor.auditor_credential

import data.policies.lib.credentials
import data.policies.lib.facts
import data.policies.lib.keys

applies if {
	not input.signed_in == false
	not input.app_only == false
}

deny contains {"key": {"fault": "secret"}, "evidence": {"what": "it signs in with a secret"}} if {
	input.credential == "secret"
}

deny contains {"key": object.union(key, {"fault": "long_lived"}), "evidence": max(rows)} if some key, rows in _long

deny contains {"key": key, "evidence": evidence} if {
	not _needs_none
	[days_left, last] := max([[credential.days_left, credential] |
		some credential in _in_question
		not _begins_later(credential)
	])
	days_left <= data.config.credential_warning_days
	every credential in _in_question {
		not credentials.undated(credential)
	}
	key := object.union(credentials.key(last), {"fault": "ends_soon"})
	what := sprintf("the last of its credentials to end, %s, has %d days left", [credentials.name(last), days_left])
	evidence := object.union(facts.pick(last, _details), {"what": what})
}

deny contains {"key": {"fault": "several_secrets", "secrets": identities}, "evidence": evidence} if {
	count(_secrets) > 1
	identities := keys.list({credentials.identity(secret) | some secret in _secrets})
	names := sort([credentials.name(secret) | some secret in _secrets])
	evidence := {"what": sprintf("%d secrets are valid at once", [count(_secrets)]), "secrets": names}
}

unknown contains "credential" if object.get(input, "credential", null) == null

unknown contains "credentials: its application was not read" if {
	not _managed
	object.get(input, "credentials", null) == null
}

unknown contains sprintf("the %s that it signed in with: its application has none", [input.credential]) if {
	input.credential in {"certificate", "secret"}
	every credential in input.credentials {
		credential.type in ({"certificate", "secret"} - {input.credential})
	}
}

# The environment, and Azure CLI, may hold either.
unknown contains "whether it signs in with its secret" if {
	not input.credential in {"certificate", "workload", "managed"}
	count(_secrets) > 0
}

unknown contains "type, start or end of a credential" if {
	not _managed
	some credential in input.credentials
	not _told(credential)
}

_managed if input.credential == "managed"

_needs_none if input.credential in {"managed", "workload"}

_details := ["name", "type", "of", "starts", "ends", "days_left", "lifetime_days"]

_long[credentials.key(credential)] contains object.union(facts.pick(credential, _details), {"what": what}) if {
	not _managed
	some credential in input.credentials
	credentials.lasting(credential)
	credential.lifetime_days > data.config.credential_max_days
	what := sprintf("its %s %s lives for %d days", [
		object.get(credential, "type", "credential"),
		credentials.name(credential),
		credential.lifetime_days,
	])
}

_secrets := [secret | some secret in credentials.secrets(input); credentials.lasting(secret)]

_begins_later(credential) if {
	is_number(credential.age_days)
	credential.age_days < 0
}

# It signs in with one of these, where it is known with what kind.
_in_question := [credential |
	some credential in input.credentials
	not object.get(credential, "type", null) in ({"certificate", "secret"} - {input.credential})
] if {
	input.credential in {"certificate", "secret"}
} else := input.credentials

_told(credential) if credentials.ended(credential)

_told(credential) if {
	not credentials.untyped(credential)
	is_number(credential.days_left)
	is_number(credential.age_days)
	is_number(credential.lifetime_days)
}
