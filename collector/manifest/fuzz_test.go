package manifest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// archives are the repositories in testdata, by name.
func archives(t testing.TB) map[string][]txtar.File {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("got %v, %v", names, err)
	}
	all := map[string][]txtar.File{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = archive.Files[:len(archive.Files)-1]
	}
	return all
}

// A world of any files is read without a panic, and what a row does not tell is
// always named as unresolved.
func FuzzRead(f *testing.F) {
	for _, files := range archives(f) {
		for _, file := range files {
			f.Add(file.Name, file.Data)
		}
	}
	for _, text := range []string{
		`{"$schema":"deploymentTemplate.json","resources":[{"type":"Microsoft.DataFactory/factories/pipelines","name":"[variables('a')]","properties":{"activities":[{"type":"Copy","typeProperties":{"source":{"type":"Office365Source","allowedGroups":"[variables('a')]"}}}]}}],"variables":{"a":"[concat(variables('b'),variables('b'))]","b":"[concat(variables('a'),variables('a'))]"}}`,
		`{"name":"p","properties":{"activities":[{"name":"f","type":"ForEach","typeProperties":{"items":[[],[1]],"activities":[{"type":"Copy","typeProperties":{"source":{"type":"Office365Source","outputColumns":"@item()"}}}]}}]}}`,
		`{"properties":{"activities":[{"type":"Copy","inputs":{"referenceName":null},"typeProperties":{"source":{"type":"Office365Source"},"sink":[]}}]}}`,
		`{"properties":{"activities":[[]]}}`, `[null]`, `{"value":[1]}`, "\"x\"", `{"":{"":[]}}`,
	} {
		f.Add("pipeline/p.json", []byte(text))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if name == "" {
			return // no file is called that
		}
		w := newWorld("11111111-1111-1111-1111-111111111111")
		for _, at := range []string{name, "other/" + name} {
			if err := w.add(&file{name: at, abs: "/" + at}, data); err != nil {
				var broken *Error
				if !errors.As(err, &broken) || broken.Line < 1 || broken.Column < 1 || broken.Reason == "" {
					t.Fatalf("the error has no place: %v", err)
				}
				return
			}
		}
		w.define()
		taken := map[string]bool{}
		for _, r := range w.rows() {
			if taken[r.ID] || r.Line < 1 {
				t.Errorf("the row %s is there twice, or stands nowhere", r.ID)
			}
			taken[r.ID] = true
			if problem := incomplete(r); problem != "" {
				t.Errorf("%s: %s", r.ID, problem)
			}
		}
	})
}

// incomplete names a field that a row neither tells nor calls unresolved.
func incomplete(r *row) string {
	open := map[string]bool{}
	for _, u := range r.Unresolved {
		if u.Line < 1 || u.File == "" || u.Reason == "" {
			return fmt.Sprintf("it is not said where or why %s is unresolved", u.Field)
		}
		open[u.Field] = true
	}
	if open[fieldActivity] {
		return ""
	}
	for field, told := range map[string]bool{
		fieldAppID: r.AppID != "", fieldAppTenant: r.AppTenantID != "", fieldDataTenant: r.DataTenantID != "",
		fieldDataset: r.Dataset != "", fieldColumns: r.AllColumns != (len(r.Columns) > 0), fieldScope: r.Scope != "",
		fieldDestination: r.Destination != nil && r.Destination.Location != "", fieldDestinationTenant: r.DestinationTenantID != "",
	} {
		if told == open[field] && (field != fieldDestination || !told) {
			return fmt.Sprintf("%s: told %t, unresolved %t", field, told, open[field])
		}
	}
	switch r.Scope {
	case "", scopeAll:
		if len(r.Groups) > 0 || r.Filter != "" {
			return "it has groups or a filter without the scope"
		}
	case scopeList:
		if len(r.Groups) == 0 || r.Filter != "" {
			return "it has no groups"
		}
	case scopeFilter:
		if r.Filter == "" || len(r.Groups) > 0 {
			return "it has no filter"
		}
	}
	return ""
}

// No key of the archives reaches a row or a fault.
func TestNothingSecret(t *testing.T) {
	secrets := 0
	for name, files := range archives(t) {
		w := newWorld("")
		var faults []error
		for _, f := range files {
			secrets += strings.Count(string(f.Data), "do-not-show")
			if err := w.add(&file{name: f.Name, abs: "/" + f.Name}, f.Data); err != nil {
				faults = append(faults, err)
			}
		}
		w.define()
		for _, r := range w.rows() {
			if text := fmt.Sprintf("%+v %+v", r, r.Destination); strings.Contains(text, "do-not-show") {
				t.Errorf("%s: %s", name, text)
			}
		}
		if text := fmt.Sprint(faults, w.faults); strings.Contains(text, "do-not-show") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if secrets < 9 {
		t.Errorf("the archives hold only %d secrets", secrets)
	}
}

func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		"", "a", "a()", "a(b(),'c''d',1.5,-2,true,null)", "a().b.c['d'][0]?.e?['f']", "pipeline().parameters.my-name", "a(", "a(,)", "'", "a[", "a.", "a?", "((", "@{a()}",
		"x@{'}'}y@@{z}", "@@", "@", "@{", strings.Repeat("a(", 100), "concat('a'," + strings.Repeat("b.", 100) + "c)", "format('{0}{{{1}}}','a','b')", "json('[1,{\"a\":null}]')",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := newWorld("")
		n := &node{shape: aText, text: text, line: 1, file: &file{name: "f"}}
		for _, in := range []*env{{}, {arm: &arm{}}, {pipeline: &definition{name: textValue("p"), props: &node{}}}} {
			w.fresh()
			v := w.evaluate(n, in)
			if _, _, ok := v.known(); !ok && v.sort <= textSort && v.sort != nullSort && v.doubt() == nil {
				t.Errorf("%q is not known and there is no cause: %+v", text, v)
			}
		}
	})
}

