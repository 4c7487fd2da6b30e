package policies.entra.secret_in_use_test

import data.policies.entra.secret_in_use
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := secret_in_use with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "no credentials", "outcome": "pass", "input": with_credentials([])}

cases contains {"name": "a certificate", "outcome": "pass", "input": with_credentials([certificate])}

cases contains {"name": "a valid secret", "outcome": "fail", "keys": [key], "input": testing.application}

cases contains {
	"name": "a secret of one more day",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([object.union(secret, {"days_left": 1})]),
}

cases contains {
	"name": "a secret that expired this instant",
	"outcome": "pass",
	"input": with_credentials([object.union(secret, {"days_left": 0})]),
}

cases contains {
	"name": "a secret that begins next month",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([object.union(secret, {"age_days": -30})]),
}

cases contains {
	"name": "a secret beside a certificate, and one of the service principal",
	"outcome": "fail",
	"keys": [key, {"credential": "SP", "of": "service_principal"}],
	"input": with_credentials([certificate, secret, other]),
}

cases contains {
	"name": "password of a signing certificate",
	"outcome": "pass",
	"input": with_credentials([signing, object.union(signing, {"type": "secret"})]),
}

cases contains {
	"name": "a secret with the key id of a symmetric key that signs",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "service_principal"}],
	"input": with_credentials([
		object.union(signing, {"type": "secret"}),
		object.union(signing, {"type": "secret"}),
	]),
}

cases contains {
	"name": "a secret of a registration with the key id of a signing certificate",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "application"}],
	"input": with_credentials([signing, object.union(certificate, {"type": "secret"})]),
}

cases contains {
	"name": "a secret of a service principal with the key id of a certificate of the registration",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "service_principal"}],
	"input": with_credentials([
		object.union(certificate, {"usage": "sign"}),
		object.union(signing, {"type": "secret"}),
	]),
}

cases contains {
	"name": "a secret of a service principal beside a signing certificate",
	"outcome": "fail",
	"keys": [{"credential": "b0000000-0000-4000-8000-000000000009", "of": "service_principal"}],
	"input": with_credentials([
		signing,
		object.union(signing, {"type": "secret", "key_id": "b0000000-0000-4000-8000-000000000009"}),
	]),
}

cases contains {
	"name": "a secret with the key id of a certificate that verifies",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "application"}],
	"input": with_credentials([certificate, object.union(certificate, {"type": "secret"})]),
}

cases contains {
	"name": sprintf("a secret on a service principal of origin %s", [origin]),
	"outcome": "fail",
	"keys": [{"credential": "SP", "of": "service_principal"}],
	"input": object.union(testing.with_credentials(testing.foreign_application, [other]), {"origin": origin}),
} if {
	some origin in ["foreign", "microsoft", "managed_identity"]
}

cases contains {
	"name": "certificate of a managed identity",
	"outcome": "pass",
	"input": object.union(
		testing.with_credentials(testing.foreign_application, [certificate]),
		{"origin": "managed_identity"},
	),
}

cases contains {
	"name": "origin not known",
	"outcome": "fail",
	"keys": [key],
	"input": object.remove(testing.application, ["origin"]),
}

cases contains {
	"name": "a secret and federated credentials that were not read",
	"outcome": "fail",
	"keys": [key],
	"input": object.remove(testing.application, ["federated_credentials"]),
}

cases contains {
	"name": "end of a secret not read",
	"outcome": "unknown",
	"input": with_credentials([object.remove(secret, ["days_left", "ends"])]),
}

cases contains {
	"name": "end of a certificate not read",
	"outcome": "pass",
	"input": with_credentials([object.remove(certificate, ["days_left", "ends"])]),
}

cases contains {
	"name": "credentials not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_credentials),
}

cases contains {
	"name": "service principal deleted",
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": "deleted"}),
}

with_credentials(credentials) := testing.with_credentials(testing.application, credentials)

secret := testing.application.credentials[0]

other := object.union(secret, {"key_id": "SP", "of": "service_principal"})

signing := object.union(certificate, {"usage": "sign", "of": "service_principal"})

certificate := {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e003",
	"name": "CN=job",
	"type": "certificate",
	"usage": "verify",
	"of": "application",
	"starts": "2026-11-01T00:00:00Z",
	"ends": "2027-03-01T00:00:00Z",
	"days_left": 101,
	"age_days": 19,
	"lifetime_days": 120,
}

key := {"credential": secret.key_id, "of": "application"}

test_nothing_is_unknown_of_a_secret_that_is_known if {
	reasons := secret_in_use.unknown with input as testing.application
	reasons == set()
}

severities := {
	"own": set(), "foreign": {"high"}, "microsoft": {"high"}, "managed_identity": {"high"},
}

test_severity_is_high_on_what_belongs_to_others[origin] if {
	some origin, expected in severities
	findings := secret_in_use.deny with input as object.union(testing.application, {"origin": origin})
	count(findings) == 1
	{finding.severity | some finding in findings} == expected
}

test_evidence if {
	findings := secret_in_use.deny with input as testing.application
	{finding.evidence | some finding in findings} == {{
		"name": "nightly job",
		"starts": "2026-09-01T00:00:00Z",
		"ends": "2027-01-01T00:00:00Z",
		"days_left": 42,
		"alternative": "a federated credential where it runs on a platform that issues tokens, else a certificate",
	}}
}

federated := {"federated_credentials": [
	{"name": "main", "issuer": "https://token.actions.githubusercontent.com"},
	{"name": "unread", "issuer": null},
]}

alternatives := {
	"its federated credential that trusts https://token.actions.githubusercontent.com": federated,
	"none, it needs no credential of this tenant": object.union(federated, {"origin": "foreign"}),
	"a federated credential where it runs on a platform that issues tokens, else a certificate": {
		"federated_credentials": [{"name": "unread", "issuer": null}],
	},
}

test_alternative[expected] if {
	some expected, change in alternatives
	findings := secret_in_use.deny with input as object.union(testing.application, change)
	{finding.evidence.alternative | some finding in findings} == {expected}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := secret_in_use with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": "type of a credential not read",
	"outcome": "unknown",
	"input": with_credentials([object.remove(secret, ["type"])]),
}
