package policies.entra.unprivileged_owner_test

import data.policies.entra.unprivileged_owner
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := unprivileged_owner with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "nothing critical", "outcome": "not_applicable", "input": owned(testing.application, [plain])}

cases contains {"name": "nothing granted", "outcome": "not_applicable", "input": testing.holding(app([plain]), [])}

cases contains {
	"name": "a permission of tier high, or without a tier",
	"outcome": "not_applicable",
	"input": testing.holding(app([plain]), [
		object.union(directory, {"tier": "high"}),
		object.union(testing.user_read, {"tier": "unrated"}),
	]),
}

cases contains {"name": "no owner", "outcome": "pass", "input": app([])}

cases contains {"name": "a privileged owner", "outcome": "pass", "input": app([privileged])}

cases contains {
	"name": "an owner who may activate a privileged role",
	"outcome": "pass",
	"input": app([with_role({"via": "eligible"})]),
}

cases contains {
	"name": "an owner without roles",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": app([privileged, plain]),
}

cases contains {
	"name": "two of them, one a service principal",
	"outcome": "fail",
	"keys": [at_fault(plain.id), at_fault("pipeline")],
	"input": app([plain, object.union(plain, {"id": "pipeline", "type": "service_principal"})]),
}

cases contains {
	"name": "an owner of the service principal of another tenant's application",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": object.union(
		testing.holding(testing.foreign_application, [directory]),
		{"owners": [object.union(plain, {"of": ["service_principal"]})]},
	),
}

cases contains {
	"name": "an owner of the service principal of Microsoft's own",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": object.union(app([plain]), {"origin": "microsoft"}),
}

cases contains {
	"name": "an owner with another role",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": app([with_role({"role_id": "29232cdf-9323-42fd-ade2-1d097af3e4de"})]),
}

cases contains {
	"name": "an owner with a privileged role over a unit",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": app([with_role({"scope": "/administrativeUnits/a"})]),
}

cases contains {
	"name": "a disabled guest",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": app([object.union(plain, {"enabled": false, "user_type": "guest"})]),
}

cases contains {
	"name": "a critical permission by consent of one user",
	"outcome": "fail",
	"keys": [{"owner": plain.id, "permissions": [sprintf("%s by users", [directory.key])]}],
	"input": testing.holding(app([plain]), [object.union(directory, {"consent": "user", "users": 1})]),
}

cases contains {
	"name": "owners without an id",
	"outcome": "fail",
	"keys": [at_fault("AdeleV@contoso.com"), at_fault("Alex"), at_fault("without a name")],
	"input": app([
		object.remove(plain, ["id"]),
		object.union(object.remove(plain, ["id", "upn"]), {"name": "Alex"}),
		object.remove(plain, ["id", "upn", "name"]),
	]),
}

cases contains {
	"name": "an owner without roles stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": app([plain, object.remove(object.union(plain, {"id": "other"}), ["roles"])]),
}

cases contains {
	"name": "roles of an owner not read",
	"outcome": "unknown",
	"input": app([privileged, object.remove(plain, ["roles"])]),
}

cases contains {
	"name": sprintf("a privileged role through a group, %s", [via]),
	"outcome": "pass",
	"input": app([with_role({"via": via, "group_id": "9f60d4b8-2e15-4c7a-b3f9-a8d107e5c642"})]),
} if {
	some via in ["assigned", "eligible"]
}

cases contains {
	"name": "a privileged role over a unit through a group",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": app([with_role({"scope": "/administrativeUnits/a", "group_id": "9f60d4b8-2e15-4c7a-b3f9-a8d107e5c642"})]),
}

cases contains {
	"name": "a group holds a privileged role",
	"outcome": "unknown",
	"input": app([with_role({"via": "group"})]),
}

cases contains {
	"name": "a group holds another role",
	"outcome": "fail",
	"keys": [at_fault(plain.id)],
	"input": app([with_role({"via": "group", "role_id": "29232cdf-9323-42fd-ade2-1d097af3e4de"})]),
}

cases contains {
	"name": "scope of a privileged role not read",
	"outcome": "unknown",
	"input": app([object.union(plain, {"roles": [object.remove(privileged.roles[0], ["scope"])]})]),
}

