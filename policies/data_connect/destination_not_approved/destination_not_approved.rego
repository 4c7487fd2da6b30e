# METADATA
# title: Data is written to approved sinks only
# description: >-
#   The register declares a registration whose sinks the approval does not name. An approved application may write to
#   the approved sinks and to anywhere below them. The events of runs name no destination, so that only the declared
#   registration is judged here, and pipelines before they run; the destination tenant is DC-009's.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/app-registration
# custom:
#   id: DC-008
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   optional: [data_connect_register]
#   absence: false
#   message: "{subject} is registered to write to {key.sink}, which its approval does not name"
#   remediation: >-
#     Azure portal > Microsoft Graph Data Connect > the application: set the destination back to the approved one; or
#     have the new one approved in the Microsoft 365 admin center > Settings > Org settings > Security & privacy >
#     Microsoft Graph Data Connect applications. The approval has no Graph call.
package policies.data_connect.destination_not_approved

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.sinks

applies if {
	not object.get(input, "state", null) in approvals.refused
	is_array(input.definition.sinks)
}

deny contains {"key": {"sink": sink}, "evidence": evidence} if {
	input.state in approvals.in_force
	evidence := object.union(facts.pick(input, ["approved_at"]), {"approved": input.sinks})
	some sink in input.definition.sink_locations
	sinks.verdict(input, sink) == "beyond"
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "approved sinks" if object.get(input, "sinks", null) == null

unknown contains "declared sinks" if object.get(input, ["definition", "sink_locations"], null) == null

unknown contains _doubt(sink) if {
	some sink in input.definition.sink_locations
	sinks.verdict(input, sink) == "unclear"
}

# What names no place may be one that the approval names in the same words.
unknown contains _doubt(sink) if {
	not input.definition.sinks_unclear == false
	some sink in input.definition.sinks
	sinks.verdict(input, sink) == "unclear"
}

_doubt(sink) := sprintf("whether %s is within the approved sinks", [sink])
