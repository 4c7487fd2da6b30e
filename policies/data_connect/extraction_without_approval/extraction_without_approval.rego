# METADATA
# title: Nothing is extracted without an approval that is valid at that instant
# description: >-
#   A run was started when the approval had expired, or when there was none at all. That there was none is said only
#   where events reach back far enough before the run: an approval lasts 180 days. Runs while the application was
#   pending or denied are DC-004's. A run that is said to have failed is reported all the same.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
# custom:
#   id: DC-013
#   severity: critical
#   subject: data_connect_app
#   requires: [data_connect_events]
#   absence: true
#   message: >-
#     a run of {subject} for {key.dataset} was reported on {evidence.started_at} without a valid approval
#     ({key.decision}), {evidence.outcome}
#   remediation: >-
#     Stop the pipeline's trigger (Data Factory or Synapse Studio > Manage > Triggers, Fabric > the pipeline >
#     Schedule), find out what was delivered, and delete it. If the run is wanted, review and approve the application
#     in the Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications. The approval has no Graph call.
package policies.data_connect.extraction_without_approval

import data.policies.lib.extractions
import data.policies.lib.facts

applies if not input.extractions == []

deny contains {"key": key, "evidence": evidence} if {
	some key, runs in _unapproved
	evidence := object.union(extractions.evidence(runs), {"outcome": extractions.outcome(runs)})
}

unknown contains "extractions" if object.get(input, "extractions", null) == null

unknown contains sprintf("decision in force when a run started: %s", [_coverage]) if {
	some run in input.extractions
	not object.get(run, "decision", null) in extractions.decisions
}

default _coverage := "from when on events are known is not known either"

_coverage := sprintf("events are known from %s on", [input.coverage.from]) if is_string(input.coverage.from)

_unapproved[key] contains run if {
	some run in extractions.of(input)
	run.decision in {"expired", "none"}
	key := facts.pick(run, ["dataset", "decision", "decided_at"])
}
