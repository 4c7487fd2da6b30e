package manifest

import (
	"slices"
	"strings"
)

// terraform reads the applications of a plan, as the azuread provider names them
// (https://registry.terraform.io/providers/hashicorp/azuread/latest/docs). It returns false when there are none.
func (w *world) terraform(root *node) bool {
	p := &plan{
		world: w, root: root, apps: map[string]*appReader{}, byID: map[string]*appReader{},
		apis: map[string]string{}, known: map[string]*node{}, people: map[string]bool{},
	}
	before, broken := len(w.apps), len(w.broken)
	p.readState(root.path("prior_state", "values", "root_module"))
	p.readChanges()
	for _, c := range p.changes {
		switch c.kind {
		case "azuread_application", "azuread_application_registration":
			if !c.data {
				p.define(c)
			}
		case "azuread_service_principal":
			if c.after != nil {
				p.note(c.kind, c.after)
				p.known[c.address] = c.after
			}
		case "azuread_user", "azuread_group":
			p.note(c.kind, c.settled())
		}
	}
	for _, c := range p.changes {
		p.part(c)
	}
	p.unread()
	return len(w.apps) > before || len(w.broken) > broken
}

// accessOfPlan are the names of required_resource_access.
var accessOfPlan = [4]string{"resource_app_id", "resource_access", "id", "type"}

// define reads an application.
func (p *plan) define(c *change) {
	a := p.world.newApp(c.at, formatTerraform, c.address)
	a.row.Action = c.action
	p.apps[c.address] = a
	n := c.settled()
	for _, from := range []*node{c.before, c.after} { // one that is replaced takes the place of the one before
		if from != nil {
			a.appID(either(from, "client_id", "application_id"))
			a.objectID(either(from, "object_id", "id"))
		}
	}
	for _, id := range []string{a.row.AppID, a.row.ObjectID} {
		if id != "" {
			p.byID[id] = a
		}
	}
	a.title(n.get("display_name"))
	if c.action == actionDelete {
		return
	}
	for _, old := range []string{"reply_urls", "oauth2_allow_implicit_flow", "available_to_other_tenants"} {
		if at := n.get(old); present(at) {
			p.world.appFault(at, "a plan of version 1 of the azuread provider is not read; hint: use version 2 or later")
			break
		}
	}
	a.audience(n.get("sign_in_audience"))
	if c.action == actionCreate {
		a.row.VerifiedPublisher = new(false) // nobody can verify one that is not there yet
	}
	a.row.Requests, a.row.RedirectURIs, a.row.PreAuthorized = []appRequest{}, []appURI{}, []appClient{}
	a.row.Credentials, a.row.Federated, a.row.Implicit = []appCredential{}, []appFederated{}, []appToken{}
	if c.kind == "azuread_application_registration" {
		a.implicit(n.get("implicit_access_token_issuance_enabled"), "access_token")
		a.implicit(n.get("implicit_id_token_issuance_enabled"), "id_token")
		return
	}
	a.asked(n.get("required_resource_access"), accessOfPlan)
	a.blocks(n)
	a.passwords(n)
}

// blocks reads the platforms of an application; a block is a list of one.
func (a *appReader) blocks(n *node) {
	for block, platform := range map[string]string{"web": "web", "single_page_application": "spa", "public_client": "public_client"} {
		list, _ := a.objects(fieldRedirects, n.get(block))
		for _, settings := range list {
			a.redirects(settings.get("redirect_uris"), platform)
			grants, _ := a.objects(fieldImplicit, settings.get("implicit_grant"))
			for _, grant := range grants {
				a.implicit(grant.get("access_token_issuance_enabled"), "access_token")
				a.implicit(grant.get("id_token_issuance_enabled"), "id_token")
			}
		}
		if unfilled(n.get(block)) && block == "web" {
			a.open(fieldImplicit, n.get(block))
		}
	}
	slices.SortFunc(a.row.RedirectURIs, func(x, y appURI) int {
		if x.Line != y.Line {
			return x.Line - y.Line
		}
		return strings.Compare(x.Platform+x.URI, y.Platform+y.URI)
	})
}

// passwords reads the secret that is written inside an application. Before it is applied, the members that the
// provider makes are not known, and the block is not there at all when none is asked for.
func (a *appReader) passwords(n *node) {
	block := n.get("password")
	if block == nil || block.shape != aList {
		return
	}
	for _, password := range block.list {
		if password.shape == anObject {
			a.secret(password, "secret", kindOfApplication)
		}
	}
}

// secret reads a password or certificate: its dates and names, never its value.
func (a *appReader) secret(n *node, kind, of string) {
	one := appCredential{Type: kind, Of: of, Line: n.line}
	if id := n.get("key_id"); !unfilled(id) {
		one.KeyID = strings.ToLower(a.plain(fieldCredentials, id))
	}
	if name := n.get("display_name"); !unfilled(name) {
		one.Name = a.plain(fieldCredentials, name)
	}
	if start := n.get("start_date"); !unfilled(start) {
		one.Starts = a.plain(fieldCredentials, start)
	}
	if end := n.get("end_date"); !unfilled(end) {
		one.Ends = a.plain(fieldCredentials, end)
	}
	if late := n.get("end_date"); one.Ends == "" && unfilled(late) {
		a.open(fieldCredentials, late)
	}
	a.row.Credentials = append(a.row.Credentials, one)
}

