package reports

import (
	"bytes"
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// What the operator declares stands in every report, with the reason; nothing is said
// where nothing is declared.
func TestDeclarationsStandInEveryFormat(t *testing.T) {
	declared := emptySample()
	declared.report.Declared = &finding.Declared{
		Needs:       []finding.DeclaredNeed{{AppID: appID(3), Permissions: []string{"ActivityFeed.ReadDlp", "ServiceHealth.Read"}, Reason: "works council, R-7"}},
		MultiTenant: []string{appID(4)},
	}
	for name, read := range map[string]func(*testing.T, []byte) string{
		"json": plainText, "table": plainText, "lines": plainText,
		"xlsx": func(t *testing.T, book []byte) string { return string(dump(t, book)) },
	} {
		got := read(t, render(t, name, declared.open(t)))
		for _, want := range []string{"works council, R-7", "ActivityFeed.ReadDlp", "ServiceHealth.Read", appID(3), appID(4)} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q:\n%s", name, want, got)
			}
		}
		if got := read(t, render(t, name, emptySample().open(t))); strings.Contains(strings.ToLower(got), "declared by the operator") {
			t.Errorf("%s says that something was declared:\n%s", name, got)
		}
	}
	lines := render(t, "lines", declared.open(t))
	want := "declared by the operator: " + appID(3) + " needs ActivityFeed.ReadDlp, ServiceHealth.Read: works council, R-7; " + appID(4) + " has to be multi-tenant\n"
	if !bytes.HasPrefix(lines, []byte(want)) {
		t.Errorf("got %q, want it to begin with %q", lines, want)
	}
}

func plainText(_ *testing.T, data []byte) string { return string(data) }
