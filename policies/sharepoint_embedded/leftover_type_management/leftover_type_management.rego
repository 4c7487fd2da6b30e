# METADATA
# title: Container type management is dropped after provisioning
# description: >-
#   FileStorageContainerType.Manage.All is needed to create a container type and not to work with it. Once an
#   application's container type was created, or registered, longer ago than the grace period, the permission is left
#   over, whether still requested or granted, by an administrator or by single users, and whether or not it is used;
#   earlier where the usage evidence shows no call that takes it over unused_days, and by that alone where the
#   application has no container type, of which the permission may be a remnant. It exists as a delegated permission
#   only; manifests that name it as an application permission are reported as well. Types that another tenant owns are
#   for SPE-002.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/plan/authentication-permissions
#   - ref: https://learn.microsoft.com/graph/api/oauth2permissiongrant-update
# custom:
#   id: SPE-001
#   severity: high
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants, container_types]
#   optional: [container_type_registrations, graph_activity]
#   absence: false
#   message: >-
#     {subject} still holds {evidence.permission} ({key.held}): {evidence.days} days {evidence.since}
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: remove the permission; Enterprise
#     applications > the application > Permissions: revoke it, for administrator and user consent. With Graph: PATCH
#     /applications/{id} without it in requiredResourceAccess; PATCH /oauth2PermissionGrants/{id} without it in scope.
package policies.sharepoint_embedded.leftover_type_management

import data.policies.lib.facts
import data.policies.lib.origin
import data.policies.lib.permissions
import data.policies.lib.usage

applies if not _none_here

applies if {
	_no_type
	_may_hold
}

deny contains {"key": key, "evidence": object.union(since, max(rows))} if {
	_old
	since := {
		"permission": "FileStorageContainerType.Manage.All",
		"days": _oldest.days,
		"since": sprintf("since its container type was %s", [_oldest.event]),
		"container_type": facts.pick(_oldest.type, ["id", "name", "created_at", "registered_at"]),
	}
	some key, rows in _held
}

deny contains {"key": key, "evidence": evidence} if {
	not _old
	some key, rows in _unused
	row := max(rows)
	evidence := object.union(row, {
		"permission": "FileStorageContainerType.Manage.All",
		"days": row.look_back.days,
		"since": "without a call that takes it",
	})
}

unknown contains "age_days of a container type" if {
	_age_missing
	count(_held) > 0
}

unknown contains "requests" if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
	_possibly_old
}

unknown contains "grants" if {
	object.get(input, "grants", null) == null
	_possibly_left
}

unknown contains "whether calls take the permission" if {
	_no_type
	some grant in input.grants
	_manages(grant)
	not _settled(grant)
}

unknown contains "name of a permission" if {
	_possibly_old
	some list in ["requests", "grants"]
	some row in input[list]
	object.get(row, "permission", null) == null
	_of_graph(row)
}

# By the time since it was created or, where that is not known, registered.
_oldest := {"days": days, "type": type, "event": event} if {
	created := [[type.age_days, 1, "created", type] | some type in input.container_types]
	registered := [[type.registered_days, 0, "registered", type] |
		some type in input.registered_types
		not type.owned_here == false
	]
	[days, _, event, type] := max(array.concat(registered, created))
}

_old if _oldest.days > data.config.leftover_grace_days

_possibly_old if _old

_possibly_old if _age_missing

_possibly_left if _possibly_old

_possibly_left if usage.proves_absence(input)

_possibly_left if _no_type

_age_missing if object.get(input, "container_types", null) == null

_age_missing if {
	some type in input.container_types
	object.get(type, "age_days", null) == null
	not _elsewhere(type)
}

_none_here if {
	every type in input.container_types {
		_elsewhere(type)
	}
}

# Of an identity of this program, AUD-001 judges what it holds.
_no_type if {
	input.container_types == []
	not input.auditor == true
}

_may_hold if object.get(input, "grants", null) == null

_may_hold if {
	some grant in input.grants
	_manages(grant)
}

_settled(grant) if usage.taken(grant) == "used"

_settled(grant) if usage.standing(input, grant) == "young"

_settled(grant) if {
	usage.proves_absence(input)
	usage.taken(grant) == "not_used"
	usage.standing(input, grant) == "standing"
}

# What another tenant owns has its date there, and is for SPE-002.
_elsewhere(type) if {
	some registered in input.registered_types
	registered.id == type.id
	registered.owned_here == false
}

_held[{"held": "requested"}] contains facts.pick(request, ["type_mismatch"]) if {
	some request in input.requests
	_manages(request)
}

_held[_key(grant)] contains facts.pick(grant, ["users", "last_used_at"]) if {
	some grant in input.grants
	_manages(grant)
}

_unused[_key(grant)] contains object.union(facts.pick(grant, ["users", "last_used_at"]), look_back) if {
	usage.proves_absence(input)
	some grant in input.grants
	_manages(grant)
	usage.taken(grant) == "not_used"
	usage.standing(input, grant) == "standing"
	look_back := {"look_back": usage.silence(input, grant)}
}

_key(grant) := object.union({"held": "granted"}, facts.pick(grant, ["consent"]))

# By id, or by name where the id is another cloud's; a wrong kind changes neither.
_manages(row) if facts.folded(row, "permission_id") == "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b"

_manages(row) if {
	facts.folded(row, "permission") == "filestoragecontainertype.manage.all"
	_of_graph(row)
}

_of_graph(row) if facts.folded(row, "resource_app_id") in {permissions.microsoft_graph, ""}
