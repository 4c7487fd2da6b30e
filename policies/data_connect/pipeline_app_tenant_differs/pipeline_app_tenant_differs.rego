# METADATA
# title: Pipelines sign in with the registration that is approved
# description: >-
#   An approval is for an application in the tenant that it is registered in. Data Connect compares the tenant that
#   the service principal of the linked service belongs to with it: the same application id in another tenant is not
#   approved.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
# custom:
#   id: DC-103
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} signs in with a registration in tenant {key.app_tenant_id}, and the approval of {evidence.approval} is
#     for the one in tenant {evidence.approved}; set servicePrincipalTenantId of the linked service to that tenant, or
#     have this registration approved
#   remediation: >-
#     Set servicePrincipalTenantId of the Office 365 linked service to the tenant of the approved registration; or
#     have the registration of the other tenant approved. The approval is given in the Microsoft 365 admin center >
#     Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications; it has no Graph call.
package policies.data_connect.pipeline_app_tenant_differs

import data.policies.lib.facts
import data.policies.lib.requests

applies if requests.concerns("app_tenant")

deny contains {"key": facts.pick(input, ["app_tenant_id"]), "evidence": evidence} if {
	"app_tenant" in requests.broken
	evidence := object.union(requests.evidence, {"approved": object.get(requests.yardstick, "app_tenant_id", "")})
}

unknown contains reason if some reason in requests.unclear("app_tenant")
