package policies

import (
	"path/filepath"
	"strings"
	"testing"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// definedSnapshot holds what files define of applications, and nothing else.
func definedSnapshot(t *testing.T, rows ...string) *snapshot.Snapshot {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "snap")
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: testTenant, Cloud: "global"}, snapshot.Tool{}, testAsOf())
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.Dataset(snapshot.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := d.Add([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(snapshot.Dataset{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(testAsOf()); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func inFilesOnly() Options {
	return Options{Kinds: []subject.Kind{subject.KindApplication}, Files: &Files{Provided: []snapshot.Name{
		snapshot.Applications, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.DelegatedGrants, snapshot.FederatedCredentials,
	}}}
}

// Controls that rest on what a tenant alone tells, or on what it lacks, are out of scope; the others are judged.
func TestFilesScope(t *testing.T) {
	document := judgedReport(t, definedSnapshot(t, `{"id":"f.json#a","file":"f.json","line":1,"format":"entra","name":"A","requests":[],"unresolved":[]}`), inFilesOnly())
	for _, control := range document.Controls {
		want := ""
		switch control.ID {
		case "ENTRA-002", "ENTRA-009":
			want = "do not tell what a tenant lacks"
		case "ENTRA-018":
			want = "do not tell of sign_in_activity"
		case "ENTRA-021":
			want = "do not tell of directory_role_assignments, directory_role_definitions"
		case "ENTRA-003", "ENTRA-004", "ENTRA-014", "ENTRA-015", "ENTRA-017", "ENTRA-024":
			if control.OutOfScope != "" {
				t.Errorf("%s is out of scope: %s", control.ID, control.OutOfScope)
			}
		default:
			continue
		}
		if !strings.Contains(control.OutOfScope, want) {
			t.Errorf("%s: got %q, want %q", control.ID, control.OutOfScope, want)
		}
	}
}

// What a file does not speak of concerns no control, what it says is judged, and what it leaves open is unknown.
func TestFilesOutcomes(t *testing.T) {
	const head = `{"id":"f.json#a","file":"f.json","line":1,"format":"entra","name":"A","requests":[],`
	for _, test := range []struct {
		name, more string
		want       finding.Counts
	}{
		{"not told", `"unresolved":[]}`, finding.Counts{NotApplicable: 1}},
		{"none", `"redirectUris":[],"unresolved":[]}`, finding.Counts{Pass: 1}},
		{"one that is unsafe", `"redirectUris":[{"uri":"http://x.example/","platform":"web","line":4}],"unresolved":[]}`, finding.Counts{Fail: 1}},
		{"left open", `"redirectUris":[],"unresolved":[{"field":"redirect_uris","file":"f.json","line":4,"reason":"later"}]}`, finding.Counts{Unknown: 1}},
		{"left open as a whole", `"unresolved":[{"field":"redirect_uris","file":"f.json","line":4,"reason":"later"}]}`, finding.Counts{Unknown: 1}},
		{"one that is unsafe beside what is left open", `"redirectUris":[{"uri":"http://x.example/","platform":"web","line":4}],
			"unresolved":[{"field":"redirect_uris","file":"f.json","line":4,"reason":"later"}]}`, finding.Counts{Fail: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := judgedReport(t, definedSnapshot(t, head+test.more), inFilesOnly())
			for _, control := range document.Controls {
				if control.ID == "ENTRA-014" && control.Counts != test.want {
					t.Errorf("got %+v, want %+v", control.Counts, test.want)
				}
			}
			for f, err := range document.Findings() {
				if err != nil {
					t.Fatal(err)
				}
				if f.Control == "ENTRA-014" && f.Outcome == finding.Fail && (f.Location == nil || f.Location.Line != 4) {
					t.Errorf("got the place %v, want line 4", f.Location)
				}
			}
		})
	}
}

// A dataset of which a part could not be read proves nothing to be well.
func TestFilesInPart(t *testing.T) {
	snap := definedSnapshot(t, `{"id":"f.json#a","file":"f.json","line":1,"format":"entra","name":"A","requests":[],"redirectUris":[],"unresolved":[]}`)
	d := snap.Manifest.Datasets[snapshot.Manifests]
	d.Status, d.Reason = snapshot.Partial, "a file cannot be read"
	snap.Manifest.Datasets[snapshot.Manifests] = d
	for _, control := range judgedReport(t, snap, inFilesOnly()).Controls {
		if control.ID == "ENTRA-014" && control.Counts.Pass > 0 {
			t.Errorf("got %+v, want no pass", control.Counts)
		}
	}
}
