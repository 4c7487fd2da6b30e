package entra_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestOwnersAreNeverCutShort(t *testing.T) {
	stub := func(id string) string {
		return `{"@odata.type":"#microsoft.graph.user","id":"` + id + `","displayName":null}`
	}
	list := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, stub(fmt.Sprintf("u%02d", i)))
		}
		return strings.Join(all, ",")
	}
	for _, c := range []struct {
		name, member string
		reread       bool
		rows         int
	}{
		{"nineteen", `,"owners":[` + list(19) + `]`, false, 19},
		{"twenty may be more", `,"owners":[` + list(20) + `]`, true, 25},
		{"not expanded", ``, true, 25},
		{"null", `,"owners":null`, true, 25},
		{"another page", `,"owners":[` + list(3) + `],"owners@odata.nextLink":"x"`, true, 25},
		{"one without id", `,"owners":[{"displayName":"who"}]`, true, 25},
		{"none", `,"owners":[]`, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t)
			g.On(apps, fakegraph.Value(`{"id":"app1","appId":"a"`+c.member+`}`))
			g.On(apps+"/app1/owners", fakegraph.Value(strings.Split(strings.ReplaceAll(list(25), "},{", "}\n{"), "\n")...))
			g.On(byIDs, fakegraph.Value())
			s := collect(t, g, reader())
			expect(t, s, snapshot.ApplicationOwners, snapshot.Collected, c.rows)
			if got := len(g.Requests(apps+"/app1/owners")) > 0; got != c.reread {
				t.Errorf("owners read again: %v, want %v", got, c.reread)
			}
			for _, row := range fakegraph.Rows(t, s, snapshot.ApplicationOwners) {
				var members map[string]any
				if err := json.Unmarshal([]byte(row), &members); err != nil {
					t.Fatal(err)
				}
				if got := slices.Sorted(maps.Keys(members)); !slices.Equal(got, []string{"@odata.type", "objectId", "ownerId"}) {
					t.Fatalf("a stub became %s", row)
				}
			}
		})
	}
}

func TestOwnersOfOneObjectThatCannotBeRead(t *testing.T) {
	g := tenant(t).On(apps, fakegraph.Value(`{"id":"app1","appId":"a","owners":null}`, `{"id":"app2","appId":"a","owners":[]}`)).On(apps+"/$count", fakegraph.Answer{Body: "2"})
	g.On(apps+"/app1/owners", fakegraph.Denied())
	d := expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Partial, 0)
	if len(d.Gaps) != 1 || d.Gaps[0].Row != "app1" || !strings.Contains(d.Gaps[0].Reason, "Insufficient privileges") || !d.Confined || d.Evidence == nil {
		t.Errorf("got %+v", d)
	}
	g.On(apps, fakegraph.Value(`{"id":"app1","appId":"a"}`, `{"id":"app2","appId":"a"}`)).On(apps+"/app2/owners", fakegraph.Denied())
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Denied, 0, "Insufficient privileges")
	// What $expand showed of a list that may be cut stays.
	g = tenant(t)
	var twenty []string
	for i := range 20 {
		twenty = append(twenty, fmt.Sprintf(`{"id":"u%02d"}`, i))
	}
	g.On(apps, fakegraph.Value(`{"id":"app1","appId":"a","owners":[`+strings.Join(twenty, ",")+`]}`)).On(apps+"/app1/owners", fakegraph.Denied())
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Partial, 20)
}

func TestOwnerDetailsAreAskedForInChunks(t *testing.T) {
	g := tenant(t)
	var rows []string
	for i := range 150 {
		var owners []string
		for j := range 15 {
			owners = append(owners, fmt.Sprintf(`{"id":"u%d"}`, i*15+j))
		}
		rows = append(rows, fmt.Sprintf(`{"id":"app%03d","appId":"a","owners":[%s]}`, i, strings.Join(owners, ",")))
	}
	g.On(apps, fakegraph.Value(rows...))
	g.On(apps+"/$count", fakegraph.Answer{Body: "150"})
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Collected, 2250)
	var sizes []int
	for _, r := range g.Requests(byIDs) {
		var body struct{ IDs []string }
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(body.IDs))
		if r.Query.Get("$select") == "" {
			t.Error("details are asked for without $select")
		}
	}
	if !slices.Equal(sizes, []int{1000, 1000, 250}) {
		t.Errorf("chunks of %v", sizes)
	}
}

func TestUnknownOwnerDetailsMakeOwnersPartial(t *testing.T) {
	g := tenant(t).On(byIDs, fakegraph.Denied())
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Partial, 1, "details of owners", "Insufficient privileges")
}
