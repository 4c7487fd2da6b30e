# METADATA
# title: Reply URLs
# scope: package
package policies.lib.reply_urls

# METADATA
# description: >-
#   What is wrong with a reply URL - "wildcard" or "not_https". Undefined when nothing is. A program on somebody's own
#   machine may be reached over http on the loopback address, or by a scheme of its own; without a scheme, nothing says
#   that it is https. A wildcard may be percent-encoded, and of what a browser would run or read itself no program is
#   called
#   (https://learn.microsoft.com/entra/identity-platform/reply-url).
fault(address) := "wildcard" if {
	regex.match(`\*|%2a`, _written(address))
} else := "not_https" if {
	regex.match(`^(http|ws|ftps?|ldaps?|gopher|tcp|javascript|vbscript|data|file|blob|about):`, _written(address))
	not regex.match(`^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?([/?#]|$)`, _written(address))
} else := "not_https" if {
	not regex.match(`^[a-z][a-z0-9+.-]*:`, _written(address))
} else := "not_https" if {
	regex.match(`^[a-z0-9.-]+:[0-9]+([/?#]|$)`, _written(address))
}

_written(address) := lower(trim_space(address))
