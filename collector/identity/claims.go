package identity

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Claims are what a token says about its bearer. They are read without checking the
// signature: leastwise is the client, and a token for Microsoft Graph cannot be
// verified by anybody else
// (https://learn.microsoft.com/entra/identity-platform/access-tokens,
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
type Claims struct {
	TenantID string
	AppID    string // of an access token: whom it was issued to
	AppName  string
	ObjectID string
	User     string // user principal name; empty for an app-only token
	UserName string // display name
	Audience []string
	Issuer   string
	Version  string   // 1.0 or 2.0
	Roles    []string // application permissions
	Scopes   []string // delegated permissions
	// DirectoryRoles are the template ids of the user's directory roles ("wids").
	// KnowsRoles is false when the token does not carry them.
	DirectoryRoles []string
	KnowsRoles     bool
	// IdentityType is "app" or "user", or empty when the token does not say; AppOnly is
	// concluded then.
	IdentityType string
	AppOnly      bool
	// Instants are zero when the token does not carry them.
	Issued, NotBefore, Expires time.Time
	// Algorithm and KeyID are those of the signature. HasNonce is true when the header
	// carries a nonce, as those for Microsoft Graph do: what was signed is then another
	// header than the one that is seen.
	Algorithm, KeyID string
	HasNonce         bool
}

// ParseClaims reads the claims of an access token. It returns false for an opaque
// or encrypted one: clients must not rely on the format of a token.
func ParseClaims(token string) (Claims, bool) {
	claims, err := decodeClaims(token)
	return claims, err == nil && claims.TenantID != ""
}

var (
	errOpaque  = errors.New("opaque: not a signed JSON web token")
	errDamaged = errors.New("a damaged JSON web token")
)

// rawClaims are the members of a token in the forms that occur.
type rawClaims struct {
	TID               string   `json:"tid"`
	AppID             string   `json:"appid"`
	AuthorizedParty   string   `json:"azp"`
	AppName           string   `json:"app_displayname"`
	OID               string   `json:"oid"`
	UPN               string   `json:"upn"`
	UniqueName        string   `json:"unique_name"`
	PreferredUsername string   `json:"preferred_username"`
	Name              string   `json:"name"`
	Audience          textList `json:"aud"`
	Issuer            string   `json:"iss"`
	Version           string   `json:"ver"`
	Roles             textList `json:"roles"`
	Scopes            textList `json:"scp"`
	Wids              textList `json:"wids"`
	IdentityType      string   `json:"idtyp"`
	Issued            instant  `json:"iat"`
	NotBefore         instant  `json:"nbf"`
	Expires           instant  `json:"exp"`
}

// decodeClaims reads what every signed JSON web token holds, of whatever issuer.
func decodeClaims(token string) (Claims, error) {
	parts := strings.Split(token, ".")
	var header struct {
		Algorithm string          `json:"alg"`
		KeyID     string          `json:"kid"`
		Nonce     json.RawMessage `json:"nonce"`
	}
	jose := decodeSegment(parts[0], &header)
	if len(parts) != 3 {
		if jose && len(parts) != 5 { // five parts are an encrypted one
			return Claims{}, errDamaged
		}
		return Claims{}, errOpaque
	}
	var raw rawClaims
	if !decodeSegment(parts[1], &raw) {
		if jose {
			return Claims{}, errDamaged
		}
		return Claims{}, errOpaque
	}
	c := raw.claims()
	c.Algorithm, c.KeyID, c.HasNonce = header.Algorithm, header.KeyID, header.Nonce != nil
	return c, nil
}

// decodeSegment reads one part of a token: base64url of a JSON object.
func decodeSegment(segment string, into any) bool {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(segment, "="))
	return err == nil && json.Unmarshal(data, into) == nil
}

func (raw *rawClaims) claims() Claims {
	c := Claims{
		TenantID: strings.ToLower(raw.TID), AppID: cmp.Or(raw.AppID, raw.AuthorizedParty), AppName: raw.AppName,
		ObjectID: raw.OID, User: cmp.Or(raw.UPN, raw.PreferredUsername, raw.UniqueName), UserName: raw.Name,
		Audience: raw.Audience, Issuer: raw.Issuer, Version: raw.Version,
		Roles: raw.Roles, Scopes: strings.Fields(strings.Join(raw.Scopes, " ")),
		DirectoryRoles: raw.Wids, KnowsRoles: raw.Wids != nil, IdentityType: raw.IdentityType,
		Issued: raw.Issued.Time, NotBefore: raw.NotBefore.Time, Expires: raw.Expires.Time,
	}
	c.AppOnly = raw.IdentityType == "app" || raw.IdentityType == "" && len(c.Scopes) == 0 && c.User == ""
	return c
}

// textList is a list of texts, which some issuers write as one text when it has one
// element.
type textList []string

// UnmarshalJSON reads a list of texts, or one.
func (l *textList) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil && string(data) != "null" {
		*l = textList{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// instant is a number of seconds since 1970, which some issuers write as text.
type instant struct{ time.Time }

// lastInstant is the last second of the year 9999, after which RFC 3339 has no
// notation.
const lastInstant = 253402300799

// UnmarshalJSON reads a number, or a text with one.
func (i *instant) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "null" {
		return nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 0 && seconds <= lastInstant) {
		return errors.New("not an instant")
	}
	i.Time = time.Unix(int64(seconds), 0).UTC()
	return nil
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
