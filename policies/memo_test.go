package policies

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
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
		n += len(m.shards[i].answers)
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
