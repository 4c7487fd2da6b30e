package snapshot

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestDamagedRowsAreAnError(t *testing.T) {
	sound := "{\"id\":\"1\"}\n{\"id\":\"2\"}\n"
	cases := []struct {
		name   string
		damage func(file []byte) []byte // nil removes the file
		want   string
	}{
		{"truncated", func(file []byte) []byte { return file[:len(file)-9] }, "unexpected EOF"},
		{"cut within the header", func(file []byte) []byte { return file[:5] }, "gz:1: unexpected EOF"},
		{"empty", func([]byte) []byte { return nil }, "gz:1: EOF"},
		{"not gzip", func([]byte) []byte { return []byte(sound) }, "gz:1: gzip: invalid header"},
		{"trailing bytes", func(file []byte) []byte { return append(file, "more"...) }, "gz:3: unexpected EOF"},
		{"altered row", func([]byte) []byte { return zipped(t, strings.Replace(sound, "2", "3", 1)) }, "was altered after collection"},
		{"row more", func([]byte) []byte { return zipped(t, sound+"{}\n") }, "was altered after collection"},
		{"row less", func([]byte) []byte { return zipped(t, sound[:11]) }, "gz:1: 1 rows with SHA-256"},
		{"no line end", func([]byte) []byte { return zipped(t, strings.TrimSuffix(sound, "\n")) }, "gz:2: unexpected EOF"},
		{"empty line", func([]byte) []byte { return zipped(t, sound+"\n") }, "gz:3: not a JSON object"},
		{"no object", func([]byte) []byte { return zipped(t, "{}\n[]\n") }, "gz:2: not a JSON object"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := create(t, filepath.Join(t.TempDir(), "snap"))
			put(t, w, Containers, strings.Split(strings.TrimSpace(sound), "\n")...)
			snap := commit(t, w)
			path := filepath.Join(snap.dir, fileName(Containers))
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, c.damage(file), 0o644); err != nil {
				t.Fatal(err)
			}
			checkError(t, readingError(snap), c.want, path)
		})
	}
}

// readingError reads all containers; the error must end the loop.
func readingError(snap *Snapshot) (failed error) {
	for _, err := range snap.Rows(Containers) {
		if failed != nil {
			panic("a row came after the error")
		}
		failed = err
	}
	return failed
}

func checkError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got error %v, want %q", err, part)
		}
	}
}

func TestMissingFileIsAnError(t *testing.T) {
	snap := first(t)
	path := filepath.Join(snap.dir, fileName(Containers))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	checkError(t, readingError(snap), "read dataset containers", path)
}

func TestAlteredManifestCounts(t *testing.T) {
	for _, change := range []func(*Dataset){
		func(d *Dataset) { d.Rows = 1 },
		func(d *Dataset) { d.SHA256 = digest("") },
		func(d *Dataset) { d.SHA256 = "" },
	} {
		snap := first(t)
		dataset := snap.Manifest.Datasets[Containers]
		change(&dataset)
		snap.Manifest.Datasets[Containers] = dataset
		checkError(t, readingError(snap), "was altered after collection")
	}
	snap := first(t)
	dataset := snap.Manifest.Datasets[Containers]
	dataset.SHA256 = strings.ToUpper(dataset.SHA256)
	snap.Manifest.Datasets[Containers] = dataset
	if err := readingError(snap); err != nil {
		t.Errorf("a digest in capitals: %v", err)
	}
}

func TestStoppingEarlyIsNoError(t *testing.T) {
	for line, err := range first(t).Rows(Containers) {
		if err != nil || string(line) != `{"id":"1"}` {
			t.Fatalf("got %s, %v", line, err)
		}
		break
	}
}

func TestLineTooLong(t *testing.T) {
	endless := strings.NewReader(strings.Repeat("x", maxLine+1<<17))
	_, err := readLine(bufio.NewReader(endless), nil)
	checkError(t, err, "line is longer than")
}

func TestManifestErrors(t *testing.T) {
	cases := []struct{ name, manifest, want string }{
		{"nothing", "", ":1: unexpected end of JSON input"},
		{"null", "null", "format version 0, this program reads 1"},
		{"another version", `{"format_version":2,"tenant":{"id":"t"}}`, "format version 2, this program reads 1"},
		{"no tenant", `{"format_version":1}`, "tenant.id is missing"},
		{"unknown dataset", `{"format_version":1,"tenant":{"id":"t"},"datasets":{"users":{"status":"collected"}}}`, `dataset "users" with status "collected" is not known`},
		{"unknown status", `{"format_version":1,"tenant":{"id":"t"},"datasets":{"applications":{"status":"fine"}}}`, `dataset "applications" with status "fine" is not known`},
		{"no status", `{"format_version":1,"tenant":{"id":"t"},"datasets":{"applications":null}}`, `with status "" is not known`},
		{"line of a syntax error", "{\n\"format_version\":1,\n\"tenant\": x\n}", ":3: invalid character 'x'"},
		{"line end inside text", "{\n\"tenant\": \"a\nb\"}", ":2: invalid character '\\n'"},
		{"cut", "{\n\"format_version\":1,\n", ":2: unexpected end"},
		{"wrong type", "{\n\"tenant\":{\n\"id\":5\n}}", ":3: json: cannot unmarshal number"},
		{"object instead of text", "{\n\"tenant\":{\n\"id\":{\n\n\n}\n}}", ":3: json: cannot unmarshal object"},
		{"bad instant", "{\n\n\"started\":\"01/20/2025\"}", ":3: parsing time"},
		{"trailing data", "{}\n{}", ":2: invalid character '{' after top-level value"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, manifestFile), c.manifest)
			_, err := Open(dir)
			checkError(t, err, filepath.Join(dir, manifestFile), c.want)
		})
	}
	_, err := Open(t.TempDir())
	checkError(t, err, "open snapshot", "no such file")
}
