package identity

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Claims are what an access token says about its bearer. They are read without
// checking the signature: leastwise is the client, and a token for Microsoft Graph
// cannot be verified by anybody else
// (https://learn.microsoft.com/entra/identity-platform/access-tokens).
type Claims struct {
	TenantID string
	AppID    string
	ObjectID string
	User     string   // user principal name; empty for an app-only token
	Roles    []string // application permissions
	Scopes   []string // delegated permissions
	// DirectoryRoles are the template ids of the user's directory roles ("wids").
	// KnowsRoles is false when the token does not carry them.
	DirectoryRoles []string
	KnowsRoles     bool
	AppOnly        bool
	Expires        time.Time
}

// ParseClaims reads the claims of an access token. It returns false for an opaque
// or encrypted one: clients must not rely on the format of a token.
func ParseClaims(token string) (Claims, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Claims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return Claims{}, false
	}
	var raw struct {
		TID               string   `json:"tid"`
		AppID             string   `json:"appid"`
		AuthorizedParty   string   `json:"azp"`
		OID               string   `json:"oid"`
		UPN               string   `json:"upn"`
		UniqueName        string   `json:"unique_name"`
		PreferredUsername string   `json:"preferred_username"`
		Roles             []string `json:"roles"`
		Scopes            string   `json:"scp"`
		Wids              []string `json:"wids"`
		IdentityType      string   `json:"idtyp"`
		Expires           float64  `json:"exp"`
	}
	if json.Unmarshal(payload, &raw) != nil || raw.TID == "" {
		return Claims{}, false
	}
	c := Claims{
		TenantID: strings.ToLower(raw.TID), AppID: cmp.Or(raw.AppID, raw.AuthorizedParty), ObjectID: raw.OID,
		User: cmp.Or(raw.UPN, raw.PreferredUsername, raw.UniqueName), Roles: raw.Roles, Scopes: strings.Fields(raw.Scopes),
		DirectoryRoles: raw.Wids, KnowsRoles: raw.Wids != nil, Expires: time.Unix(int64(raw.Expires), 0).UTC(),
	}
	c.AppOnly = raw.IdentityType == "app" || raw.IdentityType == "" && len(c.Scopes) == 0 && c.User == ""
	return c, true
}

// HasAny reports whether the token carries one of the permissions, as an
// application or a delegated one.
func (c Claims) HasAny(permissions ...string) bool {
	held := func(list []string) bool {
		return slices.ContainsFunc(permissions, func(p string) bool {
			return slices.ContainsFunc(list, func(l string) bool { return strings.EqualFold(l, p) })
		})
	}
	return held(c.Roles) || held(c.Scopes)
}

// HasDirectoryRole reports whether the token names one of the directory roles by
// template id.
func (c Claims) HasDirectoryRole(templateIDs ...string) bool {
	return slices.ContainsFunc(c.DirectoryRoles, func(held string) bool {
		return slices.ContainsFunc(templateIDs, func(id string) bool { return strings.EqualFold(held, id) })
	})
}
