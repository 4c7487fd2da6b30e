package manifest

import (
	"slices"
	"strings"
)

// What a plan says of applications beyond what is read must not go unsaid: it is a gap, with the line of the resource.

// beside are resources about applications that no control judges by a file.
var beside = []string{
	"azuread_application_app_role", "azuread_application_fallback_public_client", "azuread_application_identifier_uri",
	"azuread_application_known_clients", "azuread_application_optional_claims", "azuread_application_owner",
	"azuread_application_permission_scope", "azuread_service_principal_claims_mapping_policy_assignment",
}

// gives are the arguments of resources that give directory roles, or put somebody into a group, which may hold some.
var gives = map[string]string{
	"azuread_directory_role_assignment":                    "principal_object_id",
	"azuread_directory_role_member":                        "member_object_id",
	"azuread_directory_role_eligibility_schedule_request":  "principal_id",
	"azuread_administrative_unit_role_member":              "member_object_id",
	"azuread_privileged_access_group_assignment_schedule":  "principal_id",
	"azuread_privileged_access_group_eligibility_schedule": "principal_id",
	"azuread_group_member":                                 "member_object_id",
	"azuread_group":                                        "members",
	"azuread_group_without_members":                        "",
}

// ofGraph are the beginnings of the paths of Microsoft Graph below which applications and what they may do stand.
var ofGraph = []string{"applications", "serviceprincipals", "oauth2permissiongrants", "directoryroles", "rolemanagement", "groups"}

// unread notes what of the plan concerns applications and is not read.
func (p *plan) unread() {
	for _, c := range p.changes {
		if c.data || c.action == actionDelete {
			continue
		}
		argument, role := gives[c.kind]
		_, read := partReaders[c.kind]
		switch {
		case strings.HasPrefix(c.kind, "msgraph_"):
			p.unreadGraph(c)
		case role && argument != "":
			p.unreadRole(c, argument)
		case read, slices.Contains(beside, c.kind), slices.Contains(readKinds, c.kind):
		case strings.HasPrefix(c.kind, "azuread_application"), strings.HasPrefix(c.kind, "azuread_service_principal"):
			p.world.appFault(c.at, "%s is a resource of the type %s, which is not read; hint: define it with resources that are, or audit the tenant after the merge", c.address, c.kind)
		}
	}
	p.partial()
}

// readKinds are read otherwise than as parts of an application.
var readKinds = []string{
	"azuread_application", "azuread_application_registration", "azuread_app_role_assignment", "azuread_service_principal",
	"azuread_service_principal_delegated_permission_grant", "azuread_service_principal_password",
	"azuread_service_principal_certificate", "azuread_service_principal_token_signing_certificate",
}

// unreadGraph notes a resource of Microsoft's own provider, which sends what it is given to Microsoft Graph
// (https://registry.terraform.io/providers/microsoft/msgraph/latest/docs).
func (p *plan) unreadGraph(c *change) {
	url := either(c.after, "url", "resource_url")
	if url != nil && url.shape == aText {
		path := strings.ToLower(strings.TrimPrefix(url.text, "/"))
		if !slices.ContainsFunc(ofGraph, func(start string) bool { return strings.HasPrefix(path, start) }) {
			return
		}
	}
	p.world.appFault(c.at, "%s makes what concerns applications by Microsoft Graph, which is not read; hint: define it with the azuread provider, or audit the tenant after the merge", c.address)
}

// unreadRole notes a directory role that may go to an application.
func (p *plan) unreadRole(c *change, argument string) {
	if c.kind == "azuread_group" {
		p.unreadMembers(c)
		return
	}
	if p.holder(c, argument).nobody() || c.kind == "azuread_group_member" && p.ordinary(c) {
		return
	}
	p.world.appFault(c.at, "%s may give a directory role to an application, which is not judged in files; hint: audit the tenant after the merge", c.address)
}

// ordinary reports whether the group that somebody is put into is known to be none that directory roles can be given to
// (https://learn.microsoft.com/graph/api/resources/group).
func (p *plan) ordinary(c *change) bool {
	for _, base := range p.refers(c, "group_object_id") {
		address := pick(c, base, p.addresses(base))
		if address == "" {
			continue
		}
		for _, other := range p.changes {
			if other.address == address {
				return !assignable(other.settled())
			}
		}
		return !assignable(p.known[address])
	}
	return false
}

// assignable reports whether directory roles may be given to a group.
func assignable(group *node) bool {
	at := group.get("assignable_to_role")
	return group == nil || present(at) && (unfilled(at) || at.text == "true")
}

// unreadMembers notes an application in a group that may hold directory roles.
func (p *plan) unreadMembers(c *change) {
	h := p.holder(c, "members")
	if assignable(c.after) && (len(h.apps) > 0 || h.other || h.identity) {
		p.world.appFault(c.at, "%s may hold directory roles, and an application is a member of it, which is not judged in files; hint: audit the tenant after the merge", c.address)
	}
}

// partial notes a plan that does not tell everything: one for a part of the resources, or with some put off
// (https://developer.hashicorp.com/terraform/internals/json-format#plan-representation).
func (p *plan) partial() {
	if at := p.root.get("errored"); at != nil && at.text == "true" {
		p.world.appFault(at, "the plan ended with an error and is not whole; hint: mend the configuration and make the plan again")
	}
	if p.root.get("resource_changes") == nil {
		p.world.strayApp(p.root.get("planned_values"), 1)
	}
	if len(p.labels()) == 0 {
		return // nothing of it concerns applications
	}
	if at := p.root.get("complete"); at != nil && at.text == "false" {
		p.world.appFault(at, "the plan is not for all resources; hint: make it without -target, and apply first what others wait for")
	}
	if at := p.root.get("deferred_changes"); at != nil && len(at.list) > 0 {
		p.world.appFault(at, "the plan puts changes off, and what becomes of them is not known; hint: apply first what they wait for, and make the plan again")
	}
}
