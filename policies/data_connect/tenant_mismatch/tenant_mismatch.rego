# METADATA
# title: Approval and registration name the same tenants
# description: >-
#   Data Connect runs an application only when the tenant that it is registered in, and the tenant that it writes to,
#   are those of its approval. The register declares another destination tenant than the approval; or the approval
#   names this tenant as the one of the registration, where the application has a service principal and no registration.
#   A destination tenant that the register does not declare is not compared.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/app-registration
# custom:
#   id: DC-009
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   optional: [data_connect_register, applications, service_principals]
#   absence: false
#   message: "{subject}: the {key.tenant} tenant of the application is not the one that its approval names"
#   remediation: >-
#     Azure portal > Microsoft Graph Data Connect > the application: register it with the right tenants. Then Microsoft
#     365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications:
#     decline the approval that names the wrong tenant and approve the right one. The approval has no Graph call.
package policies.data_connect.tenant_mismatch

import data.policies.lib.approvals
import data.policies.lib.definitions
import data.policies.lib.facts
import data.policies.lib.keys

applies if {
	not object.get(input, "state", null) in approvals.refused
	not _undeclared
}

deny contains {"key": {"tenant": "destination", "declared": declared}, "evidence": evidence} if {
	input.state in approvals.in_force
	definitions.elsewhere(input)
	declared := facts.folded(input.definition, "destination_tenant_id")
	evidence := object.union(
		facts.pick(input, ["approved_at", "destination_tenant_id"]),
		{"declared": input.definition.destination_tenant_id},
	)
}

deny contains {"key": key, "evidence": evidence} if {
	input.state in approvals.in_force
	_misplaced
	key := object.union({"tenant": "registration"}, keys.told(input, ["app_tenant_id"]))
	evidence := facts.pick(input, ["approved_at", "app_tenant_id", "registered", "has_principal"])
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "own" if object.get(input, "own", null) == null

unknown contains "registered" if {
	input.own == true
	object.get(input, "registered", null) == null
}

unknown contains "has_principal" if {
	input.own == true
	input.registered == false
	object.get(input, "has_principal", null) == null
}

unknown contains "destination_tenant_id" if {
	is_string(input.definition.destination_tenant_id)
	object.get(input, "destination_tenant_id", null) == null
}

# Of an application of another tenant, only what the register declares can be held against its approval.
_undeclared if {
	input.own == false
	object.get(input, ["definition", "destination_tenant_id"], null) == null
}

_misplaced if {
	input.own == true
	input.registered == false
	input.has_principal == true
}
