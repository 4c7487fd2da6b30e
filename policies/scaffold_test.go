package policies

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leastwise/policies/subject"
)

// A scaffold of every kind of subject loads, its tests pass and reach every line, and it has a failing example.
func TestScaffoldsWork(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range subject.Kinds() {
		id := "OUR-" + strings.ToUpper(strings.ReplaceAll(string(kind), "_", "-"))
		files, err := Scaffold{ID: id, Subject: kind, Title: `A "title": with # odd {signs}`}.Files()
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(dir, files.Name)
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{files.Name + ".rego": files.Control, files.Name + "_test.rego": files.Test} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
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
	if want := 6 * len(subject.Kinds()); len(run.Tests) != want {
		t.Errorf("got %d tests, want %d", len(run.Tests), want)
	}
	for _, r := range run.Tests {
		if r.Failed {
			t.Error(r)
		}
	}
	if len(run.Coverage) != len(subject.Kinds()) {
		t.Errorf("got coverage of %d files, want %d", len(run.Coverage), len(subject.Kinds()))
	}
	for _, file := range run.Coverage {
		if file.Percent != 100 || file.Control == "" {
			t.Errorf("%s: %v%% is reached, not lines %v", file.File, file.Percent, file.Missed)
		}
	}
	examples, err := lib.Examples(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, control := range lib.Controls {
		if control.BuiltIn() {
			continue
		}
		if control.Title != `A "title": with # odd {signs}` {
			t.Errorf("%s: got title %q", control.ID, control.Title)
		}
		if example := examples[control.ID]; !strings.Contains(example.Message, "TEST import") || string(example.Evidence) != `{"name":"TEST import"}` {
			t.Errorf("%s: got example %+v", control.ID, example)
		}
	}
}

func TestScaffoldsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		scaffold Scaffold
		want     string
	}{
		{Scaffold{ID: "custom", Subject: "application"}, "is no id"},
		{Scaffold{ID: "../X-1", Subject: "application"}, "is no id"},
		{Scaffold{ID: "ENTRA-099", Subject: "application"}, "kept for built-in controls"},
		{Scaffold{ID: "X-1", Subject: "app"}, "not a kind of subject"},
		{Scaffold{ID: "X-1", Subject: "application", Title: "a\nb"}, "not one line"},
	} {
		if _, err := c.scaffold.Files(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "; hint: ") {
			t.Errorf("%+v: got %v, want %q and a hint", c.scaffold, err, c.want)
		}
	}
}

// Every built-in control has an example for its page.
func TestExamples(t *testing.T) {
	lib := loadBuiltIn(t)
	examples, err := lib.Examples(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, control := range lib.Controls {
		example, ok := examples[control.ID]
		if !ok {
			t.Errorf("%s has no example", control.ID)
			continue
		}
		if strings.Contains(example.Message, "(not known)") {
			t.Logf("%s: %s", control.ID, example.Message)
		}
	}
}
