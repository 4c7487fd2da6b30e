package snapshot

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzReadRows reads arbitrary bytes as a dataset's file, and as what is in one.
// Rows that end without an error are those that the digest is of.
func FuzzReadRows(f *testing.F) {
	rows := "{\"id\":\"1\"}\n{\"id\":\"2\"}\n"
	f.Add([]byte(rows), []byte(rows))
	f.Add(zipped(f, rows), []byte("{}"))
	f.Add(zipped(f, rows)[:20], []byte("\n"))
	f.Fuzz(func(t *testing.T, file, original []byte) {
		want := Dataset{Rows: bytes.Count(original, []byte("\n")), SHA256: digest(string(original))}
		for _, data := range [][]byte{file, zipped(t, string(file)), zipped(t, string(original))} {
			var got bytes.Buffer
			err := readRows(bytes.NewReader(data), want, func(line []byte) bool {
				got.Write(line)
				got.WriteByte('\n')
				return true
			})
			if err == nil && !bytes.Equal(got.Bytes(), original) {
				t.Fatalf("got rows %q without an error, the digest is of %q", got.Bytes(), original)
			}
			if err == nil && !bytes.Equal(got.Bytes(), unzipped(t, data)) {
				t.Fatalf("got rows %q, the file holds %q", got.Bytes(), unzipped(t, data))
			}
		}
	})
}

func unzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// FuzzMakeRow makes rows of arbitrary bytes. What is kept is one line that holds
// one JSON object in valid UTF-8, without secrets.
func FuzzMakeRow(f *testing.F) {
	for _, raw := range []string{
		`{"id":"1"}`, `null`, `[{}]`, `{"objectId":"a","ownerId":"b","@odata.type":"#microsoft.graph.user"}`,
		`{"id":"1","passwordCredentials":[{"hint":"abc","secretText":"x","endDateTime":"01/20/2025"}],"n":1.50}`,
		`{"id":"1","h\u0069nt":"abc","v":"\"key\":1","keyId":"k"}`, "{\"id\":\"a\xff\",\n\"key\":\"\\ud800\"}", `{"id":null,"Key":{}}`,
	} {
		f.Add(1, []byte(raw))
	}
	for i := range Names() { // each dataset has its own checks
		f.Add(i, []byte(`{"id":"1","objectId":"o","audiences":[null],"roles":"x","grantedToV2":{"user":[]},"includes":[{"permissions":[1]}],"restrictions":{"passwordCredentials":[{"maxLifetime":"P1D"}]},"lastSignInActivity":{"lastSignInDateTime":"2021-04-01T00:00:00-8:00"},"bits":"x","assignment":"x","isEnabled":null,"rolePermissions":[{}],"assignedPlans":[{"service":1}]}`))
		f.Add(i, []byte(`{"id":"audit-log","status":1,"change":"added","principalUpn":null,"definition":{"datasets":[{"groups":[1]}],"updatedAtRaw":"soon"},"multiTenant":1,"unresolved":[{"line":"1"},5],"destination":{},"groups":[null],"datasets":[{"denyGroups":5}],"ID":"x"}`))
	}
	f.Fuzz(func(t *testing.T, dataset int, raw []byte) {
		names := Names()
		name := names[uint(dataset)%uint(len(names))]
		r, err := makeRow(name, raw)
		if r.line == nil {
			if err == nil {
				t.Fatal("a row was lost without an error")
			}
			return
		}
		var object map[string]any
		switch {
		case json.Unmarshal(r.line, &object) != nil || object == nil:
			t.Fatalf("kept %q, which is no JSON object", r.line)
		case !utf8.Valid(r.line) || bytes.IndexByte(r.line, '\n') >= 0 || r.id == "":
			t.Fatalf("kept %q as %q", r.line, r.id)
		case !utf8.Valid(raw) && r.gap == "":
			t.Fatalf("bytes of %q were replaced without a gap", raw)
		}
		if secret := secretIn(object); secret != "" {
			t.Fatalf("kept %q with the secret %s", r.line, secret)
		}
		if again, err2 := makeRow(name, r.line); (err == nil) != (err2 == nil) || again.id != r.id || !bytes.Equal(again.line, r.line) {
			t.Fatalf("%q becomes %q when it is stored again", r.line, again.line)
		}
		check(name, r.line)
	})
}

func secretIn(value any) string {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if slices.Contains([]string{"secrettext", "hint", "key"}, strings.ToLower(name)) {
				return name
			}
			if secret := secretIn(member); secret != "" {
				return secret
			}
		}
	case []any:
		for _, element := range v {
			if secret := secretIn(element); secret != "" {
				return secret
			}
		}
	}
	return ""
}

// FuzzManifest opens arbitrary manifests. What is accepted can be used without a
// panic.
func FuzzManifest(f *testing.F) {
	for _, manifest := range []string{
		"", "null", "{\n", `{"format_version":1,"tenant":{"id":"t"},"started":"2026-11-20T12:00:00Z","datasets":{"applications":{"status":"collected","rows":1}}}`,
		`{"format_version":1,"tenant":{"id":"t"},"started":"01/20/2025"}`, "{\"format_version\":1,\n\"tenant\":{\"id\":5}}",
	} {
		f.Add([]byte(manifest))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, manifest []byte) {
		path := filepath.Join(dir, manifestFile)
		if err := os.WriteFile(path, manifest, 0o600); err != nil {
			t.Fatal(err)
		}
		snap, err := Open(dir)
		if err != nil {
			if !strings.Contains(err.Error(), path) {
				t.Fatalf("got error %v, want one that names %s", err, path)
			}
			return
		}
		for name := range snap.Manifest.Datasets {
			for _, err := range snap.Rows(name) {
				if err == nil {
					t.Fatalf("dataset %s has rows and no file", name)
				}
			}
		}
		if _, err := Create(dir, Tenant{ID: snap.Manifest.Tenant.ID + "x"}, Tool{}, noon()); err == nil {
			t.Fatal("another tenant took the snapshot over")
		}
	})
}
