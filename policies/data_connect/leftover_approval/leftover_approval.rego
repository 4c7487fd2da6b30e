# METADATA
# title: No approval is left of an application that is gone
# description: >-
#   An approval is in force, but the registration of an application of this tenant, or the service principal of any, is
#   not in the directory. The approval is a leftover; it is there again for whoever restores the application, which is
#   possible for 30 days.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/entra/identity-platform/howto-restore-app
# custom:
#   id: DC-017
#   severity: medium
#   subject: data_connect_app
#   requires: [data_connect_events, service_principals]
#   optional: [applications]
#   absence: true
#   message: "{subject} is approved, but its {key.missing} is not in the directory"
#   remediation: >-
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications: decline the application. The approval has no Graph call. If it was deleted by mistake, restore it:
#     Entra admin center > App registrations > Deleted applications; with Graph: POST
#     /directory/deletedItems/{id}/restore.
package policies.data_connect.leftover_approval

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.keys

applies if not approvals.lapsed(input)

deny contains {"key": _key("registration"), "evidence": evidence} if {
	approvals.current(input)
	input.own == true
	input.registered == false
	evidence := facts.pick(input, _details)
}

deny contains {"key": _key("service principal"), "evidence": evidence} if {
	approvals.current(input)
	input.has_principal == false
	evidence := facts.pick(input, _details)
}

unknown contains doubt if some doubt in approvals.doubts(input)

unknown contains "registered" if {
	not input.own == false
	object.get(input, "registered", null) == null
}

unknown contains "has_principal" if object.get(input, "has_principal", null) == null

unknown contains "own" if object.get(input, "own", null) == null

_key(missing) := object.union({"missing": missing}, keys.told(input, ["approved_at"]))

_details := ["approved_at", "expires_at", "app_tenant_id", "registered", "has_principal"]
