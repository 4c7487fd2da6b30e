package dataconnect_test

import (
	"strings"
	"testing"
)

// A person who acts by a client is who acted, whatever comes first.
func TestConsentsOfPersonsByClients(t *testing.T) {
	client, tool := map[string]any{"ID": "ServicePrincipal_" + otherSP, "Type": 2}, map[string]any{"ID": graphApp, "Type": 4}
	upn, user := map[string]any{"ID": "ada@testco", "Type": 5}, map[string]any{"ID": "User_" + adaID, "Type": 2}
	for _, c := range []struct {
		name   string
		actor  []any
		userID any
		want   string
	}{
		{"the client first", []any{tool, client, upn, user}, "ada@testco", byAda},
		{"without an id of the person", []any{client, upn}, "ada@testco", `"by":{"upn":"ada@testco"}`},
		{"without a name of the person", []any{client, tool, user}, "Not Available", `"by":{"id":"` + adaID + `"}`},
		{"with an id that is not said whose", []any{upn}, otherSP, `"by":{"upn":"ada@testco"}`},
		{"nobody but the client", []any{client, tool}, nil, `"by":{"id":"` + otherSP + `","appId":"` + graphApp + `"}`},
	} {
		r := agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "User.Read") + "]; ")
		if _, rows := consents(t, with(r, map[string]any{"Actor": c.actor, "UserId": c.userID})); len(rows) != 1 || !strings.Contains(rows[0], c.want) {
			t.Errorf("%s: got %v, want %s", c.name, rows, c.want)
		}
	}
}

// Two persons who do the same at once are two events; one who is told of by id here and by name there is one.
func TestConsentsOfTwoAtOnce(t *testing.T) {
	const permissions = "[] => ["
	by := func(id, upn, user string) map[string]any {
		return with(agreed(permissions+entry(graphSP, "AllPrincipals", "", "User.Read")+"]; "), map[string]any{
			"Id": id, "UserId": upn, "Actor": []any{map[string]any{"ID": upn, "Type": 5}, map[string]any{"ID": "User_" + user, "Type": 2}},
		})
	}
	const bob = "aaaaaaaa-0000-4000-8000-00000000000b"
	for _, c := range []struct {
		name    string
		records []any
		want    int
	}{
		{"two persons", []any{by("c1", "ada@testco", adaID), by("c2", "bob@testco", bob)}, 2},
		{"one person", []any{by("c1", "ada@testco", adaID), by("c2", "ada@testco", adaID)}, 1},
		{"one of another name", []any{by("c1", "ada@testco", adaID), by("c2", "ada.new@testco", adaID)}, 1},
		{"two by name", []any{by("c1", "ada@testco", ""), by("c2", "bob@testco", "")}, 2},
		{"one who is not told", []any{by("c1", "ada@testco", adaID), by("c2", "", "")}, 1},
	} {
		if _, rows := consents(t, c.records...); len(rows) != c.want {
			t.Errorf("%s: got %v, want %d", c.name, rows, c.want)
		}
	}
}
