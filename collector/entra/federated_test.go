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
		{"not expanded", `"displayName":"A"`, list(), []string{"app1"}, twentyFive},
		{"not expanded, without an index", `"displayName":"A"`, failure(400, "Request_UnsupportedQuery", "no"), []string{"app1"}, twentyFive},
		{"null", `"federatedIdentityCredentials":null`, list(`{"id":"app1"}`), []string{"app1"}, twentyFive},
		{"the index lags", `"federatedIdentityCredentials":[` + credential("f00") + `]`, list(), nil, rows[:1]},
		{"the index is not to be had", `"federatedIdentityCredentials":[` + credential("f00") + `]`, failure(400, "Request_UnsupportedQuery", "no"), nil, rows[:1]},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t).On(federatedListing, fakegraph.Value(`{"id":"app1",`+c.member+`}`, `{"id":"app2","federatedIdentityCredentials":[]}`)).On(federatedIndex, c.index)
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
	t.Run("every application is asked, whatever the index says", func(t *testing.T) {
		for _, index := range []fakegraph.Answer{list(), list(`{"id":"app2"}`), failure(http.StatusBadRequest, "Request_UnsupportedQuery", "cannot be filtered")} {
			g := base(t).On(federatedIndex, index)
			s := collect(t, g, reader())
			expect(t, s, snapshot.FederatedCredentials, snapshot.Collected, 2, "every application was asked", "cannot be expanded")
			sameRows(t, s, snapshot.FederatedCredentials, federatedRow("app1", "f00"), federatedRow("app2", "f01"))
			if n := len(g.Requests(apps + "/app2/federatedIdentityCredentials")); n != 1 {
				t.Errorf("an application that was listed twice is asked %d times", n)
			}
		}
	})
	t.Run("which applications there are is not known", func(t *testing.T) {
		g := base(t).On(apps+"?$expand=owners", fakegraph.Denied())
		s := collect(t, g, reader())
		expect(t, s, snapshot.FederatedCredentials, snapshot.Partial, 2, "credentials of missing applications may be missing", "every application was asked")
	})
	t.Run("refused on a later page", func(t *testing.T) {
		g := base(t).On(federatedListing, fakegraph.Answer{Body: `{"value":[{"id":"app1","federatedIdentityCredentials":[` + credential("f00") + `]}],"@odata.nextLink":"{{graph}}` + apps + `?$skiptoken=2"}`})
		g.On(apps+"?$skiptoken=2", refused).On(federatedIndex, list(`{"id":"app1"}`))
		d := expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Partial, 1, "applications with their credentials: ", "cannot be expanded")
		if d.Confined || d.Evidence == nil || d.Evidence.Status != 400 {
			t.Errorf("got %+v", d)
		}
		g.On(federatedIndex, failure(http.StatusBadRequest, "Request_UnsupportedQuery", "cannot be filtered"))
		expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Partial, 2, "applications with their credentials: ", "every application was asked", "cannot be filtered")
	})
	t.Run("an application that is not listed", func(t *testing.T) {
		g := base(t).On(federatedListing, fakegraph.Value(`{"id":"app1","federatedIdentityCredentials":[`+credential("f00")+`]}`))
		for _, index := range []fakegraph.Answer{list(`{"id":"app1"}`), failure(http.StatusBadRequest, "Request_UnsupportedQuery", "cannot be filtered")} {
			s := collect(t, g.On(federatedIndex, index), reader())
			expect(t, s, snapshot.FederatedCredentials, snapshot.Collected, 2)
			sameRows(t, s, snapshot.FederatedCredentials, federatedRow("app1", "f00"), federatedRow("app2", "f01"))
		}
	})
	t.Run("the index names fewer than it counts", func(t *testing.T) {
		g := base(t).On(federatedListing, fakegraph.Value(`{"id":"app1","federatedIdentityCredentials":[]}`, `{"id":"app2","federatedIdentityCredentials":[]}`))
		g.On(federatedIndex, fakegraph.Answer{Body: `{"@odata.count":5,"value":[{"id":"app1"}]}`})
		d := expect(t, collect(t, g, reader()), snapshot.FederatedCredentials, snapshot.Partial, 1)
		if d.Confined || d.Reason != "Graph counts 5 applications that have any, and names 1" {
			t.Errorf("got %+v", d)
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
		g := base(t).On(apps+"/app1/federatedIdentityCredentials", fakegraph.Denied()).On(apps+"/app2/federatedIdentityCredentials", fakegraph.Denied())
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
