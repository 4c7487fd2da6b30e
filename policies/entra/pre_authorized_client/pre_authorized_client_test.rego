package policies.entra.pre_authorized_client_test

import data.policies.entra.pre_authorized_client
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pre_authorized_client with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "no client", "outcome": "pass", "input": testing.application}

cases contains {
	"name": sprintf("a client of origin %s", [origin]),
	"outcome": "pass",
	"input": authorizing([object.union(client, {"origin": origin})]),
} if {
	some origin in ["own", "microsoft", "managed_identity"]
}

cases contains {
	"name": "another tenant's client",
	"outcome": "fail",
	"keys": [key],
	"input": authorizing([object.union(client, {"origin": "own", "app_id": "own"}), client]),
}

cases contains {
	"name": "a client that is not in the tenant",
	"outcome": "fail",
	"keys": [key],
	"input": authorizing([object.remove(client, ["origin", "name"])]),
}

cases contains {
	"name": "the same client twice",
	"outcome": "fail",
	"keys": [{"client": client.app_id, "scopes": ["Files.Read", "Files.Write"]}],
	"input": authorizing([client, object.union(client, {"app_id": upper(client.app_id), "scopes": ["Files.Write"]})]),
}

cases contains {
	"name": "scopes not read",
	"outcome": "fail",
	"keys": [{"client": client.app_id}],
	"input": authorizing([object.remove(client, ["scopes"])]),
}

cases contains {
	"name": "another tenant's client without scopes",
	"outcome": "pass",
	"input": authorizing([object.union(client, {"scopes": []})]),
}

cases contains {
	"name": "Teams, which is not in the tenant",
	"outcome": "pass",
	"input": authorizing([{"app_id": "1FEC8E78-bce4-4aaf-ab1b-5451cc387264", "scopes": ["access_as_user"]}]),
}

cases contains {
	"name": "a client that is not known, beside another tenant's",
	"outcome": "fail",
	"keys": [key],
	"input": authorizing([client, object.remove(client, ["app_id"])]),
}

cases contains {
	"name": "id of a client not read",
	"outcome": "unknown",
	"input": authorizing([object.remove(client, ["app_id"])]),
}

cases contains {
	"name": "clients not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["pre_authorized"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(authorizing([client]), ["origin"]),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": origin}),
} if {
	some origin in ["foreign", "microsoft", "managed_identity", "deleted"]
}

cases contains {
	"name": "the same client twice, in the other order",
	"outcome": "fail",
	"keys": [{"client": client.app_id, "scopes": ["Files.Read", "Files.Write"]}],
	"input": authorizing([object.union(client, {"scopes": ["Files.Write", "Files.Read"]}), client]),
}

cases contains {
	"name": "the same client twice, its scopes read once",
	"outcome": "fail",
	"keys": [{"client": client.app_id}],
	"input": authorizing([client, object.remove(object.union(client, {"name": "Sync"}), ["scopes"])]),
}

cases contains {
	"name": "two clients",
	"outcome": "fail",
	"keys": [key, {"client": "a1b2c3d4-0000-4000-8000-0000000000cd", "scopes": ["Files.Write"]}],
	"input": authorizing([
		client,
		object.union(client, {"app_id": "a1b2c3d4-0000-4000-8000-0000000000cd", "scopes": ["Files.Write"]}),
	]),
}

authorizing(clients) := object.union(testing.application, {"pre_authorized": clients})

client := {
	"app_id": "a1b2c3d4-0000-4000-8000-0000000000cc",
	"name": "Fourth Coffee Sync",
	"origin": "foreign",
	"scopes": ["Files.Read"],
}

key := {"client": client.app_id, "scopes": ["Files.Read"]}

test_declared_clients_are_fine if {
	config := object.union(testing.config, {"pre_authorized": [upper(client.app_id)]})
	findings := pre_authorized_client.deny with input as authorizing([client]) with data.config as config
	findings == set()
}

test_evidence_of_another_tenants_client if {
	findings := pre_authorized_client.deny with input as authorizing([client]) with data.config as testing.config
	{finding.evidence | some finding in findings} == {{
		"client": "Fourth Coffee Sync",
		"scopes": ["Files.Read"],
		"what": "registered by another tenant",
	}}
}

test_evidence_of_a_client_that_is_not_known if {
	app := authorizing([object.remove(client, ["origin", "name", "scopes"])])
	findings := pre_authorized_client.deny with input as app with data.config as testing.config
	{finding.evidence | some finding in findings} == {{
		"client": "a client without a name",
		"scopes": null,
		"what": "not known in this tenant",
	}}
}
