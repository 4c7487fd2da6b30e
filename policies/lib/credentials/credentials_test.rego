package policies.lib.credentials_test

import data.policies.lib.credentials

secret := {"key_id": "s", "type": "secret", "days_left": 10}

certificate := {"key_id": "c", "type": "certificate", "days_left": 10, "key_algorithm": "RSA", "key_bits": 2048}

signing := [
	{"key_id": "x", "type": "certificate", "usage": "sign", "of": "service_principal", "days_left": 10},
	{"key_id": "x", "type": "secret", "of": "service_principal", "days_left": 10},
]

test_name[want] if {
	some want, credential in {
		"k": {"key_id": "k", "name": "n"},
		"n": {"name": "n"},
		"unnamed": {"key_id": null},
	}
	credentials.name(credential) == want
}

test_expired if {
	app := {"credentials": [
		secret,
		object.union(secret, {"days_left": 0}),
		object.union(secret, {"days_left": null}),
		object.remove(secret, ["days_left"]),
	]}
	credentials.expired(app) == [object.union(secret, {"days_left": 0})]
}

test_certificates if {
	ended := object.union(certificate, {"days_left": -1})
	undated := object.remove(certificate, ["days_left"])
	credentials.certificates({"credentials": [secret, certificate, ended, undated]}) == [certificate, undated]
}

test_secrets if {
	nameless := object.remove(secret, ["key_id"])
	ended := object.union(secret, {"days_left": 0})
	app := {"credentials": array.concat([secret, certificate, nameless, ended], signing)}
	credentials.secrets(app) == [secret, nameless]
}

test_a_secret_and_a_certificate_without_key_ids_are_two if {
	app := {"credentials": [object.remove(secret, ["key_id"]), object.remove(certificate, ["key_id"])]}
	count(credentials.secrets(app)) == 1
}

# Nobody signs in as the application with the password of what it signs with.
test_a_secret_with_the_key_id_of_a_certificate_that_verifies_is_one if {
	verifying := object.union(signing[0], {"usage": "verify"})
	credentials.secrets({"credentials": [verifying, signing[1]]}) == [signing[1]]
	credentials.secrets({"credentials": [object.remove(verifying, ["usage"]), signing[1]]}) == [signing[1]]
	credentials.secrets({"credentials": signing}) == []
}

test_a_registration_has_no_signing_certificate if {
	of_application := [object.union(row, {"of": "application"}) | some row in signing]
	credentials.secrets({"credentials": of_application}) == [of_application[1]]
	credentials.secrets({"credentials": [signing[0], of_application[1]]}) == [of_application[1]]
	credentials.secrets({"credentials": [of_application[0], signing[1]]}) == [signing[1]]
	symmetric := object.union(signing[0], {"type": "secret"})
	credentials.secrets({"credentials": [symmetric, signing[1]]}) == [symmetric, signing[1]]
}

test_what_identifies_a_credential if {
	credentials.key(object.union(secret, {"of": "application"})) == {"credential": "s", "of": "application"}
	credentials.key({"name": "n"}) == {"credential": "n"}
}

test_lasting if {
	credentials.lasting({"days_left": 1})
	not credentials.lasting({"days_left": 0})
	not credentials.lasting({"days_left": "1"})
	not credentials.lasting({})
}

test_undated if {
	credentials.undated({})
	credentials.undated({"days_left": null})
	not credentials.undated({"days_left": 0})
}

test_untyped if {
	credentials.untyped({})
	credentials.untyped({"type": null})
	credentials.untyped({"type": "symmetric"})
	not credentials.untyped({"type": "secret"})
	not credentials.untyped({"type": "certificate"})
}

test_nothing_of_nothing if {
	credentials.secrets({}) == []
	credentials.certificates({"credentials": null}) == []
	credentials.expired({}) == []
}

keys := {
	"2048 bits": {"key": {}, "verdict": {"long"}},
	"2047 bits": {"key": {"key_bits": 2047}, "verdict": {"short"}},
	"1024 bits, in other case": {"key": {"key_bits": 1024, "key_algorithm": "rsa"}, "verdict": {"short"}},
	"an elliptic curve": {"key": {"key_bits": 256, "key_algorithm": "ECDSA"}, "verdict": {"long"}},
	"1024 bits of something": {"key": {"key_bits": 1024, "key_algorithm": null}, "verdict": set()},
	"RSA of some length": {"key": {"key_bits": null}, "verdict": set()},
	"RSA of a length in words": {"key": {"key_bits": "2048"}, "verdict": set()},
}

test_key[name] if {
	some name, example in keys
	verdict(object.union(certificate, example.key)) == example.verdict
}

verdict(key) := {"short" | credentials.short(key)} | {"long" | credentials.long(key)}

test_a_null_is_no_name if {
	credentials.name({"key_id": null, "name": null}) == "unnamed"
	credentials.name({"key_id": null, "name": "a"}) == "a"
}

identified := {
	"a key id": {"credential": {"key_id": "k", "name": "n", "of": "application", "ends": "2027"}, "key": {
		"credential": "k",
		"of": "application",
	}},
	"a name only": {"credential": {"name": "n", "of": "application", "ends": "2027"}, "key": {
		"credential": "n",
		"of": "application",
		"ends": "2027",
	}},
	"no name": {"credential": {"key_id": null, "ends": "2027"}, "key": {"credential": "unnamed", "ends": "2027"}},
	"no end": {"credential": {"name": "n", "of": null, "ends": null}, "key": {"credential": "n"}},
}

test_key_of_a_finding[name] if {
	some name, story in identified
	credentials.key(story.credential) == story.key
}

test_identity[want] if {
	some want, credential in {
		"k": {"key_id": "k", "name": "n", "ends": "2027"},
		"n until 2027": {"name": "n", "ends": "2027"},
		"unnamed until 2027": {"key_id": null, "ends": "2027"},
		"n": {"name": "n", "ends": null},
		"unnamed": {},
	}
	credentials.identity(credential) == want
}
