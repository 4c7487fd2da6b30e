package policies.management_api.registration_fault_test

import data.policies.lib.testing
import data.policies.management_api.registration_fault

test_cases[case.name] if {
	some case in cases
	result := registration_fault with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a certificate of 2048 bits", "outcome": "pass", "input": with_credentials([certificate])}

cases contains {"name": "without credentials", "outcome": "pass", "input": daemon}

cases contains {
	"name": "an elliptic curve",
	"outcome": "pass",
	"input": with_credentials([object.union(certificate, {"key_algorithm": "ECDSA", "key_bits": 256})]),
}

cases contains {
	"name": "a secret of a web application",
	"outcome": "pass",
	"input": testing.with_credentials(
		object.union(testing.holding(testing.application, [delegated]), {"redirect_uris": [reply("https://contoso.com/a")]}),
		[secret],
	),
}

cases contains {
	"name": "the password of a signing certificate",
	"outcome": "pass",
	"input": with_credentials([
		object.union(certificate, {"usage": "sign", "of": "service_principal"}),
		object.union(secret, {"key_id": certificate.key_id, "of": "service_principal"}),
	]),
}

cases contains {
	"name": "loopback and a scheme of its own",
	"outcome": "pass",
	"input": replying(daemon, ["http://localhost:8400/", "msala1b2c3d4://auth", "https://contoso.com/signin"]),
}

cases contains {
	"name": "short key",
	"outcome": "fail",
	"keys": [{"fault": "short_key", "at": certificate.key_id, "of": "application"}],
	"input": with_credentials([object.union(certificate, {"key_bits": 1024})]),
}

cases contains {
	"name": "expired certificate, whose key was short",
	"outcome": "fail",
	"keys": [{"fault": "expired_credential", "at": certificate.key_id, "of": "application"}],
	"input": with_credentials([object.union(certificate, {"key_bits": 1024, "days_left": 0})]),
}

cases contains {
	"name": "secrets of a daemon, one of which has expired",
	"outcome": "fail",
	"keys": [
		{"fault": "secret_of_a_daemon", "at": secret.key_id, "of": "application"},
		{"fault": "expired_credential", "at": "old deployment", "of": "service_principal"},
	],
	"input": with_credentials([secret, object.union(object.remove(secret, ["key_id"]), {
		"name": "old deployment",
		"of": "service_principal",
		"days_left": -10,
	})]),
}

cases contains {
	"name": "secret of a daemon that only asks for the permission",
	"outcome": "fail",
	"keys": [{"fault": "secret_of_a_daemon", "at": secret.key_id, "of": "application"}],
	"input": testing.with_credentials(
		object.union(testing.requesting(testing.application, [testing.feed_read]), {"redirect_uris": []}),
		[secret],
	),
}

cases contains {
	"name": "several tenants, nowhere to reply to",
	"outcome": "fail",
	"keys": [
		{"fault": "multi_tenant", "at": "AzureADMultipleOrgs"},
		{"fault": "no_reply_url", "at": "AzureADMultipleOrgs"},
	],
	"input": object.union(daemon, {"sign_in_audience": "AzureADMultipleOrgs"}),
}

cases contains {
	"name": "several tenants",
	"outcome": "fail",
	"keys": [{"fault": "multi_tenant", "at": "AzureADandPersonalMicrosoftAccount"}],
	"input": object.union(
		replying(daemon, ["https://contoso.com/signin"]),
		{"sign_in_audience": "AzureADandPersonalMicrosoftAccount"},
	),
}

cases contains {
	"name": "reply URLs",
	"outcome": "fail",
	"keys": [
		{"fault": "reply_url_not_https", "at": "http://contoso.com/signin"},
		{"fault": "reply_url_not_https", "at": "http://localhost.contoso.com/"},
		{"fault": "reply_url_wildcard", "at": "https://*.contoso.com"},
	],
	"input": replying(daemon, [
		"http://contoso.com/signin", "http://localhost.contoso.com/", "https://*.contoso.com", "https://contoso.com",
	]),
}

cases contains {
	"name": "one reply URL of two platforms is one finding",
	"outcome": "fail",
	"keys": [{"fault": "reply_url_wildcard", "at": "https://*.contoso.com"}],
	"input": object.union(daemon, {"redirect_uris": [
		reply("https://*.contoso.com"),
		object.union(reply("https://*.contoso.com"), {"platform": "spa"}),
	]}),
}

cases contains {
	"name": "a fault stands, whatever is not known of the rest",
	"outcome": "fail",
	"keys": [{"fault": "short_key", "at": certificate.key_id, "of": "application"}],
	"input": object.remove(
		with_credentials([object.union(certificate, {"key_bits": 1024}), unmeasured]),
		["redirect_uris", "sign_in_audience", "requests"],
	),
}

cases contains {
	"name": "key of a certificate not known",
	"outcome": "unknown",
	"input": with_credentials([unmeasured]),
}

cases contains {
	"name": "end of a credential not known",
	"outcome": "unknown",
	"input": with_credentials([object.remove(certificate, ["ends", "days_left"])]),
}

cases contains {
	"name": "credentials not read",
	"outcome": "unknown",
	"input": object.remove(daemon, testing.of_credentials),
}

cases contains {"name": "reply URLs not read", "outcome": "unknown", "input": object.remove(daemon, ["redirect_uris"])}

cases contains {
	"name": "several tenants, reply URLs of one platform not read",
	"outcome": "fail",
	"keys": [{"fault": "multi_tenant", "at": "AzureADMultipleOrgs"}],
	"input": object.union(daemon, {
		"sign_in_audience": "AzureADMultipleOrgs",
		"incomplete": [{"dataset": "applications", "reason": "reply URLs of spa were not read", "field": "redirect_uris"}],
	}),
}

cases contains {
	"name": "for personal accounts",
	"outcome": "pass",
	"input": object.union(daemon, {"sign_in_audience": "PersonalMicrosoftAccount"}),
}

cases contains {"name": "audience not read", "outcome": "unknown", "input": object.remove(daemon, ["sign_in_audience"])}

cases contains {
	"name": "audience of a later version",
	"outcome": "unknown",
	"input": object.union(daemon, {"sign_in_audience": "EntraSomeOrgs"}),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_grants),
}

