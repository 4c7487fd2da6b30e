# METADATA
# title: A registration that was changed after its approval is approved again
# description: >-
#   The register declares that the registration was changed after the decision, or that an update is available. The
#   approval speaks of another definition than the one that is registered. Whether runs go on meanwhile is not certain:
#   Microsoft's page on authorization says that they continue under the old approval, its page on registration that a
#   change of datasets, columns, scopes or destination invalidates it. No event tells of a change, so that only
#   what the register declares can be judged.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/app-registration
# custom:
#   id: DC-005
#   severity: medium
#   subject: data_connect_app
#   requires: [data_connect_events]
#   optional: [data_connect_register]
#   absence: false
#   message: >-
#     {subject} was changed after it was approved on {evidence.approved_at}; declared beyond that approval:
#     {evidence.beyond}
#   remediation: >-
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications > the application (Update available): review every step and approve it again, or decline it. The
#     approval has no Graph call. To take the change back: Azure portal > Microsoft Graph Data Connect > the
#     application.
package policies.data_connect.definition_changed

import data.policies.lib.approvals
import data.policies.lib.definitions
import data.policies.lib.facts
import data.policies.lib.keys

applies if {
	not object.get(input, "state", null) in approvals.refused
	not _undeclared
}

deny contains {"key": _key, "evidence": object.union(_approved, _declared)} if {
	input.state in approvals.in_force
	_changed
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "order of definition and decision" if {
	input.state == "approved"
	not is_boolean(object.get(input, ["definition", "after_decision"], null))
}

# Which definition it is that was not approved, as far as the register tells.
default _key := {}

_key := {"version": version} if {
	version := input.definition.version
	version != null
} else := {"updated_at": instant} if {
	instant := input.definition.updated_at
	instant != null
} else := {"beyond": keys.digest(rows)} if {
	rows := definitions.beyond(input)
	rows != []
}

_undeclared if {
	input.state == "approved"
	object.get(input, "definition", null) == null
}

_changed if input.state == "update_available"

_changed if input.definition.after_decision == true

_approved := facts.pick(input, ["state", "approved_at", "version"])

default _declared := {}

_declared := {"definition": definition, "beyond": definitions.beyond(input)} if {
	is_object(input.definition)
	definition := facts.pick(input.definition, ["version", "updated_at"])
}
