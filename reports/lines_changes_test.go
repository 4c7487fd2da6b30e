package reports

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/finding"
)

// What merging files changes: a line for each permission, at its place, and one where an application was found by its
// name, is new, or goes. Names that attack whoever reads lines are made visible.
func TestLinesOfChanges(t *testing.T) {
	s := emptySample()
	permission := func(name string, line int) []finding.ChangedPermission {
		return []finding.ChangedPermission{{Key: "k", Permission: name, Kind: "delegated", ResourceName: "Microsoft Graph", Tier: "high", Line: line}}
	}
	change := func(name, action, by string) finding.Change {
		return finding.Change{
			Subject: finding.Subject{Kind: "application", ID: "4711", Name: name}, Location: finding.Location{File: "a.json", Line: 2}, Action: action, MatchedBy: by,
		}
	}
	known, named, fresh, gone := change("Known", "changed", "app_id"), change("Named", "changed", "display_name"), change("", "new", ""), change("Gone\n##[x]", "removed", "app_id")
	known.Requested, known.Dropped = permission("Mail.Read", 7), permission("User.Read", 0)
	for _, end := range []finding.ChangedPermission{{Ends: "requested"}, {Ends: "requested", StillGranted: true}, {Ends: "granted"}, {Ends: "both"}} {
		end.Permission = "P"
		known.Dropped = append(known.Dropped, end)
	}
	fresh.Granted = []finding.ChangedPermission{{Key: "k", Permission: "33333333-0000-0000-0000-000000000001"}}
	s.report.Changes = []finding.Change{known, named, fresh, gone}
	var out bytes.Buffer
	if err := writeLines(&out, s.open(t)); err != nil {
		t.Fatal(err)
	}
	want := "a.json:7: newly requested: Mail.Read (delegated, high, Microsoft Graph) by Known\n" +
		"a.json:2: no longer requested or granted: User.Read (delegated, high, Microsoft Graph) by Known\n" +
		"a.json:2: no longer requested: P (not resolved) by Known\n" +
		"a.json:2: no longer requested, and still granted: P (not resolved) by Known\n" +
		"a.json:2: no longer granted: P (not resolved) by Known\n" +
		"a.json:2: no longer requested or granted: P (not resolved) by Known\n" +
		"a.json:2: compared: Named with the application of that display name in the snapshot (4711)\n" +
		"a.json:2: new application: 4711 is not in the snapshot\n" +
		"a.json:2: newly granted: 33333333-0000-0000-0000-000000000001 (not resolved) by 4711\n" +
		"a.json:2: removed: Gone\\n#\\x23[x], which the snapshot holds\n"
	got := out.String()
	if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
