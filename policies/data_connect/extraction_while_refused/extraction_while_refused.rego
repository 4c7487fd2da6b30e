# METADATA
# title: Nothing is extracted while the application is pending or denied
# description: >-
#   A run was started although the decision in force at that instant was a refusal, or was still to be made. Data
#   Connect fails such runs; one that is reported was tried at least, and names a pipeline that nobody has stopped. Runs
#   from before the first decision that is known cannot be judged.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
# custom:
#   id: DC-004
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   absence: false
#   message: >-
#     a run of {subject} for {key.dataset} was reported on {evidence.started_at} while it was {key.decision},
#     {evidence.outcome}
#   remediation: >-
#     Stop the pipeline's trigger (Data Factory or Synapse Studio > Manage > Triggers, Fabric > the pipeline >
#     Schedule), find out what was delivered, and delete it. If the run is wanted, review and approve the application
#     in the Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications. The approval has no Graph call.
package policies.data_connect.extraction_while_refused

import data.policies.lib.extractions
import data.policies.lib.facts

applies if not input.extractions == []

deny contains {"key": key, "evidence": evidence} if {
	some key, runs in _refused
	evidence := object.union(extractions.evidence(runs), {"outcome": extractions.outcome(runs)})
}

unknown contains "extractions" if object.get(input, "extractions", null) == null

unknown contains "decision in force when a run started" if {
	some run in input.extractions
	not object.get(run, "decision", null) in extractions.decisions
}

_refused[key] contains run if {
	some run in extractions.of(input)
	run.decision in {"pending", "denied"}
	key := facts.pick(run, ["dataset", "decision", "decided_at"])
}