// part reads what is defined beside an application.
func (p *plan) part(c *change) {
	if c.data {
		return
	}
	switch c.kind {
	case "azuread_app_role_assignment":
		p.assignment(c)
		return
	case "azuread_service_principal_delegated_permission_grant":
		p.delegation(c)
		return
	case "azuread_service_principal", "azuread_service_principal_password", "azuread_service_principal_certificate",
		"azuread_service_principal_token_signing_certificate":
		p.principalPart(c)
		return
	}
	read := partReaders[c.kind]
	if read == nil || c.after == nil {
		return
	}
	read(p.owner(c, "application_id", "application_object_id"), c.after)
}

var partReaders = map[string]func(a *appReader, n *node){
	"azuread_application_api_access":                             (*appReader).apiAccess,
	"azuread_application_redirect_uris":                          (*appReader).redirectResource,
	"azuread_application_pre_authorized":                         (*appReader).clientResource,
	"azuread_application_password":                               func(a *appReader, n *node) { a.secret(n, "secret", kindOfApplication) },
	"azuread_application_certificate":                            func(a *appReader, n *node) { a.secret(n, "certificate", kindOfApplication) },
	"azuread_application_federated_identity_credential":          (*appReader).federatedResource,
	"azuread_application_flexible_federated_identity_credential": (*appReader).federatedResource,
}

// owner is the application that a part belongs to: by its id, else by what the configuration refers to. A part of
// one that is not in the plan, or cannot be told, stands for itself.
func (p *plan) owner(c *change, arguments ...string) *appReader {
	n := c.settled()
	id := ""
	for _, argument := range arguments {
		if at := n.get(argument); present(at) && at.shape == aText {
			_, id, _ = cutLast("/" + at.text)
			id = strings.ToLower(id)
			if a := p.byID[id]; a != nil {
				return a
			}
		}
	}
	for _, argument := range arguments {
		for _, base := range p.refers(c, argument) {
			if a := p.instance(c, base); a != nil {
				return a
			}
		}
	}
	if a := p.apps[c.kind+" "+id]; a != nil && id != "" {
		return a
	}
	a := p.world.newApp(c.at, formatTerraform, c.address)
	a.row.Action, a.row.Name, a.row.Part = c.action, c.address, true
	if isGUID(id) {
		a.row.ObjectID = id
		p.byID[id] = a
	}
	return a
}

// instance picks, of the applications that one block of the configuration makes, that of a part.
func (p *plan) instance(c *change, base string) *appReader {
	return pick(c, base, p.apps)
}

// pick finds by address what a base is: the only one, or the one of the same index and module.
func pick[T any](c *change, base string, all map[string]T) (none T) {
	var found []string
	for address := range all {
		if indexed.ReplaceAllString(address, "") == base {
			found = append(found, address)
		}
	}
	if len(found) > 1 {
		same := indexed.FindAllString(c.address, -1)
		found = slices.DeleteFunc(found, func(address string) bool {
			return !slices.Equal(indexed.FindAllString(address, -1), same)
		})
	}
	if len(found) != 1 {
		return none
	}
	return all[found[0]]
}

// apiAccess reads azuread_application_api_access.
func (a *appReader) apiAccess(n *node) {
	api := appRequest{}
	if id, known := a.text(fieldRequests, n.get("api_client_id")); known {
		api.ResourceAppID, api.ResourceName = idOrName(id)
	}
	if a.row.Requests == nil {
		a.row.Requests = []appRequest{}
	}
	for member, kind := range map[string]string{"role_ids": kindOfApplication, "scope_ids": kindOfUser} {
		ids, _ := a.texts(fieldRequests, n.get(member))
		for _, id := range ids {
			one := api
			one.Kind, one.Line = kind, id.line
			one.ID, one.Name = idOrName(id.text)
			a.row.Requests = append(a.row.Requests, one)
		}
	}
	slices.SortStableFunc(a.row.Requests, func(x, y appRequest) int { return x.Line - y.Line })
}

// redirectResource reads azuread_application_redirect_uris.
func (a *appReader) redirectResource(n *node) {
	platform := map[string]string{"spa": "spa", "publicclient": "public_client"}[strings.ToLower(n.str("type"))]
	if platform == "" {
		platform = "web"
	}
	a.redirects(n.get("redirect_uris"), platform)
}

// clientResource reads azuread_application_pre_authorized.
func (a *appReader) clientResource(n *node) {
	client := either(n, "authorized_client_id", "authorized_app_id")
	one := appClient{Scopes: []string{}, Line: n.line}
	if client != nil {
		one.Line = client.line
		one.AppID = strings.ToLower(a.plain(fieldClients, client))
	}
	scopes, _ := a.texts(fieldClients, n.get("permission_ids"))
	for _, id := range scopes {
		one.Scopes = append(one.Scopes, strings.ToLower(id.text))
	}
	a.row.PreAuthorized = append(a.row.PreAuthorized, one)
}

// federatedResource reads azuread_application_federated_identity_credential and the flexible form.
func (a *appReader) federatedResource(n *node) {
	one := appFederated{Line: n.line, Name: a.plain(fieldFederated, n.get("display_name")), Issuer: a.plain(fieldFederated, n.get("issuer"))}
	if subject, known := a.text(fieldFederated, n.get("subject")); known {
		one.Subject = &subject
	}
	one.Expression = a.plain(fieldFederated, n.get("claims_matching_expression"))
	audiences, _ := a.texts(fieldFederated, n.get("audiences"))
	for _, audience := range audiences {
		one.Audiences = append(one.Audiences, audience.text)
	}
	if audience, known := a.text(fieldFederated, n.get("audience")); known {
		one.Audiences = append(one.Audiences, audience)
	}
	a.row.Federated = append(a.row.Federated, one)
}
