# METADATA
# title: Subjects of GitHub
# description: >-
#   The subject of a token of GitHub Actions names claims with their values, repo:OWNER/NAME and a context by default.
#   An organization or a repository may choose others, and any repository may choose those that name none
#   (https://docs.github.com/actions/reference/security/oidc).
# scope: package
package policies.lib.github

# METADATA
# description: Whether an issuer is GitHub's, in its cloud or on a server of one's own.
# scope: document
issues(issuer) if regex.match(`^https://token\.actions\.(githubusercontent|[a-z0-9-]+\.ghe)\.com(/|$)`, _folded(issuer))

issues(issuer) if regex.match(`^https://[^/]+/_services/token/?$`, _folded(issuer))

# METADATA
# description: Whether a subject begins as those of GitHub do, whoever issues it.
names(subject) if {
	regex.match(
		`^(repo|repository|repository_id|repository_owner|repository_owner_id|enterprise|enterprise_id):`,
		_folded(subject),
	)
}

# METADATA
# description: >-
#   What is wide about a subject - "pull_request" (anybody who may open one), "whole_repository" (any branch and
#   environment), "whole_organization", or "any_repository" (nothing in it is the repository's or its owner's).
#   Undefined when it names a part of one repository.
breadth(subject) := "pull_request" if {
	_of_pull_requests(subject)
} else := "whole_repository" if {
	_names_repository(subject)
	not _names_part(subject)
} else := "whole_organization" if {
	not _names_code(subject)
	_names_owner(subject)
} else := "any_repository" if {
	not _names_code(subject)
}

_of_pull_requests(subject) if {
	some i, "pull_request" in _words(subject)
	i % 2 == 0
}

_of_pull_requests(subject) if {
	some claim in {"event_name", "context"}
	some value in _values(subject, claim)
	startswith(value, "pull_request")
}

_of_pull_requests(subject) if {
	some value in _values(subject, "ref")
	startswith(value, "refs/pull/")
}

_names_repository(subject) if _names_any(subject, _repositories)

_names_part(subject) if _names_any(subject, _parts)

_names_owner(subject) if _names_any(subject, _owners)

_names_code(subject) if _names_repository(subject)

_names_code(subject) if _names_any(subject, _workflows)

_names_any(subject, claims) if {
	some claim in claims
	some value in _values(subject, claim)
	value != ""
}

# Claims stand at even places, and what they are at odd ones. No value holds a colon: it is encoded.
_values(subject, claim) := {value |
	words := _words(subject)
	some i, word in words
	word == claim
	i % 2 == 0
	value := words[i + 1]
}

_words(subject) := split(_folded(subject), ":")

_folded(text) := lower(trim_space(text))

_repositories := {"repo", "repository", "repository_id", "workflow_ref"}

_workflows := {"job_workflow_ref", "job_workflow_sha"}

_owners := {"repository_owner", "repository_owner_id", "enterprise", "enterprise_id"}

# Where a part of a repository's runs is named. Any branch can bring its own workflow under a name.
_parts := {
	"ref", "environment", "environment_node_id", "context", "job_workflow_ref", "job_workflow_sha", "workflow_ref",
	"workflow_sha", "sha", "ref_protected", "actor", "actor_id",
}
