package policies.lib.federation_test

import data.policies.lib.federation

entries := ["https://token.actions.githubusercontent.com", "https://vstoken.dev.azure.com/"]

trusted := [
	"https://token.actions.githubusercontent.com",
	"https://token.actions.githubusercontent.com/",
	"HTTPS://Token.Actions.GithubUserContent.com",
	" https://token.actions.githubusercontent.com ",
	"https://vstoken.dev.azure.com/5f0c1b7e-2a44-4a0f-8d3e-61c2b9a7e310",
	"https://vstoken.dev.azure.com/5f0c1b7e-2a44-4a0f-8d3e-61c2b9a7e310/",
	"https://vstoken.dev.azure.com",
]

test_listed[issuer] if {
	some issuer in trusted
	federation.listed(issuer, entries)
}

foreign := [
	"https://token.actions.githubusercontent.com.evil.com",
	"https://token.actions.githubusercontent.com/contoso",
	"https://token.actions.githubusercontent.com@evil.com",
	"http://token.actions.githubusercontent.com",
	"https://vstoken.dev.azure.com.evil.com/5f0c1b7e",
	"http://vstoken.dev.azure.com/5f0c1b7e",
	"https://evil.com/https://vstoken.dev.azure.com/",
	"",
]

test_not_listed[issuer] if {
	some issuer in foreign
	not federation.listed(issuer, entries)
}

tenant := "11111111-2222-3333-4444-555555555555"

test_own[issuer] if {
	some issuer in [
		sprintf("https://login.microsoftonline.com/%s/v2.0", [tenant]),
		sprintf("https://login.microsoftonline.us/%s/v2.0", [tenant]),
		sprintf("https://login.partner.microsoftonline.cn/%s/v2.0", [tenant]),
		sprintf("https://login.chinacloudapi.cn/%s/v2.0/", [tenant]),
		sprintf("https://sts.windows.net/%s/", [tenant]),
		sprintf("https://sts.chinacloudapi.cn/%s", [tenant]),
		sprintf("HTTPS://LOGIN.MICROSOFTONLINE.COM/%s/V2.0", [tenant]),
	]
	federation.own(issuer, upper(tenant))
	federation.entra(issuer)
}

test_another_tenant[issuer] if {
	some issuer in [
		"https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0",
		"https://login.microsoftonline.com/common/v2.0",
		sprintf("https://login.microsoftonline.com/evil/%s/v2.0", [tenant]),
	]
	federation.entra(issuer)
	not federation.own(issuer, tenant)
}

test_no_tenant[issuer] if {
	some issuer in [
		sprintf("https://login.microsoftonline.com.evil.com/%s/v2.0", [tenant]),
		sprintf("http://login.microsoftonline.com/%s/v2.0", [tenant]),
		sprintf("https://evil.com/%s/v2.0", [tenant]),
	]
	not federation.entra(issuer)
	not federation.own(issuer, tenant)
}

test_nobody_owns_an_issuer_without_a_tenant if {
	not federation.own("https://login.microsoftonline.com//v2.0", "")
}

wide := {
	"": "empty",
	"  ": "empty",
	"*": "wildcard",
	"repo:contoso/*": "wildcard",
	"repo:contoso/app:*": "wildcard",
	"repo:contoso/app:ref:refs/heads/*": "wildcard",
	"organization:contoso:project:*:workspace:*:run_phase:apply": "wildcard",
	"repo:contoso/app:pull_request": "pull_request",
	"REPO:contoso/app:pull_request": "pull_request",
	"repo:contoso@1/app@2:pull_request": "pull_request",
	"repo:contoso/app": "whole_repository",
	"repository_owner:contoso": "whole_organization",
	"repository_owner_id:65": "whole_organization",
	"enterprise:contoso": "whole_organization",
	"enterprise_id:7": "whole_organization",
}

test_breadth[subject] if {
	some subject, word in wide
	federation.breadth("https://evil.com", subject) == word
}

narrow := [
	"repo:contoso/app:ref:refs/heads/main",
	"repo:contoso/app:environment:production",
	"repo:contoso/app:environment:pull_request",
	"repo:contoso/pull_request:ref:refs/heads/main",
	"repository_owner:contoso:job_workflow_ref:contoso/app/.github/workflows/deploy.yml@refs/heads/main",
	"system:serviceaccount:billing:exporter",
	"sc://contoso/intranet/azure-prod",
	"/eid1/c/pub/t/abc/a/def/sc/ghi/jkl",
	"project_path:contoso/app:ref_type:branch:ref:main",
	"113475692871354962378",
]

test_narrow[subject] if {
	some subject in narrow
	not federation.breadth("https://evil.com", subject)
}

expressions := {
	"claims['sub'] matches 'repo:contoso/app:ref:refs/heads/*'": "wildcard",
	"claims['sub'] matches 'repo:contoso/app:environment:prod-?'": "wildcard",
	"claims['sub'] eq 'repo:contoso/app:ref:refs/tags/1' and claims['job_workflow_ref'] matches 'contoso/*'": "wildcard",
	"claims['job_workflow_ref'] eq 'contoso/app/.github/workflows/deploy.yml@refs/heads/main'": "any_subject",
	"claims['sub'] eq 'repo:contoso/app:pull_request'": "pull_request",
	"claims['SUB'] EQ 'repo:contoso/app:pull_request'": "pull_request",
	"claims['sub'] eq ''": "empty",
	"claims['sub'] eq 'ref:refs/heads/main'": "any_repository",
	"claims['sub'] eq 'environment:prod'": "any_repository",
	"": "any_subject",
}

test_breadth_of_expression[expression] if {
	some expression, word in expressions
	federation.breadth_of_expression(entries[0], expression) == word
	federation.readable(expression)
}

test_wildcard_in_other_quotes if {
	expression := "claims['sub'] eq 'x' and claims['sub'] matches \"repo:*\""
	federation.breadth_of_expression(entries[0], expression) == "wildcard"
	not federation.readable(expression)
}

test_issuer_and_form_tell_whose_subjects_they_are if {
	federation.breadth("https://token.actions.contoso.ghe.com", "ref:refs/heads/main") == "any_repository"
	not federation.breadth("https://gitlab.com", "ref:refs/heads/main")
	federation.breadth("https://gitlab.com", "repository_id:1") == "whole_repository"
}

test_narrow_expression[expression] if {
	some expression in [
		"claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'",
		"claims['sub'] matches 'repo:contoso/app:ref:refs/heads/main'",
		"claims['sub'] eq 'repo:contoso/app:environment:prod' and claims['job_workflow_ref'] eq 'contoso/app/d.yml@main'",
	]
	not federation.breadth_of_expression(entries[0], expression)
	federation.readable(expression)
}

test_expression_that_cannot_be_read[expression] if {
	some expression in [
		"claims['sub'] startsWith 'repo:contoso'",
		"claims['sub'] eq \"repo:contoso/app:pull_request\"",
		"claims['sub'] eq 'repo:a/b:ref:refs/heads/main' or claims['repository_owner'] eq 'x'",
		"claims['sub'] eq 'repo:a/b:ref:refs/heads/main' or claims['sub'] startswith 'repo:'",
		"not claims['sub'] eq 'repo:a/b:ref:refs/heads/main'",
		"(claims['sub'] eq 'repo:a/b:ref:refs/heads/main')",
		"claims[\"ref\"] eq 'x'",
		"claims['ref'] ne 'x'",
	]
	not federation.breadth_of_expression(entries[0], expression)
	not federation.readable(expression)
}
