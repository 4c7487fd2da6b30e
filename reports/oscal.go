package reports

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"leastwise/policies/finding"
)

const (
	oscalVersion = "1.1.3"
	oscalTitle   = 200 // columns of a title
	nistName     = "nist_800_53"
	nistCatalog  = "https://github.com/usnistgov/oscal-content/blob/main/nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json"
)

// writeOSCAL writes assessment results in OSCAL JSON
// (https://pages.nist.gov/OSCAL/concepts/layer/assessment/assessment-results/). Every finding is an observation and a
// finding: what failed is not satisfied, and so is, for another reason, what could not be judged or waits for a person.
// A control whose every subject passed is one finding that is satisfied. What failed is a risk: one of each control,
// and one of each waived finding, whose deviation is approved. The identifiers are the same whenever the report is
// written.
func writeOSCAL(w io.Writer, d *finding.Document) error {
	o, err := newOSCAL(d)
	if err != nil {
		return fmt.Errorf("write OSCAL: %w", err)
	}
	o.out = bufio.NewWriterSize(w, 1<<16)
	if err := o.write(); err != nil {
		return fmt.Errorf("write OSCAL: %w", err)
	}
	return nil
}

// oscal is a document in the making.
type oscal struct {
	out     *bufio.Writer
	d       *finding.Document
	asOf    string
	tool    oscalOrigin
	tenant  string // UUID of its component
	plan    string // UUID of the resource that says what was to be assessed
	source  string // UUID of the resource that names the facts
	people  []string
	waived  int
	open    map[string]int // findings that failed and are not waived, by control
	worst   map[string]finding.Severity
	titles  map[string]string
	catalog []string // ids of the controls of NIST SP 800-53 that were looked at
	depth   []bool   // of the objects and lists that are open: whether one has a member
}

// newOSCAL reads the findings once, for what stands before them.
func newOSCAL(d *finding.Document) (*oscal, error) {
	o := &oscal{
		d: d, asOf: oscalTime(d.AsOf.UTC().Format(time.RFC3339)), open: map[string]int{}, worst: map[string]finding.Severity{}, titles: map[string]string{},
	}
	if o.asOf == "" {
		return nil, fmt.Errorf("the report is as of %s, which OSCAL cannot hold", d.AsOf)
	}
	o.tool = oscalOrigin{Actors: []oscalActor{{Type: "tool", ActorUUID: o.id("tool")}}}
	o.tenant, o.plan, o.source = o.id("tenant"), o.id("plan"), o.id("source")
	for _, c := range d.Controls {
		o.titles[c.ID] = c.Title
	}
	people := map[string]bool{}
	for f, err := range finding.Rows[oscalGlance](d, finding.Findings) {
		if err != nil {
			return nil, err
		}
		if f.Waiver != nil {
			o.waived++
			people[oscalString(f.Waiver.Requester)], people[oscalString(f.Waiver.Approver)] = true, true
		} else if f.Outcome == finding.Fail {
			o.open[f.Control]++
			if worst, ok := o.worst[f.Control]; !ok || f.Severity.Rank() < worst.Rank() {
				o.worst[f.Control] = f.Severity
			}
		}
	}
	delete(people, "")
	o.people = slices.Sorted(maps.Keys(people))
	o.catalog = nistControls(&d.Report)
	return o, nil
}

// oscalGlance is what is needed of every finding before any is written.
type oscalGlance struct {
	Control  string           `json:"control"`
	Severity finding.Severity `json:"severity"`
	Outcome  finding.Outcome  `json:"outcome"`
	Waiver   *finding.Waiver  `json:"waiver"`
}

