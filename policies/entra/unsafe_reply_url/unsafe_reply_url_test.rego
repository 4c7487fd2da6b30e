package policies.entra.unsafe_reply_url_test

import data.policies.entra.unsafe_reply_url
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := unsafe_reply_url with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "no reply URLs", "outcome": "pass", "input": replying([])}

cases contains {
	"name": "https, loopback and schemes of programs",
	"outcome": "pass",
	"input": replying([
		web("https://contoso.com/signin"),
		web("http://localhost:5000/signin"),
		web("http://127.0.0.1/"),
		web("http://[::1]:3000/"),
		{"uri": "myapp://auth", "platform": "public_client"},
		{"uri": "ms-appx-web://microsoft.aad.brokerplugin/a1b2", "platform": "public_client"},
		{"uri": "urn:ietf:wg:oauth:2.0:oob", "platform": "public_client"},
	]),
}

cases contains {
	"name": "http",
	"outcome": "fail",
	"keys": [{"reply_url": "HTTP://Contoso.com/signin"}],
	"input": replying([web("https://contoso.com/signin"), web("HTTP://Contoso.com/signin")]),
}

cases contains {
	"name": "what begins like the loopback address",
	"outcome": "fail",
	"keys": [{"reply_url": "http://localhost.evil.com"}, {"reply_url": "http://127.0.0.1.evil.com"}],
	"input": replying([web("http://localhost.evil.com"), web("http://127.0.0.1.evil.com")]),
}

cases contains {
	"name": "wildcards",
	"outcome": "fail",
	"keys": [{"reply_url": "https://*.contoso.com"}, {"reply_url": "https://contoso.com/*"}],
	"input": replying([web("https://*.contoso.com"), {"uri": "https://contoso.com/*", "platform": "spa"}]),
}

cases contains {
	"name": "one address under two platforms is one finding",
	"outcome": "fail",
	"keys": [{"reply_url": "http://contoso.com"}],
	"input": replying([web("http://contoso.com"), {"uri": "http://contoso.com", "platform": "spa"}]),
}

cases contains {"name": "reply URLs not read", "outcome": "unknown", "input": testing.application}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(replying([web("http://contoso.com")]), ["origin"]),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": origin}),
} if {
	some origin in ["foreign", "microsoft", "managed_identity", "deleted"]
}

replying(replies) := object.union(testing.application, {"redirect_uris": replies})

web(address) := {"uri": address, "platform": "web"}

test_evidence if {
	app := replying([web("http://contoso.com"), {"uri": "http://contoso.com", "platform": "spa"}, web("https://*.a.com")])
	findings := unsafe_reply_url.deny with input as app
	{finding.evidence | some finding in findings} == {
		{"fault": "not_https", "what": "is not https", "platforms": ["spa", "web"]},
		{"fault": "wildcard", "what": "has a wildcard", "platforms": ["web"]},
	}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := unsafe_reply_url with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": "an address not read",
	"outcome": "unknown",
	"input": replying([{"platform": "web"}, web("https://contoso.com")]),
}
