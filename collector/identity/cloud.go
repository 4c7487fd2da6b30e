// Package identity signs leastwise in: it knows the Microsoft clouds, makes
// credentials for them, and reads what an access token allows.
//
// Everything a sign-in needs is handed in: secrets, the clock, the HTTP client and
// the way to prompt a person. Neither secrets nor tokens appear in errors.
package identity

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Cloud is one Microsoft cloud: where to sign in and where its APIs are. Tokens of
// one cloud are worth nothing in another.
type Cloud struct {
	Name       string
	Login      string // base URL of the sign-in authority, without a trailing slash
	Graph      string // base URL of Microsoft Graph
	Management string // base URL of the Office 365 Management Activity API; empty where none is documented
	aliases    []string
}

// Clouds lists the known clouds
// (https://learn.microsoft.com/graph/deployments,
// https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference).
// China signs in under two names for one authority, of which MSAL prefers the other.
func Clouds() []Cloud {
	const worldwide, government = "https://login.microsoftonline.com", "https://login.microsoftonline.us"
	return []Cloud{
		{Name: "global", Login: worldwide, Graph: "https://graph.microsoft.com", Management: "https://manage.office.com"},
		{Name: "gcc", Login: worldwide, Graph: "https://graph.microsoft.com", Management: "https://manage-gcc.office.com"},
		{Name: "usgov", Login: government, Graph: "https://graph.microsoft.us", Management: "https://manage.office365.us"},
		{Name: "dod", Login: government, Graph: "https://dod-graph.microsoft.us", Management: "https://manage.protection.apps.mil"},
		{
			Name: "china", Login: "https://login.chinacloudapi.cn", Graph: "https://microsoftgraph.chinacloudapi.cn",
			aliases: []string{"login.partner.microsoftonline.cn"},
		},
	}
}

// CustomName is the name of a cloud whose addresses the operator gives.
const CustomName = "custom"

// FindCloud returns the known cloud called name.
func FindCloud(name string) (Cloud, error) {
	clouds := Clouds()
	i := slices.IndexFunc(clouds, func(c Cloud) bool { return c.Name == name })
	if i >= 0 {
		return clouds[i], nil
	}
	names := make([]string, len(clouds))
	for i, c := range clouds {
		names[i] = c.Name
	}
	return Cloud{}, fmt.Errorf("unknown cloud %q; hint: one of %s, %s", name, strings.Join(names, ", "), CustomName)
}

// CustomCloud makes a cloud of the operator's own addresses. Management may be
// empty.
func CustomCloud(login, graph, management string) (Cloud, error) {
	c := Cloud{Name: CustomName}
	for _, part := range []struct {
		name, from string
		to         *string
	}{{"login", login, &c.Login}, {"graph", graph, &c.Graph}, {"management", management, &c.Management}} {
		if part.from == "" && part.name == "management" {
			continue
		}
		base, err := baseURL(part.from)
		if err != nil {
			return Cloud{}, fmt.Errorf("custom cloud: %s: %w", part.name, err)
		}
		*part.to = base
	}
	return c, nil
}

func baseURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("%q is not a URL", text)
	case u.Scheme != "https":
		return "", fmt.Errorf("%q does not begin with https://; tokens travel over HTTPS only", text)
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return "", fmt.Errorf("%q is more or less than https://HOST[:PORT]", text)
	}
	return "https://" + u.Host, nil
}

// loginHosts are the hosts that credentials may be sent to.
func (c Cloud) loginHosts() []string {
	return append([]string{strings.TrimPrefix(c.Login, "https://")}, c.aliases...)
}

// IsAuthority reports whether an address is the cloud's sign-in authority, under any
// of its names.
func (c Cloud) IsAuthority(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Host
	if u.Scheme == "" { // the variable AZURE_AUTHORITY_HOST may hold a bare host
		host = strings.Trim(address, "/")
	}
	return slices.ContainsFunc(c.loginHosts(), func(own string) bool { return strings.EqualFold(own, host) })
}
