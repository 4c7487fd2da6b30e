package policies

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// perturb changes every field that a control is said not to read.
func perturb(v reflect.Value, fields map[reflect.Type][]int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			perturb(v.Elem(), fields)
		}
	case reflect.Slice:
		for i := range v.Len() {
			perturb(v.Index(i), fields)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if slices.Contains(fields[v.Type()], i) {
				perturb(v.Field(i), fields)
				continue
			}
			change(v.Field(i))
		}
	}
}

func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + " perturbed")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int:
		v.SetInt(v.Int() + 77)
	default:
		v.SetZero()
	}
}

func cloneDocument(t *testing.T, document any) any {
	t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	clone := reflect.New(reflect.TypeOf(document).Elem())
	if err := json.Unmarshal(data, clone.Interface()); err != nil {
		t.Fatal(err)
	}
	return clone.Interface()
}

func (m *memo) size() int {
	n := 0
	for i := range m.shards {
		n += len(m.shards[i].answers) + len(m.shards[i].older)
	}
	return n
}

// said writes an answer down, to compare.
func said(a answer) string {
	text := fmt.Sprint(a.applies, a.reasons, a.err)
	for _, f := range a.fails {
		text += fmt.Sprintf(" %s %s %s", f.severity, f.key, f.evidence)
	}
	return text
}

// What a control says rests on the fields that it is known to read and on no
// others: the memo depends on it.
func TestReadsAreComplete(t *testing.T) {
	lib := loadBuiltIn(t)
	e := newEngine(t, lib, Options{})
	v, err := e.evaluator(t.Context(), newMemo())
	if err != nil {
		t.Fatal(err)
	}
	defer v.close(t.Context())
	eachDocument(t, func(d subject.Document) {
		for _, control := range e.kinds[d.Kind].controls {
			other := cloneDocument(t, d.Value)
			perturb(reflect.ValueOf(other).Elem(), control.fields)
			results := make([]string, 2)
			for i, document := range []any{d.Value, other} {
				input, err := e.encoder.value(document, nil)
				if err != nil {
					t.Fatal(err)
				}
				r := v.judgeAlone(t.Context(), control, input)
				if r.err != nil {
					t.Fatal(r.err)
				}
				results[i] = said(r)
			}
			if results[0] != results[1] {
				t.Errorf("%s on %s reads more than %v:\n%s\n%s", control.ID, d.ID, control.fields, results[0], results[1])
			}
			key := func(document any) memoKey { return v.memo.key(control, askAll, reflect.ValueOf(document).Elem()) }
			if key(other) != key(d.Value) {
				t.Errorf("%s on %s: the memo tells subjects apart that look the same to it", control.ID, d.ID)
			}
		}
	})
}

// The memo changes nothing: each control, asked alone with an empty memo, says the
// same.
func TestMemoChangesNothing(t *testing.T) {
	lib := loadBuiltIn(t)
	e := newEngine(t, lib, Options{})
	v, err := e.evaluator(t.Context(), newMemo())
	if err != nil {
		t.Fatal(err)
	}
	defer v.close(t.Context())
	hits := 0
	eachDocument(t, func(d subject.Document) {
		query := e.kinds[d.Kind]
		before := v.memo.size()
		results, err := v.judge(t.Context(), query, make([]readiness, len(query.controls)), d.Value)
		if err != nil {
			t.Fatal(err)
		}
		if v.memo.size() == before {
			hits++
		}
		input, err := e.encoder.value(d.Value, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, control := range query.controls {
			if got, want := said(results[i]), said(v.judgeAlone(t.Context(), control, input)); got != want {
				t.Errorf("%s on %s: got %s, want %s", control.ID, d.ID, got, want)
			}
		}
	})
	if hits == 0 {
		t.Error("no subject of the fixture was answered from memory")
	}
}

// A list that was not read and a list that is empty are different to a control, so
// they are to the memo.
func TestMemoKeyTellsAbsentFromEmpty(t *testing.T) {
	lib := loadBuiltIn(t)
	e := newEngine(t, lib, Options{Only: []string{"ENTRA-009"}})
	control := e.kinds[subject.KindApplication].controls[0]
	m := recollection{memo: newMemo()}
	absent := m.key(control, askAll, reflect.ValueOf(subject.Application{Origin: "own"}))
	empty := m.key(control, askAll, reflect.ValueOf(subject.Application{Origin: "own", Owners: []subject.Owner{}}))
	if absent == empty {
		t.Errorf("%s: absent and empty owners have one key", snapshot.ApplicationOwners)
	}
}

// A memo holds two generations. What is asked for again stays, the rest goes; answers that take room of their
// own fill a generation sooner.
func TestMemoIsBounded(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit int
		said  answer
	}{
		{"plain answers", memoLimit, answer{applies: true}},
		{"answers with findings", memoOwn, answer{applies: true, reasons: []string{"x"}}},
	} {
		m := newMemo()
		key := func(i int) memoKey { return memoKey{0: 0, 1: byte(i), 2: byte(i >> 8), 3: byte(i >> 16)} } // all of one shard
		for i := range 3 * test.limit {
			m.set(key(i), test.said)
			if _, known := m.get(key(7)); i >= 7 && !known {
				t.Fatalf("%s: what was asked for after each of %d is forgotten", test.name, i)
			}
		}
		if _, known := m.get(key(8)); known {
			t.Errorf("%s: what was never asked for again is still there", test.name)
		}
		if said, known := m.get(key(3*test.limit - 1)); !known || len(said.reasons) != len(test.said.reasons) {
			t.Errorf("%s: got %+v, %v for the last one", test.name, said, known)
		}
		if m.size() > 2*test.limit {
			t.Errorf("%s: %d are kept, want at most two generations of %d", test.name, m.size(), test.limit)
		}
	}
}

// What a control says of a subject whose id it reads serves no other subject, and is not kept.
func TestMemoLeavesOutWhatNeverRecurs(t *testing.T) {
	folder := t.TempDir()
	body := `deny contains {"key": {}, "evidence": {}} if input.id == "a"`
	if err := os.WriteFile(filepath.Join(folder, "odd.rego"), []byte(strings.Replace(oddControl, "BODY", body, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	lib, err := Load(LoadOptions{Folders: []string{folder}})
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, lib, Options{Only: []string{"CUSTOM-001", "ENTRA-009"}})
	r := recollection{memo: newMemo()}
	document := reflect.ValueOf(subject.Application{ID: "a", Origin: "own", Owners: []subject.Owner{}})
	want := map[string]int{"CUSTOM-001": 0, "ENTRA-009": 1}
	for _, control := range e.kinds[subject.KindApplication].controls {
		before := r.size()
		_, key, known := r.recall(control, document)
		r.put(control, document, key, answer{applies: true})
		if kept := r.size() - before; known || kept != want[control.ID] {
			t.Errorf("%s: %d answers are kept, want %d", control.ID, kept, want[control.ID])
		}
	}
}
