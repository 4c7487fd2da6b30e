package policies

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What tests do not reach is said, with its line, and a case that fails is told from its neighbours.
func TestCoverageAndFailingCases(t *testing.T) {
	dir := t.TempDir()
	control := strings.Replace(oddControl, "BODY", `deny contains {"key": {"a": 1}, "evidence": {}} if input.display_name == "x"

deny contains {"key": {"b": 1}, "evidence": {}} if input.origin == "own"`, 1)
	test := `package custom.odd_test

import data.custom.odd

test_cases[c.name] if {
	some c in [{"name": "right", "in": {"display_name": "x"}, "want": 1}, {"name": "wrong", "in": {"display_name": "x"}, "want": 2}]
	count(odd.deny) == c.want with input as c["in"]
}

test_plain if false
`
	for name, text := range map[string]string{"odd.rego": control, "odd_test.rego": test} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lib, err := Load(LoadOptions{Folders: []string{dir}, ListOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	run, err := lib.Test(t.Context(), TestOptions{Own: true, Cover: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range run.Tests {
		got = append(got, strings.TrimPrefix(r.String(), "PASS  custom.odd_test."))
	}
	want := []string{
		"FAIL  custom.odd_test.test_cases/wrong  " + filepath.Join(dir, "odd_test.rego") + ":6",
		"FAIL  custom.odd_test.test_plain  " + filepath.Join(dir, "odd_test.rego") + ":10",
		"test_cases/right",
	}
	if len(got) != 3 || got[0] != want[2] || got[1] != want[0] || got[2] != want[1] {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(run.Coverage) != 1 || run.Coverage[0].Percent >= 100 || run.Coverage[0].Percent <= 0 || len(run.Coverage[0].Missed) == 0 {
		t.Errorf("got coverage %+v, want something missed", run.Coverage)
	}
	if _, err := lib.Test(t.Context(), TestOptions{Own: true, Name: "none_such"}); err == nil {
		t.Error("no test at all was called a success")
	}
}
