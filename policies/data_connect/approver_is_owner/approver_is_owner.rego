# METADATA
# title: A Data Connect application is not approved by its own people
# description: >-
#   Whoever approves that an application extracts data must not be one of its owners, nor the developer who registered
#   it. Persons are compared by object id; where an id is missing by user principal name, of which another one may be
#   that of the same person, renamed since, unless neither has an id. No interface tells the developer: without one that
#   the register declares, it is unknown. The owners of an application of another tenant cannot be read.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/app-registration
# custom:
#   id: DC-001
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events, application_owners]
#   optional: [data_connect_register]
#   absence: false
#   message: "{subject} was approved by {key.approver}, who is its {key.as}"
#   remediation: >-
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications: let another administrator decline the application and review it anew; or take the approver off the
#     owners with DELETE /applications/{id}/owners/{user id}/$ref. The approval itself has no Graph call.
package policies.data_connect.approver_is_owner

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.keys

applies if not object.get(input, "state", null) in approvals.refused

deny contains {"key": key, "evidence": evidence} if {
	input.state in approvals.in_force
	evidence := facts.pick(input, ["approved_at", "app_tenant_id", "approver"])
	some [role, person] in _related
	_verdict(person) == "same"
	key := object.union({"approver": _approver, "as": role}, keys.told(input, ["approved_at"]))
}

unknown contains "state" if not object.get(input, "state", null) in approvals.known

unknown contains "approver" if not _approver

unknown contains "own" if object.get(input, "own", null) == null

unknown contains "owners" if {
	input.own == true
	object.get(input, "owners", null) == null
}

unknown contains "developer" if object.get(input, "developer", null) == null

unknown contains sprintf("id and upn of the %s", [role]) if {
	some [role, person] in _related
	_verdict(person) == "unclear"
}

_approver := lower(input.approver.upn) if {
	is_string(input.approver.upn)
} else := lower(input.approver.object_id) if {
	is_string(input.approver.object_id)
}

# Applications own each other, but they approve nothing.
_related contains ["owner", person] if {
	some owner in input.owners
	not owner.type == "service_principal"
	person := {"id": facts.folded(owner, "id"), "upn": facts.folded(owner, "upn")}
}

_related contains ["developer", person] if {
	is_object(input.developer)
	person := {"id": facts.folded(input.developer, "object_id"), "upn": facts.folded(input.developer, "upn")}
}

default _verdict(_) := "unclear"

_verdict(person) := _words[person.id == facts.folded(input.approver, "object_id")] if {
	not "" in {person.id, facts.folded(input.approver, "object_id")}
} else := "unclear" if {
	"" in {person.upn, facts.folded(input.approver, "upn")}
} else := "same" if {
	person.upn == facts.folded(input.approver, "upn")
} else := "different" if {
	{person.id, facts.folded(input.approver, "object_id")} == {""}
}

_words := {true: "same", false: "different"}
