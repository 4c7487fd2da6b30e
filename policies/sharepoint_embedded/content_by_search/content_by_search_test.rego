package policies.sharepoint_embedded.content_by_search_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.content_by_search

test_cases[case.name] if {
	some case in cases
	result := content_by_search with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "container types, permission not held",
	"outcome": "pass",
	"input": among(testing.application, 2, 2, 0),
}

cases contains {
	"name": "no container type in the tenant",
	"outcome": "not_applicable",
	"input": among(holding(testing.application, [read_all]), 0, 0, 0),
}

cases contains {
	"name": "Files.Read.All, one type shows its content",
	"outcome": "fail",
	"keys": [{"permission": "Files.Read.All"}],
	"input": among(holding(testing.application, [read_all]), 2, 1, 0),
}

cases contains {
	"name": "Files.ReadWrite.All includes it",
	"outcome": "fail",
	"keys": [{"permission": "Files.Read.All"}, {"permission": "Files.ReadWrite.All"}],
	"input": among(holding(testing.application, [read_all, write_all, testing.user_read]), 1, 1, 0),
}

cases contains {
	"name": "an application of another tenant",
	"outcome": "fail",
	"keys": [{"permission": "Files.Read.All"}],
	"input": among(holding(testing.foreign_application, [read_all]), 1, 1, 0),
}

cases contains {
	"name": "a managed identity",
	"outcome": "fail",
	"keys": [{"permission": "Files.Read.All"}],
	"input": object.union(
		among(holding(testing.foreign_application, [read_all]), 1, 1, 0),
		{"origin": "managed_identity"},
	),
}

cases contains {
	"name": "one type shows its content, another does not tell",
	"outcome": "fail",
	"keys": [{"permission": "Files.Read.All"}],
	"input": among(holding(testing.application, [read_all]), 2, 1, 1),
}

cases contains {
	"name": "under the id of another cloud",
	"outcome": "fail",
	"keys": [{"permission": "Files.Read.All"}],
	"input": among(
		holding(testing.application, [object.union(read_all, {
			"permission_id": "b0000000-0000-4000-8000-000000000009",
			"permission": "files.read.ALL",
		})]),
		1, 1, 0,
	),
}

cases contains {
	"name": "no type shows its content",
	"outcome": "pass",
	"input": among(holding(testing.application, [read_all]), 2, 0, 0),
}

cases contains {
	"name": "the delegated permission of the same name",
	"outcome": "pass",
	"input": among(
		holding(testing.application, [
			testing.permission("delegated", "Files.Read.All", "df85f4d6-205c-4ac5-a5ea-6bf408dba283"),
			testing.permission("delegated", "Files.ReadWrite.All", "863451e7-0667-486c-a5d6-d135439485f0"),
		]),
		1, 1, 0,
	),
}

cases contains {
	"name": "requested only",
	"outcome": "pass",
	"input": among(testing.requesting(testing.application, [read_all]), 1, 1, 0),
}

cases contains {
	"name": "a permission of that name of another resource",
	"outcome": "pass",
	"input": among(
		holding(testing.application, [object.union(read_all, {
			"resource_app_id": "00000003-0000-0ff1-ce00-000000000000",
			"permission_id": "b0000000-0000-4000-8000-000000000009",
		})]),
		1, 1, 0,
	),
}

cases contains {
	"name": "an application of Microsoft",
	"outcome": "not_applicable",
	"input": object.union(among(holding(testing.foreign_application, [read_all]), 1, 1, 0), {"origin": "microsoft"}),
}

cases contains {
	"name": "only grants are left",
	"outcome": "not_applicable",
	"input": object.union(among(holding(testing.foreign_application, [read_all]), 1, 1, 0), {"origin": "deleted"}),
}

cases contains {
	"name": "settings not read",
	"outcome": "unknown",
	"input": among(holding(testing.application, [read_all]), 1, 0, 1),
}

cases contains {
	"name": "registrations not read, permission held",
	"outcome": "unknown",
	"input": object.remove(holding(testing.application, [read_all]), ["searchable_types"]),
}

