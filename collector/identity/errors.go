package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// WrongTenantError says that a token, or an answer, belongs to another tenant than
// the one being audited. Nothing may be collected with it.
type WrongTenantError struct{ Want, Got string }

// Error names both tenants.
func (e *WrongTenantError) Error() string {
	return fmt.Sprintf("signed in to tenant %s, not to %s; hint: check tenant and client_id", e.Got, e.Want)
}

// NonRetriable tells azcore that trying again changes nothing.
func (e *WrongTenantError) NonRetriable() {}

// SignInError is a refused or broken sign-in. It holds neither secret nor token.
type SignInError struct {
	Kind    string // of the credential
	Status  int    // HTTP status; 0 when no answer came
	Code    string // OAuth 2.0 error code, such as invalid_client
	Message string

	hint  string // that came with the message
	cause error  // what broke the connection
}

// Error tells what the authority said.
func (e *SignInError) Error() string {
	text := "sign in with " + e.Kind + ": "
	if e.Code != "" {
		text += e.Code + ": "
	}
	text += e.Message
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	return text
}

// Unwrap returns what broke the connection, when nothing was answered.
func (e *SignInError) Unwrap() error { return e.cause }

// NonRetriable tells azcore that azidentity has tried again already.
func (e *SignInError) NonRetriable() {}

// Hint says what to do about it
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
func (e *SignInError) Hint() string {
	for code, hint := range map[string]string{
		"AADSTS700016":  "the application is not known in this tenant: check client_id, and give admin consent once",
		"AADSTS7000215": "the secret is wrong: give its value, not its id",
		"AADSTS7000222": "the secret has expired: make a new one, or better use a certificate",
		"AADSTS7000218": "the app registration takes no device codes: allow public client flows under Authentication",
		"AADSTS700027":  "the certificate is not the one that the app registration knows, or has expired",
		"AADSTS90002":   "there is no such tenant: check tenant and cloud",
		"AADSTS65001":   "an administrator has to consent to the application's permissions first",
		"AADSTS50076":   "the account needs multifactor authentication: use a device code",
		"AADSTS53003":   "a Conditional Access policy forbids this sign-in",
	} {
		if strings.Contains(e.Message, code+":") {
			return hint
		}
	}
	return cmp.Or(e.hint, Advice(e.cause), e.usual())
}

// usual is what helps against most errors of a kind.
func (e *SignInError) usual() string {
	switch {
	case e.Code == "invalid_client":
		return "check client_id and its " + e.Kind
	case e.Code == "authorization_declined" || e.Code == "expired_token":
		return "run it again, and enter the code before it expires"
	case passing(e.Status):
		return "the authority is busy or out of order: try again later"
	case e.Status != 0 && e.Code == "":
		return "check cloud: what answers does not look like Microsoft Entra"
	}
	return "check tenant, client_id and cloud"
}

// newSignInError keeps what is known to be harmless. azidentity's own text quotes
// the whole answer, which may quote the request.
func newSignInError(a *Account, err error, broken *failure) error {
	e := &SignInError{Kind: a.Kind}
	failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err)
	if !ok || failed.RawResponse == nil {
		e.unanswered(a, err, broken)
		return e
	}
	e.Status = failed.RawResponse.StatusCode
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	body, err := runtime.Payload(failed.RawResponse)
	if err != nil || json.Unmarshal(body, &answer) != nil || answer.Error == "" {
		e.Message = "the authority gave no reason that can be read"
		return e
	}
	e.Code = Redact(firstLine(answer.Error), a.secret)
	e.Message = Redact(firstLine(answer.Description), a.secret)
	return e
}

// unanswered tells why there is no answer, or none that azidentity understood.
func (e *SignInError) unanswered(a *Account, err error, broken *failure) {
	host, cause := broken.last()
	if e.cause = cause; cause != nil {
		text := oneLine(cause.Error())
		if errors.Is(cause, context.DeadlineExceeded) {
			text = "no answer in time"
		}
		e.Message = Redact(firstLine(host+": "+text), a.secret)
		return
	}
	// What broke stands behind MSAL's words, on a line of its own, and azidentity
	// points at its own manual.
	text, _, _ := strings.Cut(oneLine(err.Error()), " To troubleshoot, visit ")
	text, e.hint, _ = strings.Cut(text, "; hint: ")
	e.Message, e.hint = Redact(firstLine(strings.TrimSuffix(text, ".")), a.secret), Redact(firstLine(strings.TrimSuffix(e.hint, ".")), a.secret)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

var tokenLike = regexp.MustCompile(`eyJ[\w-]{8,}(\.[\w-]+)*`)

// Redact removes from foreign text the secret, if any, and what looks like a token
// or an assertion.
func Redact(text, secret string) string {
	if secret != "" {
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			text = strings.ReplaceAll(text, form, "[secret]")
		}
	}
	return tokenLike.ReplaceAllString(text, "[token]")
}

// firstLine drops trace ids and time stamps, which follow on lines of their own.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.TrimSpace(line)
	if runes := []rune(line); len(runes) > 400 {
		return string(runes[:400]) + "…"
	}
	return line
}
