package identity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ChangedIdentityError says that a token is of another application or person than the
// first one of the account. Nothing more may be collected with it: a snapshot says who
// saw what it holds.
type ChangedIdentityError struct{ Kind, Want, Got string }

// Error names both identities.
func (e *ChangedIdentityError) Error() string {
	return fmt.Sprintf("signed in with %s as %s, and now as %s; hint: do not sign in as somebody else during a run", e.Kind, e.Want, e.Got)
}

// NonRetriable tells azcore that trying again changes nothing.
func (e *ChangedIdentityError) NonRetriable() {}

const (
	// tokensHidden is how many tokens are remembered to be kept out of reports.
	tokensHidden = 16
	// shortestHidden is the length below which a token, or the start of one, would blot
	// out words.
	shortestHidden = 16
)

// handedOut is what an account remembers of its tokens, guarded by Account.mu.
type handedOut struct {
	tokens []string // the last ones
	bearer Claims   // who was told first; members that no token told are empty
	// permissions are those of each token for the scopes, without repetitions in a row.
	permissions map[string][]Permissions
}

// Permissions are what a token allows its bearer.
type Permissions struct {
	Roles, Scopes []string
	// DirectoryRoles are template ids.
	DirectoryRoles []string
}

// Permissions are what the token allows, sorted.
func (c Claims) Permissions() Permissions {
	sorted := func(list []string) []string {
		list = slices.Clone(list)
		slices.Sort(list)
		return slices.Compact(list)
	}
	return Permissions{sorted(c.Roles), sorted(c.Scopes), sorted(c.DirectoryRoles)}
}

// Equal reports whether both allow the same.
func (p Permissions) Equal(other Permissions) bool {
	return slices.Equal(p.Roles, other.Roles) && slices.Equal(p.Scopes, other.Scopes) && slices.Equal(p.DirectoryRoles, other.DirectoryRoles)
}

// Lost names what p allows and other does not, directory roles by their names.
func (p Permissions) Lost(other Permissions) []string {
	var lost []string
	missing := func(had, have []string, kind string, name func(string) string) {
		for _, one := range had {
			if !slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, one) }) {
				lost = append(lost, kind+name(one))
			}
		}
	}
	itself := func(permission string) string { return permission }
	missing(p.Roles, other.Roles, "", itself)
	missing(p.Scopes, other.Scopes, "", itself)
	missing(p.DirectoryRoles, other.DirectoryRoles, "directory role ", func(id string) string { return cmp.Or(DirectoryRoleName(id), id) })
	return lost
}

// History lists what the account's tokens for scope have allowed, one after the other
// and without repetitions in a row; tokens that cannot be read are not in it.
func (a *Account) History(scope string) []Permissions {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.handedOut.permissions[scope])
}

// Redact removes from foreign text the tokens that were handed out, and what Redact
// removes.
func (a *Account) Redact(text string) string {
	a.mu.Lock()
	tokens := slices.Clone(a.handedOut.tokens)
	a.mu.Unlock()
	for _, token := range tokens {
		text = withoutStart(withoutText(text, token, "[token]"), token)
	}
	return Redact(text, "")
}

// withoutStart removes what may be left of a token that was quoted in part.
func withoutStart(text, token string) string {
	var out strings.Builder
	for {
		at := strings.Index(text, token[:shortestHidden])
		if at < 0 {
			return out.String() + text
		}
		out.WriteString(text[:at] + "[token]")
		end := shortestHidden
		for end < len(token) && at+end < len(text) && text[at+end] == token[end] {
			end++
		}
		text = text[at+end:]
	}
}

// hide remembers a token, to be kept out of reports.
func (a *Account) hide(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := &a.handedOut
	if len(token) < shortestHidden || slices.Contains(h.tokens, token) {
		return
	}
	h.tokens = append(h.tokens[max(0, len(h.tokens)-tokensHidden+1):], token)
}

// remember notes the claims of a token for scopes. It fails when its bearer is not the
// one of the tokens before.
func (a *Account) remember(scopes string, claims Claims) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := &a.handedOut
	first := &h.bearer
	differ := func(one, other string) bool { return one != "" && other != "" && !strings.EqualFold(one, other) }
	renamed := (first.ObjectID == "" || claims.ObjectID == "") && differ(first.User, claims.User)
	if differ(first.AppID, claims.AppID) || differ(first.ObjectID, claims.ObjectID) || renamed {
		return &ChangedIdentityError{Kind: a.Kind, Want: first.bearer(), Got: claims.bearer()}
	}
	first.AppID, first.ObjectID, first.User = cmp.Or(first.AppID, claims.AppID), cmp.Or(first.ObjectID, claims.ObjectID), cmp.Or(first.User, claims.User)
	if h.permissions == nil {
		h.permissions = map[string][]Permissions{}
	}
	had, have := h.permissions[scopes], claims.Permissions()
	if len(had) == 0 || !had[len(had)-1].Equal(have) {
		h.permissions[scopes] = append(had, have)
	}
	return nil
}

// bearer names who a token is of, as far as it tells.
func (c Claims) bearer() string {
	who := cmp.Or(c.User, c.ObjectID, "somebody")
	if c.User != "" && c.ObjectID != "" {
		who += " (" + c.ObjectID + ")"
	}
	return who + " of application " + cmp.Or(c.AppID, "unknown")
}
