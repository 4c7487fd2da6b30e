# METADATA
# title: APIs pre-authorise no clients of strangers
# description: >-
#   The registration of an API pre-authorises a client - users of that client are never asked, and no administrator
#   consents, before it gets the named scopes. That is meant for clients of one's own. A client that another tenant
#   registered, or that this tenant does not know at all, is reported unless it is declared (pre_authorized). Clients of
#   this tenant and Microsoft's own are fine, and so are the clients of Microsoft 365 that add-ins and Teams tabs
#   pre-authorise, whether or not they stand in the directory. A client without scopes gets nothing.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/quickstart-configure-app-expose-web-apis
#   - ref: https://learn.microsoft.com/graph/api/resources/preauthorizedapplication
#   - ref: https://learn.microsoft.com/graph/api/application-update
# custom:
#   id: ENTRA-025
#   severity: medium
#   subject: application
#   requires: [applications, service_principals]
#   absence: false
#   message: "{subject} pre-authorises {evidence.client} ({key.client}) for {evidence.scopes}: {evidence.what}"
#   remediation: >-
#     Entra admin center > App registrations > the API > Expose an API > Authorized client applications: remove the
#     client, so that its users or an administrator consent; or declare it under pre_authorized. With Graph: PATCH
#     /applications/{id} with the remaining api/preAuthorizedApplications.
package policies.entra.pre_authorized_client

import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.office_clients
import data.policies.lib.origin

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains {"key": object.union({"client": client}, _scopes(client)), "evidence": min(rows)} if {
	input.origin == "own"
	some client, rows in _strangers
}

unknown contains "origin" if not input.origin == "own"

unknown contains "pre_authorized" if object.get(input, "pre_authorized", null) == null

unknown contains "app_id of a pre-authorised client" if {
	some client in input.pre_authorized
	facts.folded(client, "app_id") == ""
}

# The same client may stand there twice.
_strangers[id] contains _evidence(client) if {
	some client in input.pre_authorized
	id := facts.folded(client, "app_id")
	not id in (_known | {""})
	not client.scopes == []
	not object.get(client, "origin", null) in {"own", "microsoft", "managed_identity"}
}

# All that a client is authorised for, where that was read.
_scopes(id) := {"scopes": keys.list({scope | some client in _clients(id); some scope in client.scopes})} if {
	every client in _clients(id) {
		is_array(client.scopes)
	}
} else := {}

_clients(id) := [client | some client in input.pre_authorized; facts.folded(client, "app_id") == id]

_evidence(client) := {
	"client": object.get(client, "name", "a client without a name"),
	"scopes": object.get(client, "scopes", null),
	"what": _what(object.get(client, "origin", null)),
}

_known := office_clients.ids | {lower(id) | some id in data.config.pre_authorized}

_what(from) := "registered by another tenant" if {
	from == "foreign"
} else := "not known in this tenant"
