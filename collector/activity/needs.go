package activity

import (
	"cmp"
	"context"
	"sync"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// What reading takes: one permission of the Management API, which no other one includes.
// ActivityFeed.ReadDlp opens DLP.All only
// (https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis#specify-the-permissions-your-app-requires-to-access-the-office-365-management-apis).
const feedPermission = "ActivityFeed.Read"

// And one of Microsoft Graph for older records. There are narrower ones for single
// workloads, of which none is Data Connect
// (https://learn.microsoft.com/graph/api/security-auditcoreroot-post-auditlogqueries).
const queryPermission = "AuditLogsQuery.Read.All"

// datasetsOf is what a kind of content is read for.
func datasetsOf(contentType string) []snapshot.Name {
	switch contentType {
	case General:
		return []snapshot.Name{snapshot.DataConnectEvents}
	case Directory:
		return []snapshot.Name{snapshot.RoleEvents, snapshot.ConsentEvents}
	}
	return nil
}

func needs(permission string, names ...snapshot.Name) []snapshot.Need {
	var list []snapshot.Need
	for _, name := range names {
		list = append(list, snapshot.Need{Dataset: name, Least: []string{permission}})
	}
	return list
}

// readers tell a snapshot who has read what. Feeds have none at hand: what they note
// before there is one is kept.
type readers struct {
	mu     sync.Mutex
	writer *snapshot.Writer
	kept   []snapshot.Identity
}

func (r *readers) attach(w *snapshot.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writer = w
	for _, id := range r.kept {
		w.AddIdentity(id)
	}
	r.kept = nil
}

func (r *readers) note(id snapshot.Identity) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writer == nil {
		r.kept = append(r.kept, id)
		return
	}
	r.writer.AddIdentity(id)
}

// bearer is an account with what its token for one API carries.
type bearer struct {
	account  *identity.Account
	claims   identity.Claims
	readable bool
}

// identity is the bearer as a snapshot records it.
func (b bearer) identity(needs []snapshot.Need, read ...snapshot.Name) snapshot.Identity {
	appOnly := !b.account.Delegated
	if b.readable {
		appOnly = b.claims.AppOnly
	}
	return snapshot.Identity{
		Kind: b.account.Kind, ClientID: b.account.ClientID, User: b.claims.User, AppOnly: appOnly, Opaque: !b.readable,
		Roles: b.claims.Roles, Scopes: b.claims.Scopes, Needs: needs, Datasets: read,
	}
}

// lacks says why nothing can be read without permission; nil when it is there, or the
// token does not tell.
func (b bearer) lacks(permission, api string) *snapshot.Dataset {
	if !b.readable || b.claims.HasAny(permission) {
		return nil
	}
	kind := "delegated"
	if b.claims.AppOnly {
		kind = "application"
	}
	return &snapshot.Dataset{
		Status: snapshot.Denied,
		Reason: "the token carries no " + kind + " permission for this; the least is " + permission + " of " + api,
	}
}

// signIn gets a token for the API, and tells why that is of no use.
func (c *Client) signIn(ctx context.Context) (bearer, *snapshot.Dataset, error) {
	b := bearer{account: c.opts.Account}
	var err error
	b.claims, b.readable, err = b.account.Claims(ctx, c.scope())
	switch {
	case err == nil:
		return b, b.lacks(feedPermission, "Office 365 Management APIs"), nil
	case graphapi.Fatal(ctx, err):
		return b, nil, err
	}
	c.logger.ErrorContext(ctx, "cannot sign in", "kind", b.account.Kind, "client", b.account.ClientID, "error", err.Error())
	missing := missing(err)
	return b, &missing, nil
}

// clientID is whose subscriptions the API lists: each application has its own.
func (b bearer) clientID() string { return cmp.Or(b.claims.AppID, b.account.ClientID) }
