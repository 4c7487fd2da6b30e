package subject

import (
	"cmp"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// verified reports whether the publisher is; that there is none is told by null members.
func (w *wirePublisher) verified() bool { return w.ID != nil && strings.TrimSpace(*w.ID) != "" }

// truth is a pointer to a constant: thousands of documents hold the same two.
func (j *Join) truth(is bool) *bool {
	if is {
		return &j.yes
	}
	return &j.no
}

// addManifest adds what only the registration tells.
func (j *Join) addManifest(app *Application, row *wireApplication) {
	app.DisabledByMicrosoft = row.DisabledByMicrosoft
	if row.VerifiedPublisher != nil {
		app.VerifiedPublisher, app.PublisherName = j.truth(row.VerifiedPublisher.verified()), row.VerifiedPublisher.DisplayName
	}
	j.addRequests(app, row)
	addRedirectURIs(app, row)
	addImplicitTokens(app, row)
	j.addPreAuthorized(app, row)
	j.addFederated(app)
	app.Credentials = j.credentials(kindApplication, row.ID, row.PasswordCredentials, row.KeyCredentials)
	if row.PasswordCredentials == nil || row.KeyCredentials == nil {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.Applications, Reason: "credentials of the application were not read", Field: "credentials"})
	}
}

// addImplicitTokens adds what the authorization endpoint hands out. It is absent when neither setting
// was read, and incomplete when one was not.
func addImplicitTokens(app *Application, row *wireApplication) {
	if row.Web == nil || row.Web.ImplicitGrant == nil {
		return
	}
	access, id := row.Web.ImplicitGrant.AccessToken.value, row.Web.ImplicitGrant.IDToken.value
	if access == nil && id == nil {
		return
	}
	app.ImplicitTokens = []string{}
	if access != nil && *access {
		app.ImplicitTokens = append(app.ImplicitTokens, "access_token")
	}
	if id != nil && *id {
		app.ImplicitTokens = append(app.ImplicitTokens, "id_token")
	}
	if access == nil || id == nil {
		app.Incomplete = append(app.Incomplete, Gap{
			Dataset: snapshot.Applications, Reason: "a setting of the implicit grant was not read", Field: "implicit_tokens",
		})
	}
}

// addPreAuthorized adds the clients that the registration authorises as an API.
func (j *Join) addPreAuthorized(app *Application, row *wireApplication) {
	if row.API == nil || row.API.PreAuthorized == nil {
		return
	}
	app.PreAuthorized = []PreAuthorized{}
	scopes := sortedByID(slices.Clone(row.API.Scopes))
	for _, client := range row.API.PreAuthorized {
		written := client.ScopeIDs
		if len(client.PermissionIDs) > 0 || written == nil {
			written = slices.Concat(written, client.PermissionIDs)
		}
		if client.AppID == "" || written == nil {
			app.Incomplete = append(app.Incomplete, Gap{
				Dataset: snapshot.Applications, Reason: "a pre-authorised client was not read", Field: "pre_authorized",
			})
		}
		one := PreAuthorized{AppID: strings.ToLower(client.AppID)}
		if p := j.byApp(one.AppID); p != nil {
			one.Name, one.Origin = p.name, j.origin(p)
		}
		if written != nil {
			one.Scopes = []string{}
		}
		for _, id := range written {
			value, _ := find(scopes, strings.ToLower(id))
			one.Scopes = append(one.Scopes, cmp.Or(value, strings.ToLower(id)))
		}
		slices.Sort(one.Scopes)
		one.Scopes = slices.Compact(one.Scopes)
		app.PreAuthorized = append(app.PreAuthorized, one)
	}
	slices.SortFunc(app.PreAuthorized, func(a, b PreAuthorized) int {
		return cmp.Or(cmp.Compare(a.AppID, b.AppID), slices.Compare(a.Scopes, b.Scopes))
	})
}

// origin tells where a service principal's application is registered; "" when that is not known.
func (j *Join) origin(p *principal) string {
	switch {
	case p.kind == kindDeleted:
		return kindDeleted
	case strings.EqualFold(p.kind, "ManagedIdentity"):
		return "managed_identity"
	case p.ownerTenant == j.tenantID:
		return "own"
	case microsoftTenant(p.ownerTenant):
		return "microsoft"
	case p.ownerTenant != "":
		return "foreign"
	}
	return ""
}

// wireFederated (https://learn.microsoft.com/graph/api/resources/federatedidentitycredential).
type wireFederated struct {
	ObjectID   string   `json:"objectId"`
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Issuer     string   `json:"issuer"`
	Subject    *string  `json:"subject"`
	Audiences  []string `json:"audiences"`
	Expression *struct {
		Value string `json:"value"`
	} `json:"claimsMatchingExpression"`
}

// loadFederated reads federated credentials, by the object id of their registration.
func (j *Join) loadFederated() error {
	const name = snapshot.FederatedCredentials
	err := eachRow(j, name, func(row *wireFederated, fault string) {
		objectID := strings.ToLower(row.ObjectID)
		if objectID == "" {
			j.setLoose(name, "a federated credential does not say of which application it is")
			return
		}
		c := FederatedCredential{
			ID: strings.ToLower(row.ID), Name: row.Name, Issuer: row.Issuer, Subject: row.Subject, Audiences: row.Audiences,
		}
		if row.Expression != nil {
			c.Expression = row.Expression.Value
		}
		j.federated[objectID] = append(j.federated[objectID], c)
		if fault != "" {
			j.federatedGaps[objectID] = append(j.federatedGaps[objectID], Gap{Dataset: name, Reason: fault, Field: "federated_credentials"})
		}
	})
	for _, list := range j.federated {
		slices.SortFunc(list, func(a, b FederatedCredential) int { return cmp.Compare(a.ID, b.ID) })
	}
	// A gap names a row, <object>/<credential>, or the object whose credentials could not be listed.
	for row, reason := range j.gaps[name] {
		objectID, _, _ := strings.Cut(strings.ToLower(row), "/")
		j.federatedGaps[objectID] = append(j.federatedGaps[objectID], Gap{Dataset: name, Reason: reason, Field: "federated_credentials"})
	}
	return err
}

// addFederated adds the federated credentials of a registration. None met is not none there when part of
// them was not read.
func (j *Join) addFederated(app *Application) {
	if !j.readable(snapshot.FederatedCredentials) {
		return
	}
	gaps := j.federatedGaps[app.ObjectID]
	app.Incomplete = append(app.Incomplete, gaps...)
	app.FederatedCredentials = j.federated[app.ObjectID]
	if app.FederatedCredentials == nil && len(gaps) == 0 && app.ObjectID != "" {
		app.FederatedCredentials = []FederatedCredential{}
	}
}
