package graphapi

import (
	"context"
	"strings"

	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// Session is one account reading datasets into one snapshot.
type Session struct {
	Claims identity.Claims
	// Readable is false when the token does not tell its claims.
	Readable bool

	client *Client
	writer *snapshot.Writer
	read   []snapshot.Name
}

// Open checks the tenant and signs in. When the sign-in fails, the datasets are
// recorded as failed and the session is nil; the error is about what ends the run.
func (c *Client) Open(ctx context.Context, w *snapshot.Writer, datasets []snapshot.Name) (*Session, error) {
	if want := w.Tenant().ID; !strings.EqualFold(c.account.Tenant, want) {
		return nil, &identity.WrongTenantError{Want: want, Got: c.account.Tenant}
	}
	s := &Session{client: c, writer: w}
	var err error
	s.Claims, s.Readable, err = c.Claims(ctx)
	if err == nil {
		return s, nil
	}
	if fatal(ctx, err) {
		return nil, err
	}
	c.logger.ErrorContext(ctx, "cannot sign in", "kind", c.account.Kind, "client", c.account.ClientID, "error", err.Error())
	for _, name := range datasets {
		if err := w.Without(name, Missing(err)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// AppOnly reports whether the account acts for itself and not for a person.
func (s *Session) AppOnly() bool {
	if s.Readable {
		return s.Claims.AppOnly
	}
	return !s.client.account.Delegated
}

// Close records in the snapshot who read what.
func (s *Session) Close() {
	account := s.client.account
	s.writer.AddIdentity(snapshot.Identity{
		Kind: account.Kind, ClientID: account.ClientID, User: s.Claims.User,
		Roles: s.Claims.Roles, Scopes: s.Claims.Scopes, Datasets: s.read,
	})
}

// Read starts a dataset. Close ends it.
func (s *Session) Read(name snapshot.Name) (*Reading, error) {
	rows, err := s.writer.Dataset(name)
	if err != nil {
		return nil, err
	}
	meter := &Meter{}
	return &Reading{Graph: s.client.Metered(meter), session: s, name: name, rows: rows, meter: meter}, nil
}

// Without records a dataset that is not read at all, and returns it.
func (s *Session) Without(name snapshot.Name, why snapshot.Dataset) (snapshot.Dataset, error) {
	return why, s.writer.Without(name, why)
}

// Lacking tells, without a call, that the token has none of the permissions that
// reading needs, of which the first is the least. It returns nil when it has one,
// or when the token cannot be read.
func (s *Session) Lacking(permissions ...string) *snapshot.Dataset {
	if !s.Readable || len(permissions) == 0 || s.Claims.HasAny(permissions...) {
		return nil
	}
	kind := "delegated"
	if s.Claims.AppOnly {
		kind = "application"
	}
	return &snapshot.Dataset{
		Status: snapshot.Denied,
		Reason: "the token carries no " + kind + " permission for this; the least is " + permissions[0],
	}
}
