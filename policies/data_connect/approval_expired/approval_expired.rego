# METADATA
# title: Approvals of Data Connect applications are valid
# description: >-
#   An approval lasts 180 days. Afterwards the application's runs fail; it must be approved again, or declined when it
#   is no longer needed.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
# custom:
#   id: DC-002
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   absence: false
#   message: "The approval of {subject} expired on {evidence.expires_at}"
#   remediation: >-
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications: approve the application again after review, or decline it. The approval has no Graph call.
package policies.data_connect.approval_expired

import data.policies.lib.approvals

applies if not object.get(input, "state", null) in approvals.refused

deny contains {"key": approvals.key(input), "evidence": approvals.evidence(input)} if {
	input.state in approvals.in_force
	is_number(input.days_left)
	input.days_left <= 0
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "days_left" if object.get(input, "days_left", null) == null
