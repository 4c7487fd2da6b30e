package onboarding

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"leastwise/collector/identity"
)

// Request is what the addresses for consent are made of.
type Request struct {
	Cloud    identity.Cloud
	Tenant   string // id, domain, or identity.Organizations
	ClientID string
	Redirect string
	State    string
}

// address puts an address of the authority together. Spaces are %20, since not every
// program that an address is pasted into reads + as one.
func (r Request) address(path string, parameters url.Values) string {
	parameters.Set("client_id", r.ClientID)
	parameters.Set("redirect_uri", r.Redirect)
	parameters.Set("state", r.State)
	return r.Cloud.Login + "/" + r.Tenant + path + "?" + strings.ReplaceAll(parameters.Encode(), "+", "%20")
}

// AdminConsent is the address of version 1: consent to everything that the
// registration requests
// (https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent).
func (r Request) AdminConsent() string { return r.address("/adminconsent", url.Values{}) }

// AdminConsentTo is the address of version 2: consent to the permissions in scope
// (https://learn.microsoft.com/entra/identity-platform/v2-admin-consent).
func (r Request) AdminConsentTo(scope string) string {
	return r.address("/v2.0/adminconsent", url.Values{"scope": {scope}})
}

// Classic is the address that the Office 365 Management APIs document: the consent of
// an administrator who signs in, answered with a code. It is empty in a cloud without
// these APIs
// (https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis).
func (r Request) Classic() string {
	if r.Cloud.Management == "" {
		return ""
	}
	return r.address("/oauth2/authorize", url.Values{"response_type": {"code"}, "resource": {r.Cloud.Management}})
}

// SignIn is the address of the authorization code flow with PKCE, for a person who
// signs in and consents
// (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow).
func (r Request) SignIn(scope, nonce, verifier string) string {
	return r.address("/oauth2/v2.0/authorize", url.Values{
		"response_type": {"code"}, "response_mode": {"query"}, "scope": {scope}, "nonce": {nonce}, "prompt": {"consent"},
		"code_challenge": {Challenge(verifier)}, "code_challenge_method": {"S256"},
	})
}

// sharePointRoot is the host of a tenant's root site, in every cloud.
var sharePointRoot = regexp.MustCompile(`^[a-z0-9-]+\.sharepoint(-mil)?\.(com|us|cn)$`)

// RootScope makes the scope that hidden permissions of SharePoint are consented to
// with: the address of the tenant's root site and /.default. The administration site
// and people's own sites have other hosts, and are refused.
func RootScope(cloud identity.Cloud, site string) (string, error) {
	const hint = "; hint: write the tenant's root site, such as https://contoso.sharepoint.com"
	u, err := url.Parse(strings.ToLower(site))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", fmt.Errorf("root site %.200q is more or less than https://HOST%s", site, hint)
	}
	name, _, _ := strings.Cut(u.Host, ".")
	notRoot := strings.HasSuffix(name, "-admin") || strings.HasSuffix(name, "-my")
	if cloud.Name != identity.CustomName && (notRoot || !sharePointRoot.MatchString(u.Host)) {
		return "", fmt.Errorf("%.200q is not the root site of a tenant%s", site, hint)
	}
	return "https://" + u.Host + "/.default", nil
}
