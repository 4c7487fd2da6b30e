package identity

import (
	"net/url"
	"regexp"
	"strings"
)

// secretParameters are the parameters of token requests whose values nobody else may
// see (RFC 6749, RFC 7521, RFC 7636, RFC 8628).
var secretParameters = []string{
	"client_secret", "client_assertion", "assertion", "password", "code", "code_verifier", "device_code", "refresh_token",
}

var (
	// A JWT, or a client assertion: base64 of {".
	tokenLike = regexp.MustCompile(`eyJ[\w-]{8,}(\.[\w-]*)*`)
	// A token of any kind in a header that is quoted (RFC 6750).
	bearerLike = regexp.MustCompile(`(?i)\b(Bearer\s+)[\w.~+/-]{20,}=*`)
	// Authorization codes and refresh tokens of Microsoft Entra, and device codes.
	codeLike = regexp.MustCompile(`\b\d\.A[\w-]{30,}(\.[\w-]+)*|[\w-]{120,}`)
	// A parameter of a form, an address or a JSON answer.
	named = regexp.MustCompile(`(?i)\b((?:client_secret|client_assertion|assertion|password|code_verifier|device_code|refresh_token|access_token|id_token)(?:=|"\s*:\s*"))[^\s"'&<>,;]+|\b(code=)[^\s"'&<>,;]{12,}`)
)

// Redact removes from foreign text the secret, if any, and what looks like a token,
// an assertion, or an authorization or device code.
func Redact(text, secret string) string {
	if secret != "" {
		text = withoutText(text, secret, "[secret]")
	}
	text = named.ReplaceAllString(text, "${1}${2}[secret]")
	text = bearerLike.ReplaceAllString(text, "${1}[token]")
	text = tokenLike.ReplaceAllString(text, "[token]")
	return codeLike.ReplaceAllString(text, "[secret]")
}

// withoutText puts a name in the place of a secret, as it is or in an address.
func withoutText(text, secret, name string) string {
	for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
		text = strings.ReplaceAll(text, form, name)
	}
	return text
}
