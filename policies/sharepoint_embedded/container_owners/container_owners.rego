# METADATA
# title: Every container has owners of this tenant, and few
# description: >-
#   Somebody must answer for each container: a person or a group in the role owner (or principalOwner). An application
#   answers for nothing and does not count. More owners than configured (thresholds > max_container_owners) are more
#   people who may delete it and let others in; a group counts as one, and its members are not looked at. Guests as
#   owners are reported unless the configuration allows them (choices > container_owner_guests). Whether an owner's
#   account is enabled, container permissions do not tell. A container that was never activated is deleted after a day
#   and is left out.
# scope: package
# schemas:
#   - input: schema.container
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainer-list-permissions
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainer-post-permissions
#   - ref: https://learn.microsoft.com/powershell/module/microsoft.online.sharepoint.powershell/add-spocontaineruser
# custom:
#   id: SPE-013
#   severity: medium
#   subject: container
#   requires: [containers, container_permissions]
#   absence: true
#   message: "{subject}: {evidence.problem}; owners: {evidence.owners}"
#   remediation: >-
#     SharePoint admin center > Containers > Active containers > the container > Membership: add an owner, or take the
#     role from guests and from whoever does not need it. With Graph: POST
#     /storage/fileStorage/containers/{id}/permissions with roles ["owner"], DELETE
#     /storage/fileStorage/containers/{id}/permissions/{id}; in SharePoint Online Management Shell:
#     Add-SPOContainerUser and Remove-SPOContainerUser with -Role Owner. The principal owner can only be replaced.
package policies.sharepoint_embedded.container_owners

import data.policies.lib.embedded
import data.policies.lib.facts
import data.policies.lib.keys

applies if not facts.folded(input, "status") == "inactive"

deny contains {"key": {"fault": "no_owner"}, "evidence": evidence} if {
	is_array(input.members)
	_owners == set()
	_unclear == set()
	others := {member.role | some member in input.members; not member.role in _owning}
	evidence := object.union({"problem": "nobody owns the container", "owners": 0, "roles": others}, _context)
}

deny contains {"key": {"fault": "too_many_owners", "owners": _who}, "evidence": evidence} if {
	count(_owners) > data.config.max_container_owners
	problem := sprintf("more than %d owners", [data.config.max_container_owners])
	evidence := object.union({"problem": problem, "owners": count(_owners)}, _context)
}

deny contains {"key": {"fault": "guest_owner", "member": who}, "evidence": evidence} if {
	not data.config.container_owner_guests == true
	some member in _in_role
	member.guest == true
	who := embedded.identity(member)
	evidence := object.union_n([
		{"problem": "a guest is an owner", "owners": count(_owners)},
		facts.pick(member, ["upn", "name"]),
		_context,
	])
}

unknown contains "members" if object.get(input, "members", null) == null

unknown contains reason if some reason in _unclear

unknown contains "guest: whether an owner is one" if {
	not data.config.container_owner_guests == true
	some member in _in_role
	not facts.folded(member, "type") in {"group", "site_group", "sharepoint_group", "application"}
	not is_boolean(object.get(member, "guest", null))
}

# Each owner once, however many permissions say so.
_owners contains embedded.identity(member) if {
	some member in _in_role
	not facts.folded(member, "type") in {"", "application"}
}

_who := keys.list(_owners) if {
	count(_owners) <= keys.longest
} else := keys.step(count(_owners))

_in_role := [member | some member in input.members; member.role in _owning]

_unclear contains "role of a member" if {
	some member in input.members
	object.get(member, "role", null) == null
}

_unclear contains sprintf("meaning of role %s", [member.role]) if {
	some member in input.members
	not member.role in (_owning | {"reader", "writer", "manager"})
}

_unclear contains "type of an owner" if {
	some member in _in_role
	facts.folded(member, "type") == ""
}

_owning := {"owner", "principalOwner"}

_context := facts.pick(input, ["container_type_id", "container_type_name", "owning_app_name"])
