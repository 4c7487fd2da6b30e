# METADATA
# title: Data is read of approved people only
# description: >-
#   A run read groups that the approval of the dataset does not list, or the register declares a registration with a
#   wider scope - all users where groups or a filter are approved, other groups, another filter. An approval for all
#   users allows every scope; filters must be the same to the letter. A run does not tell its filter, so that runs
#   under an approval for a filter cannot be judged.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/data-connect-filtering
# custom:
#   id: DC-007
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   optional: [data_connect_register]
#   absence: false
#   message: "{subject} {key.via} {key.dataset} of more people than are approved: {evidence.asked}"
#   remediation: >-
#     Take the groups out of the copy activity (allowedGroups, userScopeFilterUri) and of the registration; or widen
#     the scope in the Azure portal (Microsoft Graph Data Connect > the application > Datasets) and have it approved in
#     the Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications. The approval has no Graph call.
package policies.data_connect.scope_beyond_approval

import data.policies.lib.approvals
import data.policies.lib.extractions
import data.policies.lib.facts
import data.policies.lib.scopes

applies if not _idle

deny contains {"key": key, "evidence": object.union(extractions.evidence(runs), approved)} if {
	some key, runs in _extracted
	latest := extractions.latest(runs)
	approved := {"asked": facts.pick(key, ["groups"]), "approved": _scopes(latest.approved, latest.dataset)}
}

deny contains {"key": key, "evidence": object.union(facts.pick(input, ["approved_at"]), approved)} if {
	input.state in approvals.in_force
	some dataset in input.definition.datasets
	scopes.verdict(input.datasets, dataset.name, dataset) == "beyond"
	key := _key("requested", dataset.name, input.datasets, dataset)
	approved := {"asked": facts.pick(dataset, _details), "approved": _scopes(input.datasets, dataset.name)}
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "extractions" if object.get(input, "extractions", null) == null

unknown contains "dataset or groups of an extraction, or their approval" if {
	some run in extractions.approved(input)
	_unclear(object.get(run, "approved", null), object.get(run, "dataset", null), facts.pick(run, ["groups"]))
}

unknown contains "scope of datasets" if {
	not input.state in approvals.refused
	some dataset in input.definition.datasets
	_unclear(object.get(input, "datasets", null), object.get(dataset, "name", null), dataset)
}

# Nothing has run under an approval, and no declaration can go beyond one.
_idle if {
	is_array(input.extractions)
	extractions.approved(input) == []
	_undeclared
}

_undeclared if input.state in approvals.refused

_undeclared if object.get(input, ["definition", "datasets"], null) == null

_extracted[key] contains run if {
	some run in extractions.approved(input)
	groups := facts.pick(run, ["groups"])
	scopes.verdict(run.approved, run.dataset, groups) == "beyond"
	key := _key("extracted", run.dataset, run.approved, groups)
}

_unclear(datasets, name, _) if not approvals.named(datasets, name)

_unclear(datasets, name, asked) if scopes.verdict(datasets, name, asked) == "unclear"

_details := ["scope", "groups", "filter"]

_key(via, name, datasets, asked) := object.union_n([
	{"dataset": name, "via": via},
	facts.pick(asked, ["scope", "filter"]),
	_strangers(datasets, name, asked),
])

default _strangers(_, _, _) := {}

_strangers(datasets, name, asked) := {"groups": scopes.beyond(datasets, name, asked)}

_scopes(datasets, name) := [facts.pick(row, _details) | some row in approvals.rows(datasets, name)]
