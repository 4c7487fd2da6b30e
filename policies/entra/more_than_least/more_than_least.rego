# METADATA
# title: No application holds more than its calls take
# description: >-
#   The calls of Microsoft Graph that were seen, or that the configuration declares, are covered by a smallest set of
#   permissions. What is granted beyond that set can go, once what the set has in addition is granted; where calls were
#   seen and declared, what neither needs. A set for calls that were seen counts where the look-back is whole, lasts
#   unused_days and reaches up to the audit, and for grants that stood through it. Nothing is concluded from calls that
#   no catalogue knows, nor that nothing can go from a set that is not proven the smallest. One permission for another
#   that weighs as much and is no narrower alternative is no gain, and not reported. Where no call of a kind was seen in
#   unused_days, ENTRA-006 judges the grants of that kind. Other resources are not judged, since no log tells of their
#   calls, nor are Microsoft's own applications, whose calls nobody here decides on.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/graph/permissions-overview
#   - ref: https://learn.microsoft.com/graph/permissions-reference
#   - ref: https://learn.microsoft.com/entra/identity-platform/secure-least-privileged-access
#   - ref: https://learn.microsoft.com/graph/microsoft-graph-activity-logs-overview
# custom:
#   id: ENTRA-007
#   severity: medium
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants]
#   optional: [graph_activity, consent_events]
#   absence: false
#   message: >-
#     {subject} holds {evidence.permission} ({evidence.kind}), and its calls ({evidence.bases}) take no more than:
#     {evidence.least}
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: add what is missing of the smallest
#     set, grant consent, test, then remove the permission; Enterprise applications > the application > Permissions:
#     revoke it. With Graph: PATCH /applications/{id} (requiredResourceAccess), POST
#     /servicePrincipals/{id}/appRoleAssignments, then DELETE /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH
#     /oauth2PermissionGrants/{id}. `leastwise permissions minimal` shows the set with a proof for each call.
#     Test first what the evidence calls narrow: ReadBasic returns fewer properties, no body of a message for one, and a
#     name such as OwnedBy or Selected reaches a part of the objects. No log of calls tells whether that is enough.
package policies.entra.more_than_least

import data.policies.lib.granted
import data.policies.lib.keys
import data.policies.lib.least
import data.policies.lib.permissions
import data.policies.lib.usage

applies if {
	not input.origin == "deleted"
	not input.origin == "microsoft"
	not usage.left_out(input)
	_any
}

deny contains object.union({"key": key, "evidence": evidence}, _severity(rows)) if {
	some kind, rows_by_key in _excess
	some permission, rows in rows_by_key
	key := object.union({"permission": permission}, keys.consent(input, permission))
	facts := object.union(min({permissions.evidence(row) | some row in rows}), least.evidence(input, kind))
	evidence := object.union(facts, _caution(kind))
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains sprintf("least set of %s permissions", [kind]) if {
	some kind in least.kinds
	count(least.sets(input, kind)) == 0
	some grant in input.grants
	object.get(grant, "kind", null) in {kind, null}
	granted.callable(input, grant)
	not _left_to_others(grant)
}

unknown contains "parts of a least set" if {
	some set in input.least
	not least.readable(set)
}

unknown contains "what calls take that no catalogue knows" if {
	some set in input.least
	not set.uncovered == []
	_holds(set.kind)
}

unknown contains "whether a least set is the smallest" if {
	some set in input.least
	not set.proven == true
	_holds(set.kind)
}

unknown contains "activity that is whole, long and fresh enough" if {
	some set in input.least
	least.bases(input, set.kind) == set()
	_holds(set.kind)
}

unknown contains "key of a grant" if {
	some grant in input.grants
	object.get(grant, "key", null) == null
	granted.callable(input, grant)
}

unknown contains "since when a grant stands" if {
	some kind, grants in _removable
	some grant in grants
	not _tells(grant, kind)
	usage.standing(input, grant) == "unclear"
}

_any if object.get(input, "grants", null) == null

_any if {
	some grant in input.grants
	granted.callable(input, grant)
}

_excess[kind][grant.key] contains grant if {
	some kind, grants in _removable
	some grant in grants
	_tells(grant, kind)
}

_removable[kind] contains grant if {
	some kind in _kinds
	least.concludes(input, kind)
	some grant in input.grants
	least.removes(input, kind, grant.key)
	granted.callable(input, grant)
}

_kinds contains set.kind if {
	some set in input.least
	count(set.removable) > 0
}

# A declaration tells what a grant is for, whenever it was given; what was seen, of a grant that stood or serves.
_tells(_, kind) if "declared" in least.bases(input, kind)

_tells(grant, _) if usage.standing(input, grant) == "standing"

_tells(grant, _) if {
	usage.taken(grant) == "used"
	usage.standing(input, grant) == "unclear"
}

_holds(kind) if {
	some grant in input.grants
	object.get(grant, "kind", null) in {kind, null}
	granted.callable(input, grant)
}

# ENTRA-006 judges what shows no call.
_left_to_others(grant) if {
	usage.proves_absence(input)
	usage.taken(grant) == "not_used"
}

# What the set has that may be too little, though it allows the calls.
_caution(kind) := {"narrow": names} if {
	names := sort({name |
		some set in least.sets(input, kind)
		some key in set.narrow
		name := regex.replace(key, `^[^/]*/[^/]*/`, "")
	})
	count(names) > 0
} else := {}

_severity(rows) := {"severity": "high"} if {
	some row in rows
	row.tier in {"critical", "high"}
} else := {}
