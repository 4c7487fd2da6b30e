package diff

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"leastwise/policies/finding"
)

// randomSample is a tenant of some applications, with everything in it that is compared.
func randomSample(r *rand.Rand) *sample {
	s := newSample()
	s.applications, s.permissions, s.credentials, s.types, s.approvals, s.findings = nil, nil, nil, nil, nil, nil
	for n := range 5 + r.IntN(10) {
		s.applications = append(s.applications, finding.Application{
			AppID: id(n), Name: fmt.Sprint("App ", r.IntN(3)), ObjectID: id(1000 + n), ServicePrincipalID: id(2000 + n), Enabled: new(true),
			Owners: people(r), Origin: "own",
		})
		for value := range r.IntN(6) {
			p := permission(n, []string{"application", "delegated"}[value%2], fmt.Sprint("P", value), "admin", tiers()[r.IntN(5)])
			p.Requested = r.IntN(2) == 0
			s.permissions = append(s.permissions, p)
		}
		for key := range r.IntN(3) {
			s.credentials = append(s.credentials, finding.Credential{AppID: id(n), KeyID: id(5000 + 10*n + key), Type: "secret", Of: "application", EndsAt: "2027-01-01T00:00:00Z"})
		}
		if r.IntN(2) == 0 {
			s.types = append(s.types, finding.ContainerType{ID: id(7000 + n), Name: "T", Registered: true, Grants: []finding.ContainerTypeGrant{
				{AppID: id(n), ApplicationPermissions: people(r), DelegatedPermissions: people(r)}, {AppID: id(999), ApplicationPermissions: people(r), DelegatedPermissions: []string{}},
			}})
		}
		s.findings = append(s.findings, newFinding("ENTRA-001", n, fmt.Sprintf(`{"n":%d}`, r.IntN(4))))
	}
	return s
}

// people are some names in random order.
func people(r *rand.Rand) []string {
	names := []string{"ada", "bob", "cid", "dan", "eve"}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names[:1+r.IntN(4)]
}

// copied is the same tenant, none of whose lists is shared.
func (s *sample) copied() *sample {
	c := *s
	c.report.Coverage = slices.Clone(s.report.Coverage)
	c.applications, c.permissions, c.credentials = slices.Clone(s.applications), slices.Clone(s.permissions), slices.Clone(s.credentials)
	c.types, c.findings = slices.Clone(s.types), slices.Clone(s.findings)
	for i := range c.applications {
		c.applications[i].Owners = slices.Clone(c.applications[i].Owners)
	}
	for i := range c.types {
		c.types[i].Grants = slices.Clone(c.types[i].Grants)
		for n := range c.types[i].Grants {
			c.types[i].Grants[n].ApplicationPermissions = slices.Clone(c.types[i].Grants[n].ApplicationPermissions)
		}
	}
	return &c
}

// shuffled is the same tenant with its rows, and the lists in them, in another order, and ids in other letters.
func (s *sample) shuffled(r *rand.Rand) *sample {
	c := s.copied()
	shuffle(r, c.applications)
	shuffle(r, c.permissions)
	shuffle(r, c.credentials)
	shuffle(r, c.types)
	shuffle(r, c.findings)
	for i := range c.applications {
		shuffle(r, c.applications[i].Owners)
		if r.IntN(2) == 0 {
			c.applications[i].AppID = strings.ToUpper(c.applications[i].AppID)
		}
	}
	for i := range c.types {
		shuffle(r, c.types[i].Grants)
		for n := range c.types[i].Grants {
			shuffle(r, c.types[i].Grants[n].ApplicationPermissions)
		}
	}
	return c
}

