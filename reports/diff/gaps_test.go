package diff

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// emptied is the tenant three weeks on with nothing in it.
func emptied() *sample {
	s := newSample().later()
	s.applications, s.permissions, s.types, s.approvals, s.credentials, s.findings = nil, nil, nil, nil, nil, nil
	return s
}

// named are the datasets that were not compared, with the areas.
func named(r *Result) []string {
	names := []string{}
	for _, n := range r.NotCompared {
		names = append(names, n.Dataset+" "+n.Old+">"+n.New+" "+strings.Join(n.Areas, ","))
	}
	return names
}

func statuses() []string { return []string{"partial", "denied", "failed", "unlicensed", "skipped"} }

// What a side did not read is never told as added or removed, but it is named.
func TestNothingReadIsNothingRemoved(t *testing.T) {
	for _, status := range statuses() {
		gone := emptied()
		for _, name := range snapshot.Names() {
			gone.status(name, status)
		}
		got, result := compared(t, newSample(), gone)
		if len(got) > 0 || len(result.NotCompared) < 10 {
			t.Errorf("%s in new: got %v and %v, want nothing removed", status, got, named(result))
		}
		before := emptied()
		before.report.AsOf = newSample().report.AsOf
		for _, name := range snapshot.Names() {
			before.status(name, status)
		}
		got, result = compared(t, before, newSample().later())
		if len(got) > 0 || len(result.NotCompared) < 10 {
			t.Errorf("%s in old: got %v and %v, want nothing added", status, got, named(result))
		}
	}
}

// A side that lacks one dataset hides what that dataset tells, and nothing else.
func TestOneDatasetDenied(t *testing.T) {
	for _, c := range []struct {
		dataset string
		areas   string
		edit    func(s *sample) // what new looks like, the dataset not having been read
		want    []string
	}{
		{snapshot.AppRoleAssignments, "permissions", func(s *sample) {
			for i := range s.permissions {
				s.permissions[i].Granted, s.permissions[i].Consent, s.permissions[i].Users = false, "", 0
			}
			s.permissions = slices.DeleteFunc(s.permissions, func(p finding.Permission) bool { return !p.Requested })
		}, nil},
		{snapshot.ApplicationOwners, "owners", func(s *sample) { s.applications[0].Owners = nil }, nil},
		{snapshot.ServicePrincipalOwners, "owners", func(s *sample) { s.applications[0].Owners = []string{"bob@contoso.com"} }, nil},
		{snapshot.ContainerTypeGrants, "container_type_permissions", func(s *sample) { s.types[0].Grants = nil }, nil},
		{snapshot.ContainerTypeRegistrations, "container_types,container_type_permissions", func(s *sample) { s.types[0].Registered, s.types[0].Grants = false, []finding.ContainerTypeGrant{} }, nil},
		{snapshot.Applications, "applications,permissions,credentials,owners", func(s *sample) {
			s.applications[0].ObjectID, s.applications[0].Owners, s.applications[0].Origin = "", []string{}, ""
			s.permissions[0].Requested, s.credentials = false, nil
			s.permissions[0].Users = 0
		}, nil},
		{snapshot.Applications, "applications,permissions,credentials,owners", func(s *sample) { s.permissions = s.permissions[1:] }, []string{
			"- permissions 00000001 graph/application/Mail.Read/admin granted:yes> requested:yes> resource:Microsoft Graph>",
		}},
		{snapshot.DataConnectEvents, "approvals", func(s *sample) {
			s.approvals[0].State, s.approvals[0].Datasets, s.approvals[0].Sinks = "unknown", nil, nil
		}, nil},
		{snapshot.DataConnectEvents, "approvals", func(s *sample) {
			s.approvals[0] = finding.Approval{AppID: id(1), AppTenantID: id(99), Name: "Ledger", State: "approved", SelfDeclared: true, Purpose: "x"}
		}, nil},
		{snapshot.FederatedCredentials, "credentials", func(s *sample) { s.credentials = nil }, []string{
			"- credentials 00000001 " + id(301) + " type:secret> of:application> name:deploy> starts:2026-01-01T00:00:00Z> ends:2027-01-01T00:00:00Z>",
		}},
		// A change of what is there on both sides is told.
		{snapshot.ContainerTypeGrants, "container_type_permissions", func(s *sample) { s.types[0].Grants[1].ApplicationPermissions = []string{"full"} }, []string{
			"~ container_type_permissions 00000191 " + id(2) + " application permissions:none>full",
		}},
	} {
		new := newSample().later()
		new.status(c.dataset, "denied")
		c.edit(new)
		got, result := compared(t, newSample(), new)
		if diff := cmp.Diff(append([]string{}, c.want...), got); diff != "" {
			t.Errorf("%s: differences (-want +got):\n%s", c.dataset, diff)
		}
		want := []string{c.dataset + " collected>denied " + c.areas}
		if diff := cmp.Diff(want, named(result)); diff != "" {
			t.Errorf("%s: not compared (-want +got):\n%s", c.dataset, diff)
		}
		if result.NotCompared[0].Reason != "new: 403 denied" {
			t.Errorf("%s: got the reason %q", c.dataset, result.NotCompared[0].Reason)
		}
	}
}

