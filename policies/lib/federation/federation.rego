# METADATA
# title: Federated credentials
# description: >-
#   Whose tokens a federated credential takes, and which of them
#   (https://learn.microsoft.com/entra/workload-id/workload-identity-federation).
# scope: package
package policies.lib.federation

import data.policies.lib.github

# METADATA
# description: >-
#   Whether an issuer is one of the entries, or begins with one that ends in "/". Letters count in either case, and a
#   slash at the end does not.
# scope: document
listed(issuer, entries) if {
	some entry in entries
	_bare(issuer) == _bare(entry)
}

listed(issuer, entries) if {
	some entry in entries
	endswith(entry, "/")
	startswith(_bare(issuer), lower(entry))
}

# METADATA
# description: Whether an issuer is a tenant of Entra, any tenant.
entra(issuer) if listed(issuer, {sprintf("%s/", [host]) | some host in _hosts})

# METADATA
# description: Whether an issuer is the tenant with this id, as managed identities and applications of it present it.
own(issuer, tenant) if {
	tenant != ""
	entra(issuer)
	parts := split(_bare(issuer), "/")
	parts[3] == lower(tenant)
}

# METADATA
# description: >-
#   What is wide about a subject of an issuer - "empty", "wildcard", or what is said of those of GitHub, which are told
#   by their issuer or by their form. Undefined when it names one workload.
breadth(issuer, subject) := "empty" if {
	trim_space(subject) == ""
} else := "wildcard" if {
	contains(subject, "*")
} else := github.breadth(subject) if {
	_of_github(issuer, subject)
}

_of_github(issuer, _) if github.issues(issuer)

_of_github(_, subject) if github.names(subject)

# METADATA
# description: >-
#   What is wide about the expression of a flexible credential - the same of the subjects that it names, or
#   "any_subject" when it names none. Undefined when it names single workloads, or cannot be read (see readable).
breadth_of_expression(issuer, expression) := "wildcard" if {
	regex.match(`(?i)\smatches\s+('[^']*|"[^"]*)[*?]`, expression)
} else := "any_subject" if {
	readable(expression)
	_subjects(expression) == []
} else := [word | some subject in _subjects(expression); word := breadth(issuer, subject)][0]

# METADATA
# description: >-
#   Whether all of an expression can be read - comparisons of claims with texts, each of which has to hold. Where there
#   is anything else, a subject beside it may mean nothing.
# scope: document
readable(expression) if trim_space(expression) == ""

readable(expression) if {
	comparison := `claims\['[^']+'\]\s+(eq|matches)\s+'[^']*'`
	regex.match(sprintf(`(?i)^\s*%s(\s+and\s+%s)*\s*$`, [comparison, comparison]), expression)
}

# (https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials)
_subjects(expression) := [found[1] |
	some found in regex.find_all_string_submatch_n(
		`(?i)claims\['sub'\]\s+(?:eq|matches)\s+'([^']*)'`,
		expression,
		-1,
	)
]

# https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
_hosts := {
	"https://login.microsoftonline.com",
	"https://login.microsoftonline.us",
	"https://login.partner.microsoftonline.cn",
	"https://login.chinacloudapi.cn",
	"https://sts.windows.net",
	"https://sts.chinacloudapi.cn",
}

_bare(issuer) := trim_suffix(lower(trim_space(issuer)), "/")
