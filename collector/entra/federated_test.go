package entra_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const federatedListing = apps + "?$expand=federatedIdentityCredentials"

// credential is a federated credential as Graph has it, and federatedRow as the
// dataset stores it.
func credential(id string) string {
	return `{"id":"` + id + `","issuer":"https://token.actions.githubusercontent.com","subject":"repo:a/b:ref:refs/heads/main","audiences":["api://AzureADTokenExchange"]}`
}

func federatedRow(app, id string) string {
	return `{"audiences":["api://AzureADTokenExchange"],"id":"` + id + `","issuer":"https://token.actions.githubusercontent.com","objectId":"` + app + `","subject":"repo:a/b:ref:refs/heads/main"}`
}

func several(n int) (credentials string, rows []string) {
	var all []string
	for i := range n {
		all = append(all, credential(fmt.Sprintf("f%02d", i)))
		rows = append(rows, federatedRow("app1", fmt.Sprintf("f%02d", i)))
	}
	return strings.Join(all, ","), rows
}

func TestFederatedCredentialsAreNeverCutShort(t *testing.T) {
	twenty, rows := several(20)
	_, twentyFive := several(25)
	more, _ := several(25)
	for _, c := range []struct {
		name   string
		member string
		index  fakegraph.Answer
		asked  []string // applications that are asked by themselves
		rows   []string
	}{
		{"some", `"federatedIdentityCredentials":[` + credential("f00") + `]`, list(`{"id":"app1"}`), nil, rows[:1]},
		{"none", `"federatedIdentityCredentials":[]`, list(), nil, nil},
		{"twenty may be more", `"federatedIdentityCredentials":[` + twenty + `]`, list(`{"id":"app1"}`), []string{"app1"}, twentyFive},
		{"another page", `"federatedIdentityCredentials":[],"federatedIdentityCredentials@odata.nextLink":"x"`, list(`{"id":"app1"}`), []string{"app1"}, twentyFive},
		{"the index knows of more", `"federatedIdentityCredentials":[]`, list(`{"id":"app1"}`), []string{"app1"}, twentyFive},
		{"the index lags", `"federatedIdentityCredentials":[` + credential("f00") + `]`, list(), nil, rows[:1]},
		{"the index is not to be had", `"federatedIdentityCredentials":[` + credential("f00") + `]`, failure(400, "Request_UnsupportedQuery", "no"), nil, rows[:1]},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t).On(federatedListing, fakegraph.Value(`{"id":"app1",`+c.member+`}`, `{"id":"app2"}`)).On(federatedIndex, c.index)
			g.On(apps+"/app1/federatedIdentityCredentials", fakegraph.Value(strings.Split(strings.ReplaceAll(more, "},{", "}\n{"), "\n")...))
			s := collect(t, g, reader())
			expect(t, s, snapshot.FederatedCredentials, snapshot.Collected, len(c.rows))
			sameRows(t, s, snapshot.FederatedCredentials, c.rows...)
			var asked []string
			for _, app := range []string{"app1", "app2"} {
				if len(g.Requests(apps+"/"+app+"/federatedIdentityCredentials")) > 0 {
					asked = append(asked, app)
				}
			}
			if !slices.Equal(asked, c.asked) {
				t.Errorf("asked %v, want %v", asked, c.asked)
			}
		})
	}
}

func TestFederatedCredentialsWithoutTheListing(t *testing.T) {
	refused := failure(http.StatusBadRequest, "Request_UnsupportedQuery", "cannot be expanded")
	base := func(t *testing.T) *fakegraph.Graph {
		g := tenant(t).On(apps, fakegraph.Value(`{"id":"app1","appId":"x","owners":[]}`, `{"id":"app2","appId":"x","owners":[]}`, `{"id":"app2","appId":"x","owners":[]}`))
		g.On(apps+"/$count", fakegraph.Answer{Body: "2"}).On(federatedListing, refused)
		g.On(apps+"/app1/federatedIdentityCredentials", fakegraph.Value(credential("f00")))
		return g.On(apps+"/app2/federatedIdentityCredentials", fakegraph.Value(credential("f01")))
	}
	t.Run("the index tells whom to ask", func(t *testing.T) {
		g := base(t).On(federatedIndex, list(`{"id":"app2"}`))
		s := collect(t, g, reader())
		expect(t, s, snapshot.FederatedCredentials, snapshot.Collected, 1)
		sameRows(t, s, snapshot.FederatedCredentials, federatedRow("app2", "f01"))
	})
	t.Run("neither: every application is asked", func(t *testing.T) {
		g := base(t).On(federatedIndex, failure(http.StatusBadRequest, "Request_UnsupportedQuery", "cannot be filtered"))
		s := collect(t, g, reader())
		expect(t, s, snapshot.FederatedCredentials, snapshot.Collected, 2, "every application was asked", "cannot be filtered")
		sameRows(t, s, snapshot.FederatedCredentials, federatedRow("app1", "f00"), federatedRow("app2", "f01"))
		if n := len(g.Requests(apps + "/app2/federatedIdentityCredentials")); n != 1 {
			t.Errorf("an application that was listed twice is asked %d times", n)
		}
	})
	t.Run("one application cannot be read", func(t *testing.T) {
		g := base(t).On(federatedIndex, list(`{"id":"app1"}`, `{"id":"app2"}`)).On(apps+"/app1/federatedIdentityCredentials", fakegraph.Denied())
		d := expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Partial, 1, "Insufficient privileges")
		if !d.Confined || len(d.Gaps) != 1 || d.Gaps[0].Row != "app1" || d.Evidence == nil || d.Evidence.Status != 403 {
			t.Errorf("got %+v", d)
		}
	})
	t.Run("none can be read", func(t *testing.T) {
		g := base(t).On(federatedIndex, list(`{"id":"app1"}`)).On(apps+"/app1/federatedIdentityCredentials", fakegraph.Denied())
		expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Denied, 0, "Insufficient privileges")
	})
	t.Run("denied", func(t *testing.T) {
		g := base(t).On(apps, fakegraph.Denied()).On(federatedListing, fakegraph.Denied()).On(federatedIndex, fakegraph.Denied())
		d := expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Denied, 0, "Insufficient privileges")
		if d.Evidence == nil {
			t.Errorf("got %+v", d)
		}
	})
	t.Run("applications are not whole", func(t *testing.T) {
		g := tenant(t).On(apps+"/$count", fakegraph.Answer{Body: "7"})
		expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Partial, 1, "credentials of missing applications may be missing", "says 7")
	})
	t.Run("an application without id", func(t *testing.T) {
		g := tenant(t).On(federatedListing, fakegraph.Value(`{"federatedIdentityCredentials":[`+credential("f00")+`]}`, `[]`))
		expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Partial, 0, "cannot be read")
	})
}
