# METADATA
# title: No tokens by implicit grant
# description: >-
#   The registration lets the authorization endpoint hand out tokens by itself (implicit grant). They travel in the
#   address bar, where scripts, extensions and the history of the browser see them, and nothing binds them to the page
#   that asked. Single-page applications use the authorization code with PKCE instead. Access tokens are worse than ID
#   tokens, which open nothing; pages that use the hybrid flow with form_post need the ID token switched on, and the
#   severity is low for it.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-implicit-grant-flow
#   - ref: https://learn.microsoft.com/entra/identity-platform/migrate-spa-implicit-to-auth-code
#   - ref: https://learn.microsoft.com/graph/api/resources/implicitgrantsettings
# custom:
#   id: ENTRA-015
#   severity: medium
#   subject: application
#   requires: [applications]
#   absence: false
#   message: "{subject} is handed an {evidence.what} by implicit grant"
#   remediation: >-
#     Entra admin center > App registrations > the application > Authentication: move the redirect URIs of single-page
#     applications to the platform Single-page application, let the application use the authorization code with PKCE,
#     then clear Access tokens and ID tokens under Implicit grant and hybrid flows. With Graph: PATCH /applications/{id}
#     with web/implicitGrantSettings {"enableAccessTokenIssuance": false, "enableIdTokenIssuance": false}.
package policies.entra.implicit_grant

import data.policies.lib.origin

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains object.union({"key": {"token": token}, "evidence": {"what": what}}, _severity(token)) if {
	input.origin == "own"
	some token in input.implicit_tokens
	what := object.get(_words, token, token)
}

unknown contains "origin" if not input.origin == "own"

unknown contains "implicit_tokens" if object.get(input, "implicit_tokens", null) == null

_words := {"access_token": "access token", "id_token": "ID token"}

default _severity(_) := {}

_severity("id_token") := {"severity": "low"}
