# METADATA
# title: Pipelines write to the approved tenant
# description: >-
#   An approval names the tenant that the data may go to. Where the files name none, it is the tenant that they are
#   deployed in, which is then assumed; the evidence says so.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
# custom:
#   id: DC-106
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} writes to tenant {key.destination_tenant_id}, {evidence.told}; the approval of {evidence.approval} is
#     for tenant {evidence.approved}; write to a sink of that tenant, or have the registration approved for this one
#   remediation: >-
#     Use a sink in the approved destination tenant; or have the registration approved for the other one. When the
#     tenant was assumed and is wrong, name the right one: leastwise gate --tenant. The approval is given in the
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications; it has no Graph call.
package policies.data_connect.pipeline_destination_tenant_differs

import data.policies.lib.facts
import data.policies.lib.requests

applies if requests.concerns("destination_tenant")

deny contains {"key": facts.pick(input, ["destination_tenant_id"]), "evidence": evidence} if {
	"destination_tenant" in requests.broken
	evidence := object.union(requests.evidence, {
		"approved": object.get(requests.yardstick, "destination_tenant_id", ""),
		"assumed": object.get(input, "destination_assumed", true),
		"told": _told,
	})
}

default _told := "where it is assumed to be deployed, because the files name no tenant"

_told := "which the files name" if input.destination_assumed == false

unknown contains reason if some reason in requests.unclear("destination_tenant")
