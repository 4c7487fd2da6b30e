package manifest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// row is one row of the dataset pipelines: one read of Data Connect.
type row struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Pipeline string `json:"pipeline"`
	Activity string `json:"activity"`
	Product  string `json:"product"` // data_factory, synapse, fabric
	Type     string `json:"type"`
	Inactive bool   `json:"inactive"`

	AppID        string   `json:"appId,omitzero"`
	AppTenantID  string   `json:"appTenantId,omitzero"`
	DataTenantID string   `json:"dataTenantId,omitzero"`
	Dataset      string   `json:"dataset,omitzero"`
	AllColumns   bool     `json:"allColumns"`
	Columns      []string `json:"columns,omitempty"`
	Scope        string   `json:"scope,omitzero"` // all, list, filter
	Groups       []string `json:"groups,omitempty"`
	Filter       string   `json:"filter,omitzero"`

	DestinationTenantID string       `json:"destinationTenantId,omitzero"`
	DestinationAssumed  bool         `json:"destinationAssumed"`
	Destination         *destination `json:"destination,omitzero"`
	Unresolved          []unresolved `json:"unresolved"`

	path   []string // of activities, down to the one that reads
	suffix string   // which turn of the loops around it
}

type destination struct {
	Type     string `json:"type,omitzero"`
	Location string `json:"location,omitzero"`
	Partial  bool   `json:"partial"`
}

type unresolved struct {
	Field      string `json:"field"`
	Expression string `json:"expression,omitzero"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Reason     string `json:"reason"`
}

// The fields that can be unresolved.
const (
	fieldActivity          = "activity"
	fieldAppID             = "app_id"
	fieldAppTenant         = "app_tenant_id"
	fieldDataTenant        = "data_tenant_id"
	fieldDataset           = "dataset"
	fieldColumns           = "columns"
	fieldScope             = "scope"
	fieldDestination       = "destination"
	fieldDestinationTenant = "destination_tenant_id"
)

// open notes that a field is not known.
func (r *row) open(field string, c *cause) {
	u := unresolved{Field: field, Expression: shown(c.expression), File: r.File, Line: r.Line, Reason: c.reason}
	if c.at != nil && c.at.file != nil && c.at.line > 0 {
		u.File, u.Line = c.at.file.name, c.at.line
	}
	if !slices.Contains(r.Unresolved, u) {
		r.Unresolved = append(r.Unresolved, u)
	}
}

func because(at *node, format string, args ...any) *cause {
	return &cause{at: at, reason: fmt.Sprintf(format, args...)}
}

var guidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func isGUID(text string) bool { return guidPattern.MatchString(text) }

// rows reads all pipelines, and the data flows that no pipeline runs.
func (w *world) rows() []*row {
	var rows []*row
	run := map[*definition]bool{}
	for _, d := range w.definitions {
		if d.kind == pipelineKind {
			rows = append(rows, w.pipeline(d, run)...)
		}
	}
	for _, d := range w.definitions {
		if d.kind == dataFlowKind && !run[d] {
			rows = append(rows, w.idleDataFlow(d)...)
		}
	}
	w.strays()
	slices.SortStableFunc(rows, func(a, b *row) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	identify(rows)
	return rows
}

// identify gives every row an id of its own.
func identify(rows []*row) {
	taken := map[string]bool{}
	for _, r := range rows {
		base := r.File + "#" + r.Pipeline + "/" + strings.Join(r.path, "/") + r.suffix
		r.ID = base
		for n := 2; taken[r.ID]; n++ {
			r.ID = fmt.Sprintf("%s~%d", base, n)
		}
		taken[r.ID] = true
	}
}

// isSource tells the source of a copy out of Microsoft 365.
func isSource(n *node) bool { return n.isType("Office365Source", "Microsoft365Source") }

// strays looks for sources that no row speaks of: they stand in a form that is not
// known here, and what is not understood must not look like nothing.
func (w *world) strays() {
	for _, f := range w.files {
		w.stray(f.root, "")
	}
}

// stray looks at a value, which is the member name of an object, and what is in it.
func (w *world) stray(n *node, name string) {
	if n == nil {
		return
	}
	switch {
	case n.shape == aText && embedded(n.text):
		w.fault(n, "a text holds a definition that reads Microsoft 365, which is not looked at; hint: name the definition as it is deployed")
	case n.shape == anObject && isSource(n) && !w.covered[n]:
		w.fault(n, "a source of Microsoft 365 data stands where no activity of a pipeline was recognised; hint: name the definition as it is deployed")
	case n.shape == anObject && w.veiledCopy(n, name):
		w.fault(n, "what looks like a copy stands where no activity of a pipeline was recognised, and what it reads cannot be told; hint: name the definition as it is deployed")
	}
	for _, element := range n.list {
		w.stray(element, "")
	}
	for _, m := range n.members {
		w.stray(m.value, m.name)
	}
}

// embedded tells a text that is itself a definition with a source of Microsoft 365.
func embedded(text string) bool {
	return len(text) > len("{Office365Source") && strings.Contains(text, "{") && mentioned(text) && quotedSource.MatchString(text)
}

var quotedSource = regexp.MustCompile(`(?i)["']type\\*["']\s*:\s*\\*["'](Office|Microsoft)365Source\\*["']`)

// veiledCopy tells the properties of a copy that no row speaks of, when its source does
// not say of which type it is.
func (w *world) veiledCopy(n *node, name string) bool {
	source, sink := n.get("source"), n.get("sink")
	if !present(source) || !present(sink) || w.covered[source] {
		return false
	}
	literal := func(n *node) bool {
		text := n.str("type")
		return text != "" && text[0] != '[' && text[0] != '@'
	}
	switch {
	case source.shape == aText:
		return strings.HasPrefix(source.text, "[") || strings.HasPrefix(source.text, "@")
	case source.shape != anObject || literal(source):
		return false
	}
	return strings.EqualFold(name, "typeProperties") || present(source.get("type")) || strings.HasSuffix(strings.ToLower(sink.str("type")), "sink")
}

// cover notes that a row speaks of the sources at and below n.
func (w *world) cover(n *node) {
	if n == nil {
		return
	}
	if isSource(n) {
		w.covered[n] = true
	}
	if source := n.get("source"); source != nil {
		w.covered[source] = true
	}
	for _, element := range n.list {
		w.cover(element)
	}
	for _, m := range n.members {
		w.cover(m.value)
	}
}