cases contains {
	"name": "registrations not read, permission not held",
	"outcome": "pass",
	"input": object.remove(testing.application, ["searchable_types"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(among(holding(testing.application, [read_all]), 1, 1, 0), ["origin"]),
}

cases contains {
	"name": "origin not known, permission not held",
	"outcome": "pass",
	"input": object.remove(among(testing.application, 1, 1, 0), ["origin"]),
}

cases contains {
	"name": "by its id, without a name, no type shows its content",
	"outcome": "pass",
	"input": among(holding(testing.application, [object.remove(read_all, ["permission", "resolved_by"])]), 1, 0, 0),
}

cases contains {
	"name": "an application permission of another resource without a name",
	"outcome": "pass",
	"input": among(
		holding(testing.application, [object.union(
			unresolved("application"),
			{"resource_app_id": "00000003-0000-0ff1-ce00-000000000000"},
		)]),
		1, 1, 0,
	),
}

cases contains {
	"name": "kind of another permission not known",
	"outcome": "pass",
	"input": among(holding(testing.application, [object.remove(testing.user_read, ["kind"])]), 1, 1, 0),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(among(testing.application, 1, 1, 0), ["grants", "granted_keys"]),
}

cases contains {
	"name": "an application permission without a name",
	"outcome": "unknown",
	"input": among(
		holding(testing.application, [unresolved("application")]),
		1, 1, 0,
	),
}

cases contains {
	"name": "a delegated permission without a name",
	"outcome": "pass",
	"input": among(
		holding(testing.application, [unresolved("delegated")]),
		1, 1, 0,
	),
}

cases contains {
	"name": "kind not known",
	"outcome": "unknown",
	"input": among(
		holding(testing.application, [object.remove(
			object.union(read_all, {"permission_id": "b0000000-0000-4000-8000-000000000009"}),
			["kind"],
		)]),
		1, 1, 0,
	),
}

read_all := testing.permission("application", "Files.Read.All", "01d4889c-1287-42c6-ac1f-5d1e02578ef6")

write_all := testing.permission("application", "Files.ReadWrite.All", "75359482-378d-4052-8f01-80520e7db3cd")

holding(app, permissions) := testing.holding(app, permissions)

among(app, registered, searchable, unclear) := object.union(
	app,
	{"searchable_types": {"registered": registered, "searchable": searchable, "unclear": unclear}},
)

unresolved(kind) := testing.unresolved(kind, "b0000000-0000-4000-8000-000000000001")

test_evidence if {
	app := among(holding(testing.application, [read_all]), 3, 2, 1)
	some finding in content_by_search.deny with input as app
	finding.evidence == {"permission_id": read_all.permission_id, "registered": 3, "searchable": 2}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := content_by_search with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without grants.0.resource_app_id: under the id of another cloud",
	"of": "under the id of another cloud",
	"at": "/grants/0/resource_app_id",
	"outcome": "fail",
	"keys": {{"permission": "Files.Read.All"}},
}

variants contains {
	"name": "an application of another tenant",
	"of": "an application of another tenant",
	"outcome": "fail",
	"keys": {{"permission": "Files.Read.All"}},
}

variants contains {
	"name": "a managed identity",
	"of": "a managed identity",
	"outcome": "fail",
	"keys": {{"permission": "Files.Read.All"}},
}

variants contains {
	"name": "without grants.0.kind: Files.Read.All, one type shows its content",
	"of": "Files.Read.All, one type shows its content",
	"at": "/grants/0/kind",
	"outcome": "fail",
	"keys": {{"permission": "Files.Read.All"}},
}

variants contains {
	"name": "without searchable_types.searchable: under the id of another cloud",
	"of": "under the id of another cloud",
	"at": "/searchable_types/searchable",
	"outcome": "unknown",
	"reasons": {"searchable_types: whether container types show their content to search"},
}

variants contains {
	"name": "without searchable_types.unclear: settings not read",
	"of": "settings not read",
	"at": "/searchable_types/unclear",
	"outcome": "unknown",
	"reasons": {"searchable_types: whether container types show their content to search"},
}

variants contains {
	"name": "without searchable_types.registered: no container type in the tenant",
	"of": "no container type in the tenant",
	"at": "/searchable_types/registered",
	"outcome": "unknown",
	"reasons": {"searchable_types: whether container types show their content to search"},
}

variants contains {
	"name": "without grants.0.resource_app_id: kind not known",
	"of": "kind not known",
	"at": "/grants/0/resource_app_id",
	"outcome": "unknown",
	"reasons": {"kind or name of a permission"},
}