func shuffle[T any](r *rand.Rand, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// edit makes one change of a part that no other edit has touched, and says what it must be told as.
func (s *sample) edit(r *rand.Rand, touched map[string]bool) string {
	fresh := func(parts ...any) bool {
		name := fmt.Sprint(parts...)
		if touched[name] {
			return false
		}
		touched[name] = true
		return true
	}
	switch app := r.IntN(len(s.applications)); r.IntN(7) {
	case 0:
		if a := &s.applications[app]; fresh("name", a.AppID) {
			a.Name += "!"
			return "changed applications " + a.AppID
		}
	case 1:
		if a := &s.applications[app]; fresh("owner", a.AppID) {
			a.Owners = append(a.Owners, "zoe")
			return "added owners " + a.AppID + " zoe"
		}
	case 2:
		if a := &s.applications[app]; fresh("lost", a.AppID) {
			lost := a.Owners[0]
			a.Owners = a.Owners[1:]
			return "removed owners " + a.AppID + " " + lost
		}
	case 3:
		if a := &s.applications[app]; fresh("grant", a.AppID) {
			s.permissions = append(s.permissions, permission(0, "application", "Q", "admin", "high"))
			s.permissions[len(s.permissions)-1].AppID = a.AppID
			return "added permissions " + a.AppID + " " + graph + "/application/Q/admin"
		}
	case 4:
		if n := len(s.permissions); n > 0 {
			i := r.IntN(n)
			if p := s.permissions[i]; p.Permission != "Q" && fresh("revoke", p.AppID, p.Permission) {
				s.permissions = slices.Delete(s.permissions, i, i+1)
				return "removed permissions " + p.AppID + " " + permissionKey(&p) + "/admin"
			}
		}
	case 5:
		if n := len(s.credentials); n > 0 {
			if c := &s.credentials[r.IntN(n)]; fresh("ends", c.KeyID) {
				c.EndsAt = "2029-01-01T00:00:00Z"
				return "changed credentials " + c.AppID + " " + c.KeyID
			}
		}
	case 6:
		if n := len(s.types); n > 0 {
			t := &s.types[r.IntN(n)]
			if g := &t.Grants[r.IntN(2)]; fresh("widen", t.ID, g.AppID) {
				g.ApplicationPermissions = append(g.ApplicationPermissions, "full")
				return "changed container_type_permissions " + t.ID + " " + g.AppID
			}
		}
	}
	return ""
}

func briefly(t *testing.T, old, new *sample) []string {
	t.Helper()
	_, result := compared(t, old, new)
	got := []string{}
	for d, err := range result.Differences() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSpace(strings.Join([]string{d.Action, d.Area, strings.ToLower(d.Subject.ID), d.Item}, " ")))
	}
	slices.Sort(got)
	return got
}

// Whatever the tenant: shuffled it does not differ, and edited it differs in the edits and in nothing else.
func TestRandomEdits(t *testing.T) {
	edits := 0
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 7))
		old := randomSample(r)
		if got := briefly(t, old, old.shuffled(r).later()); len(got) > 0 {
			t.Fatalf("seed %d: shuffled: got %v, want nothing", seed, got)
		}
		edited, touched, want := old.copied(), map[string]bool{}, []string{}
		for range r.IntN(12) {
			if told := edited.edit(r, touched); told != "" {
				want = append(want, told)
			}
		}
		edits += len(want)
		slices.Sort(want)
		got := briefly(t, old, edited.shuffled(r).later())
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: (-want +got):\n%s", seed, diff)
		}
		reversed := briefly(t, edited.shuffled(r), old)
		if want := reverse(want); !slices.Equal(want, reversed) {
			t.Fatalf("seed %d: the other way round: (-want +got):\n%s", seed, gocmp.Diff(want, reversed))
		}
	}
	if edits < 60 {
		t.Errorf("only %d edits were made", edits)
	}
}

// reverse is what the same edits are told as when old and new change places.
func reverse(told []string) []string {
	var out []string
	for _, line := range told {
		action, rest, _ := strings.Cut(line, " ")
		out = append(out, cmp.Or(map[string]string{added: removed, removed: added}[action], action)+" "+rest)
	}
	slices.Sort(out)
	return append([]string{}, out...)
}

// Rows that are not in memory at once are told like those that are.
func TestParts(t *testing.T) {
	old, later := newSample(), newSample().later()
	for n := range 1000 {
		p := permission(1, "application", fmt.Sprint("P", n), "admin", "low")
		p.AppID = id(10 + n%250)
		later.permissions = append(later.permissions, p)
	}
	rows, err := newSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	c := newComparison(old.open(t), later.open(t), rows)
	c.rowsAtOnce = 70
	result, err := c.run()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for d, err := range result.Differences() {
		if err != nil {
			t.Fatal(err)
		}
		seen[d.Subject.ID+d.Item] = true
	}
	if result.Len() != 1000 || len(seen) != 1000 {
		t.Errorf("got %d differences, %d of them distinct, want 1000", result.Len(), len(seen))
	}
}