cases contains {
	"name": "a permission of unknown tier",
	"outcome": "unknown",
	"input": testing.holding(app([plain]), [testing.unresolved("application", "x")]),
}

cases contains {
	"name": "a permission of unknown tier, a privileged owner",
	"outcome": "pass",
	"input": testing.holding(app([privileged]), [testing.unresolved("application", "x")]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(app([plain]), ["grants", "granted_keys"]),
}

cases contains {"name": "owners not read", "outcome": "unknown", "input": object.remove(app([]), ["owners"])}

cases contains {"name": "origin not known", "outcome": "unknown", "input": object.remove(app([plain]), ["origin"])}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(app([plain]), {"origin": origin}),
} if {
	some origin in ["managed_identity", "deleted"]
}

cases contains {
	"name": sprintf("two critical permissions, %s", [order]),
	"outcome": "fail",
	"keys": [{"owner": plain.id, "permissions": [another.key, directory.key]}],
	"input": testing.holding(app([plain]), grants),
} if {
	some order, grants in {
		"in one order": [directory, another, testing.user_read],
		"in the other": [another, directory],
	}
}

owned(of, owners) := object.union(object.remove(of, ["owners"]), {"owners": owners})

app(owners) := owned(testing.holding(testing.application, [directory, testing.user_read]), owners)

directory := object.union(
	testing.permission("application", "RoleManagement.ReadWrite.Directory", "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"),
	{"tier": "critical"},
)

plain := object.union(testing.application.owners[0], {"roles": []})

privileged := object.union(plain, {"id": "administrator", "roles": [{
	"role_id": "9B895D92-2cd3-44c7-9d02-a6ac2d5ea5c3",
	"role": "Application Administrator",
	"via": "assigned",
	"scope": "/",
}]})

with_role(change) := object.union(plain, {"roles": [object.union(privileged.roles[0], change)]})

unread := object.remove(object.union(plain, {"id": "other"}), ["roles"])

choices := {
	"none": {"fail": [privileged, plain], "reasons": set()},
	"privileged_only": {"fail": [plain], "reasons": {"directory roles of the owner other"}},
}

test_choice_of_owners[choice] if {
	some choice, expected in choices
	config := object.union(testing.config, {"privileged_app_owners": choice})
	findings := unprivileged_owner.deny with input as app([privileged, plain]) with data.config as config
	{finding.key.owner | some finding in findings} == {owner.id | some owner in expected.fail}
	reasons := unprivileged_owner.unknown with input as app([unread]) with data.config as config
	reasons == expected.reasons
}

test_any_owner_is_a_choice if {
	config := object.union(testing.config, {"privileged_app_owners": "any"})
	control := unprivileged_owner with input as app([plain]) with data.config as config
	testing.outcome(control) == "not_applicable"
}

test_no_owner_at_all_is_a_choice if {
	config := object.union(testing.config, {"privileged_app_owners": "none"})
	control := unprivileged_owner with input as app([]) with data.config as config
	testing.outcome(control) == "pass"
}

test_evidence if {
	findings := unprivileged_owner.deny with input as app([plain]) with data.config as testing.config
	{finding.evidence | some finding in findings} == {object.union(
		object.remove(plain, ["id", "readable"]),
		{
			"permissions": ["RoleManagement.ReadWrite.Directory"],
			"what": "the owner holds no privileged directory role",
		},
	)}
	config := object.union(testing.config, {"privileged_app_owners": "none"})
	others := unprivileged_owner.deny with input as app([privileged]) with data.config as config
	{finding.evidence.what | some finding in others} == {"no owner is allowed"}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := unprivileged_owner with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": "a role that is not known",
	"outcome": "unknown",
	"input": app([object.union(plain, {"roles": [object.remove(privileged.roles[0], ["role_id"])]})]),
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := unprivileged_owner with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without grants: no owner",
	"of": "no owner",
	"at": "/grants",
	"outcome": "unknown",
	"reasons": {"grants"},
}

at_fault(owner) := {"owner": owner, "permissions": [directory.key]}

another := object.union(
	testing.permission("application", "AppRoleAssignment.ReadWrite.All", "06b708a9-e830-4db3-a914-8e69da51d44f"),
	{"tier": "critical"},
)
