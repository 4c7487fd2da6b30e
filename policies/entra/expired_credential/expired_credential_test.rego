package policies.entra.expired_credential_test

import data.policies.entra.expired_credential
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := expired_credential with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a valid secret", "outcome": "pass", "input": testing.application}

cases contains {"name": "no credentials", "outcome": "pass", "input": with_credentials([])}

cases contains {
	"name": "one day left",
	"outcome": "pass",
	"input": with_credentials([object.union(expired, {"days_left": 1})]),
}

cases contains {
	"name": "expired this instant",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([object.union(expired, {"days_left": 0})]),
}

cases contains {"name": "expired long ago", "outcome": "fail", "keys": [key], "input": with_credentials([expired])}

cases contains {
	"name": "a newer valid credential beside it",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([expired, valid]),
}

cases contains {
	"name": "secret of the registration and certificate of the service principal",
	"outcome": "fail",
	"keys": [key, {"credential": certificate.key_id, "of": "service_principal"}],
	"input": with_credentials([expired, certificate]),
}

cases contains {
	"name": "signing certificate and its password share a key id",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "service_principal"}],
	"input": with_credentials([
		certificate,
		object.union(object.remove(certificate, ["usage"]), {"type": "secret"}),
	]),
}

cases contains {
	"name": "without key id",
	"outcome": "fail",
	"keys": [{"credential": "old deployment", "of": "application", "ends": expired.ends}],
	"input": with_credentials([object.remove(expired, ["key_id"])]),
}

cases contains {
	"name": "without key id and name",
	"outcome": "fail",
	"keys": [{"credential": "unnamed", "of": "application", "ends": expired.ends}],
	"input": with_credentials([object.remove(expired, ["key_id", "name"])]),
}

cases contains {
	"name": "service principal of an application of another tenant",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "service_principal"}],
	"input": testing.with_credentials(testing.foreign_application, [certificate]),
}

cases contains {
	"name": "an expired one stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [key],
	"input": with_credentials([expired, object.remove(certificate, ["days_left", "ends"])]),
}

cases contains {
	"name": "expiry not read",
	"outcome": "unknown",
	"input": with_credentials([valid, object.remove(expired, ["days_left"])]),
}

cases contains {
	"name": "credentials not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_credentials),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(with_credentials([expired]), ["origin"]),
}

cases contains {
	"name": "managed identity",
	"outcome": "not_applicable",
	"input": object.union(
		testing.with_credentials(testing.foreign_application, [certificate]),
		{"origin": "managed_identity"},
	),
}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": object.union(with_credentials([expired]), {"origin": "deleted"}),
}

cases contains {
	"name": "Microsoft's own",
	"outcome": "not_applicable",
	"input": object.union(testing.with_credentials(testing.foreign_application, [certificate]), {"origin": "microsoft"}),
}

with_credentials(credentials) := testing.with_credentials(testing.application, credentials)

valid := testing.application.credentials[0]

expired := {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e002",
	"name": "old deployment",
	"type": "secret",
	"of": "application",
	"starts": "2025-06-01T00:00:00Z",
	"ends": "2026-06-01T00:00:00Z",
	"days_left": -172,
	"age_days": 537,
}

certificate := {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e003",
	"name": "CN=single sign-on",
	"type": "certificate",
	"usage": "sign",
	"of": "service_principal",
	"starts": "2023-11-01T00:00:00Z",
	"ends": "2026-11-01T00:00:00Z",
	"days_left": -19,
	"age_days": 1115,
}

key := {"credential": expired.key_id, "of": "application"}

severities := {
	"alone": {"beside": [], "severities": set()},
	"a valid one of the same object": {"beside": [valid], "severities": {"low"}},
	"a valid one of another type": {"beside": [object.union(valid, {"type": "certificate"})], "severities": {"low"}},
	"a valid one of the other object": {"beside": [object.union(valid, {"of": "service_principal"})], "severities": set()},
	"another expired one": {"beside": [object.union(valid, {"days_left": 0})], "severities": set()},
	"one that starts later": {"beside": [object.union(valid, {"age_days": -1})], "severities": set()},
	"one of unknown start": {"beside": [object.remove(valid, ["age_days"])], "severities": {"low"}},
	"one of unknown expiry": {"beside": [object.remove(valid, ["days_left"])], "severities": set()},
}

test_severity_falls_when_a_valid_one_stands_beside_it[name] if {
	some name, example in severities
	app := with_credentials(array.concat([expired], example.beside))
	findings := [finding | some finding in expired_credential.deny; finding.key == key] with input as app
	count(findings) == 1
	{finding.severity | some finding in findings} == example.severities
}

test_evidence if {
	some finding in expired_credential.deny with input as with_credentials([certificate])
	finding.evidence == {
		"name": "CN=single sign-on",
		"type": "certificate",
		"usage": "sign",
		"starts": "2023-11-01T00:00:00Z",
		"ends": "2026-11-01T00:00:00Z",
		"days_left": -19,
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := expired_credential with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "service principal of an application of another tenant",
	"of": "service principal of an application of another tenant",
	"outcome": "fail",
	"keys": {{"credential": "a1b2c3d4-0000-4000-8000-00000000e003", "of": "service_principal"}},
}

variants contains {
	"name": "without expired_credentials: secret of the registration and certificate of the service principal",
	"of": "secret of the registration and certificate of the service principal",
	"at": "/expired_credentials",
	"outcome": "unknown",
	"reasons": {"credentials"},
}

variants contains {
	"name": "without undated_credentials: one day left",
	"of": "one day left",
	"at": "/undated_credentials",
	"outcome": "unknown",
	"reasons": {"credentials"},
}

variants contains {
	"name": "without valid_credentials: one day left",
	"of": "one day left",
	"at": "/valid_credentials",
	"outcome": "unknown",
	"reasons": {"credentials"},
}

variants contains {
	"name": "expired_credentials.0.name is null: without key id",
	"of": "without key id",
	"at": "/expired_credentials/0/name",
	"becomes": null,
	"outcome": "fail",
	"keys": {{"credential": "unnamed", "of": "application", "ends": expired.ends}},
}

variants contains {
	"name": "expired_credentials.0.key_id is null: signing certificate and its password share a key id",
	"of": "signing certificate and its password share a key id",
	"at": "/expired_credentials/0/key_id",
	"becomes": null,
	"outcome": "fail",
	"keys": {
		{"credential": "CN=single sign-on", "of": "service_principal", "ends": certificate.ends},
		{"credential": "a1b2c3d4-0000-4000-8000-00000000e003", "of": "service_principal"},
	},
}
