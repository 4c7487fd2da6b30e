package onboarding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// Platforms that a reply URL is registered for
// (https://learn.microsoft.com/graph/api/resources/application).
const (
	PlatformWeb    = "web"
	PlatformSPA    = "spa"
	PlatformPublic = "publicClient"
)

// ReplyURL is an address that a registration lets answers be sent to.
type ReplyURL struct{ URL, Platform string }

// Registration is what is known of an app registration, as far as consent asks for it.
type Registration struct {
	AppID, Name string
	Audience    string // signInAudience
	Home        string // id of the tenant that it is registered in; "" when not known
	Domains     []string
	Replies     []ReplyURL
}

// application is an app registration as Microsoft Graph and the portal's manifest have
// it, and as the portal's former manifest did
// (https://learn.microsoft.com/graph/api/resources/application,
// https://learn.microsoft.com/entra/identity-platform/reference-app-manifest).
type application struct {
	AppID           string                       `json:"appId"`
	DisplayName     string                       `json:"displayName"`
	Name            string                       `json:"name"`
	SignInAudience  string                       `json:"signInAudience"`
	PublisherDomain string                       `json:"publisherDomain"`
	Web             platform                     `json:"web"`
	SPA             platform                     `json:"spa"`
	PublicClient    platform                     `json:"publicClient"`
	WithType        []struct{ URL, Type string } `json:"replyUrlsWithType"`
}

type platform struct {
	RedirectURIs []string `json:"redirectUris"`
}

func (a application) registration() Registration {
	r := Registration{AppID: strings.ToLower(a.AppID), Name: a.DisplayName, Audience: a.SignInAudience}
	if r.Name == "" {
		r.Name = a.Name
	}
	if a.PublisherDomain != "" {
		r.Domains = []string{strings.ToLower(a.PublisherDomain)}
	}
	for _, of := range []struct {
		name string
		platform
	}{{PlatformWeb, a.Web}, {PlatformSPA, a.SPA}, {PlatformPublic, a.PublicClient}} {
		for _, uri := range of.RedirectURIs {
			r.Replies = append(r.Replies, ReplyURL{uri, of.name})
		}
	}
	for _, typed := range a.WithType {
		kind := map[string]string{"web": PlatformWeb, "spa": PlatformSPA, "installedclient": PlatformPublic}[strings.ToLower(typed.Type)]
		r.Replies = append(r.Replies, ReplyURL{typed.URL, kind})
	}
	return r
}

// ReadRegistration reads a file that holds what GET /applications/{id} answers, or the
// manifest that the portal shows. Its errors name the file, and the line of bad JSON.
func ReadRegistration(path string) (Registration, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Registration{}, fmt.Errorf("read registration: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	const hint = "; hint: save what GET /applications/{id} answers, or the manifest of the registration"
	var a application
	if err := json.Unmarshal(data, &a); err != nil {
		return Registration{}, fmt.Errorf("read registration: %s:%d: %w%s", path, lineOf(data, err), err, hint)
	}
	if a.AppID == "" || a.SignInAudience == "" {
		return Registration{}, fmt.Errorf("read registration: %s: appId or signInAudience is missing%s", path, hint)
	}
	return a.registration(), nil
}

// lineOf finds the line that a JSON error is about.
func lineOf(data []byte, err error) int {
	offset := int64(len(data))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = mistyped.Offset
	}
	return 1 + bytes.Count(data[:min(max(offset-1, 0), int64(len(data)))], []byte("\n"))
}

