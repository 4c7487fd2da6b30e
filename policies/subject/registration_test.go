package subject

import (
	"fmt"
	"testing"

	"leastwise/collector/snapshot"
)

// tri writes a fact that may not be known.
func tri(known *bool) string {
	if known == nil {
		return "absent"
	}
	return fmt.Sprint(*known)
}

func TestRegisteredAndPrincipal(t *testing.T) {
	const app, principal = `{"id":"o","appId":"APP"}`, `{"id":"s","appId":"APP"}`
	decided := map[snapshot.Name][]string{snapshot.DataConnectEvents: {
		consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`),
		`{"id":"2","kind":"consent","at":"2026-10-01T00:00:00Z","appId":"guest","appTenantId":"` + other + `","state":"approved"}`,
	}}
	partial := func(name snapshot.Name) map[snapshot.Name]snapshot.Dataset {
		return map[snapshot.Name]snapshot.Dataset{name: {Status: snapshot.Partial, Reason: "a page failed"}}
	}
	for _, c := range []struct {
		name                  string
		f                     facts
		registered, principal string
	}{
		{"both", facts{rows: map[snapshot.Name][]string{snapshot.Applications: {app}, snapshot.ServicePrincipals: {principal}}}, "true", "true"},
		{"neither", facts{rows: map[snapshot.Name][]string{snapshot.Applications: {`{"id":"x","appId":"other"}`}}}, "false", "false"},
		{"neither, lists broke off", facts{meta: partial(snapshot.Applications)}, "absent", "false"},
		{"neither, other list broke off", facts{meta: partial(snapshot.ServicePrincipals)}, "false", "absent"},
		{"met in lists that broke off", facts{meta: partial(snapshot.Applications), rows: map[snapshot.Name][]string{snapshot.Applications: {app}}}, "true", "false"},
		{"a registration of which the appId was not read", facts{rows: map[snapshot.Name][]string{snapshot.Applications: {`{"id":"o"}`}}}, "absent", "false"},
		{"a principal of which the appId was not read", facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {`{"id":"s"}`}}}, "false", "absent"},
		{"lists denied", facts{status: map[snapshot.Name]snapshot.Status{snapshot.Applications: snapshot.Denied, snapshot.ServicePrincipals: snapshot.Denied}}, "absent", "absent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, rows := range decided {
				c.f.rows = withRows(c.f.rows, name, rows...)
			}
			apps := connectApps(t, c.f)
			own, foreign := apps[home+"/app"], apps[other+"/guest"]
			if tri(own.Registered) != c.registered || tri(own.HasPrincipal) != c.principal {
				t.Errorf("got registered %s, principal %s, want %s, %s", tri(own.Registered), tri(own.HasPrincipal), c.registered, c.principal)
			}
			if foreign.Registered != nil || tri(foreign.HasPrincipal) != map[bool]string{true: "absent", false: "false"}[c.principal == "absent"] {
				t.Errorf("an application of another tenant: got registered %s, principal %s", tri(foreign.Registered), tri(foreign.HasPrincipal))
			}
		})
	}
	// Without the stream of applications nothing is known of registrations.
	j := facts{rows: decided}.open(t)
	if app := documents(t, j, KindDataConnectApp)[0].Value.(*DataConnectApp); app.Registered != nil {
		t.Error("registered, say documents that were built before the applications")
	}
}

func TestMultiTenant(t *testing.T) {
	row := func(tenant, more string) string { return fmt.Sprintf(`{"tenantId":%q,"appId":"app"%s}`, tenant, more) }
	for _, c := range []struct {
		name, tenant, register string
		audience               string
		want                   string
	}{
		{"single", home, "", "AzureADMyOrg", "false"},
		{"several", home, "", "AzureADMultipleOrgs", "true"},
		{"several and persons", home, "", "azureadandpersonalmicrosoftaccount", "true"},
		{"persons", home, "", "PersonalMicrosoftAccount", "true"},
		{"an audience of a later version", home, "", "Everybody", "absent"},
		{"not registered", home, "", "", "absent"},
		{"the register overrules", home, `,"multiTenant":true`, "AzureADMyOrg", "true"},
		{"the register overrules the other way", home, `,"multiTenant":false`, "AzureADMultipleOrgs", "false"},
		{"foreign", other, "", "", "true"},
		{"foreign, whatever the register says", other, `,"multiTenant":false`, "", "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: map[snapshot.Name][]string{snapshot.DataConnectRegister: {row(c.tenant, c.register)}}}
			if c.audience != "" {
				f.rows[snapshot.Applications] = []string{fmt.Sprintf(`{"id":"o","appId":"app","signInAudience":%q}`, c.audience)}
			}
			if got := tri(connectApps(t, f)[c.tenant+"/app"].MultiTenant); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	twins := facts{rows: map[snapshot.Name][]string{
		snapshot.DataConnectRegister: {row(home, "")},
		snapshot.Applications:        {`{"id":"1","appId":"app","signInAudience":"AzureADMyOrg"}`, `{"id":"2","appId":"app","signInAudience":"AzureADMultipleOrgs"}`},
	}}
	if got := tri(connectApps(t, twins)[home+"/app"].MultiTenant); got != "absent" {
		t.Errorf("two registrations: got %s, want absent", got)
	}
}

// The tenant's own row of the register says something of every application and is none.
func TestCrossTenantMovement(t *testing.T) {
	row := func(id, more string) string { return fmt.Sprintf(`{"tenantId":%q,"appId":%q%s}`, id, "*", more) }
	app := consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`)
	for _, c := range []struct {
		name string
		rows []string
		want string
		gaps int
	}{
		{"on", []string{row(home, `,"crossTenantMovement":true`)}, "true", 0},
		{"off", []string{row(home, `,"crossTenantMovement":false`)}, "false", 0},
		{"not declared", nil, "absent", 0},
		{"of another tenant", []string{row(other, `,"crossTenantMovement":true`)}, "absent", 0},
		{"not readable", []string{row(home, `,"crossTenantMovement":"yes"`)}, "absent", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			apps := connectApps(t, facts{meta: since2019(), rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: {app}, snapshot.DataConnectRegister: c.rows}})
			if len(apps) != 1 {
				t.Fatalf("got %d applications, want the one that was decided on", len(apps))
			}
			got := apps[home+"/app"]
			if tri(got.CrossTenantMovement) != c.want || len(got.Incomplete) != c.gaps || c.gaps > 0 && got.Incomplete[0].Field != "cross_tenant_movement" {
				t.Errorf("got %s and %v, want %s", tri(got.CrossTenantMovement), got.Incomplete, c.want)
			}
		})
	}
}
