package policies

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParseMetadata reads arbitrary files as controls. A fault has a place in the
// file and stands on one line; what has none states all that a control must.
func FuzzParseMetadata(f *testing.F) {
	controls, err := filepath.Glob("*/*/*.rego")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range controls {
		source, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		block, _, _ := strings.Cut(string(source), "\npackage ")
		f.Add(block)
	}
	const sound = "# METADATA\n# title: T\n# scope: package\n# custom:\n#   id: A-001\n#   severity: high\n#   subject: application\n#   requires: [applications]\n#   message: M\n"
	for _, source := range []string{
		"", "# METADATA", "# METADATA\n# {", sound, sound + "#   mesage: x\n", strings.Replace(sound, "high", "[high]", 1), "\r\n" + strings.ReplaceAll(sound, "\n", "\r\n"),
		strings.Replace(sound, "[applications]", "[aplications]", 1), strings.Replace(sound, "message: M", "message: '{nobody}'", 1),
		sound + "# schemas:\n#   - input: schema.tenant\n", sound + "# title: again\n", strings.Replace(sound, "# title: T", "#  - title: T\n#\ttitle: T", 1),
		strings.Replace(sound, "title: T", "title: &a [*a]", 1), strings.Replace(sound, "title: T", "? {a: b}\n# : c", 1),
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		m, err := parseMetadata("x.rego", source)
		if err == nil {
			if problem, _ := m.problem(); problem != "" || m.Custom.ID == "" || m.Custom.Requires == nil || strings.TrimSpace(m.Title) == "" {
				t.Fatalf("%q was accepted as %+v: %s", source, m, problem)
			}
			return
		}
		fault, ok := errors.AsType[*LoadError](err)
		if !ok || fault.File != "x.rego" || fault.Line < 1 || fault.Line > strings.Count(source, "\n")+2 || fault.Tip == "" {
			t.Fatalf("%q: got %#v", source, err)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Fatalf("%q: the fault stands on more than one line: %q", source, err)
		}
	})
}
