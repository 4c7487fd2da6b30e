# METADATA
# title: Whoever approves holds an approving role
# description: >-
#   The approver held neither Global Administrator nor Microsoft Graph Data Connect Administrator, for the whole
#   directory, when it approved. The directory tells who holds a role now, the audit events who was given or lost one
#   since; both must be complete from the approval on. Whoever is eligible for a role, or may be in a group that holds
#   one, could have held it - unless an activation around the approval is reported, that is unknown. A group
#   that held a role then and does not now leaves no trace on its members. Microsoft's page on authorization names
#   Global Administrators alone; the role definitions let both roles approve.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
#   - ref: https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments
# custom:
#   id: DC-014
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events, directory_role_assignments, directory_role_definitions, role_events]
#   absence: true
#   message: "{subject} was approved on {evidence.approved_at} by {key.approver}, who held no approving role then"
#   remediation: >-
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications: let an administrator who holds one of the roles review the application and approve it anew, or
#     decline it. The approval has no Graph call. Find out how it came about: Microsoft Purview portal > Audit, activity
#     "Approved or denied an app"; with Graph: GET /roleManagement/directory/roleAssignments?$filter=principalId eq
#     '{user id}'.
package policies.data_connect.approver_without_role

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.roles

applies if not object.get(input, "state", null) in approvals.refused

deny contains {"key": key, "evidence": evidence} if {
	input.state in approvals.in_force
	roles.verdict(input) == "not held"
	key := object.union({"approver": _approver}, keys.told(input, ["approved_at"]))
	evidence := object.union(facts.pick(input, ["approved_at", "approver"]), {"roles": roles.findings(input)})
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "approver" if not _approver

unknown contains "approved_at" if object.get(input, "approved_at", null) == null

unknown contains "approver_roles" if object.get(input, "approver_roles", null) == null

unknown contains "approver_role_events" if object.get(input, "approver_role_events", null) == null

unknown contains "role_coverage" if object.get(input, "role_coverage", null) == null

unknown contains sprintf("role events are not known to be complete from the approval on, but from %s", [from]) if {
	not roles.covered(input)
	from := input.role_coverage.from
}

unknown contains "roles that the approver held at that instant" if roles.verdict(input) == "unclear"

_approver := lower(input.approver.upn) if {
	is_string(input.approver.upn)
} else := lower(input.approver.object_id) if {
	is_string(input.approver.object_id)
}
