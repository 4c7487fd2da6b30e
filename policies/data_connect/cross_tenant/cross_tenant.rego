# METADATA
# title: Data leaves the tenant only where that is declared
# description: >-
#   An approval in force lets an application of another tenant extract data, or lets an application write to another
#   tenant. That is meant only where the register declares that cross-tenant data movement is switched on. Where it
#   declares that it is switched off, approval and declaration contradict each other; where it declares nothing, nobody
#   has said that it is meant. The switch cannot be read through Microsoft Graph.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/data-connect-quickstart
# custom:
#   id: DC-012
#   severity: medium
#   subject: data_connect_app
#   requires: [data_connect_events]
#   optional: [data_connect_register]
#   absence: false
#   message: >-
#     {subject}, registered in tenant {evidence.app_tenant_id}, may write to tenant {evidence.destination_tenant_id};
#     cross-tenant data movement: {evidence.cross_tenant_movement}
#   remediation: >-
#     Decline the application in the Microsoft 365 admin center > Settings > Org settings > Security & privacy >
#     Microsoft Graph Data Connect applications; and switch cross-tenant data movement off in Settings > Org settings >
#     Services > Microsoft Graph Data Connect. If it is meant, declare it in the register
#     (cross_tenant_movement: true). Neither has a Graph call.
package policies.data_connect.cross_tenant

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.keys

applies if not approvals.lapsed(input)

deny contains {"key": key, "evidence": evidence} if {
	approvals.current(input)
	_crossing
	not input.cross_tenant_movement == true
	key := keys.told(input, ["destination_tenant_id", "approved_at"])
	evidence := object.union(
		facts.pick(input, ["approved_at", "app_tenant_id", "destination_tenant_id"]),
		{"cross_tenant_movement": _declared},
	)
}

unknown contains doubt if some doubt in approvals.doubts(input)

unknown contains "own" if object.get(input, "own", null) == null

unknown contains "tenant of the application or of the destination" if {
	not input.own == false
	not input.cross_tenant_movement == true
	"" in _tenants
}

_crossing if input.own == false

_crossing if {
	not "" in _tenants
	count(_tenants) == 2
}

_tenants := {facts.folded(input, "app_tenant_id"), facts.folded(input, "destination_tenant_id")}

default _declared := "undeclared"

_declared := "off" if input.cross_tenant_movement == false
