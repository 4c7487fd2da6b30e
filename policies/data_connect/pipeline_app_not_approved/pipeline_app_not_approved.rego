# METADATA
# title: Pipelines sign in as an approved application
# description: >-
#   Data Connect lets a run go on when one approval of the tenant agrees with it by eight rules. The first: the
#   application that the run signs in as is the approved one. Where audit events do not reach back over the life of an
#   approval (180 days) without a hole, an approval that is not seen may exist: then this is not known.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
# custom:
#   id: DC-101
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} signs in as application {key.app_id}, which no approval of the tenant is for; nearest approval:
#     {evidence.approval}; use the service principal of an approved application in the linked service, or register
#     this one for Data Connect and have it approved
#   remediation: >-
#     Set servicePrincipalId of the Office 365 linked service to the approved application; or register the application
#     in the Azure portal (Microsoft Graph Data Connect) and have it approved. The approval is given in the Microsoft
#     365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications; it
#     has no Graph call.
package policies.data_connect.pipeline_app_not_approved

import data.policies.lib.keys
import data.policies.lib.requests

applies if requests.concerns("app")

deny contains {"key": keys.told(input, ["app_id", "dataset"]), "evidence": evidence} if {
	"app" in requests.broken
	evidence := object.union(requests.evidence, {"known_from": object.get(input, ["coverage", "from"], "")})
}

unknown contains reason if some reason in requests.unclear("app")
