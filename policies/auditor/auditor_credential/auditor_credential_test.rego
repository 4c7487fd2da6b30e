package policies.auditor.auditor_credential_test

import data.policies.auditor.auditor_credential
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := auditor_credential with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a certificate", "outcome": "pass", "input": certified([certificate])}

cases contains {
	"name": "signs in with a secret",
	"outcome": "fail",
	"keys": [{"fault": "secret"}],
	"input": by("secret", [secret]),
}

cases contains {
	"name": "signs in with a secret, its application not read",
	"outcome": "fail",
	"keys": [{"fault": "secret"}],
	"input": object.union(testing.auditor, {"credential": "secret"}),
}

cases contains {
	"name": "a certificate of exactly the longest life, and of one day more than the warning",
	"outcome": "pass",
	"input": certified([object.union(certificate, {"lifetime_days": 180, "days_left": 31})]),
}

cases contains {
	"name": "a certificate that lives a day longer",
	"outcome": "fail",
	"keys": [{"fault": "long_lived", "credential": "C", "of": "application"}],
	"input": certified([object.union(certificate, {"lifetime_days": 181})]),
}

cases contains {
	"name": "a certificate that ends soon",
	"outcome": "fail",
	"keys": [{"fault": "ends_soon", "credential": "C", "of": "application"}],
	"input": certified([object.union(certificate, {"days_left": 30})]),
}

cases contains {
	"name": "a certificate that ends soon, renewed",
	"outcome": "pass",
	"input": certified([object.union(certificate, {"days_left": 3}), object.union(certificate, {"key_id": "N"})]),
}

cases contains {
	"name": "a certificate that ends soon, beside a secret that lasts",
	"outcome": "fail",
	"keys": [{"fault": "ends_soon", "credential": "C", "of": "application"}],
	"input": certified([object.union(certificate, {"days_left": 5}), secret]),
}

cases contains {
	"name": "a secret that ends soon, beside a certificate that lasts",
	"outcome": "fail",
	"keys": [{"fault": "secret"}, {"fault": "ends_soon", "credential": "S", "of": "application"}],
	"input": by("secret", [certificate, object.union(secret, {"days_left": 5})]),
}

cases contains {
	"name": "a certificate that ends soon, and one that has not begun",
	"outcome": "fail",
	"keys": [{"fault": "ends_soon", "credential": "C", "of": "application"}],
	"input": certified([
		object.union(certificate, {"days_left": 5}),
		object.union(certificate, {"key_id": "N", "age_days": -1}),
	]),
}

cases contains {
	"name": "a certificate that ends soon, and one that begins now",
	"outcome": "pass",
	"input": certified([
		object.union(certificate, {"days_left": 5}),
		object.union(certificate, {"key_id": "N", "age_days": 0}),
	]),
}

cases contains {
	"name": "something that ends soon, and nobody knows whether it signs in with that",
	"outcome": "fail",
	"keys": [{"fault": "ends_soon", "credential": "C", "of": "application"}],
	"input": by("environment", [object.union(certificate, {"days_left": 5})]),
}

cases contains {
	"name": "a certificate of which the begin was not read",
	"outcome": "unknown",
	"input": certified([object.remove(certificate, ["age_days"])]),
}

cases contains {
	"name": "something that ends soon, and something that lasts, of which nobody knows which",
	"outcome": "pass",
	"input": object.union(by("azure_cli", [object.union(certificate, {"days_left": 5})]), {"credentials": [
		object.union(certificate, {"days_left": 5}),
		object.union(certificate, {"key_id": "N"}),
	]}),
}

cases contains {
	"name": "two secrets without a name",
	"outcome": "fail",
	"keys": [{"fault": "several_secrets", "secrets": ["unnamed until 2027-02-01T00:00:00Z"]}],
	"input": certified([
		certificate,
		object.remove(secret, ["key_id", "name"]),
		object.remove(object.union(secret, {"days_left": 41}), ["key_id", "name"]),
	]),
}

cases contains {
	"name": "a certificate that has ended since",
	"outcome": "fail",
	"keys": [{"fault": "ends_soon", "credential": "C", "of": "application"}],
	"input": certified([object.union(certificate, {"days_left": -1})]),
}

cases contains {
	"name": "a long one that has ended, renewed",
	"outcome": "pass",
	"input": certified([
		object.union(certificate, {"days_left": 0, "lifetime_days": 730}),
		object.union(certificate, {"key_id": "N"}),
	]),
}

