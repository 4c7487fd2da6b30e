# METADATA
# title: Container types have owners who can act
# description: >-
#   The owners of a container type, at most three people of the owning tenant, decide over its settings and its life.
#   One without any is in the hands of administrators only; a guest should not be able to own one, and a disabled
#   account holds a place that somebody else needs. Microsoft Graph tells of an owner no more than who it is: whether
#   the account is enabled is known only of people who own applications as well, and it is enough to know it of one.
#   Container types that are owned in another tenant show their owners there. The list exists in beta and in the
#   worldwide cloud only.
# scope: package
# schemas:
#   - input: schema.container_type
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainertype-list-permissions?view=graph-rest-beta
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainertype-post-permissions?view=graph-rest-beta
# custom:
#   id: SPE-014
#   severity: medium
#   subject: container_type
#   requires: [container_types, container_type_owners]
#   absence: true
#   message: "The container type {subject} {evidence.problem}"
#   remediation: >-
#     Let an owner, or a SharePoint Embedded administrator with FileStorageContainerType.Manage.All, add a person who
#     answers for the container type and remove who does not. With Graph: POST
#     /beta/storage/fileStorage/containerTypes/{id}/permissions with roles ["owner"], DELETE
#     /beta/storage/fileStorage/containerTypes/{id}/permissions/{id}. There is no portal page for it.
package policies.sharepoint_embedded.container_type_owners

import data.policies.lib.embedded
import data.policies.lib.facts

applies if not input.owned_here == false

deny contains {"key": {"fault": "no_owner"}, "evidence": evidence} if {
	input.owned_here == true
	input.owners == []
	evidence := {"problem": "has no owner", "owners": 0}
}

deny contains {"key": {"fault": fault, "owner": who}, "evidence": evidence} if {
	some owner in input.owners
	some fault in _faults(owner)
	who := embedded.identity(owner)
	evidence := object.union(
		{"problem": _problems[fault], "owners": count(input.owners)},
		facts.pick(owner, ["name", "upn", "type", "user_type", "enabled"]),
	)
}

unknown contains "owned_here" if not is_boolean(object.get(input, "owned_here", null))

unknown contains "owners" if object.get(input, "owners", null) == null

unknown contains "an owner could not be read" if {
	some owner in input.owners
	not owner.readable == true
}

unknown contains "type of an owner" if {
	some owner in input.owners
	facts.folded(owner, "type") == ""
}

unknown contains "user_type or upn of an owner" if {
	some owner in input.owners
	not _member(owner)
}

unknown contains "enabled: whether any of the owners can sign in" if {
	enabled := [owner | some owner in input.owners; owner.enabled == true; owner.type == "user"]
	count(enabled) == 0
}

_faults(owner) := {fault |
	some fault, found in {"guest": _guest(owner), "disabled": _disabled(owner), "not_a_person": _thing(owner)}
	found
}

default _guest(_) := false

_guest(owner) if owner.user_type == "guest"

_guest(owner) if contains(facts.folded(owner, "upn"), "#ext#")

default _disabled(_) := false

_disabled(owner) if owner.enabled == false

default _thing(_) := false

_thing(owner) if not facts.folded(owner, "type") in {"", "user"}

# Entra sets a mark into the names of guests; a name without it is a member's.
_member(owner) if owner.user_type == "member"

_member(owner) if {
	object.get(owner, "user_type", null) == null
	not facts.folded(owner, "upn") == ""
}

_problems := {
	"guest": "is owned by a guest",
	"disabled": "is owned by a disabled account",
	"not_a_person": "is owned by something that is no person",
}
