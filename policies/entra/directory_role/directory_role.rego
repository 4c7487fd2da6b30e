# METADATA
# title: Applications hold no directory roles
# description: >-
#   An application holds a directory role, by itself or as a member of a group, or may activate one (Privileged
#   Identity Management). A role gives it all that the role gives a person, no manifest asks for it, no consent shows
#   it, and reviews of permissions miss it. A Graph permission says the same more narrowly and where everybody looks.
#   The scope tells a role over the whole directory (/) from one over an administrative unit or a single object. The
#   severity is critical for the roles that may manage every application (privileged_roles) over the whole directory,
#   or where no scope is told, and low for the one that only reads what every member reads (Directory Readers). Of
#   Microsoft's own applications, which the platform gives roles, only those privileged roles are reported.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
#   - ref: https://learn.microsoft.com/entra/identity/role-based-access-control/best-practices
#   - ref: https://learn.microsoft.com/graph/api/unifiedroleassignment-delete
# custom:
#   id: ENTRA-021
#   severity: high
#   subject: application
#   requires: [directory_role_assignments, directory_role_definitions]
#   absence: false
#   message: "{subject} holds the directory role {evidence.role} ({evidence.how}, scope {key.scope})"
#   remediation: >-
#     Entra admin center > Roles & admins > the role > Assignments: remove the application (Eligible assignments too),
#     or take it out of the group that holds the role; add the Graph permission that it needs under App registrations
#     > the application > API permissions. With Graph: DELETE /roleManagement/directory/roleAssignments/{id}; POST
#     /roleManagement/directory/roleEligibilityScheduleRequests with action adminRemove.
package policies.entra.directory_role

import data.policies.lib.facts

applies if not input.origin == "deleted"

deny contains object.union({"key": key, "evidence": min(rows)}, _severity(key)) if some key, rows in _held

unknown contains "origin" if {
	not object.get(input, "origin", null) in ({"microsoft"} | _judged)
	not input.directory_roles == []
}

unknown contains "directory_roles" if object.get(input, "directory_roles", null) == null

unknown contains "role or kind of an assignment" if {
	some hold in input.directory_roles
	not _told(hold)
}

unknown contains sprintf("whether it is in a group that holds the role %s", [_name(hold)]) if {
	some hold in input.directory_roles
	_reported(hold)
	hold.via == "group"
}

_judged := {"own", "foreign", "managed_identity"}

_told(hold) if {
	is_string(hold.role_id)
	is_string(hold.via)
}

# Two assignments of one role over one scope are one finding.
_held[object.union(key, where)] contains {"role": _name(hold), "how": _how(hold)} if {
	some hold in input.directory_roles
	_reported(hold)
	not hold.via == "group"
	key := {"role": lower(hold.role_id), "via": hold.via}
	where := facts.pick(hold, ["scope", "group_id"])
}

_how(hold) := hold.via if {
	object.get(hold, "group_id", null) == null
} else := sprintf("%s, through the group %s", [hold.via, hold.group_id])

_reported(_) if input.origin in _judged

_reported(hold) if facts.folded(hold, "role_id") in _privileged

_privileged contains lower(id) if some id in data.config.privileged_roles

_name(hold) := object.get(hold, "role", object.get(hold, "role_id", "without a name"))

default _severity(_) := {}

_severity(key) := {"severity": "critical"} if {
	key.role in _privileged
	object.get(key, "scope", "/") == "/"
} else := {"severity": "low"} if {
	key.role == "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
}
