# METADATA
# title: Pipelines ask for the approved users
# description: >-
#   An approval of a dataset is for all users, for a list of groups or for a filter. All allows any request; a list
#   allows those of its groups; a filter allows the same filter only, to the letter. A copy activity without
#   allowedGroups and without userScopeFilterUri asks for all users.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
# custom:
#   id: DC-108
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} reads {key.dataset} of {evidence.asked}, and the approval of {evidence.approval} allows
#     {evidence.allowed}; set allowedGroups or userScopeFilterUri (to the letter) to that, or have the registration
#     approved with this scope
#   remediation: >-
#     List approved groups only in allowedGroups, or set userScopeFilterUri to the approved filter exactly as it is
#     written there; or change the scope of the registration and have it approved. The approval is given in the
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications; it has no Graph call.
package policies.data_connect.pipeline_scope_not_approved

import data.policies.lib.requests

applies if requests.concerns("scope")

deny contains {"key": requests.asked_scope, "evidence": evidence} if {
	"scope" in requests.broken
	said := {"approved": requests.approved_scope, "asked": requests.asked_words, "allowed": requests.allowed_words}
	evidence := object.union(requests.evidence, said)
}

unknown contains reason if some reason in requests.unclear("scope")