// Of a dataset that was read in part, additions stand where the old side was whole, and removals where the new one was.
func TestPartial(t *testing.T) {
	edit := func(s *sample) *sample {
		s.permissions[2] = permission(2, "application", "Mail.Send", "admin", "high")
		return s
	}
	plus := "+ permissions 00000002 graph/application/Mail.Send/admin granted:>yes requested:>no resource:>Microsoft Graph"
	minus := "- permissions 00000002 graph/application/Directory.ReadWrite.All/admin granted:yes> requested:no> resource:Microsoft Graph>"
	old, new := newSample(), edit(newSample().later())
	new.status(snapshot.AppRoleAssignments, "partial")
	if got, _ := compared(t, old, new); !slices.Equal(got, []string{plus}) {
		t.Errorf("new is partial: got %v, want %v", got, plus)
	}
	old, new = newSample(), edit(newSample().later())
	old.status(snapshot.AppRoleAssignments, "partial")
	if got, _ := compared(t, old, new); !slices.Equal(got, []string{minus}) {
		t.Errorf("old is partial: got %v, want %v", got, minus)
	}
}

// Where single rows are damaged, only what is about these is held back, and the dataset is named all the same.
func TestConfined(t *testing.T) {
	damaged := func(s *sample) *sample {
		for _, name := range []string{snapshot.Applications, snapshot.ContainerTypeRegistrations} {
			s.status(name, "partial")
			i := slices.IndexFunc(s.report.Coverage, func(c finding.Coverage) bool { return c.Dataset == name })
			s.report.Coverage[i].Confined = true
		}
		s.applications[1].ObjectID, s.applications[1].Incomplete = id(102), []string{"applications: a date is no date"}
		return s
	}
	old, new := damaged(newSample()), damaged(newSample().later())
	secret := finding.Credential{KeyID: id(303), Type: "secret", Of: "application"}
	for _, app := range []int{1, 2} {
		secret.AppID = id(app)
		new.credentials = append(new.credentials, secret)
	}
	new.types[0].Billing = ""
	got, result := compared(t, old, new)
	if want := []string{"+ credentials 00000001 " + id(303) + " type:>secret of:>application"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	want := []string{
		"applications partial>partial applications,permissions,credentials,owners",
		"container_type_registrations partial>partial container_types,container_type_permissions",
	}
	if diff := cmp.Diff(want, named(result)); diff != "" {
		t.Errorf("not compared (-want +got):\n%s", diff)
	}
}

// What is missing of one application is hidden of that one only, and is named.
func TestGapsOfOneApplication(t *testing.T) {
	new := newSample().later()
	new.applications[0].Incomplete = []string{"app_role_assignments: an assignment names no app role", "consent_events: odd"}
	new.permissions = new.permissions[1:2]
	got, result := compared(t, newSample(), new)
	want := []string{
		"- permissions 00000001 graph/application/Mail.Read requested:yes> resource:Microsoft Graph>", // whether it is still granted is not known
		"- permissions 00000002 graph/application/Directory.ReadWrite.All/admin granted:yes> requested:no> resource:Microsoft Graph>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	wantNamed := []finding.NotCompared{{
		Dataset: "app_role_assignments", Areas: []string{"permissions"}, Old: "collected", New: "collected",
		Reason: "new: 1 subject not read in full: an assignment names no app role",
	}}
	if diff := cmp.Diff(wantNamed, result.NotCompared); diff != "" {
		t.Errorf("not compared (-want +got):\n%s", diff)
	}
}