// nistControls are the controls of NIST SP 800-53 that any control that ran looks at.
func nistControls(r *finding.Report) []string {
	ids := map[string]bool{}
	for _, c := range r.Controls {
		for _, requirement := range c.Frameworks {
			if requirement.Framework == nistName && notRun(c) == "" {
				ids[nistID(requirement.Requirement)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// id is the UUID of a thing of the tenant: the same in every report about it.
func (o *oscal) id(names ...string) string {
	return oscalUUID(append([]string{o.d.Tenant.ID}, names...)...)
}

// numbered yields the findings, each with how many before it have the same fingerprint.
func (o *oscal) numbered() iter.Seq2[oscalRow, error] {
	return func(yield func(oscalRow, error) bool) {
		seen := map[string]int{}
		for f, err := range o.d.Findings() {
			if err != nil {
				yield(oscalRow{}, err)
				return
			}
			print := firstBytes(f.Fingerprint, 64)
			if print == "" {
				print = f.Print()
			}
			n := seen[print]
			seen[print]++
			if !yield(oscalRow{Finding: f, id: fmt.Sprintf("%s/%d", print, n)}, nil) {
				return
			}
		}
	}
}

// oscalRow is a finding with a name of its own within the report.
type oscalRow struct {
	finding.Finding
	id string
}

func (o *oscal) write() error {
	header, err := json.Marshal(&o.d.Report)
	if err != nil {
		return err
	}
	o.begin("", "{")
	o.begin("assessment-results", "{")
	if err := o.members("uuid", oscalUUID("document", string(header)), "metadata", o.metadata(), "import-ap", oscalImport{
		Href: "#" + o.plan, Remarks: "The controls and thresholds in force are the plan of the assessment.",
	}); err != nil {
		return err
	}
	if objectives := o.objectives(); len(objectives) > 0 {
		if err := o.members("local-definitions", oscalObjectives{objectives}); err != nil {
			return err
		}
	}
	o.begin("results", "[")
	o.begin("", "{")
	if err := o.result(); err != nil {
		return err
	}
	o.end("}")
	o.end("]")
	if err := o.members("back-matter", oscalBackMatter{o.resources()}); err != nil {
		return err
	}
	o.end("}")
	o.end("}")
	o.out.WriteByte('\n')
	return o.out.Flush()
}

// result writes the members of the only result.
func (o *oscal) result() error {
	head, err := json.Marshal(o.resultHead())
	if err != nil {
		return err
	}
	o.comma()
	o.out.Write(head[1 : len(head)-1])
	o.begin("local-definitions", "{")
	if err := o.members("components", []oscalComponent{o.tenantComponent()}); err != nil {
		return err
	}
	if err := o.list("inventory-items", o.items()); err != nil {
		return err
	}
	if err := o.members("assessment-assets", o.assets()); err != nil {
		return err
	}
	o.end("}")
	if err := o.members("reviewed-controls", oscalReviewed{o.selections()}); err != nil {
		return err
	}
	if err := o.list("observations", o.observations()); err != nil {
		return err
	}
	if err := o.list("risks", o.risks()); err != nil {
		return err
	}
	return o.list("findings", o.findings())
}

// list writes a member that is a list, unless it would be empty.
func (o *oscal) list(name string, elements iter.Seq2[any, error]) error {
	begun := false
	for element, err := range elements {
		if err != nil {
			return err
		}
		if !begun {
			o.begin(name, "[")
			begun = true
		}
		text, err := json.Marshal(element)
		if err != nil {
			return err
		}
		o.comma()
		o.out.Write(text)
	}
	if begun {
		o.end("]")
	}
	return nil
}

// members writes names and values by turns.
func (o *oscal) members(pairs ...any) error {
	for pair := range slices.Chunk(pairs, 2) {
		text, err := json.Marshal(pair[1])
		if err != nil {
			return err
		}
		o.comma()
		fmt.Fprintf(o.out, "%q: %s", pair[0], text)
	}
	return nil
}

func (o *oscal) begin(name, bracket string) {
	if len(o.depth) > 0 {
		o.comma()
	}
	if name != "" {
		fmt.Fprintf(o.out, "%q: ", name)
	}
	o.out.WriteString(bracket)
	o.depth = append(o.depth, false)
}

func (o *oscal) end(bracket string) {
	o.depth = o.depth[:len(o.depth)-1]
	o.out.WriteString("\n" + strings.Repeat(" ", len(o.depth)) + bracket)
}

// comma goes to the line of the next member or element.
func (o *oscal) comma() {
	if o.depth[len(o.depth)-1] {
		o.out.WriteByte(',')
	}
	o.depth[len(o.depth)-1] = true
	o.out.WriteString("\n" + strings.Repeat(" ", len(o.depth)))
}
