# METADATA
# title: Members do not register applications
# description: >-
#   By default every member may register applications and becomes their owner: nobody decides that they are needed,
#   and secrets lie with people whom nobody trained for it. Administrators and application developers register for
#   others. A tenant that wants it otherwise says so in the configuration (choices > members_create_apps).
# scope: package
# schemas:
#   - input: schema.tenant
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/role-based-access-control/delegate-app-roles
#   - ref: https://learn.microsoft.com/graph/api/authorizationpolicy-update
# custom:
#   id: TEN-003
#   severity: medium
#   subject: tenant
#   requires: [authorization_policy]
#   absence: false
#   message: "Every member of {subject} may register applications"
#   remediation: >-
#     Entra admin center > Users > User settings: set "Users can register applications" to No, and give the role
#     Application Developer to those who need it. With Graph: PATCH /policies/authorizationPolicy with
#     defaultUserRolePermissions.allowedToCreateApps false.
package policies.tenant.members_create_apps

deny contains {"key": {}, "evidence": {"create_apps": true}} if {
	input.create_apps == true
	not data.config.members_create_apps == true
}

unknown contains "create_apps" if {
	not is_boolean(object.get(input, "create_apps", null))
	not data.config.members_create_apps == true
}
