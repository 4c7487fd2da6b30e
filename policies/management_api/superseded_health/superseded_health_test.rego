package policies.management_api.superseded_health_test

import data.policies.lib.testing
import data.policies.management_api.superseded_health

test_cases[case.name] if {
	some case in cases
	result := superseded_health with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "holds the feed alone",
	"outcome": "pass",
	"input": testing.holding(testing.application, [testing.feed_read]),
}

cases contains {
	"name": "holds the feed, and reads health through Graph",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		testing.feed_read,
		testing.permission("application", "ServiceHealth.Read.All", "79c261e0-fe76-4144-aad5-bdc68fbe4037"),
	]),
}

cases contains {
	"name": "requested and granted is one finding",
	"outcome": "fail",
	"keys": [key("application")],
	"input": testing.holding(testing.requesting(testing.application, [health]), [health]),
}

cases contains {
	"name": "granted to users",
	"outcome": "fail",
	"keys": [key("delegated")],
	"input": testing.holding(testing.foreign_application, [object.union(delegated, {"consent": "user", "users": 4})]),
}

cases contains {
	"name": "beside the feed",
	"outcome": "fail",
	"keys": [key("application")],
	"input": testing.holding(testing.application, [testing.feed_read, health]),
}

cases contains {
	"name": "a permission of the API of which neither id nor name is known",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(health, ["permission_id", "permission"])]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_grants),
}

cases contains {
	"name": "the permission's name at Graph",
	"outcome": "not_applicable",
	"input": testing.holding(testing.application, [testing.permission("application", "ServiceHealth.Read", "x")]),
}

cases contains {"name": "does not use the API", "outcome": "not_applicable", "input": testing.application}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [health]), {"origin": "deleted"}),
}

cases contains {
	"name": "an application of Microsoft",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [health]), {"origin": "microsoft"}),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [requested("application")],
	"input": testing.requesting(testing.application, [health]),
}

cases contains {
	"name": "requested, grants not read",
	"outcome": "fail",
	"keys": [object.remove(key("application"), ["held"])],
	"input": object.remove(testing.requesting(testing.application, [health]), testing.of_grants),
}

health := testing.management_permission("application", "ServiceHealth.Read", "e2cea78f-e743-4d8f-a16a-75b629a038ae")

delegated := testing.management_permission("delegated", "ServiceHealth.Read", "e2cea78f-e743-4d8f-a16a-75b629a038ae")

key(kind) := {
	"permission": sprintf("c5393580-f805-4401-95e8-94b7a6ef2fc2/%s/ServiceHealth.Read", [kind]),
	"held": "granted",
}

requested(kind) := object.union(key(kind), {"held": "requested"})
