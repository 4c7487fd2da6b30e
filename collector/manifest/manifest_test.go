package manifest_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"leastwise/collector"
	"leastwise/collector/manifest"
	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

var update = flag.Bool("update", false, "rewrite what the archives in testdata expect")

// Each archive in testdata is a repository, and what is read of it: the status and
// reason of the dataset, and every row. The comment at its head says which paths are
// named and, if it is told, the tenant.
func TestArchives(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 8 {
		t.Fatalf("got %v, %v", names, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			path, err := filepath.Abs(name)
			if err != nil {
				t.Fatal(err)
			}
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			last := len(archive.Files) - 1
			if archive.Files[last].Name != "want" {
				t.Fatal("the last file of the archive is not want")
			}
			t.Chdir(unpack(t, archive.Files[:last]))
			got := describe(t, collect(t, options(string(archive.Comment))))
			if *update {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.Split(string(archive.Files[last].Data), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// options reads lines such as "paths: a b" and "tenant: id".
func options(comment string) manifest.Options {
	var o manifest.Options
	for line := range strings.Lines(comment) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "paths":
			o.Paths = strings.Fields(rest)
		case "tenant":
			o.Tenant = rest
		}
	}
	return o
}

func unpack(t testing.TB, files []txtar.File) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// result is what was collected.
type result struct {
	dataset snapshot.Dataset
	rows    []string
	err     error
}

func collect(t testing.TB, o manifest.Options) result {
	t.Helper()
	return collectContext(t.Context(), t, o)
}

func collectContext(ctx context.Context, t testing.TB, o manifest.Options) result {
	t.Helper()
	dest := filepath.Join(t.TempDir(), "snapshot")
	w, err := snapshot.Create(dest, snapshot.Tenant{ID: "tenant"}, snapshot.Tool{Name: "test"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := collector.Collect(ctx, w, manifest.New(o)); err != nil {
		return result{err: errors.Join(err, w.Abort())}
	}
	if err := w.Commit(time.Time{}); err != nil {
		t.Fatal(err)
	}
	var r result
	r.dataset, _ = w.Has(snapshot.Pipelines)
	file, err := os.Open(filepath.Join(dest, snapshot.Pipelines+".ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		r.rows = append(r.rows, lines.Text())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

// describe writes a result as the archives have it: every member of every row.
func describe(t *testing.T, r result) string {
	t.Helper()
	var out strings.Builder
	if r.err != nil {
		fmt.Fprintf(&out, "error: %v\n", r.err)
		return out.String()
	}
	fmt.Fprintln(&out, strings.TrimSpace(fmt.Sprintf("%s %s", r.dataset.Status, r.dataset.Reason)))
	for _, row := range r.rows {
		fmt.Fprintf(&out, "\n%s\n", spread(row))
	}
	return out.String()
}

// spread puts the members of a row on lines, a few of them together.
func spread(row string) string {
	for _, name := range []string{"name", "product", "appId", "dataset", "allColumns", "scope", "destinationTenantId", "destinationAssumed", "unresolved"} {
		row = strings.Replace(row, `,"`+name+`":`, ",\n "+`"`+name+`":`, 1)
	}
	return strings.ReplaceAll(row, `{"field":`, "\n  "+`{"field":`)
}

func TestSelection(t *testing.T) {
	dir := unpack(t, []txtar.File{
		{Name: "other/package.json", Data: []byte(`{"name":"x","version":"1.0.0"}`)},
		{Name: "broken/p.json", Data: []byte("{\n  \"name\": }")},
		{Name: "broken/q.json", Data: []byte("")},
		{Name: "storage/t.json", Data: []byte(`{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[]}`)},
		{Name: "empty/.git/pipeline/p.json", Data: []byte(`{"name":"p","properties":{"activities":[]}}`)},
		{Name: "empty/node_modules/pipeline/p.json", Data: []byte(`{"name":"p","properties":{"activities":[]}}`)},
		{Name: "x.bicep", Data: []byte(`param x string`)},
	})
	t.Chdir(dir)
	none := "no definition of a Data Factory, Synapse or Fabric pipeline can be read in "
	hint := "; hint: name the folder that holds pipeline, dataset and linkedService, or a template"
	for want, paths := range map[string][]string{
		"no path to pipeline definitions is named; hint: name a file or a folder":                                                      nil,
		"a path to pipeline definitions is empty; hint: name a file or a folder":                                                       {""},
		"read pipeline definitions: stat absent: no such file or directory; hint: name a file or a folder":                             {"empty", "absent"},
		none + "other, storage (2 JSON files looked at)" + hint:                                                                        {"other", "storage"},
		none + "empty (0 JSON files looked at)" + hint:                                                                                 {"empty"},
		none + "other/package.json (1 JSON files looked at)" + hint:                                                                    {"other/package.json"},
		none + "broken: broken/p.json:2:11: invalid character '}' looking for beginning of value; hint: mend the file, or name others": {"broken"},
		"x.bicep is not a *.json file and would not be looked at; hint: unpack archives, build Bicep to a template":                    {"x.bicep"},
	} {
		got := collect(t, manifest.Options{Paths: paths})
		if got.err == nil || got.err.Error() != want {
			t.Errorf("%v: got %v, want %s", paths, got.err, want)
		}
		if is := errors.Is(got.err, manifest.ErrNoDefinition); is != strings.HasPrefix(want, none) {
			t.Errorf("%v: ErrNoDefinition is %t", paths, is)
		}
	}
	var broken *manifest.Error
	if got := collect(t, manifest.Options{Paths: []string{"broken/q.json"}}); !errors.As(got.err, &broken) || *broken != (manifest.Error{File: "broken/q.json", Line: 1, Column: 1, Reason: "the file is empty"}) {
		t.Errorf("got %v", got.err)
	}
}

const onlyPipeline = `{"name":"p","properties":{"activities":[{"name":"c","type":"Copy","typeProperties":{"source":{"type":"Office365Source"}}}]}}`

// A file is read once, under the name it was first given by, and links do not lead
// out of the tree.
func TestFiles(t *testing.T) {
	dir := unpack(t, []txtar.File{
		{Name: "repo/pipeline/p.json", Data: []byte(onlyPipeline)},
		{Name: "repo/pipeline/P2.JSON", Data: []byte(onlyPipeline)},
		{Name: "outside/q.json", Data: []byte(onlyPipeline)},
	})
	t.Chdir(dir)
	ids := func(r result) []string {
		var ids []string
		for _, row := range r.rows {
			id, _, _ := strings.Cut(strings.TrimPrefix(row, `{"id":"`), `"`)
			ids = append(ids, id)
		}
		return ids
	}
	for _, c := range []struct {
		paths []string
		want  []string
	}{
		{[]string{"repo"}, []string{"repo/pipeline/P2.JSON#p/c", "repo/pipeline/p.json#p/c"}},
		{[]string{"./repo/pipeline/p.json", "repo"}, []string{"repo/pipeline/P2.JSON#p/c", "repo/pipeline/p.json#p/c"}},
		{[]string{"outside/../repo/pipeline/p.json"}, []string{"repo/pipeline/p.json#p/c"}},
		{[]string{dir + "/outside"}, []string{filepath.ToSlash(dir) + "/outside/q.json#p/c"}},
	} {
		got := collect(t, manifest.Options{Paths: c.paths})
		if got.err != nil || got.dataset.Status != snapshot.Collected || !slices.Equal(ids(got), c.want) {
			t.Errorf("%v: got %v %v %v", c.paths, ids(got), got.dataset, got.err)
		}
	}
	for _, base := range []string{"repo", dir + "/repo"} {
		got := collect(t, manifest.Options{Base: base, Paths: []string{"pipeline/p.json", "../outside", dir + "/repo"}})
		want := []string{"../outside/q.json#p/c", filepath.ToSlash(dir) + "/repo/pipeline/P2.JSON#p/c", "pipeline/p.json#p/c"}
		if got.err != nil || !slices.Equal(ids(got), want) {
			t.Errorf("below %s: got %v %v, want %v", base, ids(got), got.err, want)
		}
	}
	for link, target := range map[string]string{"repo/inside": "pipeline", "repo/loop": ".", "repo/out.json": "../outside/q.json", "repo/gone.json": "x", "repo/readme": "../outside/none"} {
		if err := os.Symlink(target, filepath.FromSlash(link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	got := collect(t, manifest.Options{Paths: []string{"repo"}})
	want := "repo/gone.json is a symbolic link that leads nowhere; repo/out.json is a symbolic link to what is not read here, and was not followed"
	if len(got.rows) != 2 || got.dataset.Status != snapshot.Partial || got.dataset.Reason != want {
		t.Errorf("got %v %+v %v", ids(got), got.dataset, got.err)
	}
	if got := collect(t, manifest.Options{Paths: []string{"repo/out.json"}}); len(got.rows) != 1 {
		t.Errorf("a link that is named: got %v %v", ids(got), got.err)
	}
}

// Where somebody keeps a repository does not make a factory of it.
func TestFolderAbove(t *testing.T) {
	table := func(name string) []byte {
		return []byte(`{"name":"T","properties":{"type":"Office365Table","linkedServiceName":{"referenceName":"x"},"typeProperties":{"tableName":"` + name + `"}}}`)
	}
	read := []byte(strings.Replace(onlyPipeline, `"type":"Copy"`, `"type":"Copy","inputs":[{"referenceName":"T"}]`, 1))
	dir := unpack(t, []txtar.File{
		{Name: "pipeline/clone/a/p.json", Data: read},
		{Name: "pipeline/clone/a/t.json", Data: table("one")},
		{Name: "pipeline/clone/b/p.json", Data: read},
		{Name: "pipeline/clone/b/t.json", Data: table("two")},
		{Name: "pipeline/clone/dataset/deep/t.json", Data: table("three")},
		{Name: "pipeline/clone/pipeline/deep/er/p.json", Data: read},
	})
	got := collect(t, manifest.Options{Paths: []string{filepath.Join(dir, "pipeline", "clone")}})
	var tables []string
	for _, row := range got.rows {
		_, rest, _ := strings.Cut(row, `"dataset":"`)
		table, _, _ := strings.Cut(rest, `"`)
		tables = append(tables, table)
	}
	if want := []string{"one", "two", "three"}; !slices.Equal(tables, want) {
		t.Errorf("got %v, want %v: %v", tables, want, got.rows)
	}
}

// Every member of a row is one of the subject that is made of it, in camel case.
func TestContract(t *testing.T) {
	known := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[subject.Pipeline]()) {
		words := strings.Split(strings.Split(f.Tag.Get("json"), ",")[0], "_")
		for i, word := range words[1:] {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
		known[strings.Join(words, "")] = true
	}
	got := map[string]bool{}
	for _, name := range []string{"mixed", "quirks"} {
		archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		dir := unpack(t, archive.Files)
		for _, row := range collect(t, manifest.Options{Paths: []string{dir}}).rows {
			var members map[string]json.RawMessage
			if err := json.Unmarshal([]byte(row), &members); err != nil {
				t.Fatal(err)
			}
			for member := range members {
				got[member] = true
			}
		}
	}
	for _, added := range []string{"kind", "catalogued", "approvals", "coverage", "incomplete"} {
		delete(known, added) // by the join
	}
	delete(known, "destinationTenantId") // no tenant is told here
	delete(got, "destinationTenantId")
	if diff := cmp.Diff(known, got); diff != "" {
		t.Errorf("-subject +row:\n%s", diff)
	}
}

// What PowerShell and editors of other systems make of a file.
func TestEncodings(t *testing.T) {
	utf16 := func(text string, swap bool) string {
		var out strings.Builder
		for _, char := range text {
			if swap {
				out.Write([]byte{0, byte(char)})
			} else {
				out.Write([]byte{byte(char), 0})
			}
		}
		return out.String()
	}
	text := strings.ReplaceAll(onlyPipeline, `{"name":"c"`, "\n\n{\"name\":\"c\"")
	for name, data := range map[string]string{
		"plain": text, "mark": "\xef\xbb\xbf" + text, "crlf": strings.ReplaceAll(text, "\n", "\r\n"),
		"utf-16 le": "\xff\xfe" + utf16(text, false), "utf-16 be": "\xfe\xff" + utf16(text, true), "utf-16 without a mark": utf16(text, false),
	} {
		dir := unpack(t, []txtar.File{{Name: "p.json", Data: []byte(data)}})
		got := collect(t, manifest.Options{Paths: []string{filepath.Join(dir, "p.json")}})
		if got.err != nil || len(got.rows) != 1 || !strings.Contains(got.rows[0], `"line":3,`) || got.dataset.Status != snapshot.Collected {
			t.Errorf("%s: got %v %v", name, got.rows, got.err)
		}
	}
	for data, want := range map[string]string{
		"{\n \"a\":\"\xe9\"}":   "p.json:2:7: the text is not valid UTF-8",
		"\xff\xfe{\x00\x00\xd8": "p.json:1:2: the text is not valid UTF-8",
		"\xff\xfe\x00\x00{\x00": "p.json: the text is UTF-32; hint: save it as UTF-8",
		"{\"a\":1,\n}":          "p.json:2:1: invalid character '}' looking for beginning of object key string",
		"{\"a\":[1,\n2":         "p.json:2:2: the JSON breaks off",
		"{} {}":                 "p.json:1:4: invalid character '{' after top-level value",
		`{"properties":{"activities":[]},` + "\n" + ` "properties":{}}`: `p.json:2:2: the member "properties" stands there twice; which of them counts is not known`,
		`{"properties":{"activities":[],"Activities":[]}}`:              `p.json:1:32: the member "Activities" stands there twice; which of them counts is not known`,
	} {
		t.Chdir(unpack(t, []txtar.File{{Name: "p.json", Data: []byte(data)}}))
		got := collect(t, manifest.Options{Paths: []string{"p.json"}})
		if got.err == nil || !strings.Contains(got.err.Error(), "can be read in p.json: "+want+"; hint: ") {
			t.Errorf("%q: got %v, want %s", data, got.err, want)
		}
	}
}

func TestInterrupted(t *testing.T) {
	dir := unpack(t, []txtar.File{{Name: "p.json", Data: []byte(onlyPipeline)}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := collectContext(ctx, t, manifest.Options{Paths: []string{dir}}); !errors.Is(got.err, collector.ErrInterrupted) {
		t.Errorf("got %v", got.err)
	}
}
