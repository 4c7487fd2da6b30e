# METADATA
# title: Pipelines rely on approvals that are in force
# description: >-
#   Data Connect lets a run go on only under an approval in the state Approved: one that is pending, denied (which is
#   also how an approval is revoked) or expired makes every run fail. After an update of the registration runs go on
#   under the old approval.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
# custom:
#   id: DC-102
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} relies on the approval of {evidence.approval}, which is {evidence.standing}; have the registration
#     approved before the run, or take the activity out
#   remediation: >-
#     Have the application approved again after review. The approval is given in the Microsoft 365 admin center >
#     Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications; it has no Graph call.
package policies.data_connect.pipeline_approval_not_in_force

import data.policies.lib.requests

applies if requests.concerns("state")

deny contains {"key": key, "evidence": evidence} if {
	"state" in requests.broken
	key := {"approval": object.get(requests.yardstick, "id", ""), "standing": requests.standing}
	evidence := object.union(requests.evidence, {"standing": requests.standing})
}

unknown contains reason if some reason in requests.unclear("state")
