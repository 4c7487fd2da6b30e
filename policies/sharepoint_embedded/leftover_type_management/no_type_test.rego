package policies.sharepoint_embedded.leftover_type_management_test

import data.policies.lib.testing

# The cases of applications without a container type, which are judged by the look-back alone.

cases contains {
	"name": "no container type, usage not known",
	"outcome": "unknown",
	"input": held_by(testing.application),
}

cases contains {
	"name": "no container type yet, asked for only",
	"outcome": "not_applicable",
	"input": testing.requesting(testing.application, [manage]),
}

cases contains {
	"name": "no container type, and no call",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(testing.application, [unused(110)]),
}

cases contains {
	"name": "no container type, by users, and no call",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "user"}],
	"input": testing.holding(testing.foreign_application, [object.union(unused(110), {"consent": "user", "users": 2})]),
}

cases contains {
	"name": "no container type, and calls of late",
	"outcome": "pass",
	"input": testing.holding(testing.application, [last_used(90)]),
}

cases contains {
	"name": "no container type, and calls of long ago",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(testing.application, [last_used(91)]),
}

cases contains {
	"name": "no container type, an identity of this program",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.application, [unused(110)]), {"auditor": true}),
}

cases contains {
	"name": "no container type, granted a short while ago",
	"outcome": "pass",
	"input": testing.holding(testing.application, [unused(20)]),
}

cases contains {
	"name": "no container type, and a look-back that is too short",
	"outcome": "unknown",
	"input": object.union(
		testing.holding(testing.application, [unused(80)]),
		{"activity": object.union(testing.application.activity, {"days": 80})},
	),
}

cases contains {
	"name": "no container type, granted nobody knows when",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(unused(110), ["stood_least", "stood_most"])]),
}

cases contains {
	"name": "no container type, and calls of late, beside another permission without evidence",
	"outcome": "pass",
	"input": testing.holding(testing.application, [last_used(90), testing.sites_selected]),
}

cases contains {
	"name": "no container type, no call, and a look-back that ended too long ago",
	"outcome": "unknown",
	"input": object.union(
		testing.holding(testing.application, [unused(110)]),
		{"activity": object.union(testing.application.activity, {"ago": 8})},
	),
}

cases contains {
	"name": "no container type, granted long ago, and no evidence",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(unused(110), ["used"])]),
}

cases contains {
	"name": "no container type, grants and usage not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys", "activity", "uses"]),
}

cases contains {
	"name": "no container type, grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_grants),
}
