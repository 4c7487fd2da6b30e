# METADATA
# title: Reply URLs
# scope: package
package policies.lib.reply_urls

# METADATA
# description: >-
#   What is wrong with a reply URL - "wildcard" or "not_https". Undefined when nothing is. A program on somebody's own
#   machine may be reached over http on the loopback address, or by a scheme of its own
#   (https://learn.microsoft.com/entra/identity-platform/reply-url).
fault(address) := "wildcard" if {
	contains(address, "*")
} else := "not_https" if {
	startswith(lower(address), "http:")
	not regex.match(`^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?([/?#]|$)`, lower(address))
}
