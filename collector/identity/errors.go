package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// WrongIdentity reports whether err is about a token of another tenant, application or
// person than the run's, which ends it.
func WrongIdentity(err error) bool {
	_, tenant := errors.AsType[*WrongTenantError](err)
	_, changed := errors.AsType[*ChangedIdentityError](err)
	return tenant || changed
}

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
		"AADSTS65004":   "the person did not consent: run it again, or have an administrator consent first",
		"AADSTS65001":   "an administrator has to consent to the application's permissions first",
		"AADSTS50076":   "the account needs multifactor authentication: use a device code",
		"AADSTS53003":   "a Conditional Access policy forbids this sign-in",
		"AADSTS700211":  "the app registration trusts no token of this issuer: check its federated credential",
		"AADSTS700212":  "the federated token is for another audience: check the app registration's federated credential",
		"AADSTS700213":  "the app registration trusts no token of this subject: check its federated credential",
		"AADSTS700024":  "the assertion is not valid now: check this machine's clock, or who renews the federated token",
		"AADSTS50011":   "the app registration does not know the redirect URI: add http://localhost for mobile and desktop applications",
	} {
		if strings.Contains(e.Message, code+":") {
			return hint
		}
	}
	if e.Kind == KindManaged || e.Kind == KindAzureCLI || e.Kind == KindBrowser && e.Status == 0 && e.cause == nil {
		return cmp.Or(e.hint, e.usual())
	}
	return cmp.Or(e.hint, Advice(e.cause), e.usual())
}

// usual is what helps against most errors of a kind.
func (e *SignInError) usual() string {
	switch {
	case e.Kind == KindManaged:
		return "only Azure hosts have managed identities: assign one to this host, and name its client_id when it is user-assigned"
	case e.Kind == KindAzureCLI:
		return "run az login for this tenant, and check that az is on the PATH"
	case e.Kind == KindBrowser && e.Status == 0:
		return "where no browser can be opened, use " + KindDeviceCode + "; the app registration needs the redirect URI http://localhost"
	case e.Kind == KindWorkload && e.Code == "invalid_client":
		return "check client_id, and issuer, subject and audience of the app registration's federated credential"
	case e.Code == "invalid_client":
		return "check client_id and its " + e.Kind
	case e.Code == "authorization_declined" || e.Code == "expired_token":
		return "run it again, and enter the code before it expires"
	case Passing(e.Status):
		return "the authority is busy or out of order: try again later"
	case e.Status != 0 && e.Code == "":
		return "check cloud: what answers does not look like Microsoft Entra"
	}
	return "check tenant, client_id and cloud"
}

// newSignInError keeps what is known to be harmless. azidentity's own text quotes
// the whole answer, which may quote the request.
func newSignInError(a *Account, err error, x *exchange) error {
	e := &SignInError{Kind: a.Kind}
	failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err)
	if !ok || failed.RawResponse == nil {
		e.unanswered(a, err, x)
		return e
	}
	e.Status = failed.RawResponse.StatusCode
	body, err := runtime.Payload(failed.RawResponse)
	if err == nil {
		e.Code, e.Message = reason(body)
	}
	e.Code, e.Message = firstLine(a.scrub(e.Code, x.hidden())), firstLine(a.scrub(e.Message, x.hidden()))
	if e.Code == "" {
		e.Message = "the authority gave no reason that can be read"
	}
	return e
}

// reason reads an OAuth 2.0 error, or that of an App Service's identity endpoint,
// which differs
// (https://learn.microsoft.com/azure/app-service/overview-managed-identity).
func reason(body []byte) (code, text string) {
	var answer struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
	}
	if json.Unmarshal(body, &answer) != nil || json.Unmarshal(answer.Error, &code) == nil {
		return code, answer.Description
	}
	var nested struct{ Code, Message string }
	if json.Unmarshal(answer.Error, &nested) != nil {
		return "", ""
	}
	return nested.Code, nested.Message
}

// unanswered tells why there is no answer, or none that azidentity understood.
func (e *SignInError) unanswered(a *Account, err error, x *exchange) {
	host, status, cause := x.last()
	if e.cause = cause; cause != nil {
		text := oneLine(cause.Error())
		if errors.Is(cause, context.DeadlineExceeded) {
			text = "no answer in time"
		}
		e.Message = firstLine(a.scrub(host+": "+text, x.hidden()))
		return
	}
	// What broke stands behind MSAL's words, on a line of its own; azidentity points
	// at its own manual, and an answer that could not be read is quoted as a whole.
	text := oneLine(err.Error())
	if Passing(status) && strings.Contains(text, context.DeadlineExceeded.Error()) { // time was up before the next try
		e.Status, e.Message = status, "no other answer in time"
		return
	}
	for _, end := range []string{" To troubleshoot, visit ", " json message bytes were: ", " raw message was: "} {
		text, _, _ = strings.Cut(text, end)
	}
	text, e.hint, _ = strings.Cut(text, "; hint: ")
	text = ofAzidentity.ReplaceAllString(text, "")
	e.Message = firstLine(a.scrub(strings.TrimSuffix(text, "."), x.hidden()))
	e.hint = firstLine(a.scrub(strings.TrimSuffix(e.hint, "."), x.hidden()))
}

// ofAzidentity is the name that azidentity puts before what it says.
var ofAzidentity = regexp.MustCompile(`^\w+Credential: (ERROR: )?`)

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// firstLine drops trace ids and time stamps, which follow on lines of their own.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.TrimSpace(line)
	if runes := []rune(line); len(runes) > 400 {
		return string(runes[:400]) + "…"
	}
	return line
}
