# METADATA
# title: Federated credentials
# description: >-
#   Whose tokens a federated credential takes, and which of them
#   (https://learn.microsoft.com/entra/workload-id/workload-identity-federation).
# scope: package
package policies.lib.federation

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
#   What is wide about a subject - "empty", "wildcard", "pull_request" (anybody who may open one), "whole_repository"
#   (any branch, environment and request), or "whole_organization". Undefined when it names one workload. The subjects
#   of GitHub (https://docs.github.com/actions/reference/security/oidc) are told by their form.
breadth(subject) := "empty" if {
	trim_space(subject) == ""
} else := "wildcard" if {
	contains(subject, "*")
} else := [word | some word, pattern in _patterns; regex.match(pattern, lower(subject))][0]

# METADATA
# description: >-
#   What is wide about the expression of a flexible credential - the same of the subjects that it names, or
#   "any_subject" when it names none. Undefined when it names single workloads, or cannot be read (see readable).
breadth_of_expression(expression) := "wildcard" if {
	regex.match(`\smatches\s+'[^']*[*?]`, expression)
} else := "any_subject" if {
	not contains(lower(expression), "claims['sub']")
} else := [word | some subject in _subjects(expression); word := breadth(subject)][0]

# METADATA
# description: Whether the subjects that an expression names can be told.
# scope: document
readable(expression) if not contains(lower(expression), "claims['sub']")

readable(expression) if _subjects(expression) != []

# (https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials)
_subjects(expression) := [found[1] |
	some found in regex.find_all_string_submatch_n(
		`(?i)claims\['sub'\]\s+(?:eq|matches)\s+'([^']*)'`,
		expression,
		-1,
	)
]

_patterns := {
	"pull_request": `^repo:[^:]+:pull_request$`,
	"whole_repository": `^repo:[^:]+$`,
	"whole_organization": `^(repository_owner|repository_owner_id|enterprise|enterprise_id):[^:]+$`,
}

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
