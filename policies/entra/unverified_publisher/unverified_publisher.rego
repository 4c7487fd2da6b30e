# METADATA
# title: Applications of several tenants have a verified publisher
# description: >-
#   Nobody outside the tenant that registered an application can tell who offers it, unless its publisher is verified.
#   Two kinds of applications are reported - one of this tenant that accepts accounts of other tenants, whether they are
#   meant to use it (multi_tenant_needed) or not, with severity medium; and one of another tenant that was granted
#   permissions of tier high or critical here, by an administrator or by single users, with severity high, because it
#   may be anybody's. Applications for personal accounts only cannot be verified. Permissions that the catalogue does
#   not rate do not count.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/publisher-verification-overview
#   - ref: https://learn.microsoft.com/entra/identity-platform/mark-app-as-publisher-verified
#   - ref: https://learn.microsoft.com/graph/api/application-setverifiedpublisher
# custom:
#   id: ENTRA-016
#   severity: medium
#   subject: application
#   requires: [applications, service_principals]
#   optional: [app_role_assignments, delegated_grants]
#   absence: false
#   message: "{subject}, which {evidence.what}, has no verified publisher"
#   remediation: >-
#     Of this tenant: Entra admin center > App registrations > the application > Branding & properties: verify the
#     publisher; or Authentication > Supported account types: this organizational directory only. With Graph: POST
#     /applications/{id}/setVerifiedPublisher, or PATCH /applications/{id} with signInAudience AzureADMyOrg. Of another
#     tenant: ask the vendor to verify, or revoke under Enterprise applications > the application > Permissions (DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id}, DELETE /oauth2PermissionGrants/{id}).
package policies.entra.unverified_publisher

import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.permissions

applies if {
	not input.origin == "microsoft"
	not input.origin == "managed_identity"
	not input.origin == "deleted"
	not _closed
}

deny contains {"key": {"audience": audience}, "evidence": evidence} if {
	input.origin == "own"
	audience := facts.folded(input, "sign_in_audience")
	audience in _several
	input.verified_publisher == false
	evidence := {"what": "accepts accounts of other tenants", "sign_in_audience": input.sign_in_audience}
}

deny contains {"key": key, "evidence": evidence, "severity": "high"} if {
	input.origin == "foreign"
	input.verified_publisher == false
	_far_reaching != set()
	key := {"permissions": keys.far_reaching(input.grants)}
	evidence := {"what": "another tenant registered", "permissions": sort(_far_reaching)}
}

unknown contains "origin" if {
	not input.origin == "own"
	not input.origin == "foreign"
}

unknown contains "sign_in_audience" if {
	input.origin == "own"
	not facts.folded(input, "sign_in_audience") in _several
}

unknown contains "verified_publisher" if {
	object.get(input, "verified_publisher", null) == null
	_in_question
}

unknown contains "grants" if {
	input.origin == "foreign"
	not input.verified_publisher == true
	object.get(input, "grants", null) == null
}

unknown contains "tier of a permission" if {
	input.origin == "foreign"
	not input.verified_publisher == true
	_untold
}

_several := {"azureadmultipleorgs", "azureadandpersonalmicrosoftaccount"}

_closed if {
	input.origin == "own"
	facts.folded(input, "sign_in_audience") in {"azureadmyorg", "personalmicrosoftaccount"}
}

# A foreign application without anything far-reaching may have whatever publisher.
_in_question if not input.origin == "foreign"

_in_question if _far_reaching != set()

_far_reaching contains permissions.evidence(grant).permission if {
	some grant in input.grants
	grant.tier in {"critical", "high"}
}

# What could not be resolved has no tier.
_untold if {
	some grant in input.grants
	object.get(grant, "tier", null) == null
}
