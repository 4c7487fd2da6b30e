package catalog

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzLoad reads arbitrary bytes as a catalogue. Every fault has its place in the
// file; what is accepted can be looked up.
func FuzzLoad(f *testing.F) {
	const head = "resource: {app_id: 00000003-0000-0000-c000-000000000000, name: Graph}\n"
	const entry = "  - {value: A.Read, kind: application, id: 11111111-0000-4000-8000-000000000001, tier: low, why: w}\n"
	for _, text := range []string{
		"", "# nothing", "---\n", "null", "[]", "{", head, head + "permissions: []\n", head + "permissions:\n" + entry, head + "permissions:\n" + entry + entry,
		head + "permissions:\n  -\n", head + "permissions: [null]\n---\nx: y\n", head + "permissions: &a [*a]\n", "resource: &r {name: *r}\n",
		head + "permissions:\n" + strings.Replace(entry, "tier: low", "tier: 5", 1), head + "permissions:\n" + strings.Replace(entry, "why: w", "narrower: [B.Read]", 1),
		strings.Replace(head, "name", "nam", 1), head + "permissions:\n" + strings.Replace(entry, "id:", "ids: {global: x}, i:", 1), "\xff\xfe", "a: !!binary x", "<<: {a: b}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := LoadFS(fstest.MapFS{"x.yaml": &fstest.MapFile{Data: data}})
		if err != nil {
			if none := strings.Contains(err.Error(), "no permission in any"); !none && !strings.Contains(err.Error(), "x.yaml:") || errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%q: got %v, want the place of the fault", data, err)
			}
			return
		}
		for p := range c.All() {
			if found, ok := c.Lookup(p.Resource, p.Kind, p.Value); !ok || found.Value != p.Value {
				t.Fatalf("%q: %+v cannot be looked up", data, p)
			}
		}
	})
}

// FuzzLoadDatasets reads arbitrary bytes as the file of datasets. Every fault has its
// place in the file; what is accepted can be looked up.
func FuzzLoadDatasets(f *testing.F) {
	const entry = "  - {name: A_v0, complete: true, columns: [a, b], sensitive: {content: [a]}}\n"
	for _, text := range []string{
		"", "datasets:\n", "datasets: []\n", "datasets:\n" + entry, "datasets:\n" + entry + entry, "datasets:\n  - {name: A, complete: false, columns: []}\n",
		"datasets:\n  -\n", "datasets: &a [*a]\n", "datasets:\n" + strings.Replace(entry, "[a, b]", "[a, A]", 1), "datasets:\n" + strings.Replace(entry, "content", "odd", 1),
		"datasets:\n  - {name: A, complete: false, columns: [], all_sensitive: personal, former: [B]}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := LoadFS(fstest.MapFS{
			"a.yaml":     &fstest.MapFile{Data: []byte(header + entryOf("User.Read", "delegated", "1", "low"))},
			datasetsFile: &fstest.MapFile{Data: data},
		})
		if err != nil {
			if !strings.Contains(err.Error(), datasetsFile+":") {
				t.Fatalf("%q: got %v, want the place of the fault", data, err)
			}
			return
		}
		for d := range c.Datasets() {
			if found, ok := c.Dataset(d.Name); !ok || found.Name != d.Name {
				t.Fatalf("%q: %+v cannot be looked up", data, d)
			}
		}
	})
}
