package policies.lib.definitions_test

import data.policies.lib.definitions
import data.policies.lib.testing

app := testing.data_connect_app

messages := app.definition.datasets[0]

users := app.definition.datasets[1]

defining(members) := object.union(app, {"definition": object.union(app.definition, members)})

examples := {
	"as approved": {"app": app, "beyond": []},
	"less than approved": {
		"app": defining({"datasets": [object.union(messages, {"columns": ["Subject"], "groups": [messages.groups[0]]})]}),
		"beyond": [],
	},
	"another dataset": {
		"app": defining({"datasets": [users, object.union(messages, {"name": "Event_v1"})]}),
		"beyond": [{"unapproved_dataset": "Event_v1"}],
	},
	"columns and scope": {
		"app": defining({"datasets": [object.remove(
			object.union(messages, {"columns": ["Body", "Subject"], "scope": "all"}),
			["groups"],
		)]}),
		"beyond": [{"dataset": messages.name, "columns": ["Body"]}, {"name": messages.name, "scope": "all"}],
	},
	"all columns": {
		"app": defining({"datasets": [object.remove(messages, ["columns"])]}),
		"beyond": [{"dataset": messages.name, "columns": ["*"]}],
	},
	"a sink and a tenant": {
		"app": defining({"sink_locations": ["https://a.example.com/b"], "destination_tenant_id": "b"}),
		"beyond": [{"sink": "https://a.example.com/b"}, {"destination_tenant_id": "b"}],
	},
	"tenant in other case": {
		"app": defining({"destination_tenant_id": upper(app.destination_tenant_id)}),
		"beyond": [],
	},
}

doubts := {
	"not known": {"app": defining({"datasets": [{"columns": ["a"]}], "sink_locations": [""]}), "beyond": []},
	"not declared": {"app": object.remove(app, ["definition"]), "beyond": []},
	"nothing known of the approval": {
		"app": object.remove(
			defining({"sink_locations": ["https://a.example.com/b"], "destination_tenant_id": "b"}),
			["datasets", "sinks", "sink_locations", "destination_tenant_id"],
		),
		"beyond": [],
	},
}

test_beyond[name] if {
	some name, example in object.union(examples, doubts)
	definitions.beyond(example.app) == example.beyond
}

test_columns_that_are_null_are_all_columns if definitions.columns({"columns": null}) == ["*"]

test_a_destination_that_is_null_is_nowhere_else if {
	not definitions.elsewhere({"definition": {"destination_tenant_id": null}, "destination_tenant_id": "a"})
	not definitions.elsewhere({"definition": {"destination_tenant_id": "a"}, "destination_tenant_id": null})
}
