# METADATA
# title: What the register declares of a registration
# scope: package
package policies.lib.definitions

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.scopes
import data.policies.lib.sinks

# METADATA
# description: >-
#   Where a definition certainly goes beyond the approval, one row each - a dataset that is not approved, columns or a
#   scope of one that is, a sink, the destination tenant.
beyond(app) := array.flatten([
	[row | some dataset in app.definition.datasets; some row in _excess(app, dataset)],
	[{"sink": sink} | some sink in app.definition.sink_locations; sinks.verdict(app, sink) == "beyond"],
	[{"destination_tenant_id": app.definition.destination_tenant_id} | elsewhere(app)],
])

# METADATA
# description: The columns that a declared dataset asks for. Without any it asks for all, written *.
# scope: document
default columns(_) := ["*"]

columns(dataset) := dataset.columns if is_array(dataset.columns)

# METADATA
# description: Whether a definition names another destination tenant than the approval.
elsewhere(app) if {
	is_string(app.definition.destination_tenant_id)
	is_string(app.destination_tenant_id)
	lower(app.definition.destination_tenant_id) != lower(app.destination_tenant_id)
}

_excess(app, dataset) := [{"unapproved_dataset": dataset.name}] if {
	approvals.unlisted(app.datasets, dataset.name)
} else := array.concat(
	[{"dataset": dataset.name, "columns": excess} |
		excess := approvals.beyond(app.datasets, dataset.name, columns(dataset))
	],
	[facts.pick(dataset, ["name", "scope", "groups", "filter"]) |
		scopes.verdict(app.datasets, dataset.name, dataset) == "beyond"
	],
)
