package manifest

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// A dataset tells only some of its faults. An archive with a file called faults has all
// of them there, one on each line, in the order that they are found in.
func TestFaults(t *testing.T) {
	for name, least := range map[string]int{"arguments": 3, "links": 20, "others": 10} {
		t.Run(name, func(t *testing.T) {
			path, err := filepath.Abs("testdata/" + name + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			last := len(archive.Files) - 2
			if archive.Files[last].Name != "faults" {
				t.Fatal("the last file but one is not faults")
			}
			files := archive.Files[:last]
			t.Chdir(write(t, files))
			faults := faultsOf(t, ".")
			for _, fault := range faults {
				if !strings.Contains(fault, "; hint: ") || strings.Count(strings.SplitN(fault, ": ", 2)[0], ":") != 1 {
					t.Errorf("the fault has no file and line, or no hint: %s", fault)
				}
			}
			if len(faults) < least {
				t.Errorf("got only %d faults", len(faults))
			}
			if update := flag.Lookup("update"); update.Value.String() == "true" {
				archive.Files[last].Data = []byte(strings.Join(faults, "\n") + "\n")
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := strings.Split(strings.TrimSuffix(string(archive.Files[last].Data), "\n"), "\n")
			if diff := cmp.Diff(want, faults); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func write(t *testing.T, files []txtar.File) string {
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

// faultsOf are all faults of what stands below a folder.
func faultsOf(t *testing.T, dir string) []string {
	t.Helper()
	listed, err := list("", []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld("")
	faults, err := w.read(t.Context(), listed)
	if err != nil {
		t.Fatal(err)
	}
	w.define()
	w.rows()
	var texts []string
	for _, fault := range append(faults, w.faults...) {
		texts = append(texts, fault.Error())
	}
	return texts
}

// zipOf packs files.
func zipOf(t *testing.T, files ...txtar.File) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		entry, err := w.Create(f.Name)
		if err == nil {
			_, err = entry.Write(f.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What an archive holds is told, if it reads Microsoft 365, and also that it cannot be
// looked into.
func TestZip(t *testing.T) {
	source := []byte("{\n \"source\": {\"type\": \"Microsoft365Source\"}}")
	t.Chdir(write(t, []txtar.File{
		{Name: "a.zip", Data: zipOf(t, txtar.File{Name: "factory/p.json", Data: source}, txtar.File{Name: "x.png", Data: source}, txtar.File{Name: "q.json", Data: []byte("{}")})},
		{Name: "b.ZIP", Data: zipOf(t, txtar.File{Name: "inner.zip", Data: []byte("x")}, txtar.File{Name: "main.tf", Data: source})},
		{Name: "c.zip", Data: []byte("no archive")},
		{Name: "d.zip", Data: zipOf(t, txtar.File{Name: "package.json", Data: []byte("{}")})},
		{Name: "e.zip", Data: nil},
	}))
	want := []string{
		"a.zip/factory/p.json:2: a source of Microsoft 365 data stands in an archive, which is not read; hint: unpack it",
		"b.ZIP/inner.zip:1: an archive in an archive is not looked into; hint: unpack it, or move it elsewhere",
		"b.ZIP/main.tf:2: a source of Microsoft 365 data stands in an archive, which is not read; hint: unpack it",
		"c.zip:1: the archive cannot be looked into: zip: not a valid zip file; hint: unpack it, or move it elsewhere",
		"e.zip:1: the archive cannot be looked into: zip: not a valid zip file; hint: unpack it, or move it elsewhere",
	}
	if diff := cmp.Diff(want, faultsOf(t, ".")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Reading from a pipe that nobody writes to never ends.
func TestPipes(t *testing.T) {
	t.Chdir(write(t, []txtar.File{{Name: "repo/pipeline/p.json", Data: []byte(`{"name":"p","properties":{"activities":[]}}`)}}))
	var want []string
	for _, name := range []string{"repo/.platform", "repo/a.zip", "repo/main.bicep", "repo/pipeline/fifo.json"} {
		if err := syscall.Mkfifo(filepath.FromSlash(name), 0o600); err != nil {
			t.Skip("no pipes here:", err)
		}
		want = append(want, fmt.Sprintf("%s:1: it is no regular file and was not read; hint: remove it, or name the files to read", name))
	}
	if err := syscall.Mkfifo("repo/readme", 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, faultsOf(t, "repo")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	const named = "repo/pipeline/fifo.json is no regular file and would not be looked at; hint: name a file or a folder"
	if _, err := list("", []string{"repo/pipeline/fifo.json"}); err == nil || err.Error() != named {
		t.Errorf("got %v, want %s", err, named)
	}
}

// A link to a file that is not read is looked through: what it leads to may be deployed.
func TestLinkToOther(t *testing.T) {
	t.Chdir(write(t, []txtar.File{
		{Name: "repo/pipeline/p.json", Data: []byte(`{"name":"p","properties":{"activities":[]}}`)},
		{Name: "outside/reads.tf", Data: []byte("a = 1\nb = \"Microsoft365Source\"\n")},
		{Name: "outside/none.tf", Data: []byte("a = \"365Source\"\n")},
	}))
	for link, target := range map[string]string{"repo/a.tf": "../outside/reads.tf", "repo/b.tf": "../outside/none.tf", "repo/c.tf": "gone"} {
		if err := os.Symlink(target, filepath.FromSlash(link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	want := []string{"repo/a.tf:2: a source of Microsoft 365 data stands in a file that is not read; hint: save the definition as JSON, or name the definition as it is deployed"}
	if diff := cmp.Diff(want, faultsOf(t, "repo")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestMentionLine(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "office365": 0, "365source": 0, "a\noffice365SOURCE": 2, "Microsoft365Table\noffice365source": 1, "my365source\n\nOffice365Table": 3,
		"İİ\nOffice365Source": 2,
	} {
		if got := mentionLine([]byte(text)); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestVeil(t *testing.T) {
	for text, want := range map[string]string{
		"@concat(parameters('a'), variables( 'b' ), c()['d'], e?['f'], 'g''h', ['i'])": notShownAs("@"),
		"@concat(parameters('a'), variables( 'b' ), c()['d'], e()?['f'], 'g''h')":      "@concat(parameters('a'), variables( 'b' ), c()['d'], e()?['f'], '…')",
		"[concat('a', parameters('b'))]":                                               "[concat('…', parameters('b'))]",
		"[[concat('a')]":                                                               "…",
		"a@{concat('b', c())}d@{e()}":                                                  "…@{concat('…', c())}…@{e()}",
		"@@a":                                                                          "…",
		"@concat('a":                                                                   notShownAs("@"),
		"@{a":                                                                          notShown,
		"":                                                                             "",
		"@x('" + strings.Repeat("a", 100) + "parameters(')": "@x('…')",
	} {
		if got := veil(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"https://a:b@c/d": "https://…@c/d", "abfss://a@b": "abfss://a@b", "x AccountKey=1": notShown, "http://:p@ss@c @ d": "http://…@c @ d",
		"https://@{a()}/b:c@d": "https://@{a()}/b:c@d", strings.Repeat("é", 301): strings.Repeat("é", 300) + "…",
	} {
		if got := shown(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func notShownAs(mark string) string { return mark + notShown }
