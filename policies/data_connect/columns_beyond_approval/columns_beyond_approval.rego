# METADATA
# title: Only approved columns are extracted
# description: >-
#   A run extracted columns, or the register says that the application asks for columns, which the approval of the
#   dataset does not name. A run is judged by the approval that was in force when it started. The register's absent
#   column list means all columns, written *. Names compare without regard to case.
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
import data.policies.lib.facts

applies if not _idle

deny contains {"key": key, "evidence": evidence} if {
	some key, runs in _extracted
	latest := max([[object.get(run, "started_at", ""), run] | some run in runs])[1]
	evidence := object.union(facts.pick(latest, ["started_at", "pipeline"]), {
		"runs": sum([run.runs | some run in runs; is_number(run.runs)]),
		"approved": approvals.columns(latest.approved, latest.dataset),
	})
}

deny contains {"key": key, "evidence": object.union(facts.pick(input, ["approved_at"]), approved)} if {
	input.state in approvals.in_force
	some expected in input.expected
	columns := approvals.beyond(input.datasets, expected.name, _requested(expected))
	key := {"dataset": expected.name, "via": "requested", "columns": columns}
	approved := {"approved": approvals.columns(input.datasets, expected.name)}
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "extractions" if object.get(input, "extractions", null) == null

unknown contains "dataset, columns or approved of an extraction" if {
	some run in input.extractions
	not _judged(run)
}

unknown contains "name or columns of datasets" if {
	not _refused
	some expected in input.expected
	not approvals.clear(object.get(input, "datasets", null), object.get(expected, "name", null))
}

_idle if {
	input.state == "pending"
	input.extractions == []
}

_refused if input.state in approvals.refused

_extracted[key] contains run if {
	some run in input.extractions
	_judged(run)
	columns := approvals.beyond(run.approved, run.dataset, run.columns)
	key := {"dataset": run.dataset, "via": "extracted", "columns": columns}
}

_judged(run) if {
	is_array(run.columns)
	approvals.clear(run.approved, run.dataset)
}

default _requested(_) := ["*"]

_requested(expected) := expected.columns if is_array(expected.columns)