cases contains {"name": "no credentials", "outcome": "unknown", "input": certified([])}

cases contains {
	"name": "a certificate, of which its application has none",
	"outcome": "unknown",
	"input": certified([secret]),
}

cases contains {
	"name": "a secret, of which its application has none",
	"outcome": "fail",
	"keys": [{"fault": "secret"}],
	"input": by("secret", [certificate]),
}

cases contains {"name": "a federated token, and no credentials", "outcome": "pass", "input": by("workload", [])}

cases contains {
	"name": "a certificate and one secret, which ENTRA-012 reports",
	"outcome": "pass",
	"input": certified([certificate, secret]),
}

cases contains {
	"name": "a certificate and two secrets",
	"outcome": "fail",
	"keys": [{"fault": "several_secrets", "secrets": ["S", "T"]}],
	"input": certified([certificate, secret, object.union(secret, {"key_id": "T"})]),
}

cases contains {
	"name": "two secrets, of which one has ended",
	"outcome": "pass",
	"input": certified([certificate, secret, object.union(secret, {"key_id": "T", "days_left": 0})]),
}

cases contains {
	"name": "everything at once",
	"outcome": "fail",
	"keys": [
		{"fault": "secret"},
		{"fault": "several_secrets", "secrets": ["S", "T"]},
		{"fault": "ends_soon", "credential": "S", "of": "application"},
		{"fault": "long_lived", "credential": "S", "of": "application"},
	],
	"input": by("secret", [
		object.union(secret, {"days_left": 20, "lifetime_days": 730}),
		object.union(secret, {"key_id": "T", "days_left": 10}),
	]),
}

cases contains {
	"name": "a federated token, no credentials",
	"outcome": "pass",
	"input": by("workload", []),
}

cases contains {
	"name": "a federated token, an old certificate is about to end",
	"outcome": "pass",
	"input": by("workload", [object.union(certificate, {"days_left": 3})]),
}

cases contains {
	"name": "a federated token, a certificate of long life",
	"outcome": "fail",
	"keys": [{"fault": "long_lived", "credential": "C", "of": "application"}],
	"input": by("workload", [object.union(certificate, {"lifetime_days": 730})]),
}

cases contains {
	"name": "a managed identity, whose certificate Azure renews",
	"outcome": "pass",
	"input": by("managed", [
		object.union(certificate, {"days_left": 3, "lifetime_days": 730}),
		{"type": "certificate", "of": "service_principal"},
	]),
}

cases contains {
	"name": "a managed identity, whose certificate ends soon",
	"outcome": "pass",
	"input": by("managed", [object.union(certificate, {"days_left": 3})]),
}

cases contains {
	"name": sprintf("%s, and a secret that it does not use", [kind]),
	"outcome": "pass",
	"input": by(kind, [secret]),
} if {
	some kind in ["workload", "managed"]
}

cases contains {
	"name": "two secrets, the end of one not known",
	"outcome": "unknown",
	"input": certified([certificate, secret, object.remove(object.union(secret, {"key_id": "T"}), ["days_left"])]),
}

cases contains {
	"name": "a managed identity, not read",
	"outcome": "pass",
	"input": object.union(testing.auditor, {"credential": "managed"}),
}

cases contains {
	"name": sprintf("%s, no secret", [kind]),
	"outcome": "pass",
	"input": by(kind, [certificate]),
} if {
	some kind in ["environment", "azure-cli"]
}

cases contains {
	"name": sprintf("%s, a secret", [kind]),
	"outcome": "unknown",
	"input": by(kind, [certificate, secret]),
} if {
	some kind in ["environment", "azure-cli"]
}

cases contains {"name": "application not read", "outcome": "unknown", "input": testing.auditor}

cases contains {
	"name": sprintf("%s of a certificate not read", [name]),
	"outcome": "unknown",
	"input": certified([object.remove(certificate, [name])]),
} if {
	some name in ["days_left", "lifetime_days"]
}

cases contains {
	"name": "one ends soon, the end of another is not known",
	"outcome": "unknown",
	"input": certified([
		object.union(certificate, {"days_left": 3}),
		object.remove(object.union(certificate, {"key_id": "N"}), ["days_left", "ends"]),
	]),
}

