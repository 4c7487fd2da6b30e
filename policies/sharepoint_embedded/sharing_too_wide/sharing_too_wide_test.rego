package policies.sharepoint_embedded.sharing_too_wide_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.sharing_too_wide

test_cases[case.name] if {
	some case in cases
	result := judgement with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

judgement := {"applies": true, "deny": sharing_too_wide.deny, "unknown": sharing_too_wide.unknown}

cases contains {"name": "nobody outside", "outcome": "pass", "input": testing.container_type}

cases contains {
	"name": "exactly as far as configured",
	"outcome": "pass",
	"input": sharing("existingExternalUserSharingOnly"),
}

cases contains {
	"name": "guests who sign in",
	"outcome": "fail",
	"keys": [{"sharing": "externalusersharingonly"}],
	"input": sharing("externalUserSharingOnly"),
}

cases contains {
	"name": "anybody with a link",
	"outcome": "fail",
	"keys": [{"sharing": "externaluserandguestsharing"}],
	"input": sharing("externalUserAndGuestSharing"),
}

cases contains {
	"name": "in other case, not registered here",
	"outcome": "fail",
	"keys": [{"sharing": "externalusersharingonly"}],
	"input": object.union(sharing("ExternalUserSharingOnly"), {"registered": false, "grants": []}),
}

cases contains {
	"name": "wide, and shared by owners only",
	"outcome": "fail",
	"keys": [{"sharing": "externalusersharingonly"}],
	"input": object.union(sharing("externalUserSharingOnly"), {"sharing_restricted": true}),
}

cases contains {
	"name": "not read",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["sharing"]),
}

cases contains {"name": "of a later version", "outcome": "unknown", "input": sharing("unknownFutureValue")}

sharing(word) := object.union(testing.container_type, {"sharing": word})

order := ["disabled", "existingExternalUserSharingOnly", "externalUserSharingOnly", "externalUserAndGuestSharing"]

test_order[[word, allowed]] if {
	some i, word in order
	some k, allowed in order
	config := object.union(testing.config, {"sharing": allowed})
	outcome := testing.outcome(judgement) with input as sharing(word) with data.config as config
	outcome == {true: "fail", false: "pass"}[i > k]
}

test_a_configured_word_that_is_not_known_is_no_pass if {
	config := object.union(testing.config, {"sharing": "nobody"})
	testing.outcome(judgement) == "unknown" with input as sharing("disabled") with data.config as config
}

test_severity if {
	count(sharing_too_wide.deny) == 1 with input as sharing("externalUserSharingOnly") with data.config as testing.config
	some plain in sharing_too_wide.deny with input as sharing("externalUserSharingOnly")
		with data.config as testing.config
	not plain.severity
	some open in sharing_too_wide.deny with input as sharing("externalUserAndGuestSharing")
		with data.config as testing.config
	open.severity == "high"
}

test_evidence if {
	some finding in sharing_too_wide.deny with input as sharing("externalUserSharingOnly")
		with data.config as testing.config
	finding.evidence == {
		"allowed": "existingExternalUserSharingOnly",
		"sharing": "externalUserSharingOnly",
		"sharing_restricted": true,
		"registered": true,
		"owning_app_id": testing.container_type.owning_app_id,
		"owning_app_name": "Contract archive",
	}
}
