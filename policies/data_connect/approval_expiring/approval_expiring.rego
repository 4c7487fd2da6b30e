# METADATA
# title: Approvals of Data Connect applications are renewed in time
# description: >-
#   The approval expires within the warning period (approval_warning_days). Approving again gives another 180 days;
#   runs after the expiry fail.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
# custom:
#   id: DC-003
#   severity: low
#   subject: data_connect_app
#   requires: [data_connect_events]
#   absence: false
#   message: "The approval of {subject} expires on {evidence.expires_at}, in {evidence.left}"
#   remediation: >-
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications: review the application and approve it again before that day. The approval has no Graph call.
package policies.data_connect.approval_expiring

import data.policies.lib.approvals

applies if not object.get(input, "state", null) in approvals.refused

deny contains {"key": approvals.key(input), "evidence": evidence} if {
	input.state in approvals.in_force
	input.days_left > 0
	input.days_left <= data.config.approval_warning_days
	evidence := object.union(approvals.evidence(input), {"left": _left})
}

_left := "1 day" if input.days_left == 1

_left := sprintf("%v days", [input.days_left]) if input.days_left != 1

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "days_left" if object.get(input, "days_left", null) == null
