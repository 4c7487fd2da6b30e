# METADATA
# title: Pipelines write to approved sinks
# description: >-
#   An approval names the sinks that data may be written to, and allows every place inside them. The endpoints .dfs
#   and .blob of a storage account are different sinks.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
# custom:
#   id: DC-107
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} writes to {key.location}, which is inside none of the sinks that the approval of {evidence.approval}
#     names: {evidence.approved}; write to a place inside one of them, by the same endpoint (.dfs or .blob), or have
#     the registration approved with this sink
#   remediation: >-
#     Change the linked service or the folder of the output dataset so that it lies inside an approved sink; or add
#     the sink to the registration and have it approved. The approval is given in the Microsoft 365 admin center >
#     Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications; it has no Graph call.
package policies.data_connect.pipeline_destination_not_approved

import data.policies.lib.requests

applies if requests.concerns("destination")

deny contains {"key": {"location": object.get(input, ["destination", "location"], "")}, "evidence": evidence} if {
	"destination" in requests.broken
	evidence := object.union(requests.evidence, {"approved": object.get(requests.yardstick, "sink_locations", [])})
}

unknown contains reason if some reason in requests.unclear("destination")
