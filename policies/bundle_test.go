package policies

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is a file in a bundle that a test makes.
type entry struct {
	name, text string
	kind       byte // 0 for a file
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Mode: 0o600, Size: int64(len(e.text)), Typeflag: e.kind}
		if e.kind != 0 {
			header.Size, header.Linkname = 0, e.text
		}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if e.kind == 0 {
			if _, err := archive.Write([]byte(e.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func bundleFile(t testing.TB, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ours.tar.gz")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func oddRego() string {
	return strings.Replace(oddControl, "BODY", `deny contains {"key": {}, "evidence": {}} if input.display_name == "x"`, 1)
}

func TestBundleIsRead(t *testing.T) {
	framework := "name: ours\ntitle: Ours\nversion: \"1\"\nsource: here\nrequirements: [{id: R, title: T, controls: [CUSTOM-001, SPE-001]}]\n"
	lib, err := Load(LoadOptions{Folders: []string{bundleFile(t, zipped(t, tarOf(t,
		entry{"/data.json", "{}\n", 0},
		entry{"/custom/", "", tar.TypeDir},
		entry{"/custom/odd/odd.rego", oddRego(), 0},
		entry{"./custom/lib/names.rego", "package custom.lib.names\n\nloud := true\n", 0},
		entry{"/frameworks/ours.yaml", framework, 0},
		entry{"/README.md", "# Ours", 0},
		entry{"/.manifest", `{"revision": "7", "roots": ["custom/odd", "custom/lib"], "rego_version": 1}`, 0},
		entry{"/.signatures.json", `{"signatures": ["x"]}`, 0},
	)))}})
	if err != nil {
		t.Fatal(err)
	}
	if got := lib.Requirements("CUSTOM-001", ""); len(got) != 1 || got[0].Framework != "ours" {
		t.Errorf("got requirements %v, want that of the bundle's framework", got)
	}
	if len(lib.Notes) != 1 || !strings.Contains(lib.Notes[0], "does not verify") {
		t.Errorf("got notes %v, want that the signature is not verified", lib.Notes)
	}
	newEngine(t, lib, Options{Only: []string{"CUSTOM-001"}})
}

func TestBadBundlesAreRefused(t *testing.T) {
	sound := entry{"/custom/odd/odd.rego", oddRego(), 0}
	good := zipped(t, tarOf(t, sound))
	broken := bytes.Clone(good)
	broken[len(broken)-6] ^= 0xff // in the checksum
	big := entry{"/big.rego", strings.Repeat("# x\n", 1<<19), 0}
	var many, large []entry
	for i := range bundleFiles + 1 {
		many = append(many, entry{"/n" + strings.Repeat("x", i%90) + "/" + strings.Repeat("y", i/90) + ".md", "", 0})
	}
	for i := range 40 {
		large = append(large, entry{"/l" + strings.Repeat("x", i) + ".md", strings.Repeat("x", 1<<20), 0})
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty file":        {nil, "ends early"},
		"no gzip":           {[]byte("package custom.odd"), "not a gzip file"},
		"truncated":         {good[:len(good)/2], "ends early"},
		"one byte short":    {good[:len(good)-1], "ends early"},
		"bad checksum":      {broken, "checksum"},
		"no tar":            {zipped(t, bytes.Repeat([]byte("text "), 300)), "not a tar archive"},
		"cut tar":           {zipped(t, tarOf(t, sound)[:700]), "ends early"},
		"more behind":       {zipped(t, append(tarOf(t, sound), "more"...)), "something follows"},
		"empty archive":     {zipped(t, tarOf(t)), "the archive is empty"},
		"dot dot":           {zipped(t, tarOf(t, entry{"../../evil.rego", oddRego(), 0})), `"../../evil.rego" leads out`},
		"dot dot inside":    {zipped(t, tarOf(t, entry{"/custom/../../evil.rego", oddRego(), 0})), "leads out"},
		"backslash":         {zipped(t, tarOf(t, entry{`..\evil.rego`, oddRego(), 0})), "leads out"},
		"drive":             {zipped(t, tarOf(t, entry{`c:/evil.rego`, oddRego(), 0})), "leads out"},
		"twice":             {zipped(t, tarOf(t, sound, entry{"custom//odd/./odd.rego", "package custom.x", 0})), "custom/odd/odd.rego: the file is there twice"},
		"symbolic link":     {zipped(t, tarOf(t, entry{"/custom/a.rego", "/etc/passwd", tar.TypeSymlink})), "custom/a.rego: neither a file nor a folder"},
		"hard link":         {zipped(t, tarOf(t, entry{"/custom/a.rego", "/etc/passwd", tar.TypeLink})), "links and devices"},
		"device":            {zipped(t, tarOf(t, entry{"/custom/a.rego", "", tar.TypeChar})), "links and devices"},
		"large file":        {zipped(t, tarOf(t, big)), "big.rego: larger than 1 MB"},
		"many files":        {zipped(t, tarOf(t, many...)), "more than 5000 files"},
		"a bomb":            {zipped(t, tarOf(t, large...)), "unpacks to more than 32 MB"},
		"data":              {zipped(t, tarOf(t, sound, entry{"/data.json", `{"policies": {}}`, 0})), "data.json: data is refused"},
		"nested data":       {zipped(t, tarOf(t, sound, entry{"/custom/odd/data.yaml", `a: b`, 0})), "data is refused"},
		"wasm":              {zipped(t, tarOf(t, sound, entry{"/policy.wasm", "x", 0})), "policy.wasm: neither Rego nor a framework"},
		"plan":              {zipped(t, tarOf(t, sound, entry{"/plan.json", "{}", 0})), "plan.json: neither"},
		"manifest":          {zipped(t, tarOf(t, sound, entry{"/.manifest", "{\n  \"roots\": 5\n}", 0})), ".manifest:2: "},
		"cut manifest":      {zipped(t, tarOf(t, sound, entry{"/.manifest", `{"roots"`, 0})), ".manifest:1: "},
		"other version":     {zipped(t, tarOf(t, sound, entry{"/.manifest", `{"rego_version": 0}`, 0})), "another version of Rego"},
		"outside the roots": {zipped(t, tarOf(t, sound, entry{"/.manifest", `{"roots": ["custom/od", "policies"]}`, 0})), "below none of the roots"},
		"no roots":          {zipped(t, tarOf(t, sound, entry{"/.manifest", `{"roots": []}`, 0})), "below none of the roots"},
		"a built-in one":    {zipped(t, tarOf(t, entry{"/policies/lib/facts/facts.rego", "package policies.lib.facts\n", 0})), "package policies.lib.facts is not below custom"},
		"no control":        {zipped(t, tarOf(t, entry{"/custom/lib/x.rego", "package custom.lib.x\n", 0})), "no control found"},
		"empty Rego":        {zipped(t, tarOf(t, sound, entry{"/custom/x.rego", "", 0})), "custom/x.rego"},
		"a bad framework":   {zipped(t, tarOf(t, sound, entry{"/frameworks/a.yaml", "name: a\nnaem: b\n", 0})), "frameworks/a.yaml:2: "},
		"a taken framework": {zipped(t, tarOf(t, sound, entry{"/frameworks/a.yaml", "name: scuba\ntitle: T\nversion: v\nsource: s\nrequirements: [{id: R, title: T, controls: [SPE-001]}]", 0})), "framework scuba is there already"},
		"an unknown id":     {zipped(t, tarOf(t, sound, entry{"/frameworks/a.yaml", "name: a\ntitle: T\nversion: v\nsource: s\nrequirements: [{id: R, title: T, controls: [SPE-999]}]", 0})), "a.yaml:5: requirement R names SPE-999"},
	} {
		t.Run(name, func(t *testing.T) {
			file := bundleFile(t, c.data)
			_, err := readFolder(file)
			if err == nil { // the archive is sound
				_, err = Load(LoadOptions{Folders: []string{file}, ListOnly: true})
			}
			fault, ok := errors.AsType[*LoadError](err)
			if !ok || !strings.Contains(err.Error(), c.want) || fault.Tip == "" {
				t.Errorf("got %v, want a refusal with %q and a hint", err, c.want)
			}
		})
	}
}

// One package is defined in one place: else a second folder could take findings away from the first.
func TestPackagesHaveOneOrigin(t *testing.T) {
	folder := func(files map[string]string) string {
		dir := t.TempDir()
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	other := strings.ReplaceAll(strings.ReplaceAll(oddRego(), "CUSTOM-001", "CUSTOM-002"), "custom.odd", "custom.even")
	library := "package custom.lib.names\n\nloud := true\n"
	for name, c := range map[string]struct {
		folders []string
		want    string
	}{
		"two files of one control": {[]string{folder(map[string]string{"a.rego": oddRego(), "b.rego": strings.Replace(oddRego(), "CUSTOM-001", "CUSTOM-002", 1)})}, "package custom.odd is there twice"},
		"a library of two folders": {[]string{folder(map[string]string{"a.rego": oddRego(), "lib.rego": library}), folder(map[string]string{"b.rego": other, "lib.rego": library})}, "package custom.lib.names is there twice"},
		"a folder twice":           {[]string{"", ""}, "package custom.odd is there twice"},
		"a library in two files":   {[]string{folder(map[string]string{"a.rego": oddRego(), "lib1.rego": library, "lib2.rego": "package custom.lib.names\n\nquiet := false\n"})}, ""},
		"no such folder":           {[]string{filepath.Join(t.TempDir(), "none")}, "no such folder or bundle"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.folders[0] == "" {
				dir := folder(map[string]string{"a.rego": oddRego()})
				c.folders = []string{dir, dir}
			}
			_, err := Load(LoadOptions{Folders: c.folders})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
