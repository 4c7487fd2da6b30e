package reports

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"leastwise/policies/finding"
)

func TestJSONIsTheFileItself(t *testing.T) {
	for name, s := range map[string]sample{"empty": emptySample(), "contoso": contosoSample(), "hostile": shortHostileSample()} {
		d := s.open(t)
		want, err := os.ReadFile(d.Path())
		if err != nil {
			t.Fatal(err)
		}
		if got := render(t, "json", d); !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes, want the %d bytes of the file\n%s", name, len(got), len(want), got[:min(len(got), 2000)])
		}
	}
}

func TestJSONIsNormalised(t *testing.T) {
	want, err := os.ReadFile(contosoSample().open(t).Path())
	if err != nil {
		t.Fatal(err)
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, want, "\t\t", "\t"); err != nil {
		t.Fatal(err)
	}
	if got := render(t, "json", openJSON(t, spaced.Bytes())); !bytes.Equal(got, want) {
		t.Error("a report with other white space comes out differently")
	}
}

func TestJSONKeepsMembersOfRowsItDoesNotKnow(t *testing.T) {
	old, err := os.ReadFile(contosoSample().open(t).Path())
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Replace(old, []byte(`{"control":"SPE-001"`), []byte(`{"added_later":1,"control":"SPE-001"`), 1)
	if got := render(t, "json", openJSON(t, newer)); !bytes.Contains(got, []byte(`"added_later":1`)) {
		t.Error("a member was lost")
	}
}

func openJSON(t *testing.T, document []byte) *finding.Document {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, document, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
