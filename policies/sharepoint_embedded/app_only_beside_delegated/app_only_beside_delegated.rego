# METADATA
# title: Applications work for users where they can
# description: >-
#   A guest application has app-only permissions on the content of a container type, and permissions for users beside
#   them. App-only it reaches every container of the type and nobody is named in the logs; on behalf of users it
#   reaches what they reach. The delegated grant shows that the second way is open. Silent where app-only calls were
#   seen in the last unused_days, where the app-only permissions are declared as needed (container_needs), and for the
#   application that owns the type: the registration gives it everything on both sides.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/development/auth
#   - ref: https://learn.microsoft.com/graph/api/filestoragecontainertypeapppermissiongrant-update
# custom:
#   id: SPE-005
#   severity: medium
#   subject: application
#   requires: [container_type_registrations, container_type_grants]
#   optional: [service_principals, app_role_assignments, delegated_grants, graph_activity]
#   absence: false
#   message: >-
#     {subject} has {evidence.app_only} on {evidence.name} without a user, beside {evidence.delegated} for users;
#     app-only use in the look-back: {evidence.app_only_use}
#   remediation: >-
#     Let the application call on behalf of users, then let the owner of the container type take the app-only side
#     away: PATCH
#     /storage/fileStorage/containerTypeRegistrations/{containerTypeId}/applicationPermissionGrants/{appId} with
#     applicationPermissions ["none"]; revoke the role FileStorageContainer.Selected under Entra admin center >
#     Enterprise applications > the application > Permissions. Where a job without users needs it, declare that.
package policies.sharepoint_embedded.app_only_beside_delegated

import data.policies.lib.embedded
import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.usage

applies if not _owner_of_all

deny contains {"key": {"container_type": id, "app_only": keys.list(app_only)}, "evidence": evidence} if {
	not _app_only_use == "used"
	some grant in _as_guest
	grant.guest == true
	app_only := _content(grant, "application") - _declared
	app_only != set()
	delegated := _content(grant, "delegated")
	delegated != set()
	id := facts.folded(grant, "container_type_id")
	evidence := object.union(
		facts.pick(grant, ["name", "owning_app_id"]),
		{"app_only": app_only, "delegated": delegated, "app_only_use": _app_only_use},
	)
}

unknown contains "type_grants" if object.get(input, "type_grants", null) == null

unknown contains "guest: who owns a container type" if {
	some grant in _as_guest
	object.get(grant, "guest", null) == null
	every side in embedded.sides {
		count(_content(grant, side)) > 0
	}
}

unknown contains sprintf("%s permissions of a grant", [side]) if {
	some grant in _as_guest
	some side in embedded.sides
	embedded.unread(grant, side)
}

# Content may be among what it stands for.
unknown contains sprintf("meaning of permission %s", [permission]) if {
	some grant in _as_guest
	every side in embedded.sides {
		embedded.side(grant, side) != []
	}
	some side in embedded.sides
	some permission in embedded.side(grant, side)
	not permission in embedded.known
}

# Also those of which the owner is not known.
_as_guest := [grant | some grant in input.type_grants; not grant.guest == false]

_owner_of_all if {
	every grant in input.type_grants {
		grant.guest == false
	}
}

_content(grant, side) := {permission | some permission in embedded.side(grant, side)} & embedded.content

_declared contains permission if {
	some wanted in input.declared.container_application
	some permission in embedded.content
	lower(permission) == lower(wanted)
}

# What usage tells of the permission by which containers are called without a user.
default _app_only_use := "not known"

_app_only_use := "used" if {
	"used" in _uses
} else := "not seen" if {
	"not_used" in _uses
	usage.proves_absence(input)
}

_uses contains usage.taken(grant) if {
	some grant in input.grants
	grant.kind == "application"
	embedded.matches(grant, embedded.selected)
}
