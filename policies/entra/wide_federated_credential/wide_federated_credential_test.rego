package policies.entra.wide_federated_credential_test

import data.policies.entra.wide_federated_credential
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := wide_federated_credential with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "a subject and an expression, wide each in its way",
	"outcome": "fail",
	"keys": [key("wide_subject", {"subject": "repo:contoso/app", "expression": "claims['sub'] matches '*'"})],
	"input": trusting([object.union(github, {"subject": "repo:contoso/app", "expression": "claims['sub'] matches '*'"})]),
}

cases contains {"name": "none", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "a branch, an environment and a service connection of trusted issuers",
	"outcome": "pass",
	"input": trusting([
		github,
		object.union(github, {"name": "e", "subject": "repo:contoso/app:environment:production"}),
		{"name": "ado", "issuer": "https://vstoken.dev.azure.com/5f0c", "subject": "sc://contoso/intranet/prod"},
	]),
}

cases contains {
	"name": "a managed identity of this tenant",
	"outcome": "pass",
	"input": trusting([own_tenant]),
}

cases contains {
	"name": "another tenant of Entra",
	"outcome": "fail",
	"keys": [key(
		"foreign_issuer",
		{"issuer": "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0"},
	)],
	"input": trusting([object.union(
		github,
		{"issuer": "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0"},
	)]),
}

cases contains {
	"name": sprintf("issuer %s", [issuer]),
	"outcome": "fail",
	"keys": [key("foreign_issuer", {"issuer": issuer})],
	"input": trusting([object.union(github, {"issuer": issuer})]),
} if {
	some issuer in [
		"https://token.actions.githubusercontent.com.evil.com",
		"http://token.actions.githubusercontent.com",
		"https://oidc.fourthcoffee.example",
	]
}

cases contains {
	"name": sprintf("subject %s", [subject]),
	"outcome": "fail",
	"keys": [key("wide_subject", {"subject": subject})],
	"input": trusting([object.union(github, {"subject": subject})]),
} if {
	some subject in [
		"repo:contoso/*",
		"repo:contoso/app:pull_request",
		"repo:contoso/app",
		"repository_id:123",
		"repository_owner:contoso",
		"environment:production",
		"",
	]
}

cases contains {
	"name": "a wide subject of a foreign issuer, beside a sound one",
	"outcome": "fail",
	"keys": [
		key("foreign_issuer", {"issuer": "https://evil.com", "subject": "*"}),
		key("wide_subject", {"issuer": "https://evil.com", "subject": "*"}),
	],
	"input": trusting([
		object.union(github, {"issuer": "https://evil.com", "subject": "*"}),
		object.union(github, {"name": "sound"}),
	]),
}

cases contains {
	"name": "without a name",
	"outcome": "fail",
	"keys": [
		key("wide_subject", {"credential": "26b5acfb", "subject": "*"}),
		key("wide_subject", {"credential": "without a name", "subject": "*"}),
		key("wide_subject", {"credential": "without a name", "subject": "repo:contoso/*"}),
	],
	"input": trusting([
		{"id": "26b5acfb", "issuer": github.issuer, "subject": "*"},
		{"issuer": github.issuer, "subject": "*"},
		{"issuer": github.issuer, "subject": "repo:contoso/*"},
	]),
}

cases contains {
	"name": "a flexible one with a wildcard",
	"outcome": "fail",
	"keys": [expressed("claims['sub'] matches 'repo:contoso/app:ref:refs/heads/*'")],
	"input": trusting([flexible("claims['sub'] matches 'repo:contoso/app:ref:refs/heads/*'")]),
}

cases contains {
	"name": "a flexible one without a subject",
	"outcome": "fail",
	"keys": [expressed("claims['job_workflow_ref'] eq 'contoso/app/deploy.yml@main'")],
	"input": trusting([flexible("claims['job_workflow_ref'] eq 'contoso/app/deploy.yml@main'")]),
}

cases contains {
	"name": "a flexible one of one branch",
	"outcome": "pass",
	"input": trusting([flexible("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'")]),
}

cases contains {
	"name": "a flexible one that names a branch, or something else",
	"outcome": "unknown",
	"input": trusting([flexible("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main' or claims['ref'] eq 'x'")]),
}

cases contains {
	"name": "a subject, and an expression that cannot be read",
	"outcome": "unknown",
	"input": trusting([object.union(github, {"expression": "claims['sub'] startsWith 'repo:contoso'"})]),
}

