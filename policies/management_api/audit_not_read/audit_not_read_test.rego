package policies.management_api.audit_not_read_test

import data.policies.lib.testing
import data.policies.management_api.audit_not_read

test_cases[case.name] if {
	some case in cases
	result := audit_not_read with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "subscriptions of leastwise are enabled", "outcome": "pass", "input": subscribed([general])}

cases contains {
	"name": "audit log off",
	"outcome": "fail",
	"keys": [{"feed": "audit_log"}],
	"input": object.union(reader, {"audit_log": "off"}),
}

cases contains {
	"name": "audit log off, application of another tenant, delegated",
	"outcome": "fail",
	"keys": [{"feed": "audit_log"}],
	"input": object.union(testing.holding(testing.foreign_application, [dlp]), {"audit_log": "off"}),
}

cases contains {
	"name": "audit log off, leastwise",
	"outcome": "fail",
	"keys": [{"feed": "audit_log"}],
	"input": object.union(reader, {"audit_log": "off", "auditor": true}),
}

cases contains {
	"name": "subscription disabled",
	"outcome": "fail",
	"keys": [{"feed": "Audit.General"}],
	"input": subscribed([directory, object.union(general, {"status": "disabled", "reason": "AF20023"})]),
}

cases contains {
	"name": "subscriptions missing",
	"outcome": "fail",
	"keys": [{"feed": "Audit.General"}, {"feed": "Audit.AzureActiveDirectory"}],
	"input": subscribed([
		object.union(directory, {"status": "missing"}),
		object.union(general, {"status": "missing", "started": true}),
	]),
}

cases contains {
	"name": "audit log not asked",
	"outcome": "unknown",
	"input": reader,
}

cases contains {
	"name": "audit log neither on nor off",
	"outcome": "unknown",
	"input": object.union(reader, {"audit_log": "starting"}),
}

cases contains {
	"name": "subscriptions of leastwise not listed",
	"outcome": "unknown",
	"input": object.union(reader, {"audit_log": "on", "auditor": true}),
}

cases contains {
	"name": "no subscription is listed",
	"outcome": "unknown",
	"input": subscribed([]),
}

cases contains {
	"name": "status not known",
	"outcome": "unknown",
	"input": subscribed([object.union(general, {"status": "paused"})]),
}

cases contains {
	"name": "a second identity of leastwise, which does not read the feed",
	"outcome": "not_applicable",
	"input": object.union(testing.application, {"auditor": true, "audit_log": "on", "subscriptions": []}),
}

cases contains {
	"name": "leastwise does not read the feed",
	"outcome": "not_applicable",
	"input": object.union(testing.application, {"auditor": true, "audit_log": "off"}),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_grants),
}

cases contains {
	"name": "name of a permission not known",
	"outcome": "unknown",
	"input": object.union(
		testing.holding(testing.application, [object.remove(testing.feed_read, ["permission", "permission_id"])]),
		{"audit_log": "off"},
	),
}

cases contains {
	"name": "subscriptions of others cannot be listed",
	"outcome": "not_applicable",
	"input": object.union(reader, {"audit_log": "on"}),
}

cases contains {
	"name": "reads service health alone",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.application, [health]), {"audit_log": "off"}),
}

cases contains {
	"name": "asks for the feed, and nobody has granted it",
	"outcome": "not_applicable",
	"input": object.union(testing.requesting(testing.application, [testing.feed_read]), {"audit_log": "off"}),
}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": object.union(reader, {"audit_log": "off", "origin": "deleted"}),
}

cases contains {
	"name": "audit log off, and subscriptions are all that tells of a feed",
	"outcome": "fail",
	"keys": [{"feed": "audit_log"}],
	"input": object.union(
		testing.holding(subscribed([general]), [object.remove(testing.feed_read, ["permission", "permission_id", "key"])]),
		{"audit_log": "off"},
	),
}

cases contains {
	"name": "an application of Microsoft",
	"outcome": "not_applicable",
	"input": object.union(
		testing.holding(testing.foreign_application, [testing.feed_read]),
		{"audit_log": "off", "origin": "microsoft"},
	),
}

health := testing.management_permission("application", "ServiceHealth.Read", "e2cea78f-e743-4d8f-a16a-75b629a038ae")

dlp := testing.management_permission("delegated", "ActivityFeed.ReadDlp", "4807a72c-ad38-4250-94c9-4eabfe26cd55")

general := {"content_type": "Audit.General", "status": "enabled", "started": false}

directory := {"content_type": "Audit.AzureActiveDirectory", "status": "enabled", "started": false}

reader := testing.holding(testing.application, [testing.feed_read, health])

subscribed(subscriptions) := object.union(
	reader,
	{"auditor": true, "audit_log": "on", "subscriptions": subscriptions},
)

test_evidence if {
	app := subscribed([object.union(general, {"status": "missing", "started": true, "reason": "AF20022"})])
	some finding in audit_not_read.deny with input as app
	finding.evidence == {"status": "missing", "started": true, "reason": "AF20022"}
}

reasons := {
	"leastwise": {"app": object.union(reader, {"auditor": true}), "unknown": {"audit_log", "subscriptions"}},
	"another application": {"app": reader, "unknown": {"audit_log"}},
}

test_unknown[name] if {
	some name, example in reasons
	audit_not_read.unknown == example.unknown with input as example.app
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := audit_not_read with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without grants: leastwise does not read the feed",
	"of": "leastwise does not read the feed",
	"at": "/grants",
	"outcome": "unknown",
	"reasons": {"grants"},
}

variants contains {
	"name": "without auditor: subscriptions missing",
	"of": "subscriptions missing",
	"at": "/auditor",
	"outcome": "fail",
	"keys": {{"feed": "Audit.AzureActiveDirectory"}, {"feed": "Audit.General"}},
}

variants contains {
	"name": "without grants.0: subscriptions missing",
	"of": "subscriptions missing",
	"at": "/grants/0",
	"outcome": "fail",
	"keys": {{"feed": "Audit.AzureActiveDirectory"}, {"feed": "Audit.General"}},
}

variants contains {
	"name": "without auditor: subscription disabled",
	"of": "subscription disabled",
	"at": "/auditor",
	"outcome": "fail",
	"keys": {{"feed": "Audit.General"}},
}

variants contains {
	"name": "without auditor: no subscription is listed",
	"of": "no subscription is listed",
	"at": "/auditor",
	"outcome": "not_applicable",
}

variants contains {
	"name": "without subscriptions.0.content_type: subscriptions of leastwise are enabled",
	"of": "subscriptions of leastwise are enabled",
	"at": "/subscriptions/0/content_type",
	"outcome": "unknown",
	"reasons": {"content type or status of a subscription"},
}

variants contains {
	"name": "without subscriptions.0.started: subscriptions of leastwise are enabled",
	"of": "subscriptions of leastwise are enabled",
	"at": "/subscriptions/0/started",
	"outcome": "unknown",
	"reasons": {"content type or status of a subscription"},
}

variants contains {
	"name": "without subscriptions.1.status: subscriptions missing",
	"of": "subscriptions missing",
	"at": "/subscriptions/1/status",
	"outcome": "fail",
	"reasons": {"content type or status of a subscription"},
	"keys": {{"feed": "Audit.AzureActiveDirectory"}, {"feed": "Audit.General"}},
}
