package policies

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// A permission row answers: requested, granted, used, and what the least is.
func TestPermissionRows(t *testing.T) {
	const api = "00000003-0000-0000-c000-000000000000/application/"
	grant := func(value string) subject.Grant {
		return subject.Grant{Key: api + value, Permission: value, Kind: "application", Consent: "admin", Tier: "high", ResolvedBy: "tenant"}
	}
	read, write := grant("A.Read"), grant("A.Write")
	read.Used, read.UsedBy, read.LastUsedAt = "used", []string{"activity"}, "2026-11-01T00:00:00Z"
	read.GrantedBy, read.GrantedAt, read.Deprecated = &subject.Person{UPN: "ada@contoso.com"}, "2026-01-01T00:00:00Z", true
	write.Used, write.Tier = "not_used", ""
	app := &subject.Application{
		ID: "app", Grants: []subject.Grant{read, write}, GrantedKeys: subject.KeySet{read.Key: true, write.Key: true},
		Requests:      []subject.Request{{Key: api + "A.Read", Permission: "A.Read"}, {Key: api + "A.More", Permission: "A.More", Kind: "application", Tier: "low"}},
		RequestedKeys: subject.KeySet{api + "A.Read": true, api + "A.More": true},
		Activity:      &subject.Activity{Whole: true},
		Least:         []subject.LeastSet{{Basis: "observed", Kind: "application", Permissions: []string{read.Key}, Removable: []string{write.Key}, Proven: true}},
	}
	want := []finding.Permission{
		{AppID: "app", Permission: "A.More", Kind: "application", Requested: true, Tier: "low"},
		{
			AppID: "app", Permission: "A.Read", Kind: "application", Requested: true, Granted: true, Consent: "admin", Tier: "high", Why: "It reads.",
			ResolvedBy: "tenant", GrantedAt: "2026-01-01T00:00:00Z", GrantedBy: "ada@contoso.com", Used: "used", UsedBy: []string{"activity"},
			LastUsedAt: "2026-11-01T00:00:00Z", Least: "needed", Deprecated: true,
		},
		{AppID: "app", Permission: "A.Write", Kind: "application", Granted: true, Consent: "admin", Tier: "unrated", ResolvedBy: "tenant", Used: "not_used", Least: "removable"},
	}
	if diff := cmp.Diff(want, permissionRows(map[string]string{read.Key: "It reads."}, app)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Nothing is called removable while anything is in doubt.
func TestLeastOf(t *testing.T) {
	set := func(basis string, change func(*subject.LeastSet)) subject.LeastSet {
		s := subject.LeastSet{Basis: basis, Permissions: []string{"a"}, Removable: []string{"b"}, Proven: true, Uncovered: []string{}}
		if change != nil {
			change(&s)
		}
		return s
	}
	whole, broken := &subject.Activity{Whole: true}, &subject.Activity{}
	needsB := func(s *subject.LeastSet) { s.Permissions, s.Removable = []string{"b"}, nil }
	for _, c := range []struct {
		name     string
		activity *subject.Activity
		sets     []subject.LeastSet
		key      string
		want     string
	}{
		{"none", whole, nil, "b", ""},
		{"of the set", whole, []subject.LeastSet{set("observed", nil)}, "a", "needed"},
		{"of the set, in doubt", broken, []subject.LeastSet{set("observed", nil)}, "a", "needed"},
		{"not of it", whole, []subject.LeastSet{set("observed", nil)}, "b", "removable"},
		{"of another kind", whole, []subject.LeastSet{set("observed", nil)}, "c", ""},
		{"no key", whole, []subject.LeastSet{set("observed", nil)}, "", ""},
		{"calls may be missing", broken, []subject.LeastSet{set("observed", nil)}, "b", ""},
		{"declared", nil, []subject.LeastSet{set("declared", nil)}, "b", "removable"},
		{"not proven", whole, []subject.LeastSet{set("observed", func(s *subject.LeastSet) { s.Proven = false })}, "b", ""},
		{"not covered", whole, []subject.LeastSet{set("declared", func(s *subject.LeastSet) { s.Uncovered = []string{"GET /x"} })}, "b", ""},
		{"needed by one of two", whole, []subject.LeastSet{set("observed", nil), set("declared", needsB)}, "b", "needed"},
		{"in doubt by one of two", broken, []subject.LeastSet{set("declared", nil), set("observed", nil)}, "b", ""},
	} {
		if got := leastOf(&subject.Application{Activity: c.activity, Least: c.sets}, c.key); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestContainerRow(t *testing.T) {
	yes, no := true, false
	row := containerRow(&subject.Container{
		ID: "b!1", Members: []subject.Member{{Role: "owner", UPN: "a@x", Guest: &no}, {Role: "principalOwner", ID: "7"}, {Role: "reader", Guest: &yes}},
		Incomplete: []subject.Gap{{Dataset: "container_permissions", Reason: "odd"}},
	})
	text, err := json.Marshal(row)
	const want = `{"id":"b!1","owners":["a@x","7"],"members":3,"guests":1,"incomplete":["container_permissions: odd"]}`
	if err != nil || string(text) != want {
		t.Errorf("got %s (%v), want %s", text, err, want)
	}
	if unread := containerRow(&subject.Container{ID: "b!1"}); unread.Members != nil || unread.Owners != nil || unread.Guests != nil {
		t.Errorf("got %+v, want nothing of members that were not read", unread)
	}
}