cases contains {
	"name": "what GitHub would not tell apart, of another issuer",
	"outcome": "pass",
	"input": trusting([object.union(github, {"issuer": "https://vstoken.dev.azure.com/5f0c", "subject": "ref:main"})]),
}

cases contains {
	"name": "a flexible one that cannot be read",
	"outcome": "unknown",
	"input": trusting([flexible("claims['sub'] startsWith 'repo:contoso'")]),
}

cases contains {
	"name": "neither subject nor expression",
	"outcome": "unknown",
	"input": trusting([object.remove(github, ["subject"])]),
}

cases contains {
	"name": "issuer not read",
	"outcome": "unknown",
	"input": trusting([object.remove(github, ["issuer"])]),
}

cases contains {
	"name": "a tenant of Entra, this one not known",
	"outcome": "unknown",
	"input": object.remove(trusting([own_tenant]), ["tenant_id"]),
}

cases contains {
	"name": "another issuer, this tenant not known",
	"outcome": "fail",
	"keys": [key("foreign_issuer", {"issuer": "https://evil.com"})],
	"input": object.remove(trusting([object.union(github, {"issuer": "https://evil.com"})]), ["tenant_id"]),
}

cases contains {
	"name": "a trusted issuer, this tenant not known",
	"outcome": "pass",
	"input": object.remove(trusting([github]), ["tenant_id"]),
}

cases contains {
	"name": "not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["federated_credentials"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(trusting([object.union(github, {"subject": "*"})]), ["origin"]),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": origin}),
} if {
	some origin in ["foreign", "microsoft", "managed_identity", "deleted"]
}

trusting(credentials) := object.union(
	object.remove(testing.application, ["federated_credentials"]),
	{"federated_credentials": credentials},
)

github := {
	"id": "26b5acfb-9435-49ae-97ff-4e615b847ce3",
	"name": "main",
	"issuer": "https://token.actions.githubusercontent.com",
	"subject": "repo:contoso/app:ref:refs/heads/main",
	"audiences": ["api://AzureADTokenExchange"],
}

own_tenant := object.union(github, {
	"issuer": sprintf("https://login.microsoftonline.com/%s/v2.0", [testing.application.tenant_id]),
	"subject": "a1b2c3d4-0000-4000-8000-00000000b00b",
})

flexible(expression) := object.union(object.remove(github, ["subject"]), {"expression": expression})

key(fault, change) := object.union_n([
	{"credential": "main", "fault": fault},
	object.filter(github, ["issuer", "subject"]),
	change,
])

expressed(expression) := object.union(
	object.remove(key("wide_subject", {}), ["subject"]),
	{"expression": expression},
)

words := {
	" ": "its subject is empty",
	"repo:contoso/*": "its subject has a wildcard",
	"repo:contoso/app:pull_request": "any pull request gets in",
	"repo:contoso/app": "every run of the repository gets in",
	"enterprise:contoso": "every repository of the organization gets in",
	"event_name:push": "its subject names no repository, and any repository of the issuer may have that subject",
}

test_evidence_of_a_subject[subject] if {
	some subject, what in words
	credential := object.union(github, {"subject": subject})
	findings := wide_federated_credential.deny with input as trusting([credential]) with data.config as testing.config
	{finding.evidence | some finding in findings} == {{
		"issuer": github.issuer,
		"subject": subject,
		"what": what,
	}}
}

test_evidence_of_an_expression if {
	credential := flexible("claims['ref'] eq 'x'")
	findings := wide_federated_credential.deny with input as trusting([credential]) with data.config as testing.config
	{finding.evidence | some finding in findings} == {{
		"issuer": github.issuer,
		"expression": "claims['ref'] eq 'x'",
		"what": "it names no subject",
	}}
}

test_evidence_of_an_issuer if {
	credential := object.union(github, {"issuer": "https://evil.com"})
	findings := wide_federated_credential.deny with input as trusting([credential]) with data.config as testing.config
	{finding.evidence.what | some finding in findings} == {"this issuer is not trusted"}
}

test_reasons_name_the_credential if {
	credential := object.remove(github, ["issuer", "subject"])
	reasons := wide_federated_credential.unknown with input as trusting([credential]) with data.config as testing.config
	reasons == {"issuer of the federated credential main", "subject of the federated credential main"}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := wide_federated_credential with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {"name": "an expression that is null", "outcome": "unknown", "input": trusting([flexible(null)])}

damaged contains {
	"name": "a subject that is null",
	"outcome": "unknown",
	"input": trusting([object.union(github, {"subject": null})]),
}
