# METADATA
# title: Reply URLs are https and name one place
# description: >-
#   Codes and tokens are sent to the reply URLs of a registration. Over http anybody on the way reads them, and a
#   wildcard sends them to whoever gets hold of any address that it matches, such as a forgotten subdomain. The loopback
#   address (http://localhost, http://127.0.0.1, http://[::1]) stays on the machine and is fine, and so are the schemes
#   of programs (myapp://, ms-appx-web://, urn:ietf:wg:oauth:2.0:oob). Reply URLs of applications that are registered
#   elsewhere are their owner's.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/reply-url
#   - ref: https://learn.microsoft.com/graph/api/application-update
# custom:
#   id: ENTRA-014
#   severity: high
#   subject: application
#   requires: [applications]
#   absence: false
#   message: "{subject} has the reply URL {key.reply_url}, which {evidence.what}"
#   remediation: >-
#     Entra admin center > App registrations > the application > Authentication: replace the redirect URI by https ones,
#     each written in full. With Graph: PATCH /applications/{id} with the remaining redirectUris of web, spa or
#     publicClient.
package policies.entra.unsafe_reply_url

import data.policies.lib.origin
import data.policies.lib.reply_urls

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains {"key": {"reply_url": address}, "evidence": evidence} if {
	input.origin == "own"
	some address, platforms in _addresses
	fault := reply_urls.fault(address)
	evidence := {"fault": fault, "what": _words[fault], "platforms": sort(platforms)}
}

unknown contains "origin" if not input.origin == "own"

unknown contains "redirect_uris" if object.get(input, "redirect_uris", null) == null

unknown contains "uri of a reply URL" if {
	some reply in input.redirect_uris
	object.get(reply, "uri", null) == null
}

_words := {"not_https": "is not https", "wildcard": "has a wildcard"}

# One may stand under several platforms.
_addresses[reply.uri] contains object.get(reply, "platform", null) if some reply in input.redirect_uris
