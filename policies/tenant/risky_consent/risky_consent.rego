# METADATA
# title: Users do not consent to applications that look risky
# description: >-
#   Entra stops users from consenting for themselves when an application looks risky, such as one of an unverified
#   publisher that asks for more than signing in, and hands the request to an administrator.
#   allowUserConsentForRiskyApps switches that off. Not set (null), it is off by default.
# scope: package
# schemas:
#   - input: schema.tenant
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-risk-based-step-up-consent
#   - ref: https://learn.microsoft.com/graph/api/resources/authorizationpolicy
# custom:
#   id: TEN-005
#   severity: high
#   subject: tenant
#   requires: [authorization_policy]
#   absence: false
#   message: "Users of {subject} may consent to applications that look risky"
#   remediation: >-
#     There is no portal page for it. With Graph: PATCH /policies/authorizationPolicy with
#     allowUserConsentForRiskyApps false; in PowerShell: Update-MgPolicyAuthorizationPolicy
#     -AllowUserConsentForRiskyApps:$false.
package policies.tenant.risky_consent

deny contains {"key": {}, "evidence": {"risky_consent": true}} if input.risky_consent == true

unknown contains "risky_consent" if not input.risky_consent_read == true
