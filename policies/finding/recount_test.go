package finding

import (
	"encoding/json"
	"strings"
	"testing"
)

// A report whose totals do not come from its findings is refused.
func TestRecount(t *testing.T) {
	path := written(t, func(w *Writer) {
		f := Finding{Control: "X", Severity: High, Outcome: Fail, Key: json.RawMessage("{}"), Evidence: json.RawMessage("{}")}
		must(t, w.AddFinding(High, "X", Fail, line(t, f)))
	})
	text := read(t, path)
	for name, change := range map[string]func(string) string{
		"no totals":         func(s string) string { return strings.Replace(s, `"totals"`, `"totals_gone"`, 1) },
		"another severity":  func(s string) string { return strings.Replace(s, `"severity":"high"`, `"severity":"awful"`, 1) },
		"a pass as finding": func(s string) string { return strings.Replace(s, `"outcome":"fail"`, `"outcome":"pass"`, 1) },
		"another number":    func(s string) string { return strings.Replace(s, `"waived": `, `"waived": 1`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			d, err := OpenDocument(file(t, change(text)))
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Recount(); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// Of two members of one name the last would count, and a reader sees the first.
func TestMembersThatAreThereTwice(t *testing.T) {
	text := strings.TrimRight(read(t, written(t, nil)), "\n}")
	for _, member := range []string{`"fail_on": "critical"`, `"Fail_On": "critical"`, `"totals": {}`} {
		if _, err := OpenDocument(file(t, text+",\n"+member+"}\n")); err == nil || !strings.Contains(err.Error(), "there twice") {
			t.Errorf("%s: got %v", member, err)
		}
	}
}
