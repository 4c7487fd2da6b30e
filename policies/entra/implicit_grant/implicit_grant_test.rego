package policies.entra.implicit_grant_test

import data.policies.entra.implicit_grant
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := implicit_grant with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "none", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "reply URLs of a single-page application, no tokens",
	"outcome": "pass",
	"input": object.union(testing.application, {"redirect_uris": [{"uri": "https://contoso.com", "platform": "spa"}]}),
}

cases contains {
	"name": "access tokens",
	"outcome": "fail",
	"keys": [{"token": "access_token"}],
	"input": handing(["access_token"]),
}

cases contains {"name": "ID tokens", "outcome": "fail", "keys": [{"token": "id_token"}], "input": handing(["id_token"])}

cases contains {
	"name": "both",
	"outcome": "fail",
	"keys": [{"token": "access_token"}, {"token": "id_token"}],
	"input": handing(["access_token", "id_token"]),
}

cases contains {
	"name": "settings not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["implicit_tokens"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(handing(["access_token"]), ["origin"]),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": origin}),
} if {
	some origin in ["foreign", "microsoft", "managed_identity", "deleted"]
}

handing(tokens) := object.union(testing.application, {"implicit_tokens": tokens})

test_findings if {
	findings := implicit_grant.deny with input as handing(["access_token", "id_token", "code"])
	findings == {
		{"key": {"token": "access_token"}, "evidence": {"what": "access token"}},
		{"key": {"token": "id_token"}, "evidence": {"what": "ID token"}, "severity": "low"},
		{"key": {"token": "code"}, "evidence": {"what": "code"}},
	}
}