// Owners of whom only the id could be read are not others for that.
func TestOwnersByID(t *testing.T) {
	new := newSample().later()
	new.applications[0].Owners = []string{id(7), "bob@contoso.com"}
	got, result := compared(t, newSample(), new)
	if len(got) > 0 || !slices.Equal(named(result), []string{"application_owners collected>collected owners"}) {
		t.Errorf("got %v and %v, want no difference, and that said", got, named(result))
	}
	new.applications[0].Owners = []string{id(7), "ada@contoso.com", "bob@contoso.com"}
	if got, _ := compared(t, newSample(), new); !slices.Equal(got, []string{"+ owners 00000001 " + id(7)}) {
		t.Errorf("got %v, want the one that came", got)
	}
}

// A permission that has a name on one side only is one permission.
func TestUnresolved(t *testing.T) {
	old, new := newSample(), newSample().later()
	old.permissions[0].PermissionID = "810C84A8-4A9E-49E6-BF7D-12D183F40D01"
	p := &new.permissions[0]
	p.PermissionID = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
	p.Permission, p.ResolvedBy, p.ResourceID, p.ResourceName = p.PermissionID, "", "", ""
	for _, pair := range [][2]*sample{{old, new}, {new, old}} {
		if got, _ := compared(t, pair[0], pair[1]); len(got) > 0 {
			t.Errorf("got %v, want nothing", got)
		}
	}
	p.PermissionID, p.Permission = id(5), id(5)
	if got, _ := compared(t, old, new); len(got) != 2 && len(got) != 3 {
		t.Errorf("got %v, want one gone and another one", got)
	}
}

// A list of permissions that was not read is not an empty one.
func TestGrantNotRead(t *testing.T) {
	new := newSample().later()
	new.types[0].Grants[0].ApplicationPermissions = nil
	got, result := compared(t, newSample(), new)
	if len(got) > 0 || !slices.Equal(named(result), []string{"container_type_grants collected>collected container_type_permissions"}) {
		t.Errorf("got %v and %v, want no difference, and that said", got, named(result))
	}
}

// Events that are too long ago on one side are not decisions that were taken back.
func TestLateEvents(t *testing.T) {
	from := func(s *sample, from string) {
		i := slices.IndexFunc(s.report.Coverage, func(c finding.Coverage) bool { return c.Dataset == snapshot.DataConnectEvents })
		s.report.Coverage[i].From = from
	}
	old, new := newSample(), newSample().later()
	from(old, "2026-05-01T00:00:00Z")
	from(new, "2026-06-10T00:00:00Z")
	if got, result := compared(t, old, new); len(got)+len(result.NotCompared) > 0 {
		t.Errorf("got %v and %v, want nothing: all is there", got, named(result))
	}
	new.approvals = nil
	got, result := compared(t, old, new)
	if len(got) > 0 || !slices.Equal(named(result), []string{"data_connect_events collected>collected approvals"}) {
		t.Errorf("got %v and %v, want the approval not to be gone", got, named(result))
	}
	from(new, "2026-05-01T00:00:00Z")
	if got, _ := compared(t, old, new); len(got) != 1 || !strings.HasPrefix(got[0], "- approvals ") {
		t.Errorf("got %v, want the approval to be gone", got)
	}
}

