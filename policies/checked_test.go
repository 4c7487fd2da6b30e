package policies

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"
)

var update = flag.Bool("update", false, "write what is checked")

// What is written down of the built-in controls is what following them finds out, and checking them all finds no fault.
func TestCheckedUpToDate(t *testing.T) {
	lib, err := Load(LoadOptions{fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	files, err := controlFiles()
	if err != nil {
		t.Fatal(err)
	}
	facts := checkedFacts{Of: digestOf(files, subjectTypes()), Controls: map[string]checkedControl{}}
	for _, control := range lib.Controls {
		facts.Controls[control.ID] = written(control)
	}
	want, err := json.MarshalIndent(facts, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("checked.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(checkedFile, want) {
		t.Error("policies/checked.json is out of date: runs are right, and slower; run go generate ./policies")
	}
}

// What is taken over is what was found out.
func TestCheckedIsTakenOver(t *testing.T) {
	fresh, err := Load(LoadOptions{fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	files, err := controlFiles()
	if err != nil {
		t.Fatal(err)
	}
	facts := &checkedFacts{types: subjectTypes(), Controls: map[string]checkedControl{}}
	for _, control := range fresh.Controls {
		facts.Controls[control.ID] = written(control)
		taken := &Control{ID: control.ID, pkg: control.pkg}
		if !facts.adopt(taken) {
			t.Fatalf("%s: nothing is taken over", control.ID)
		}
		if !reflect.DeepEqual(taken.fields, control.fields) || !reflect.DeepEqual(taken.appliesFields, control.appliesFields) ||
			!reflect.DeepEqual(taken.Requires, control.Requires) || !reflect.DeepEqual(taken.appliesOn, control.appliesOn) {
			t.Errorf("%s: got %+v, want %+v", control.ID, written(taken), written(control))
		}
	}
	if facts.adopt(&Control{ID: fresh.Controls[0].ID, pkg: "data.custom.x"}) {
		t.Error("somebody else's control was taken for a built-in one")
	}
	files[0].text += "\n"
	if readChecked(files) != nil {
		t.Error("what was written down of other files is taken over")
	}
}
