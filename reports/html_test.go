package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"leastwise/policies/finding"
)

func TestHTMLHoldsEveryRow(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "hostile": shortHostileSample()} {
		d := s.open(t)
		tables := unpacked(t, render(t, "html", d))
		i := 0
		for f, err := range d.Findings() {
			if err != nil {
				t.Fatal(err)
			}
			if i >= len(tables["findings"]) {
				t.Fatalf("%s: %d findings are missing", name, len(s.findings)-i)
			}
			got := unpackedFinding(t, tables["findings"][i])
			want := finding.Finding{
				Control: visible(f.Control), Severity: f.Severity, Outcome: f.Outcome, Owners: allVisible(f.Owners), Message: visible(f.Message),
				Subject:     finding.Subject{Kind: visible(f.Subject.Kind), ID: visible(f.Subject.ID), Name: visible(f.Subject.Name)},
				Fingerprint: visible(f.Fingerprint), Since: visible(firstReported(&d.Report, &f)),
			}
			if w := f.Waiver; w != nil {
				want.Waiver = &finding.Waiver{ID: visible(w.ID), Reason: visible(w.Reason), Requester: visible(w.Requester), Approver: visible(w.Approver), Expires: visible(w.Expires)}
			}
			evidence, key := facts(got.Evidence), facts(got.Key)
			got.Evidence, got.Key = nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: finding %d (-want +got):\n%s", name, i, diff)
			}
			if evidence != visible(facts(f.Evidence)) || key != visible(facts(f.Key)) {
				t.Errorf("%s: finding %d: evidence %q of %q, key %q of %q", name, i, evidence, facts(f.Evidence), key, facts(f.Key))
			}
			i++
		}
		for table, rows := range map[string]int{
			"findings": len(s.findings), "applications": len(s.applications), "permissions": len(s.permissions), "credentials": len(s.credentials), "consents": len(s.consents),
			"container-types": len(s.containerTypes), "containers": len(s.containers), "approvals": len(s.approvals), "pipelines": len(s.pipelines),
			"waivers": len(s.report.Waivers), "changes": len(s.differences),
		} {
			if len(tables[table]) != rows {
				t.Errorf("%s: %d rows of %s, want %d", name, len(tables[table]), table, rows)
			}
		}
	}
}

func TestHTMLTemplates(t *testing.T) {
	for _, c := range []struct{ message, name, id, values, want string }{
		{"App has Mail.Read, 30 days", "App", "1", `["Mail.Read",30]`, "\x01N has \x01\u0100, \x01\u0101 days"},
		{"App has Mail.ReadWrite", "App", "1", `["Mail.Read"]`, "\x01N has Mail.ReadWrite"},
		{"Apple of App", "App", "", `[]`, "Apple of \x01N"},
		{"経費が経費アプリを持つ", "経費アプリ", "", `["経費"]`, "\x01\u0100が\x01Nを持つ"},
		{"2130 of 30", "30", "30", `[30]`, "2130 of \x01N"},
		{"", "", "", `[""]`, ""},
	} {
		var values []json.RawMessage
		decode(t, []byte(c.values), &values)
		var plain [][]byte
		for _, v := range values {
			plain = append(plain, v)
		}
		if got := templateOf(c.message, partsOf(c.name, c.id, plain)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.message, got, c.want)
		}
	}
}

// TestHTMLForgets holds that a dictionary which remembers no more still gives each entry its place.
func TestHTMLForgets(t *testing.T) {
	d := &dictionary{limit: 2}
	var written []string
	for _, entry := range []string{`"a"`, `"b"`, `"c"`, `"a"`, `"c"`, `"c"`} {
		place := d.place([]byte(entry))
		var fresh []json.RawMessage
		decode(t, d.take(), &fresh)
		for _, f := range fresh {
			written = append(written, string(f))
		}
		if written[place] != entry {
			t.Errorf("place %d of %q holds %s, want %s", place, written, written[place], entry)
		}
	}
	if len(d.places) != 2 || len(written) != 5 {
		t.Errorf("%d remembered, %d written", len(d.places), len(written))
	}
}

// TestHTMLIsClosed holds the page against its own policy: one style, one script, and nothing that is fetched.
func TestHTMLIsClosed(t *testing.T) {
	skipUnderRace(t)
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": hostileSample()} {
		t.Run(name, func(t *testing.T) { checkClosed(t, render(t, "html", s.open(t))) })
	}
}

// checkClosed reads a page with another's reader.
func checkClosed(t *testing.T, page []byte) {
	t.Helper()
	root := readPage(t, page)
	policy := attribute(elements(root, "meta")[1], "content")
	want := "default-src 'none'; style-src " + digestOf(textOf(elements(root, "style")[0])) + "; script-src "
	scripts := 0
	for _, script := range elements(root, "script") {
		if kind := attribute(script, "type"); kind == "" {
			scripts++
			want += digestOf(textOf(script)) + "; base-uri 'none'; form-action 'none'"
		} else if kind != "application/json" && kind != "application/gzip" {
			t.Errorf("a script of the type %s", kind)
		}
	}
	if policy != want || scripts != 1 {
		t.Errorf("%d scripts; policy %s, want %s", scripts, policy, want)
	}
	for _, n := range elements(root, "") {
		if !slices.Contains(strings.Fields(htmlElements), n.Data) {
			t.Errorf("an element <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "srcset" || a.Key == "action" {
				t.Errorf("<%s %s>", n.Data, a.Key)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://entra.microsoft.com/#view/") && !strings.HasPrefix(a.Val, "https://admin.microsoft.com/#/") {
				t.Errorf("a link to %s", a.Val)
			}
		}
	}
}

const htmlElements = `html head meta title style body a header p h1 strong bdi div nav ul li span main section br h2 h3 table thead tbody tr th td dl dt dd
	figure figcaption svg rect noscript details summary footer script`

func TestHTMLGolden(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample()} {
		page := render(t, "html", s.open(t))
		var b strings.Builder
		root := readPage(t, page)
		for n := range root.Descendants() {
			if n.Type == html.ElementNode && slices.Contains([]string{"h1", "h2", "h3", "p", "li", "tr", "dt", "dd", "summary", "figcaption"}, n.Data) {
				fmt.Fprintf(&b, "%s: %s\n", n.Data, strings.Join(strings.Fields(cellsOf(n)), " "))
			}
		}
		tables := unpacked(t, page)
		for _, table := range slices.Sorted(func(yield func(string) bool) {
			for name := range tables {
				if !yield(name) {
					return
				}
			}
		}) {
			for _, row := range tables[table] {
				fmt.Fprintf(&b, "%s: %s\n", table, bytes.Join(func() (list [][]byte) {
					for _, cell := range row {
						list = append(list, cell)
					}
					return list
				}(), []byte(" | ")))
			}
		}
		checkGolden(t, filepath.Join("testdata", name+".html.txt"), []byte(b.String()))
	}
}

// cellsOf is the text of an element, with bars between cells.
func cellsOf(n *html.Node) string {
	if n.Data != "tr" {
		return textOf(n)
	}
	var cells []string
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			cells = append(cells, textOf(c))
		}
	}
	return strings.Join(cells, " | ")
}