// FindRegistration looks an application up in a snapshot of the tenant that it is
// registered in. That the dataset could not be read, or not in full, is told from that
// it holds no such application.
func FindRegistration(s *snapshot.Snapshot, appID string) (Registration, error) {
	dataset := s.Dataset(snapshot.Applications)
	if !dataset.Status.Readable() {
		return Registration{}, fmt.Errorf("the snapshot does not know its applications: %s is %s: %s; hint: collect entra first, or give --registration FILE",
			snapshot.Applications, dataset.Status, dataset.Reason)
	}
	var found *application
	for line, err := range s.Rows(snapshot.Applications) {
		if err != nil {
			return Registration{}, err
		}
		var row application
		if !bytes.Contains(bytes.ToLower(line), []byte(strings.ToLower(appID))) {
			continue
		}
		if err := json.Unmarshal(line, &row); err == nil && strings.EqualFold(row.AppID, appID) {
			found = &row
		}
	}
	if found == nil {
		text := fmt.Sprintf("the snapshot of tenant %s has no registration with appId %s", s.Manifest.Tenant.ID, appID)
		if dataset.Status != snapshot.Collected {
			text += ", and does not know all of them: " + dataset.Reason
		}
		return Registration{}, errors.New(text + "; hint: check --client-id, or give the snapshot of the tenant that the application is registered in")
	}
	r := found.registration()
	r.Home = strings.ToLower(s.Manifest.Tenant.ID)
	domains, err := verifiedDomains(s)
	r.Domains = append(r.Domains, domains...)
	return r, err
}

// verifiedDomains are the names of the snapshot's tenant, as far as it tells
// (https://learn.microsoft.com/graph/api/resources/verifieddomain).
func verifiedDomains(s *snapshot.Snapshot) ([]string, error) {
	var names []string
	for line, err := range s.Rows(snapshot.Organization) {
		if err != nil {
			return nil, err
		}
		var row struct {
			Domains []struct{ Name string } `json:"verifiedDomains"`
		}
		if json.Unmarshal(line, &row) != nil {
			continue
		}
		for _, domain := range row.Domains {
			names = append(names, strings.ToLower(domain.Name))
		}
	}
	return names, nil
}

// Reply finds the registered address that a redirect equals or lies under; platforms
// narrow down which count, and none means all.
func (r Registration) Reply(redirect Redirect, platforms ...string) (ReplyURL, Match, error) {
	best, how := ReplyURL{}, Apart
	var listed []string
	for _, reply := range r.Replies {
		if len(platforms) > 0 && !slices.Contains(platforms, reply.Platform) {
			continue
		}
		listed = append(listed, reply.URL)
		registered, err := ParseRedirect(reply.URL)
		if err != nil { // a wildcard, or the scheme of an app: nothing that is matched here
			continue
		}
		if match := redirect.Against(registered); match > how {
			best, how = reply, match
		}
	}
	if how != Apart {
		return best, how, nil
	}
	known := "it has none"
	if len(listed) > 0 {
		known = "it has " + strings.Join(listed[:min(len(listed), 5)], ", ")
	}
	return best, how, fmt.Errorf("redirect address %s neither equals nor lies under a reply URL of %s (%s); hint: add it to the registration under Authentication, or name a registered one",
		redirect, r.label(), known)
}

func (r Registration) label() string {
	if r.Name == "" {
		return r.AppID
	}
	return fmt.Sprintf("%s (%s)", r.Name, r.AppID)
}

// Multitenant reports whether accounts of other tenants may use the application
// (https://learn.microsoft.com/entra/identity-platform/supported-accounts-validation).
func (r Registration) Multitenant() bool {
	return strings.EqualFold(r.Audience, "AzureADMultipleOrgs") || strings.EqualFold(r.Audience, "AzureADandPersonalMicrosoftAccount")
}

// CheckTenant tells whether a tenant can consent to the application: any tenant when it
// is multi-tenant, its own one in any case. The note says what about it may surprise.
// Tenant is an id or a domain, in lower case; "" is one that nobody knows yet.
func (r Registration) CheckTenant(tenant string) (note string, err error) {
	own := tenant != "" && (tenant == r.Home || slices.Contains(r.Domains, tenant))
	switch {
	case own && r.Multitenant():
		return "", nil
	case own:
		return fmt.Sprintf("%s is the tenant that %s is registered in: it need not be multi-tenant for that", tenant, r.label()), nil
	case r.Multitenant():
		return "", nil
	}
	where := "any tenant but its own"
	if tenant != "" {
		where = tenant
	}
	hint := "set signInAudience to AzureADMultipleOrgs"
	if r.Home == "" {
		hint += ", or give --home ID if this is the tenant that it is registered in"
	}
	return "", fmt.Errorf("%s cannot be consented to in %s: its signInAudience is %q, which is not multi-tenant; hint: %s", r.label(), where, r.Audience, hint)
}
