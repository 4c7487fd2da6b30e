package reports

import (
	"strings"
	"testing"

	"leastwise/policies/finding"
)

func TestPortalLinks(t *testing.T) {
	const own, foreign, principal = "00000000-0000-0000-0000-00000000000A", "00000000-0000-0000-0000-00000000000b", "00000000-0000-0000-0000-00000000000c"
	l := &portalLinks{registered: map[guid]bool{parseGUID(own): true}, principals: map[guid]guid{foreign: principal}}
	l.entra, l.admin = portals("global")
	for _, c := range []struct{ kind, id, want string }{
		{"application", own, "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/" + strings.ToLower(own)},
		{"application", foreign, "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/" + principal + "/appId/" + foreign},
		{"application", principal, ""},
		{"application", "*", ""},
		{"application", `00000000-0000-0000-0000-00000000000a"),HYPERLINK("x`, ""},
		{"application", "00000000-0000-0000-0000-00000000000g", ""},
		{"application", "00000000000000000000000000000000000a", ""},
		{"data_connect_app", foreign, "https://admin.microsoft.com/#/Settings/MGDCAdminCenter"},
		{"container", foreign, ""},
	} {
		if got := l.subject(finding.Subject{Kind: c.kind, ID: c.id}); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.kind, c.id, got, c.want)
		}
	}
	for cloud, want := range map[string]string{"usgov": "https://entra.microsoft.us", "dod": "https://entra.microsoft.us", "china": "https://portal.azure.cn", "gcc": "https://entra.microsoft.com"} {
		if got, _ := portals(cloud); got != want {
			t.Errorf("%s: got %s, want %s", cloud, got, want)
		}
	}
}
