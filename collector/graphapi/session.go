package graphapi

import (
	"context"
	"slices"
	"strings"
	"sync"

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

	mu    sync.Mutex
	read  []snapshot.Name
	needs []snapshot.Need
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
	w.AddIdentity(snapshot.Identity{Kind: c.account.Kind, ClientID: c.account.ClientID, Opaque: true})
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writer.AddIdentity(snapshot.Identity{
		Kind: account.Kind, ClientID: account.ClientID, User: s.Claims.User, AppOnly: s.AppOnly(), Opaque: !s.Readable,
		Roles: s.Claims.Roles, Scopes: s.Claims.Scopes, Datasets: s.read, Needs: s.needs,
	})
}

// Read starts a dataset. Close ends it. When ctx is cancelled before that, what was
// read of it is kept as partial.
func (s *Session) Read(ctx context.Context, name snapshot.Name) (*Reading, error) {
	rows, err := s.writer.Dataset(name)
	if err != nil {
		return nil, err
	}
	meter := &Meter{}
	return &Reading{
		Graph: s.client.Metered(meter), session: s, name: name, rows: rows, meter: meter, announced: -1, since: max(len(s.client.history())-1, 0),
		post: s.client.board.post(name, meter, s.client.clock()), interrupted: func() bool { return ctx.Err() != nil },
	}, nil
}

// Collect reads one dataset with collect, and closes it. When collect fails, or ctx is
// cancelled, it ends as Abort says.
func (s *Session) Collect(ctx context.Context, name snapshot.Name, collect func(*Reading) error) (snapshot.Dataset, error) {
	reading, err := s.Read(ctx, name)
	if err != nil {
		return snapshot.Dataset{}, err
	}
	defer reading.Abort()
	if err := collect(reading); err != nil {
		return snapshot.Dataset{}, err
	}
	return reading.Close(ctx)
}

// Dependent records a dataset that cannot be read because another one, which it hangs
// on, could not be; because says so.
func (s *Session) Dependent(name snapshot.Name, because string, parent snapshot.Dataset) (snapshot.Dataset, error) {
	return s.Without(name, snapshot.Dataset{
		Status: parent.Status, Evidence: parent.Evidence, Reason: because + ": " + parent.Reason,
	})
}

// Without records a dataset that is not read at all, and returns it.
func (s *Session) Without(name snapshot.Name, why snapshot.Dataset) (snapshot.Dataset, error) {
	return why, s.writer.Without(name, why)
}

// Need notes what reading a dataset takes. It returns why the dataset is denied,
// without a call, when the token has none of the permissions; and nil when it has
// one, or when the token cannot be read.
func (s *Session) Need(need snapshot.Need) *snapshot.Dataset {
	if len(need.Least) == 0 {
		return nil
	}
	s.mu.Lock()
	s.needs = append(s.needs, need)
	s.mu.Unlock()
	if !s.Readable || s.Claims.HasAny(slices.Concat(need.Least, need.Accepted)...) {
		return nil
	}
	kind := "delegated"
	if s.Claims.AppOnly {
		kind = "application"
	}
	return &snapshot.Dataset{
		Status: snapshot.Denied,
		Reason: "the token carries no " + kind + " permission for this; the least is " + need.Least[0],
	}
}

// lost names the permissions of the time of Open that a token did not have which the
// account was given since; since is a place in its history.
func (s *Session) lost(since int) []string {
	var lost []string
	history := s.client.history()
	for _, permissions := range history[min(since, len(history)):] {
		lost = append(lost, s.Claims.Permissions().Lost(permissions)...)
	}
	slices.Sort(lost)
	return slices.Compact(lost)
}

// noteRead records that the identity has read the dataset.
func (s *Session) noteRead(name snapshot.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = append(s.read, name)
}
