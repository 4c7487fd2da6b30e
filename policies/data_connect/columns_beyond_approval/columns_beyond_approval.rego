# METADATA
# title: Only approved columns are extracted
# description: >-
#   A run extracted columns, or the register says that the application asks for columns, which the approval of the
#   dataset does not name. A run is judged by the approval that was in force when it started. The absent column list
#   of a declared dataset means all columns, written *. Names compare without regard to case. Datasets that are not
#   approved at all are DC-010's; runs that started while nothing was approved are DC-004's and DC-013's. A run after an
#   expiry is DC-013's, and judged here, too: by what had been approved.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/data-connect-datasets
# custom:
#   id: DC-006
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   optional: [data_connect_register]
#   absence: false
#   message: "{subject} {key.via} columns of {key.dataset} beyond its approval: {key.columns}"
#   remediation: >-
#     Take the columns out of the copy activity (outputColumns) and of the registration; or add them to the
#     registration in the Azure portal (Microsoft Graph Data Connect) and have it approved in the Microsoft 365 admin
#     center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications. The approval
#     has no Graph call.
package policies.data_connect.columns_beyond_approval

import data.policies.lib.approvals
import data.policies.lib.definitions
import data.policies.lib.extractions
import data.policies.lib.facts
import data.policies.lib.scopes

applies if not _idle

deny contains {"key": key, "evidence": object.union(extractions.evidence(runs), approved)} if {
	some key, runs in _extracted
	latest := extractions.latest(runs)
	approved := {"approved": approvals.columns(latest.approved, latest.dataset)}
}

deny contains {"key": key, "evidence": object.union(facts.pick(input, ["approved_at"]), approved)} if {
	input.state in approvals.in_force
	some request in _requests
	columns := approvals.beyond(input.datasets, request.name, request.columns)
	key := {"dataset": request.name, "via": "requested", "columns": columns}
	approved := {"approved": approvals.columns(input.datasets, request.name)}
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "extractions" if object.get(input, "extractions", null) == null

unknown contains "dataset, columns or approved of an extraction" if {
	some run in extractions.approved(input)
	not _judged(run)
}

unknown contains sprintf("which part of the approval of %s counts", [run.dataset]) if {
	some run in extractions.approved(input)
	_torn(run.approved, facts.pick(run, ["dataset", "columns", "groups"]))
}

unknown contains sprintf("which part of the approval of %s counts", [asked.dataset]) if {
	not _refused
	some request in _requests
	asked := object.union({"dataset": request.name}, object.remove(request, ["name"]))
	_torn(input.datasets, asked)
}

unknown contains "name or columns of datasets" if {
	not _refused
	some request in _requests
	not _comparable(request)
}

_idle if {
	_refused
	is_array(input.extractions)
	extractions.approved(input) == []
}

_refused if input.state in approvals.refused

_extracted[key] contains run if {
	some run in extractions.approved(input)
	columns := approvals.beyond(run.approved, run.dataset, run.columns)
	key := {"dataset": run.dataset, "via": "extracted", "columns": columns}
}

_judged(run) if {
	is_array(run.columns)
	approvals.clear(run.approved, run.dataset)
}

# Which part of a dataset that is approved in several a run falls under is clear only where its groups, or its columns,
# are within each.
_torn(datasets, asked) if {
	scopes.verdict(datasets, asked.dataset, asked) == "unclear"
	not approvals.beyond(datasets, asked.dataset, asked.columns)
	not approvals.each(datasets, asked.dataset, asked.columns)
}

_requests contains object.union(facts.pick(expected, ["name"]), {"columns": definitions.columns(expected)}) if {
	some expected in input.expected
}

_requests contains object.union(_of_definition(dataset), {"columns": definitions.columns(dataset)}) if {
	some dataset in input.definition.datasets
}

_of_definition(dataset) := facts.pick(dataset, ["name", "scope", "groups", "filter"])

_comparable(request) if {
	approvals.clear(object.get(input, "datasets", null), object.get(request, "name", null))
}
