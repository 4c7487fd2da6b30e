package reports

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // style, script and template of the page
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"

	"leastwise/policies/finding"
)

//go:embed html/report.css
var htmlStyle string

//go:embed html/data.js
var htmlDataScript string

//go:embed html/table.js
var htmlTableScript string

//go:embed html/findings.js
var htmlFindingsScript string

//go:embed html/main.js
var htmlMainScript string

//go:embed html/report.gohtml
var htmlTemplateText string

var htmlTemplate = template.Must(template.New("report").Parse(htmlTemplateText))

// writeHTML writes one page that asks nothing of anybody: its policy allows one style and one script, by digest. What stands in the page itself
// can be read without JavaScript; all rows follow, packed, and are streamed.
func writeHTML(w io.Writer, d *finding.Document) error {
	out := bufio.NewWriterSize(w, 1<<16)
	if err := drawHTML(out, d); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	return nil
}

func drawHTML(out *bufio.Writer, d *finding.Document) error {
	view, err := newHTMLView(d)
	if err != nil {
		return err
	}
	script := htmlScript()
	view.Policy = "default-src 'none'; style-src " + digestOf(htmlStyle) + "; script-src " + digestOf(script) + "; base-uri 'none'; form-action 'none'"
	if err := htmlTemplate.ExecuteTemplate(out, "head", view); err != nil {
		return err
	}
	// Written as they are: their digests are those of exactly these bytes.
	out.WriteString("<style>" + htmlStyle + "</style>\n</head>\n")
	if err := htmlTemplate.ExecuteTemplate(out, "body", view); err != nil {
		return err
	}
	if err := view.data(out, d); err != nil {
		return err
	}
	out.WriteString("<script>" + script + "</script>\n</body>\n</html>\n")
	return nil
}

func htmlScript() string {
	return "(() => {\n\"use strict\";\n" + htmlDataScript + htmlTableScript + htmlFindingsScript + htmlMainScript + "})();"
}

// digestOf is a source of a content security policy that allows exactly this text.
func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// data writes what the script reads: what the tables are, and then their rows.
func (v *htmlView) data(out *bufio.Writer, d *finding.Document) error {
	type table struct {
		ID    string     `json:"id"`
		Rows  int        `json:"rows"`
		Heads []htmlHead `json:"heads"`
	}
	head := struct {
		Tables []table           `json:"tables"`
		Links  map[string]string `json:"links"`
		AsOf   string            `json:"asOf"`
		Base   string            `json:"baseline,omitzero"`
	}{Links: v.links.patterns(), AsOf: toMinute(firstReported(&d.Report, &finding.Finding{}))}
	if d.Baseline != nil {
		head.Base = visible(baselineInstant(&d.Report))
	}
	for _, t := range v.tables() {
		head.Tables = append(head.Tables, table{t.ID, t.Total, t.Heads})
	}
	encoded, err := json.Marshal(head) // with < > & escaped: nothing in it ends the element
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "<script type=\"application/json\" id=\"head\">%s</script>\n", encoded)
	things := &dictionary{}
	for _, t := range v.tables() {
		if err := t.pack(out, things); err != nil {
			return err
		}
	}
	return nil
}

// patterns are the addresses of portal pages, in which a browser puts GUIDs that it has checked.
func (l *portalLinks) patterns() map[string]string {
	patterns := map[string]string{}
	if l.entra != "" {
		patterns["registered"] = registeredPage(l.entra, "{id}")
		patterns["principal"] = principalPage(l.entra, "{principal}", "{id}")
	}
	if l.admin != "" {
		patterns["dataConnect"] = dataConnectPage(l.admin)
	}
	return patterns
}
