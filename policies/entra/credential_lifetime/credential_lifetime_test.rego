package policies.entra.credential_lifetime_test

import data.policies.entra.credential_lifetime
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := credential_lifetime with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a secret for four months", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "a secret for four months on another tenant's application",
	"outcome": "pass",
	"input": testing.foreign_application,
}

cases contains {"name": "no credentials", "outcome": "pass", "input": with_credentials([])}

cases contains {
	"name": "exactly as long as is allowed",
	"outcome": "pass",
	"input": with_credentials([object.union(secret, {"lifetime_days": 180})]),
}

cases contains {
	"name": "a day longer than is allowed",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([object.union(secret, {"lifetime_days": 181})]),
}

cases contains {
	"name": "a secret for two years beside a short one",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([short, secret]),
}

cases contains {
	"name": "the last day of a long life",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([object.union(secret, {"days_left": 1})]),
}

cases contains {
	"name": "a long one that has expired",
	"outcome": "pass",
	"input": with_credentials([object.union(secret, {"days_left": 0})]),
}

cases contains {
	"name": "a long one that begins next month",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([object.union(secret, {"age_days": -30})]),
}

cases contains {
	"name": "certificate of the service principal of another tenant's application",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "service_principal"}],
	"input": testing.with_credentials(testing.foreign_application, [certificate]),
}

cases contains {
	"name": "signing certificate and its password are one",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "service_principal"}],
	"input": with_credentials([certificate, object.union(certificate, {"type": "secret"})]),
}

cases contains {
	"name": "a long one stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([secret, object.remove(short, ["lifetime_days"])]),
}

cases contains {
	"name": "start not read",
	"outcome": "unknown",
	"input": with_credentials([object.remove(secret, ["starts", "age_days", "lifetime_days"])]),
}

cases contains {
	"name": "end not read",
	"outcome": "unknown",
	"input": with_credentials([object.remove(secret, ["ends", "days_left", "lifetime_days"])]),
}

cases contains {
	"name": "days left not known",
	"outcome": "unknown",
	"input": with_credentials([object.remove(secret, ["days_left"])]),
}

cases contains {
	"name": "expired, its start not read",
	"outcome": "pass",
	"input": with_credentials([object.remove(object.union(secret, {"days_left": -5}), ["lifetime_days"])]),
}

cases contains {
	"name": "ends before it starts",
	"outcome": "unknown",
	"input": with_credentials([object.union(secret, {"lifetime_days": -1})]),
}

cases contains {
	"name": "starts and ends in one instant",
	"outcome": "pass",
	"input": with_credentials([object.union(secret, {"lifetime_days": 0})]),
}

cases contains {
	"name": "credentials not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_credentials),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(with_credentials([secret]), ["origin"]),
}

cases contains {
	"name": sprintf("not judged by origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(
		testing.with_credentials(testing.foreign_application, [certificate]),
		{"origin": origin},
	),
} if {
	some origin in ["managed_identity", "microsoft", "deleted"]
}

with_credentials(credentials) := testing.with_credentials(testing.application, credentials)

short := testing.application.credentials[0]

secret := {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e002",
	"name": "for ever",
	"type": "secret",
	"of": "application",
	"starts": "2026-01-01T00:00:00Z",
	"ends": "2028-01-01T00:00:00Z",
	"days_left": 407,
	"age_days": 323,
	"lifetime_days": 730,
}

certificate := {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e003",
	"name": "CN=single sign-on",
	"type": "certificate",
	"usage": "sign",
	"of": "service_principal",
	"starts": "2025-11-01T00:00:00Z",
	"ends": "2028-11-01T00:00:00Z",
	"days_left": 712,
	"age_days": 384,
	"lifetime_days": 1096,
}

key := {"credential": secret.key_id, "of": "application"}

verifying := object.union(certificate, {"key_id": "a1b2c3d4-0000-4000-8000-00000000e004", "usage": "verify"})

severities := {
	"a secret": {"credentials": [secret], "severities": {"none"}},
	"a signing certificate": {"credentials": [certificate], "severities": {"low"}},
	"what was made with it": {"credentials": [certificate, verifying], "severities": {"low"}},
	"with another end": {
		"credentials": [certificate, object.union(verifying, {"ends": "2029-01-01T00:00:00Z"})],
		"severities": {"low", "none"},
	},
	"of another object": {
		"credentials": [certificate, object.union(verifying, {"of": "application"})],
		"severities": {"low", "none"},
	},
	"without a signing one": {"credentials": [verifying], "severities": {"none"}},
}

test_severity_is_low_for_what_signs[name] if {
	some name, example in severities
	findings := credential_lifetime.deny with input as with_credentials(example.credentials)
		with data.config as testing.config
	{object.get(finding, "severity", "none") | some finding in findings} == example.severities
}

test_evidence_of_a_certificate if {
	findings := credential_lifetime.deny with input as with_credentials([certificate])
		with data.config as testing.config
	{finding.evidence | some finding in findings} == {object.union(
		object.remove(certificate, ["key_id", "of", "age_days"]),
		{"allowed_days": 180},
	)}
}

test_evidence if {
	findings := credential_lifetime.deny with input as with_credentials([secret]) with data.config as testing.config
	{finding.evidence | some finding in findings} == {{
		"name": "for ever",
		"type": "secret",
		"starts": "2026-01-01T00:00:00Z",
		"ends": "2028-01-01T00:00:00Z",
		"days_left": 407,
		"lifetime_days": 730,
		"allowed_days": 180,
	}}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := credential_lifetime with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": "a lifetime that is no number",
	"outcome": "unknown",
	"input": with_credentials([object.union(secret, {"lifetime_days": "730"})]),
}
