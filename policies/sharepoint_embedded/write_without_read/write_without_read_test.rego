package policies.sharepoint_embedded.write_without_read_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.write_without_read

test_cases[case.name] if {
	some case in cases
	result := write_without_read with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "nobody writes", "outcome": "pass", "input": testing.container_type}

cases contains {"name": "no grants", "outcome": "pass", "input": granted([])}

cases contains {
	"name": "app-only",
	"outcome": "fail",
	"keys": [{"app": guest.app_id, "side": "application"}],
	"input": granted([permitted(["writeContent"], ["readContent"])]),
}

cases contains {
	"name": "for users",
	"outcome": "fail",
	"keys": [{"app": guest.app_id, "side": "delegated"}],
	"input": granted([permitted(["readContent"], ["writeContent", "create"])]),
}

cases contains {
	"name": "on both sides, and the owner",
	"outcome": "fail",
	"keys": [
		{"app": guest.app_id, "side": "application"},
		{"app": guest.app_id, "side": "delegated"},
		{"app": owner.app_id, "side": "delegated"},
	],
	"input": granted([
		permitted(["writeContent", "manageContent"], ["writeContent"]),
		object.union(owner, {"delegated_permissions": ["writeContent", "read"]}),
	]),
}

cases contains {
	"name": "full on the other side does not help",
	"outcome": "fail",
	"keys": [{"app": guest.app_id, "side": "delegated"}],
	"input": granted([permitted(["full"], ["writeContent"])]),
}

cases contains {
	"name": "silent under full",
	"outcome": "pass",
	"input": granted([permitted(["full", "writeContent"], ["writeContent", "full"])]),
}

cases contains {
	"name": "with readContent",
	"outcome": "pass",
	"input": granted([permitted(["readContent", "writeContent"], ["writeContent", "readContent"])]),
}

cases contains {
	"name": "write and manageContent are others",
	"outcome": "pass",
	"input": granted([permitted(["write", "manageContent"], ["write"])]),
}

cases contains {
	"name": "beside a permission that is not known",
	"outcome": "unknown",
	"input": granted([permitted(["writeContent", "unknownFutureValue"], [])]),
}

cases contains {
	"name": "a permission that is not known, nobody writes",
	"outcome": "pass",
	"input": granted([permitted(["unknownFutureValue"], [])]),
}

cases contains {
	"name": "one side not read",
	"outcome": "unknown",
	"input": granted([object.remove(guest, ["delegated_permissions"])]),
}

cases contains {
	"name": "holder not known",
	"outcome": "unknown",
	"input": granted([object.remove(permitted(["writeContent"], []), ["app_id"])]),
}

cases contains {
	"name": "holder not known, who does not write",
	"outcome": "pass",
	"input": granted([object.remove(guest, ["app_id"])]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["grants"]),
}

cases contains {
	"name": "not registered here",
	"outcome": "not_applicable",
	"input": object.union(testing.container_type, {"registered": false, "grants": []}),
}

owner := testing.container_type.grants[0]

guest := testing.container_type.grants[1]

permitted(app_only, delegated) := object.union(
	guest,
	{"application_permissions": app_only, "delegated_permissions": delegated},
)

granted(grants) := object.union(testing.container_type, {"grants": grants})

test_evidence if {
	some finding in write_without_read.deny with input as granted([permitted(["writeContent"], [])])
	finding.evidence == {
		"app_name": "Contract search",
		"application_permissions": ["writeContent"],
		"delegated_permissions": [],
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := write_without_read with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without registered: with readContent",
	"of": "with readContent",
	"at": "/registered",
	"outcome": "unknown",
	"reasons": {"registered"},
}

variants contains {
	"name": "beside a permission that is not known",
	"of": "beside a permission that is not known",
	"outcome": "unknown",
	"reasons": {"app_id of a grant", "meaning of permission unknownFutureValue"},
}
