package policies.entra.weak_certificate_test

import data.policies.entra.weak_certificate
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := weak_certificate with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a secret only, keys not read", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "a secret on another tenant's application",
	"outcome": "pass",
	"input": testing.foreign_application,
}

cases contains {"name": "no credentials", "outcome": "pass", "input": with_credentials([])}

cases contains {
	"name": sprintf("sound: %s", [name]),
	"outcome": "pass",
	"input": with_credentials([object.union(certificate, key)]),
} if {
	some name, key in {
		"RSA of 2048 bits, signed with SHA-256": {},
		"RSA of 4096 bits, signed with SHA-512": {"key_bits": 4096, "signature": "SHA512-RSA"},
		"RSA-PSS": {"signature": "SHA384-RSAPSS"},
		"elliptic curve": {"key_algorithm": "ECDSA", "key_bits": 256, "signature": "ECDSA-SHA256"},
		"elliptic curve, signed with SHA-224": {"key_algorithm": "ecdsa", "key_bits": 224, "signature": "ecdsa-with-sha-224"},
		"Ed25519": {"key_algorithm": "Ed25519", "key_bits": 256, "signature": "Ed25519"},
	}
}

cases contains {
	"name": "RSA of 2047 bits",
	"outcome": "fail",
	"keys": [object.union(key, {"fault": "short_key"})],
	"input": with_credentials([object.union(certificate, {"key_bits": 2047})]),
}

cases contains {
	"name": "RSA of 1024 bits, signature not known",
	"outcome": "fail",
	"keys": [object.union(key, {"fault": "short_key"})],
	"input": with_credentials([object.remove(object.union(certificate, {"key_bits": 1024}), ["signature"])]),
}

cases contains {
	"name": sprintf("signed with %s", [signature]),
	"outcome": "fail",
	"keys": [object.union(key, {"fault": "weak_signature"})],
	"input": with_credentials([object.union(certificate, {"signature": signature})]),
} if {
	some signature in ["SHA1-RSA", "MD5-RSA", "MD2-RSA", "DSA-SHA1", "sha1WithRSAEncryption", "sha-1"]
}

cases contains {
	"name": "elliptic curve, signed with SHA-1",
	"outcome": "fail",
	"keys": [object.union(key, {"fault": "weak_signature"})],
	"input": with_credentials([object.union(
		certificate,
		{"key_algorithm": "ECDSA", "key_bits": 256, "signature": "ECDSA-SHA1"},
	)]),
}

cases contains {
	"name": "short and signed with SHA-1, beside a strong one",
	"outcome": "fail",
	"keys": [object.union(key, {"fault": "short_key"}), object.union(key, {"fault": "weak_signature"})],
	"input": with_credentials([
		object.union(certificate, {"key_bits": 1024, "signature": "SHA1-RSA"}),
		object.union(certificate, {"key_id": "strong"}),
	]),
}

cases contains {
	"name": "certificate that signs, of another tenant's application",
	"outcome": "fail",
	"keys": [{"credential": certificate.key_id, "of": "service_principal", "fault": "short_key"}],
	"input": testing.with_credentials(testing.foreign_application, [object.union(
		certificate,
		{"of": "service_principal", "usage": "sign", "key_bits": 1024},
	)]),
}

cases contains {
	"name": "a weak one stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [object.union(key, {"fault": "short_key"})],
	"input": with_credentials([
		object.union(certificate, {"key_bits": 1024}),
		object.union(keyless, {"key_id": "other"}),
	]),
}

cases contains {
	"name": "a weak one of one more day",
	"outcome": "fail",
	"keys": [object.union(key, {"fault": "short_key"})],
	"input": with_credentials([object.union(certificate, {"key_bits": 1024, "days_left": 1})]),
}

cases contains {
	"name": "a weak one that has expired",
	"outcome": "pass",
	"input": with_credentials([object.union(certificate, {"key_bits": 1024, "days_left": 0})]),
}

cases contains {
	"name": "expired, its key not read",
	"outcome": "pass",
	"input": with_credentials([object.union(keyless, {"days_left": -3})]),
}

cases contains {"name": "key not read", "outcome": "unknown", "input": with_credentials([keyless])}

cases contains {
	"name": sprintf("not told: %s", [name]),
	"outcome": "unknown",
	"input": with_credentials([change]),
} if {
	some name, change in {
		"bits": object.remove(certificate, ["key_bits"]),
		"algorithm": object.remove(certificate, ["key_algorithm"]),
		"an algorithm that is none of those known": object.union(certificate, {"key_algorithm": "DSA"}),
		"signature": object.remove(certificate, ["signature"]),
		"a signature that is none of those known": object.union(certificate, {"signature": "0"}),
		"end of a weak one": object.remove(object.union(certificate, {"key_bits": 1024}), ["days_left"]),
		"end of a strong one": object.remove(certificate, ["days_left"]),
	}
}

cases contains {
	"name": "credentials not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_credentials),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(with_credentials([object.union(certificate, {"key_bits": 1024})]), ["origin"]),
}

cases contains {
	"name": sprintf("not judged by origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(
		testing.with_credentials(testing.foreign_application, [object.union(certificate, {"key_bits": 1024})]),
		{"origin": origin},
	),
} if {
	some origin in ["managed_identity", "microsoft", "deleted"]
}

with_credentials(credentials) := testing.with_credentials(testing.application, credentials)

certificate := {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e003",
	"name": "CN=job",
	"type": "certificate",
	"usage": "verify",
	"of": "application",
	"ends": "2027-03-01T00:00:00Z",
	"days_left": 101,
	"key_algorithm": "RSA",
	"key_bits": 2048,
	"signature": "SHA256-RSA",
}

keyless := object.remove(certificate, ["key_algorithm", "key_bits", "signature"])

key := {"credential": certificate.key_id, "of": "application"}

test_nothing_is_unknown_of_a_weak_one_that_is_known if {
	weak := object.union(certificate, {"key_bits": 1024, "signature": "SHA1-RSA"})
	reasons := weak_certificate.unknown with input as with_credentials([weak])
	reasons == set()
}

test_evidence if {
	weak := object.union(certificate, {"key_bits": 1024, "signature": "SHA1-RSA"})
	findings := weak_certificate.deny with input as with_credentials([weak])
	proof := object.remove(weak, ["key_id", "type", "of"])
	{finding.evidence | some finding in findings} == {
		object.union(proof, {"what": "an RSA key of 1024 bits"}),
		object.union(proof, {"what": "the signature SHA1-RSA"}),
	}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := weak_certificate with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": sprintf("damaged: %s", [name]),
	"outcome": "unknown",
	"input": with_credentials([change]),
} if {
	some name, change in {
		"bits in words": object.union(certificate, {"key_bits": "2048"}),
		"type": object.remove(object.union(certificate, {"key_bits": 1024}), ["type"]),
	}
}
