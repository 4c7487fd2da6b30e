# METADATA
# title: Disabled and orphaned applications hold no permissions
# description: >-
#   Grants of an application whose sign-in is disabled, here or by Microsoft, that was deleted, or on an API that is no
#   longer in the tenant serve nobody now, and are in force again at once when it is enabled or restored. Those of an
#   application of this tenant whose registration is gone have nobody who looks after them any more. A disabled
#   application is a decision half carried out - the grants go, or the application. Of Microsoft's own applications
#   what was consented to here counts, not what Microsoft gave them.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/disable-user-sign-in-portal
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/delete-application-portal
#   - ref: https://learn.microsoft.com/graph/api/resources/serviceprincipal
#   - ref: https://learn.microsoft.com/graph/api/serviceprincipal-delete-approleassignments
# custom:
#   id: ENTRA-020
#   severity: medium
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants]
#   optional: [applications, consent_events]
#   absence: false
#   message: "{subject} still holds permissions, and {evidence.why}: {evidence.permissions}"
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions: revoke all, or delete the
#     application under Properties; App registrations > Deleted applications: delete it for good. With Graph: DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id} and DELETE /oauth2PermissionGrants/{id} for each grant; DELETE
#     /servicePrincipals/{id}, then DELETE /directory/deletedItems/{id}.
package policies.entra.disabled_principal_grants

import data.policies.lib.facts
import data.policies.lib.granted
import data.policies.lib.keys
import data.policies.lib.permissions

applies if granted.any_revocable(input)

deny contains object.union({"key": key, "evidence": evidence}, _severity(grants)) if {
	some reason in _reasons
	grants := _concerned(reason)
	key := {"reason": reason, "permissions": keys.far_reaching(grants)}
	evidence := {
		"why": _words[reason],
		"grants": count(grants),
		"permissions": sort({permissions.evidence(grant).permission | some grant in grants}),
	}
}

unknown contains "grants" if object.get(input, "grants", null) == null

# Of a deleted application nothing but its grants is left.
unknown contains "enabled" if {
	not input.origin == "deleted"
	object.get(input, "enabled", null) == null
}

# Other kinds of service principals never had one.
unknown contains "registered: whether its registration is still there" if {
	input.origin == "own"
	object.get(input, "registered", null) == null
	facts.folded(input, "service_principal_type") in {"application", ""}
}

unknown contains "resource of a grant" if {
	some grant in granted.revocable(input)
	not grant.resource_deleted == true
	object.get(grant, "resource_app_id", null) == null
}

_concerned("api_gone") := _orphans

_concerned(reason) := granted.revocable(input) if reason != "api_gone"

_orphans := [grant | some grant in granted.revocable(input); grant.resource_deleted == true]

_reasons contains "api_gone" if count(_orphans) > 0

_reasons contains "disabled" if input.enabled == false

_reasons contains "orphaned" if {
	input.origin == "own"
	input.registered == false
}

_reasons contains "deleted" if input.origin == "deleted"

_reasons contains "disabled_by_microsoft" if {
	not facts.folded(input, "disabled_by_microsoft") in {"", "notdisabled"}
}

_words := {
	"disabled": "its sign-in is disabled",
	"deleted": "it was deleted",
	"orphaned": "its registration is gone",
	"disabled_by_microsoft": "Microsoft has disabled it",
	"api_gone": "their API is no longer in the tenant",
}

_severity(grants) := {"severity": "high"} if {
	some grant in grants
	grant.tier in {"critical", "high"}
} else := {}