func TestExpressions(t *testing.T) {
	const open = "?"
	for text, want := range map[string]string{
		"plain": `"plain"`, "": `""`, "@@x": `"@x"`, "a@@{b}": `"a@{b}"`, "x@y": `"x@y"`,
		"@concat('a', 1, null, true)": `"a1true"`, "@{concat('a')}-@{'b'}": `"a-b"`, "@toUpper('a')": `"A"`, "@trim(' a ')": `"a"`,
		"@replace('aXa', 'a', 'b')": `"bXb"`, "@split('a.b', '.')": `["a","b",]`, "@last(split('a.b', '.'))": `"b"`, "@first(createArray(1, 2))": "1",
		"@array('a')": `["a",]`, "@string('a')": `"a"`, "@json('{\"a\": [1, null, \"b\"]}').a[2]": `"b"`, "@json('{')": open,
		"@if(true, 'a', nothing())": `"a"`, "@if(equals('a', 'b'), 'c', 'd')": `"d"`, "@if(equals('a', 'A'), 'c', 'd')": open, "@if(not(true), 1, 2)": "2",
		"@if(bool('TRUE'), 1, 2)": "1", "@coalesce(null, 'x')": `"x"`, "@coalesce(utcnow(), 'x')": open, "@format('{0}-{1}', 'a', 'b')": `"a-b"`, "@format('{2}', 'a')": open,
		"@concat('a', utcnow())": open, "@item()": open, "@pipeline().RunId": open, "@variables('x')": open, "@'a' ": `"a"`, "@a.b": open, "@'it''s'": `"it's"`,
		"@split('a', '')[0]": open, "@createArray('a')['x']": open, "@createArray('a')[1]": open, "@concat(createArray('a'), createArray('b'))": `["a","b",]`, "@{createArray('a')}": open,
		"@guid(": open, "@{x": open, "@1.50": "1.50", "@-3": "-3",
	} {
		w := newWorld("")
		v := w.evaluate(&node{shape: aText, text: text, line: 1, file: &file{name: "f"}}, &env{})
		got := v.canonical()
		if v.doubt() != nil {
			got = open
			if c := v.doubt(); c.expression != text || c.reason == "" {
				t.Errorf("%s: the cause is %+v", text, c)
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// The longest expressions and the deepest files end.
func TestBounds(t *testing.T) {
	deep := strings.Repeat(`{"name":"a","type":"IfCondition","typeProperties":{"ifTrueActivities":[`, 3000) + `{"name":"c","type":"Copy","typeProperties":{"source":{"type":"Office365Source"}}}` + strings.Repeat(`]}}`, 3000)
	var loops strings.Builder
	for range 4 {
		loops.WriteString(`{"name":"l","type":"ForEach","typeProperties":{"items":[1,2,3,4,5,6,7,8,9,10,11],"activities":[`)
	}
	loops.WriteString(`{"name":"c","type":"Copy","typeProperties":{"source":{"type":"Office365Source","outputColumns":["@{item()}"]}}}` + strings.Repeat(`]}}`, 4))
	doubling := `"v0":{"type":"String","defaultValue":"` + strings.Repeat("x", 1000) + `"}`
	for i := range 30 {
		doubling += fmt.Sprintf(`,"v%d":{"type":"String","defaultValue":"@concat(variables('v%d'),variables('v%d'))"}`, i+1, i, i)
	}
	for name, c := range map[string]struct {
		text string
		rows int
		open string
	}{
		"deep":     {`{"name":"p","properties":{"activities":[` + deep + `]}}`, 1, fieldAppID},
		"loops":    {`{"name":"p","properties":{"activities":[` + loops.String() + `]}}`, 1, fieldColumns},
		"doubling": {`{"name":"p","properties":{"variables":{` + doubling + `},"activities":[{"name":"c","type":"Copy","typeProperties":{"source":{"type":"Office365Source","userScopeFilterUri":"@variables('v30')"}}}]}}`, 1, fieldScope},
	} {
		w := newWorld("")
		if err := w.add(&file{name: "p.json", abs: "/p.json"}, []byte(c.text)); err != nil {
			t.Fatal(err)
		}
		w.define()
		rows := w.rows()
		if len(rows) != c.rows {
			t.Errorf("%s: got %d rows, want %d", name, len(rows), c.rows)
		}
		for _, r := range rows {
			if !slices.ContainsFunc(r.Unresolved, func(u unresolved) bool { return u.Field == c.open }) {
				t.Errorf("%s: %s has no unresolved %s: %+v", name, r.ID, c.open, r.Unresolved)
			}
		}
	}
}
