package reports

import (
	"strings"

	"leastwise/policies/finding"
)

// portalLinks makes the addresses of portal pages. They are made of constants and of GUIDs
// that were checked to be such, never of a text of the tenant.
type portalLinks struct {
	entra, admin string // "" where none is known
	// principals are the service principals of the applications that are not registered here: they have
	// a page as enterprise applications only.
	principals map[guid]guid
	registered map[guid]bool
}

// guid is a GUID in lower case, or "" for anything else.
type guid string

// parseGUID gives "" for what is no GUID in its usual form of 36 characters.
func parseGUID(text string) guid {
	if len(text) != 36 {
		return ""
	}
	for i := range len(text) {
		switch c := text[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return ""
			}
		case !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)):
			return ""
		}
	}
	return guid(strings.ToLower(text))
}

// newPortalLinks reads the inventory of applications, to know which of two pages each has.
func newPortalLinks(d *finding.Document) (*portalLinks, error) {
	l := &portalLinks{principals: map[guid]guid{}, registered: map[guid]bool{}}
	l.entra, l.admin = portals(d.Tenant.Cloud)
	for a, err := range d.Applications() {
		if err != nil {
			return nil, err
		}
		id, principal := parseGUID(a.AppID), parseGUID(a.ServicePrincipalID)
		switch {
		case id == "":
		case a.ObjectID != "":
			l.registered[id] = true
		case principal != "":
			l.principals[id] = principal
		}
	}
	return l, nil
}

// portals are the hosts of the Entra admin center, or of the Azure portal where there is none, and of the
// Microsoft 365 admin center
// (https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud). A cloud
// with addresses of its own is taken for a way to the global one.
func portals(cloud string) (entra, admin string) {
	switch cloud {
	case "usgov", "dod":
		return "https://entra.microsoft.us", ""
	case "china":
		return "https://portal.azure.cn", ""
	}
	return "https://entra.microsoft.com", "https://admin.microsoft.com"
}

// application is the page of an application; "" when it has none that is known.
func (l *portalLinks) application(appID string) string {
	id := parseGUID(appID)
	if id == "" || l.entra == "" {
		return ""
	}
	if l.registered[id] {
		return registeredPage(l.entra, string(id))
	}
	if principal, ok := l.principals[id]; ok {
		return principalPage(l.entra, string(principal), string(id))
	}
	return ""
}

// registeredPage is the page of an application that is registered here.
func registeredPage(entra, appID string) string {
	return entra + "/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/" + appID
}

// principalPage is the page of an enterprise application.
func principalPage(entra, principal, appID string) string {
	return entra + "/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/" + principal + "/appId/" + appID
}

// dataConnectPage is where approvals of Data Connect are decided on.
func dataConnectPage(admin string) string { return admin + "/#/Settings/MGDCAdminCenter" }

// subject is the page on which a subject can be looked at and mended; "" when none is known.
func (l *portalLinks) subject(s finding.Subject) string {
	switch s.Kind {
	case "application":
		return l.application(s.ID)
	case "data_connect_app":
		if l.admin != "" {
			return dataConnectPage(l.admin)
		}
	}
	return ""
}
