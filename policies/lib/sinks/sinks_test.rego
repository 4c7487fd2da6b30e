package policies.lib.sinks_test

import data.policies.lib.sinks

approval := {
	"sinks": ["https://Insights.blob.core.windows.net/Mail", "https://other.dfs.core.windows.net/"],
	"sink_locations": ["https://insights.blob.core.windows.net/Mail", "https://other.dfs.core.windows.net"],
	"sinks_unclear": false,
}

within := {
	"as written": "https://Insights.blob.core.windows.net/Mail",
	"scheme and host in other case": "HTTPS://INSIGHTS.BLOB.CORE.WINDOWS.NET/Mail",
	"host in other case, below": "https://INSIGHTS.blob.core.windows.net/Mail/raw",
	"with a final slash": " https://insights.blob.core.windows.net/Mail/ ",
	"far below": "https://insights.blob.core.windows.net/Mail/raw/2026/10",
	"in an account": "https://other.dfs.core.windows.net/anything",
	"with its port": "https://insights.blob.core.windows.net:443/Mail/raw",
}

beyond := {
	"another container": "https://insights.blob.core.windows.net/Files",
	"a container whose name begins alike": "https://insights.blob.core.windows.net/Mail2",
	"above": "https://insights.blob.core.windows.net",
	"a container in other case": "https://insights.blob.core.windows.net/mail",
	"another account": "https://elsewhere.blob.core.windows.net/Mail",
	"an account whose name ends alike": "https://myinsights.blob.core.windows.net/Mail",
	"a host that begins alike": "https://other.dfs.core.windows.net.example.com/x",
	"the other host of the account": "https://insights.dfs.core.windows.net/Mail",
}

unclear := {
	"a step upwards": "https://insights.blob.core.windows.net/Mail/../Files",
	"a step that is empty": "https://insights.blob.core.windows.net//Mail/x",
	"a driver's form": "abfss://mail@insights.dfs.core.windows.net/x",
	"a name": "Lakehouse of insights",
	"without encryption": "http://insights.blob.core.windows.net/Mail/x",
	"encoded": "https://insights.blob.core.windows.net/Mail%2fraw",
	"with a query": "https://other.dfs.core.windows.net/x?comp=list",
	"of a person": "https://insights@elsewhere.example.com/x",
	"with a wildcard": "https://insights.blob.core.windows.net/Mail/*",
	"with another port": "https://insights.blob.core.windows.net:8443/Mail",
	"nothing": "",
	"null": null,
}

test_within[name] if {
	some name, sink in within
	sinks.verdict(approval, sink) == "within"
	sinks.verdict(object.union(approval, {"sinks_unclear": true}), sink) == "within"
}

test_beyond[name] if {
	some name, sink in beyond
	sinks.verdict(approval, sink) == "beyond"
}

test_beyond_is_unclear_in_doubt[name] if {
	some name, doubt in {
		"a sink in no known form": object.union(approval, {"sinks_unclear": true}),
		"sinks not read": object.remove(approval, ["sinks", "sink_locations"]),
		"locations not read": object.remove(approval, ["sink_locations"]),
		"doubt not told": object.remove(approval, ["sinks_unclear"]),
		"nulls": {"sinks": null, "sink_locations": null, "sinks_unclear": null},
	}
	every sink in beyond {
		sinks.verdict(doubt, sink) == "unclear"
	}
}

test_unclear[name] if {
	some name, sink in unclear
	sinks.verdict(approval, sink) == "unclear"
}

test_a_form_that_is_not_known_is_within_when_it_is_the_same if {
	app := object.union(approval, {"sinks": ["workspace/lakehouse"], "sink_locations": [], "sinks_unclear": true})
	sinks.verdict(app, " WORKSPACE/lakehouse/ ") == "within"
	sinks.verdict(app, "workspace/Lakehouse") == "unclear"
}

test_a_drivers_form_is_the_same_but_for_the_case_of_its_host if {
	app := {"sinks": ["abfss://mail@insights.dfs.core.windows.net/x"], "sinks_unclear": true}
	sinks.verdict(app, "ABFSS://mail@INSIGHTS.dfs.core.windows.net/x") == "within"
	sinks.verdict(app, "abfss://Mail@insights.dfs.core.windows.net/x") == "unclear"
	sinks.verdict(app, "abfss://mail@insights.dfs.core.windows.net/X") == "unclear"
}

test_nothing_is_within_no_sinks if {
	sinks.verdict({"sinks": [], "sink_locations": [], "sinks_unclear": false}, "https://a.example.com/x") == "beyond"
}

damaged_sinks := {
	"sinks that are not read": {
		"approval": {"sinks_unclear": false, "sink_locations": []},
		"sink": "https://a.blob.core.windows.net",
	},
	"an approved sink that is null": {
		"approval": {"sinks": [null], "sinks_unclear": true, "sink_locations": []},
		"sink": "https://a.blob.core.windows.net",
	},
	"a step that goes nowhere": {"approval": approval, "sink": "https://a.blob.core.windows.net/./b"},
}

test_damaged_sinks_are_unclear[name] if {
	some name, example in damaged_sinks
	sinks.verdict(example.approval, example.sink) == "unclear"
}
