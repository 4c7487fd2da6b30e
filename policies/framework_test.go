package policies

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Every control is mapped in a framework, and every id in a framework is that of a control.
func TestEveryControlIsMapped(t *testing.T) {
	lib, err := Load(LoadOptions{ListOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	known, mapped := map[string]bool{}, map[string]bool{}
	for _, control := range lib.Controls {
		known[control.ID] = true
	}
	for _, framework := range lib.Frameworks {
		for _, requirement := range framework.Requirements {
			for _, id := range requirement.Controls {
				mapped[id] = true
				if !known[id] {
					t.Errorf("%s:%d: %s names %s, and no control has that id", framework.File, requirement.Line, requirement.ID, id)
				}
			}
		}
	}
	for _, control := range lib.Controls {
		if !mapped[control.ID] {
			t.Errorf("%s is mapped in no framework", control.ID)
		}
	}
	// These three cover every subject there is, so that nothing can be left out of them.
	for _, name := range []string{"iso_27001", "nist_800_53", "soc_2"} {
		framework, err := lib.Framework(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, control := range lib.Controls {
			if len(framework.Of(control.ID)) == 0 {
				t.Errorf("%s is not mapped in %s", control.ID, name)
			}
		}
	}
}

func TestFrameworkRestrictsTheControls(t *testing.T) {
	lib, err := Load(LoadOptions{Framework: "scuba"})
	if err != nil {
		t.Fatal(err)
	}
	framework, err := lib.Framework("scuba")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, lib, Options{Framework: "scuba"})
	for _, control := range e.controls {
		if !slices.Contains(framework.Controls(), control.ID) {
			t.Errorf("%s runs, and scuba does not name it", control.ID)
		}
	}
	if len(e.controls) != len(lib.Of(framework)) || len(e.controls) == len(lib.Controls) {
		t.Errorf("%d controls run, scuba names %d of %d", len(e.controls), len(lib.Of(framework)), len(lib.Controls))
	}
	_, err = Load(LoadOptions{Framework: "SCUBA"})
	if fault, ok := errors.AsType[*LoadError](err); !ok || !strings.Contains(fault.Tip, "scuba") {
		t.Errorf("got %v, want an error that lists the names", err)
	}
	if _, err := lib.Engine(t.Context(), Options{Framework: "scuba", Only: []string{"SPE-001"}}); err == nil || !strings.Contains(err.Error(), "SPE-001 is not mapped in scuba") {
		t.Errorf("got %v, want that SPE-001 is not mapped", err)
	}
	if _, err := lib.Engine(t.Context(), Options{Only: []string{"SPE-001"}}); err == nil || !strings.Contains(err.Error(), "listing only") {
		t.Errorf("got %v: a control that was not compiled was taken", err)
	}
}

// A control that is listed and not compiled names the same datasets as one that is: what it reads is declared.
func TestBuiltInControlsDeclareWhatTheyRead(t *testing.T) {
	listed, err := Load(LoadOptions{ListOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, control := range loadBuiltIn(t).Controls {
		if got := slices.Sorted(slices.Values(listed.Controls[i].Requires)); !slices.Equal(got, control.Requires) {
			t.Errorf("%s requires %v and reads %v", control.ID, got, control.Requires)
		}
	}
}
