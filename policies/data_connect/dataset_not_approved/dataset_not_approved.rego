# METADATA
# title: Only approved datasets are extracted
# description: >-
#   A run extracted a dataset, or the register says that the application asks for one, which the approval does not name
#   at all. A run is judged by the approval that was in force when it started. Names compare without regard to case
#   and to the prefix BasicDataSet_v0. Columns beyond the approval of a dataset are DC-006's; runs that started while
#   nothing was approved are DC-004's and DC-013's. A run after an expiry is DC-013's, and judged here, too: by what had
#   been approved.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/data-connect-datasets
# custom:
#   id: DC-010
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   optional: [data_connect_register]
#   absence: false
#   message: "{subject} {key.via} {key.dataset}, which its approval does not name"
#   remediation: >-
#     Take the dataset out of the pipeline and of the registration; or add it to the registration in the Azure portal
#     (Microsoft Graph Data Connect > the application > Datasets) and have it approved in the Microsoft 365 admin
#     center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications. The approval
#     has no Graph call.
package policies.data_connect.dataset_not_approved

import data.policies.lib.approvals
import data.policies.lib.extractions
import data.policies.lib.facts

applies if not _idle

deny contains {"key": key, "evidence": object.union(extractions.evidence(runs), approved)} if {
	some key, runs in _extracted
	approved := {"approved": _names(extractions.latest(runs).approved)}
}

deny contains {"key": key, "evidence": object.union(facts.pick(input, ["approved_at"]), approved)} if {
	input.state in approvals.in_force
	approved := {"approved": _names(input.datasets)}
	some name in _requested
	approvals.unlisted(input.datasets, name)
	key := {"dataset": name, "via": "requested"}
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "extractions" if object.get(input, "extractions", null) == null

unknown contains "dataset or approved datasets of an extraction" if {
	some run in extractions.approved(input)
	not approvals.named(object.get(run, "approved", null), object.get(run, "dataset", null))
}

unknown contains "name of datasets" if {
	not _refused
	some name in _requested
	not approvals.named(object.get(input, "datasets", null), name)
}

# Nothing has run under an approval, and none is in force that a declaration could go beyond.
_idle if {
	_refused
	is_array(input.extractions)
	extractions.approved(input) == []
}

_refused if input.state in approvals.refused

_extracted[key] contains run if {
	some run in extractions.approved(input)
	approvals.unlisted(run.approved, run.dataset)
	key := {"dataset": run.dataset, "via": "extracted"}
}

_requested contains object.get(expected, "name", null) if some expected in input.expected

_requested contains object.get(dataset, "name", null) if some dataset in input.definition.datasets

_names(datasets) := sort({dataset.name | some dataset in datasets})
