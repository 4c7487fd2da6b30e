package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"leastwise/policies/finding"
)

// findingPacker packs findings. Its columns are those that the script names in the same order.
type findingPacker struct {
	packer
	report *finding.Report
	links  *portalLinks
	shapes [][]valueColumn // by shape: its values in this block
}

func newFindingPacker(out io.Writer, d *finding.Document, links *portalLinks, things *dictionary) *findingPacker {
	p := &findingPacker{report: &d.Report, links: links}
	p.packer = packer{out: out, table: "findings", things: things, extra: p.takeValues}
	for i := range findingColumns {
		column := &packedColumn{words: &dictionary{}}
		if i == subjectColumn {
			column.words = things
		}
		p.columns = append(p.columns, column)
	}
	return p
}

// findingColumns is how many columns packed findings have.
const findingColumns = 14

// subjectColumn is the one whose dictionary all tables share; its entries go into the "t" of a block.
const subjectColumn = 4

func (p *findingPacker) add(f finding.Finding) error {
	proof := takeApart(f)
	name, id := visible(f.Subject.Name), visible(f.Subject.ID)
	var place any
	if f.Location != nil {
		place = []any{visible(f.Location.File), f.Location.Line}
	}
	var fingerprint any = visible(f.Fingerprint)
	if proof.derivable(f, visible(f.Subject.Kind), id) == f.Fingerprint {
		fingerprint = nil
	}
	cells := []any{
		visible(f.Control), visible(string(f.Severity)), visible(string(f.Outcome)), visible(f.Subject.Kind),
		p.links.thing(f.Subject.Kind, f.Subject.ID, f.Subject.Name), allVisible(f.Owners), visible(firstReported(p.report, &f)),
		standing(p.report, &f), templateOf(visible(f.Message), partsOf(name, id, proof.values)), proof.shape, packedWaiver(f.Waiver), place, fingerprint,
		visible(area(f.Subject.Kind)),
	}
	for i, cell := range cells {
		p.columns[i].add(plainJSON(cell))
	}
	p.addValues(p.columns[9].words.place(plainJSON(proof.shape)), proof.values)
	p.rows++
	if p.full() {
		return p.flush()
	}
	return nil
}

func (p *findingPacker) addValues(shape int, values [][]byte) {
	for shape >= len(p.shapes) {
		p.shapes = append(p.shapes, nil)
	}
	if p.shapes[shape] == nil && len(values) > 0 {
		p.shapes[shape] = make([]valueColumn, len(values))
	}
	for i, value := range values {
		p.shapes[shape][i].add(value)
	}
}

// takeValues gives the values of the block by shape, and forgets them.
func (p *findingPacker) takeValues() []byte {
	var text bytes.Buffer
	text.WriteString(`,"v":{`)
	separator := ""
	for shape, columns := range p.shapes {
		if len(columns) == 0 {
			continue // not in this block, or a shape without members
		}
		fmt.Fprintf(&text, `%s"%d":`, separator, shape)
		for i := range columns {
			text.WriteByte("[,"[min(i, 1)])
			columns[i].writeTo(&text)
		}
		text.WriteByte(']')
		p.shapes[shape], separator = nil, ","
	}
	text.WriteByte('}')
	return text.Bytes()
}

// full also counts the values.
func (p *findingPacker) full() bool {
	size := 0
	for _, columns := range p.shapes {
		for _, column := range columns {
			size += len(column.plain)
		}
	}
	return size > packedBytes || p.packer.full()
}

// thing is what tables refer to: name, id, and what its page in the portal takes: 1 for an application that is
// registered here, 2 for Data Connect, the id of its service principal for another application.
func (l *portalLinks) thing(kind, id, name string) []any {
	thing := []any{visible(name), visible(id)}
	app := parseGUID(id)
	switch {
	case kind == "data_connect_app" && l.admin != "":
		return append(thing, 2)
	case kind == "application" && app != "" && l.registered[app]:
		return append(thing, 1)
	case kind == "application" && app != "" && l.principals[app] != "":
		return append(thing, string(l.principals[app]))
	}
	return thing
}

func packedWaiver(w *finding.Waiver) any {
	if w == nil {
		return nil
	}
	return allVisible([]string{w.ID, w.Reason, w.Requester, w.Approver, w.Expires})
}

// allVisible keeps nil, which says that something was not read.
func allVisible(texts []string) []string {
	if texts == nil {
		return nil
	}
	seen := make([]string, len(texts))
	for i, text := range texts {
		seen[i] = visible(text)
	}
	return seen
}

// findingTable is the table of findings: the worst of them as they stand in the page, all of them packed.
func findingTable(d *finding.Document, links *portalLinks, total int) (htmlTable, error) {
	t := htmlTable{
		ID: "findings", Title: "Findings", Total: total, None: "No findings: nothing failed, and everything could be judged.",
		Heads: []htmlHead{{Label: "Severity"}, {Label: "Control"}, {Label: "Subject"}, {Label: "What was found"}, {Label: "Owner"}, {Label: "Result"}, {Label: "First reported"}},
		pack: func(out io.Writer, things *dictionary) error {
			p := newFindingPacker(out, d, links, things)
			for f, err := range d.Findings() {
				if err != nil {
					return err
				}
				if err := p.add(f); err != nil {
					return err
				}
			}
			return p.flush()
		},
	}
	if !judged(&d.Report) {
		t.None = "No findings: no control was run."
	}
	for f, err := range d.Findings() {
		if err != nil {
			return t, err
		}
		if t.First = append(t.First, firstCells(&d.Report, f, links)); len(t.First) == firstRows {
			break
		}
	}
	return t, nil
}

func firstCells(r *finding.Report, f finding.Finding, links *portalLinks) []htmlCell {
	owners := "not known"
	if f.Owners != nil {
		owners = listed(f.Owners)
	}
	result := string(f.Outcome)
	if s := standing(r, &f); s != "" {
		result += ", " + s
	}
	subject := htmlCell{Text: shortText(cmp.Or(f.Subject.Name, f.Subject.ID)), Href: links.subject(f.Subject)}
	severity := htmlCell{Text: shortText(string(f.Severity))}
	if f.Severity.Rank() >= 0 {
		severity.Class = "severity " + string(f.Severity)
	}
	return []htmlCell{
		severity,
		{Text: shortText(f.Control)},
		subject,
		{Text: shortText(f.Message)},
		{Text: shortText(owners)},
		{Text: shortText(result), Class: "result " + resultClass(r, &f)},
		{Text: shortText(toDay(firstReported(r, &f)))},
	}
}

// resultClass is how a result is drawn.
func resultClass(r *finding.Report, f *finding.Finding) string {
	if s := standing(r, f); s == "waived" || s == "known" {
		return s
	}
	if slices.Contains([]finding.Outcome{finding.Fail, finding.Unknown, finding.Manual}, f.Outcome) {
		return string(f.Outcome)
	}
	return ""
}

// toDay is the day of an instant, UTC. What is no instant stays as it is.
func toDay(written string) string {
	at, err := time.Parse(time.RFC3339, written)
	if err != nil {
		return written
	}
	return at.UTC().Format(time.DateOnly)
}