// A gate judges what files define: what it does not list is not gone.
func TestGate(t *testing.T) {
	gate := emptied()
	for i := range gate.report.Controls {
		gate.report.Controls[i].OutOfScope = "subjects of its kind are not judged here"
	}
	got, result := compared(t, newSample(), gate)
	if len(got) > 0 || !slices.Contains(named(result), "subjects of the kind application of the tenant>not judged applications,permissions,credentials,owners,findings") {
		t.Errorf("got %v and %v, want nothing to be gone", got, named(result))
	}
	files := emptied()
	files.report.Controls[2].OutOfScope = "subjects of its kind are not judged here"
	if got, result := compared(t, newSample(), files); len(got) == 0 || slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, "approvals") }) {
		t.Errorf("got %v and %v, want applications to be gone and approvals not", got, named(result))
	}
	files.status(snapshot.Manifests, "collected")
	if got, result := compared(t, newSample(), files); slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, "- applications") || strings.Contains(l, "- findings") }) {
		t.Errorf("got %v and %v, want what files do not define not to be gone", got, named(result))
	}
}

// Controls that were run for one report only say nothing.
func TestControlsNotRun(t *testing.T) {
	new := newSample().later()
	new.report.Controls[0].Disabled, new.findings = "accepted", new.findings[1:]
	new.report.Controls = append(new.report.Controls, finding.Control{ID: "NEW-001"})
	new.findings = append(new.findings, newFinding("NEW-001", 1, `{}`))
	got, result := compared(t, newSample(), new)
	want := []finding.NotCompared{
		{Dataset: "controls", Areas: []string{"findings"}, Old: "run", New: "disabled: accepted", Reason: "ENTRA-001"},
		{Dataset: "controls", Areas: []string{"findings"}, Old: "not in the report", New: "run", Reason: "NEW-001"},
	}
	if diff := cmp.Diff(want, result.NotCompared); diff != "" || len(got) > 0 {
		t.Errorf("got %v, not compared (-want +got):\n%s", got, diff)
	}
}

// A report from before there was a table is not one in which the table is empty.
func TestOlderReport(t *testing.T) {
	old := newSample()
	path := old.open(t).Path()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	start, end := strings.Index(string(text), `,
    "credentials": [`), strings.Index(string(text), `
  },
  "findings": [`)
	if start < 0 || end < start {
		t.Fatalf("the table of credentials was not found: %d, %d", start, end)
	}
	older := filepath.Join(t.TempDir(), "older.json")
	if err := os.WriteFile(older, []byte(strings.Replace(string(text[:start])+string(text[end:]), `"1.4"`, `"1.3"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	document, err := finding.OpenDocument(older)
	if err != nil {
		t.Fatal(err)
	}
	result, err := Compare(document, newSample().later().open(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	if result.Len() > 0 || !slices.Equal(named(result), []string{"table of credentials not in a report of schema version 1.3>there credentials"}) {
		t.Errorf("got %d differences and %v, want that there is no such table", result.Len(), named(result))
	}
}

// The report that is being made gets the differences as a table of its own.
func TestAppend(t *testing.T) {
	old, new := newSample(), newSample().later()
	new.permissions = append(new.permissions, permission(1, "application", "Mail.Send", "admin", "high"))
	new.status(snapshot.ContainerTypes, "denied")
	dir := t.TempDir()
	writer, err := finding.NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	new.addTo(t, writer)
	document := old.open(t)
	if err := Append(document, writer, &new.report, dir); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := writer.WriteReport(file, &new.report); err != nil {
		t.Fatal(err)
	}
	made, err := finding.OpenDocument(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for d, err := range made.Differences() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, line(d))
	}
	if want := []string{"+ permissions 00000001 graph/application/Mail.Send/admin granted:>yes requested:>no resource:>Microsoft Graph"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p := made.Previous
	if p == nil || p.AsOf != "2026-11-01T00:00:00Z" || len(p.SHA256) != 64 || len(p.NotCompared) != 1 || p.NotCompared[0].Dataset != snapshot.ContainerTypes {
		t.Errorf("got %+v, want the earlier report and what was not compared", p)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "leastwise-*.json")); err != nil || len(left) > 0 {
		t.Errorf("got %v (%v), want no temporary file left", left, err)
	}
}
