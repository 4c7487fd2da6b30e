package subject

import (
	"cmp"
	"slices"
	"strings"
)

// lists takes the file's redirect URIs, implicit tokens and clients over the tenant's.
func (b *manifestBuilder) lists() {
	row, app := b.row, b.app
	if row.RedirectURIs != nil {
		app.RedirectURIs = []RedirectURI{}
	}
	for _, uri := range row.RedirectURIs {
		app.RedirectURIs = append(app.RedirectURIs, RedirectURI{URI: uri.URI, Platform: uri.Platform})
		b.line(uri.URI, uri.Line)
	}
	if row.Implicit != nil {
		app.ImplicitTokens = []string{}
	}
	for _, token := range row.Implicit {
		app.ImplicitTokens = append(app.ImplicitTokens, token.Token)
		b.line(token.Token, token.Line)
	}
	if row.PreAuthorized != nil {
		app.PreAuthorized = []PreAuthorized{}
	}
	for _, client := range row.PreAuthorized {
		one := PreAuthorized{AppID: strings.ToLower(client.AppID), Scopes: append([]string{}, client.Scopes...)}
		if p := b.join.byApp(one.AppID); p != nil {
			one.Name, one.Origin = p.name, b.join.origin(p)
		}
		app.PreAuthorized = append(app.PreAuthorized, one)
		b.line(one.AppID, client.Line)
	}
	b.mention("redirect_uris", row.RedirectURIs != nil)
	b.mention("implicit_tokens", row.Implicit != nil)
	b.mention("pre_authorized", row.PreAuthorized != nil)
}

// federated takes the file's federated credentials.
func (b *manifestBuilder) federated() {
	row, app := b.row, b.app
	if row.Federated != nil {
		app.FederatedCredentials = []FederatedCredential{}
	}
	for _, c := range row.Federated {
		app.FederatedCredentials = append(app.FederatedCredentials, FederatedCredential{
			Name: c.Name, Issuer: c.Issuer, Subject: c.Subject, Audiences: c.Audiences, Expression: c.Expression,
		})
		b.line(c.Name, c.Line)
	}
	b.mention("federated_credentials", row.Federated != nil)
}

// credentials takes the file's: those that it does not make, it leaves as they are, and they are not its own.
func (b *manifestBuilder) credentials() []Credential {
	row := b.row
	b.mention("credentials", row.Credentials != nil)
	if row.Credentials == nil {
		return b.app.Credentials
	}
	list := []Credential{}
	for _, c := range row.Credentials {
		wire := wireCredential{KeyID: c.KeyID, DisplayName: c.Name, Usage: c.Usage, StartDateTime: c.Starts, EndDateTime: c.Ends}
		one := b.join.credential(c.Of, b.app.ObjectID, c.Type, wire)
		b.line(cmp.Or(one.KeyID, one.Name), c.Line)
		list = append(list, one)
	}
	slices.SortFunc(list, func(x, y Credential) int {
		return cmp.Or(cmp.Compare(x.Of, y.Of), cmp.Compare(x.Type, y.Type), cmp.Compare(x.KeyID, y.KeyID), cmp.Compare(x.Ends, y.Ends))
	})
	return list
}

// grant resolves one that a file tells. Where it does not tell the API, the id of the permission may.
func (b *manifestBuilder) grant(g wireManifestGrant) Grant {
	j := b.join
	api, p := g.ResourceAppID, j.principal(g.ResourceID)
	if p != nil && api == "" {
		api = p.appID
	}
	if api == "" && g.ID != "" {
		api = j.apiOf(g.ID)
	}
	if p == nil {
		p = j.byApp(api)
	}
	var res *resource
	name := ""
	if p != nil {
		res, name = p.resource, p.name
	}
	var found resolved
	switch {
	case g.ID != "":
		found = j.resolver.byID(res, api, g.Kind, g.ID)
		found.kind = g.Kind
	default:
		found = j.resolver.named(res, api, g.Kind, g.Name)
	}
	grant := newGrant(found, api, cmp.Or(name, j.resolver.catalogue.Resources()[api]), g.Consent)
	if g.Consent == "user" {
		grant.Users = 1
		if g.UserID != "" {
			grant.UserIDs = []string{g.UserID}
		}
	}
	return grant
}

// apiOf is the only API of which the catalogue knows an application permission by an id.
func (j *Join) apiOf(id string) string {
	var found []string
	for api := range j.resolver.catalogue.Resources() {
		if len(j.resolver.catalogue.ByID(j.resolver.cloud, api, id)) > 0 {
			found = append(found, api)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

// compare tells what the merge changes of the permissions.
func (b *manifestBuilder) compare(change *Change) {
	was := b.was
	for _, request := range b.app.Requests {
		if request.Key != "" && !was.RequestedKeys[request.Key] && !was.GrantedKeys[request.Key] {
			change.Requested = append(change.Requested, changedRequest(request, b.lines[request.Key]))
			b.fresh[request.Key] = true
		}
	}
	for _, grant := range b.app.Grants {
		if grant.Key != "" && !held(was.Grants, grant) {
			change.Granted = append(change.Granted, changedGrant(grant, b.lines[grant.Key]))
			b.fresh[grant.Key] = true
		}
	}
	if b.row.Format != "microsoft365" {
		b.dropped(change)
	}
}

// dropped tells what is no longer requested, and what is revoked. Where it is not known what is granted, nothing is said
// to be.
func (b *manifestBuilder) dropped(change *Change) {
	was, app := b.was, b.app
	for _, request := range was.Requests {
		if request.Key == "" || app.RequestedKeys[request.Key] {
			continue
		}
		gone := changedRequest(request, 0)
		switch gone.Ends = "requested"; {
		case app.GrantedKeys[request.Key]:
			gone.StillGranted = true
		case was.GrantedKeys[request.Key] && app.Grants != nil:
			gone.Ends = "both"
		}
		change.Dropped = append(change.Dropped, gone)
	}
	for _, grant := range was.Grants {
		ends := app.Grants != nil && !app.GrantedKeys[grant.Key]
		told := was.RequestedKeys[grant.Key] && !app.RequestedKeys[grant.Key]
		if grant.Key != "" && ends && !told {
			gone := changedGrant(grant, 0)
			gone.Ends = "granted"
			change.Dropped = append(change.Dropped, gone)
		}
	}
}

// held reports whether a permission was granted before, to as many: an administrator's consent is for all users.
func held(grants []Grant, grant Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool {
		return g.Key == grant.Key && (g.Consent == grant.Consent || g.Consent != "user")
	})
}

func changedRequest(r Request, line int) ChangedPermission {
	return ChangedPermission{
		Key: r.Key, Permission: cmp.Or(r.Permission, r.PermissionID), Kind: r.Kind, ResourceName: r.ResourceName, Tier: r.Tier, Line: line,
	}
}

func changedGrant(g Grant, line int) ChangedPermission {
	return ChangedPermission{
		Key: g.Key, Permission: cmp.Or(g.Permission, g.PermissionID), Kind: g.Kind, ResourceName: g.ResourceName, Tier: g.Tier, Line: line,
	}
}
