package policies.lib.github_test

import data.policies.lib.github

test_issuers[issuer] if {
	some issuer in [
		"https://token.actions.githubusercontent.com",
		"HTTPS://token.actions.GitHubUserContent.com/",
		" https://token.actions.githubusercontent.com/contoso",
		"https://token.actions.contoso.ghe.com",
		"https://github.contoso.com/_services/token",
	]
	github.issues(issuer)
}

test_other_issuers[issuer] if {
	some issuer in [
		"https://token.actions.githubusercontent.com.evil.com",
		"https://vstoken.dev.azure.com/5f0c",
		"https://gitlab.com",
		"http://token.actions.githubusercontent.com",
		"https://github.contoso.com/_services/token/x",
		"",
	]
	not github.issues(issuer)
}

test_names if {
	github.names("repo:contoso/app:ref:refs/heads/main")
	github.names(" Repository_ID:1")
	not github.names("system:serviceaccount:repo:x")
	not github.names("repository_visibility:public")
}

wide := object.union(repositories, beyond)

repositories := {
	"repo:contoso/app": "whole_repository",
	"repository:contoso/app": "whole_repository",
	"repository_id:123": "whole_repository",
	"repo:contoso/app:event_name:push": "whole_repository",
	"repo:contoso/app:ref_type:branch": "whole_repository",
	"repo:contoso/app:environment:": "whole_repository",
	"repo:contoso/app:event_name:ref:ref_type:branch": "whole_repository",
	"repo:contoso/app:pull_request": "pull_request",
	" REPO:contoso/app:pull_request ": "pull_request",
	"repo:contoso@1/app@2:pull_request": "pull_request",
	"repo:contoso/app:pull_request:actor:alice": "pull_request",
	"repo:contoso/app:event_name:pull_request": "pull_request",
	"repo:contoso/app:event_name:pull_request_target": "pull_request",
	"repo:contoso/app:context:pull_request": "pull_request",
	"repo:contoso/app:ref:refs/pull/1/merge": "pull_request",
}

beyond := {
	"repository_owner:contoso": "whole_organization",
	"repository_owner_id:65:ref:refs/heads/main": "whole_organization",
	"repository_owner:contoso:repository_visibility:private": "whole_organization",
	"enterprise:contoso:environment:production": "whole_organization",
	"enterprise_id:7": "whole_organization",
	"repository_visibility:public": "any_repository",
	"runner_environment:github-hosted": "any_repository",
	"environment:production": "any_repository",
	"ref:refs/heads/main": "any_repository",
	"event_name:push": "any_repository",
	"ref_type:branch": "any_repository",
	"actor:octocat": "any_repository",
	"repo:contoso/app:repository_visibility:private": "whole_repository",
	"environment:repo": "any_repository",
	"repo:": "any_repository",
	"": "any_repository",
}

test_breadth[subject] if {
	some subject, word in wide
	github.breadth(subject) == word
}

test_narrow[subject] if {
	some subject in [
		"repo:contoso/app:ref:refs/heads/main",
		"repo:contoso/app:environment:production",
		"repo:contoso/app:environment:pull_request",
		"repo:contoso/pull_request:ref:refs/heads/main",
		"repository_id:123:environment:production",
		"repository:contoso/app:sha:abc",
		"repo:contoso/app:job_workflow_ref:contoso/ci/.github/workflows/d.yml@refs/heads/main",
		"repository_owner:contoso:job_workflow_ref:contoso/ci/.github/workflows/d.yml@refs/heads/main",
		"job_workflow_ref:contoso/ci/.github/workflows/d.yml@refs/heads/main",
		"workflow_ref:contoso/app/.github/workflows/d.yml@refs/heads/main",
		"repo:contoso/app:context:environment:production",
		"repo:contoso/app:actor:alice",
		"repo:contoso/app:actor_id:7",
		"repo:contoso/app:environment_node_id:EN_1",
		"repo:contoso/app:job_workflow_sha:0a1b2c",
		"repo:contoso/app:workflow_sha:0a1b2c",
		"repo:contoso/app:ref_protected:true",
		"repository_owner:contoso:repo:contoso/app:ref:refs/heads/main",
		"job_workflow_sha:0a1b2c",
	]
	not github.breadth(subject)
}
