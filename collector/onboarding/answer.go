package onboarding

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"leastwise/collector/identity"
)

// DeniedError is consent that was not given. Code and Text came with the request and
// are anybody's.
type DeniedError struct{ Code, Text string }

// Error quotes what was said, without characters that a terminal would act upon.
func (e *DeniedError) Error() string {
	text := fmt.Sprintf("consent was not given: %.60q", e.Code)
	if e.Text != "" {
		said := strings.ReplaceAll(e.Text, "; hint: ", "; ") // what to do is not for others to say
		text += fmt.Sprintf(": %.300q", strings.Join(strings.Fields(identity.Redact(said, "")), " "))
	}
	return text + "; nothing is stored; hint: an administrator of the tenant has to agree: begin again when one is there"
}

// ConsentedTenant reads the answer to a request for admin consent: the tenant that it
// says has consented. That is not known before a token has told the same
// (https://learn.microsoft.com/entra/identity-platform/v2-admin-consent). Want is the
// id of the tenant that was asked, or "" for any.
func ConsentedTenant(answer url.Values, want string) (string, error) {
	const hint = "; nothing is stored; hint: begin again; if it stays so, give --redirect an address that nothing else sends answers to"
	consented, tenant := answer.Get("admin_consent"), strings.ToLower(answer.Get("tenant"))
	switch {
	case consented == "":
		return "", errors.New("the answer does not say whether an administrator has consented (admin_consent)" + hint)
	case !strings.EqualFold(consented, "true"):
		return "", fmt.Errorf("the answer says admin_consent=%.20q%s", consented, hint)
	case tenant == "":
		return "", errors.New("the answer names no tenant" + hint)
	case !identity.IsTenantID(tenant):
		return "", fmt.Errorf("the answer names %.60q, which is no tenant id%s", tenant, hint)
	}
	return tenant, CheckSame(tenant, want)
}

// personalAccounts is the tenant that every personal Microsoft account is of
// (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
const personalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad"

// CheckSame is an error when a tenant is not the one that was asked, or that of
// personal accounts.
func CheckSame(tenant, want string) error {
	if strings.EqualFold(tenant, personalAccounts) {
		return errors.New("a personal Microsoft account has answered, which belongs to no organization; nothing is stored; hint: sign in with a work account")
	}
	if want != "" && !strings.EqualFold(tenant, want) {
		return fmt.Errorf("tenant %s has answered, not %s; nothing is stored; hint: sign in as an administrator of the right tenant, in a private window if need be", tenant, want)
	}
	return nil
}

// Code reads the answer to a sign-in: the authorization code. The tenant that may stand
// beside it is nothing to go by.
func Code(answer url.Values) (string, error) {
	code := answer.Get("code")
	if code == "" {
		return "", errors.New("the answer holds no code; nothing is stored; hint: begin again")
	}
	return code, nil
}