cases contains {
	"name": "a person with a device code",
	"outcome": "not_applicable",
	"input": object.union(by("device-code", [secret]), {"app_only": false, "user": "adm-adele.vance@contoso.com"}),
}

cases contains {
	"name": "a folder",
	"outcome": "not_applicable",
	"input": {
		"kind": "auditor",
		"id": "folder",
		"credential": "folder",
		"signed_in": false,
		"app_only": false,
		"opaque": false,
		"read": ["applications"],
	},
}

cases contains {
	"name": "a certificate and two other secrets, in whichever order",
	"outcome": "fail",
	"keys": [{"fault": "several_secrets", "secrets": ["R", "S"]}],
	"input": certified([object.union(secret, {"key_id": "S"}), object.union(secret, {"key_id": "R"}), certificate]),
}

cases contains {
	"name": "another certificate that ends soon, without an id",
	"outcome": "fail",
	"keys": [{"fault": "ends_soon", "credential": "CN=leastwise", "of": "application", "ends": certificate.ends}],
	"input": certified([object.remove(object.union(certificate, {"days_left": 30}), ["key_id"])]),
}

by(kind, list) := object.union(testing.auditor, {"credential": kind, "credentials": list})

certified(list) := by("certificate", list)

certificate := {
	"key_id": "C",
	"name": "CN=leastwise",
	"type": "certificate",
	"usage": "verify",
	"of": "application",
	"starts": "2026-09-01T00:00:00Z",
	"ends": "2027-02-01T00:00:00Z",
	"days_left": 73,
	"age_days": 80,
	"lifetime_days": 153,
}

secret := object.union(certificate, {"key_id": "S", "name": "first try", "type": "secret"})

said := {
	"it signs in with a secret": by("secret", [certificate]),
	"its certificate C lives for 730 days": certified([object.union(certificate, {"lifetime_days": 730})]),
	"its credential C lives for 730 days": certified([object.remove(
		object.union(certificate, {"lifetime_days": 730}),
		["type"],
	)]),
	"the last of its credentials to end, C, has 30 days left": certified([object.union(certificate, {"days_left": 30})]),
	"2 secrets are valid at once": certified([certificate, secret, object.union(secret, {"key_id": "T"})]),
}

test_evidence[what] if {
	some what, identity in said
	findings := auditor_credential.deny with input as identity with data.config as testing.config
	{finding.evidence.what | some finding in findings} == {what}
}

test_evidence_tells_of_the_credential if {
	long := object.union(certificate, {"lifetime_days": 730})
	findings := auditor_credential.deny with input as certified([long]) with data.config as testing.config
	{finding.evidence | some finding in findings} == {object.union(
		object.remove(long, ["key_id", "usage", "age_days"]),
		{"what": "its certificate C lives for 730 days"},
	)}
}

test_evidence_names_the_secrets if {
	both := [secret, object.union(secret, {"key_id": "T"}), certificate]
	findings := auditor_credential.deny with input as certified(both) with data.config as testing.config
	{finding.evidence.secrets | some finding in findings} == {["S", "T"]}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := auditor_credential with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": "how it signed in is not known",
	"outcome": "unknown",
	"input": object.remove(certified([certificate]), ["credential"]),
}

damaged contains {
	"name": "type of a certificate not read",
	"outcome": "unknown",
	"input": certified([object.remove(certificate, ["type"])]),
}

# As it is: nothing but the first condition keeps it from being judged.
damaged contains {
	"name": "a folder that does not say for whom it acts",
	"outcome": "not_applicable",
	"input": object.remove(object.union(certified([]), {"signed_in": false}), ["app_only"]),
}

damaged contains {
	"name": "an ended one of which nothing else is known",
	"outcome": "pass",
	"input": certified([certificate, {"key_id": "O", "of": "application", "days_left": 0}]),
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := auditor_credential with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "a secret, of which its application has none: that is unknown beside it",
	"of": "a secret, of which its application has none",
	"outcome": "fail",
	"reasons": {"the secret that it signed in with: its application has none"},
	"keys": {{"fault": "secret"}},
}

variants contains {
	"name": "credentials.0.age_days is null: a certificate that ends soon",
	"of": "a certificate that ends soon",
	"at": "/credentials/0/age_days",
	"becomes": null,
	"outcome": "fail",
	"reasons": {"type, start or end of a credential"},
	"keys": {{"fault": "ends_soon", "credential": "C", "of": "application"}},
}