cases contains {
	"name": "kind of the permission not known",
	"outcome": "unknown",
	"input": testing.with_credentials(
		object.union(
			testing.holding(testing.application, [object.remove(testing.feed_read, ["kind"])]),
			{"redirect_uris": []},
		),
		[secret],
	),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(daemon, ["origin"]),
}

cases contains {
	"name": "does not use the API",
	"outcome": "not_applicable",
	"input": object.union(testing.application, {"sign_in_audience": "AzureADMultipleOrgs"}),
}

cases contains {
	"name": "application of another tenant",
	"outcome": "not_applicable",
	"input": testing.holding(testing.foreign_application, [testing.feed_read]),
}

daemon := object.union(
	testing.with_credentials(testing.holding(testing.application, [testing.feed_read]), []),
	{"redirect_uris": []},
)

delegated := testing.management_permission("delegated", "ActivityFeed.Read", "594c1fb6-4f81-4475-ae41-0c394909246c")

secret := testing.application.credentials[0]

certificate := object.union(secret, {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e009",
	"type": "certificate",
	"usage": "verify",
	"key_algorithm": "RSA",
	"key_bits": 2048,
})

unmeasured := object.union(
	object.remove(certificate, ["key_algorithm", "key_bits"]),
	{"key_id": "a1b2c3d4-0000-4000-8000-00000000e00a"},
)

with_credentials(credentials) := testing.with_credentials(daemon, credentials)

reply(address) := {"uri": address, "platform": "web"}

replying(app, addresses) := object.union(app, {"redirect_uris": [reply(address) | some address in addresses]})

several := object.union(daemon, {"sign_in_audience": "AzureADMultipleOrgs"})

test_multi_tenant_needed[name] if {
	some name, need in {
		"declared": {"declared": {"multi_tenant": true}, "outcome": "pass"},
		"not declared": {"declared": {"multi_tenant": false}, "outcome": "fail"},
		"something else declared": {"declared": {"needs": ["x"]}, "outcome": "fail"},
	}
	app := object.union(replying(several, ["https://contoso.com/signin"]), {"declared": need.declared})
	testing.outcome(registration_fault) == need.outcome with input as app with data.config as testing.config
}

test_no_reply_url_is_a_fault_of_an_application_that_needs_several_tenants if {
	app := object.union(several, {"declared": {"multi_tenant": true}})
	{finding.key.fault | some finding in registration_fault.deny with input as app} == {"no_reply_url"}
}

test_evidence if {
	some finding in registration_fault.deny with input as with_credentials([object.union(certificate, {"key_bits": 1024})])
	finding.evidence == {
		"name": "nightly job",
		"type": "certificate",
		"usage": "verify",
		"starts": "2026-09-01T00:00:00Z",
		"ends": "2027-01-01T00:00:00Z",
		"days_left": 42,
		"key_bits": 1024,
		"what": "the RSA key of a certificate is shorter than 2048 bits",
	}
}

# The words are those of the fault, for every fault that there is.
test_every_fault_has_words if {
	faults := {finding.key.fault: finding.evidence.what |
		some case in cases
		some finding in registration_fault.deny with input as case.input with data.config as testing.config
	}
	every fault, words in faults {
		fault != words
	}
	object.keys(faults) == {
		"expired_credential", "short_key", "secret_of_a_daemon", "multi_tenant", "no_reply_url",
		"reply_url_not_https", "reply_url_wildcard",
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := registration_fault with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without grants: several tenants, reply URLs of one platform not read",
	"of": "several tenants, reply URLs of one platform not read",
	"at": "/grants",
	"outcome": "unknown",
	"reasons": {"grants"},
}

variants contains {
	"name": "short key",
	"of": "short key",
	"outcome": "fail",
	"keys": {
		{
			"at": "a1b2c3d4-0000-4000-8000-00000000e009",
			"fault": "short_key",
			"of": "application",
		},
	},
}

variants contains {
	"name": "without grants.0.resource_app_id: without credentials",
	"of": "without credentials",
	"at": "/grants/0/resource_app_id",
	"outcome": "unknown",
	"reasons": {"resource or kind of a permission"},
}

variants contains {
	"name": "without credentials.0.type: the password of a signing certificate",
	"of": "the password of a signing certificate",
	"at": "/credentials/0/type",
	"outcome": "unknown",
	"reasons": {"type or days_left of a credential"},
}

variants contains {
	"name": "without origin: several tenants, reply URLs of one platform not read",
	"of": "several tenants, reply URLs of one platform not read",
	"at": "/origin",
	"outcome": "unknown",
	"reasons": {"origin"},
}
