package frameworks_test

import (
	"errors"
	"strings"
	"testing"

	"leastwise/policies/frameworks"
)

func TestBuiltInFrameworks(t *testing.T) {
	all, err := frameworks.Load()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
		if f.File != "policies/frameworks/"+f.Name+".yaml" {
			t.Errorf("framework %s stands in %s", f.Name, f.File)
		}
	}
	if got, want := strings.Join(names, " "), "cis_m365 iso_27001 nist_800_53 scuba soc_2"; got != want {
		t.Errorf("got frameworks %s, want %s", got, want)
	}
}

const sound = `name: ours
title: Our rules
version: "1"
source: https://example.com
requirements:
  - id: R1
    title: First
    controls: [SPE-001, SPE-003]
  - id: R2
    title: Second
    controls: [SPE-001]
`

func TestRequirementsOfAControl(t *testing.T) {
	f, err := frameworks.Decode("ours.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Of("SPE-001"), " "); got != "R1 R2" {
		t.Errorf("SPE-001: got %s, want R1 R2", got)
	}
	if got := f.Of("SPE-002"); len(got) > 0 {
		t.Errorf("SPE-002: got %v, want none", got)
	}
	if got := strings.Join(f.Controls(), " "); got != "SPE-001 SPE-003" {
		t.Errorf("got controls %s", got)
	}
	if got := f.Requirements[1].Line; got != 9 {
		t.Errorf("R2 stands on line %d, want 9", got)
	}
}

func TestBadFrameworksNameTheLine(t *testing.T) {
	for name, c := range map[string]struct{ old, replacement, want string }{
		"misspelt key":          {"version:", "verzion:", "f.yaml:3: "},
		"misspelt inner key":    {"    title: First", "    titel: First", "f.yaml:7: "},
		"wrong type":            {"[SPE-001, SPE-003]", "{a: b}", "f.yaml:8: "},
		"no yaml":               {"title: Our rules", "title: \"Our", "f.yaml:"},
		"no name":               {"name: ours", "name: Our rules", `f.yaml:1: name "Our rules"`},
		"no version":            {`version: "1"`, `version: ""`, "version is missing"},
		"no requirement":        {sound[strings.Index(sound, "  - id: R1"):], "", "no requirements"},
		"requirement twice":     {"id: R2", "id: R1", "f.yaml:9: requirement R1 is there twice"},
		"requirement without":   {"[SPE-001]", "[]", "f.yaml:9: requirement R2 names no control"},
		"control twice":         {"[SPE-001, SPE-003]", "[SPE-001, SPE-001]", "f.yaml:6: requirement R1 names SPE-001 twice"},
		"title missing":         {"    title: Second\n", "", "f.yaml:9: requirement R2 has no title"},
		"key twice":             {"title: Our rules", "title: a\ntitle: b", "f.yaml:3: "},
		"second document":       {"    controls: [SPE-001]\n", "    controls: [SPE-001]\n---\nname: x\n", "more than one YAML document"},
		"a requirement of null": {"  - id: R2\n    title: Second\n    controls: [SPE-001]\n", "  -\n", "f.yaml:9: an empty requirement"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(sound, c.old) {
				t.Fatalf("the sound framework does not hold %q", c.old)
			}
			_, err := frameworks.Decode("f.yaml", []byte(strings.Replace(sound, c.old, c.replacement, 1)))
			fault, ok := errors.AsType[*frameworks.Fault](err)
			if !ok || !strings.Contains(err.Error(), c.want) || fault.Hint() == "" {
				t.Fatalf("got %v, want a fault with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "frameworks.") {
				t.Errorf("got %q: several lines, or a name of the program's", err)
			}
		})
	}
	if _, err := frameworks.Decode("f.yaml", nil); err == nil {
		t.Error("an empty file was read")
	}
}
