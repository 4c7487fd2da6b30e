# METADATA
# title: Container type management is dropped after provisioning
# description: >-
#   FileStorageContainerType.Manage.All is needed to create a container type and not to work with it. Once an
#   application's container type is older than the grace period, the permission is left over, whether still requested
#   or granted, by an administrator or by single users. It exists as a delegated permission only; manifests that name
#   it as an application permission are reported as well.
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
#   absence: false
#   message: >-
#     {subject} still holds {evidence.permission} ({key.held}), {evidence.days} days after its container type was
#     created
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: remove the permission; Enterprise
#     applications > the application > Permissions: revoke it, for administrator and user consent. With Graph: PATCH
#     /applications/{id} without it in requiredResourceAccess; PATCH /oauth2PermissionGrants/{id} without it in scope.
package policies.sharepoint_embedded.leftover_type_management

import data.policies.lib.facts
import data.policies.lib.origin
import data.policies.lib.permissions

applies if not input.container_types == []

deny contains {"key": key, "evidence": object.union(since, max(rows))} if {
	_oldest.days > data.config.leftover_grace_days
	since := {
		"permission": "FileStorageContainerType.Manage.All",
		"days": _oldest.days,
		"container_type": facts.pick(_oldest.type, ["id", "name", "created_at"]),
	}
	some key, rows in _held
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
	_possibly_old
}

unknown contains "name of a permission" if {
	_possibly_old
	some list in ["requests", "grants"]
	some row in input[list]
	object.get(row, "permission", null) == null
	_of_graph(row)
}

_oldest := {"days": days, "type": type} if {
	ages := [[type.age_days, type] | some type in input.container_types; is_number(type.age_days)]
	[days, type] := max(ages)
}

_possibly_old if _oldest.days > data.config.leftover_grace_days

_possibly_old if _age_missing

_age_missing if object.get(input, "container_types", null) == null

_age_missing if {
	some type in input.container_types
	object.get(type, "age_days", null) == null
}

_held[{"held": "requested"}] contains facts.pick(request, ["type_mismatch"]) if {
	some request in input.requests
	_manages(request)
}

_held[key] contains facts.pick(grant, ["users"]) if {
	some grant in input.grants
	_manages(grant)
	key := object.union({"held": "granted"}, facts.pick(grant, ["consent"]))
}

# By id, or by name where the id is another cloud's; a wrong kind changes neither.
_manages(row) if facts.folded(row, "permission_id") == "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b"

_manages(row) if {
	facts.folded(row, "permission") == "filestoragecontainertype.manage.all"
	_of_graph(row)
}

_of_graph(row) if facts.folded(row, "resource_app_id") in {permissions.microsoft_graph, ""}
