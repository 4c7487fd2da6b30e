package manifest

import (
	"fmt"
	"slices"
	"strings"
)

// world is everything that was read.
type world struct {
	tenant      string
	files       []*file
	definitions []*definition
	index       map[string][]*definition   // by level, kind and name
	names       map[string]map[string]bool // by level: kinds and names
	parameters  []*parameterFile
	links       []*link
	faults      []error
	harmless    map[*definition]bool // data flows that read nothing of Microsoft 365
	covered     map[*node]bool       // sources that a row speaks of
	logical     map[string]string    // by folder: the id that Fabric keeps in Git for its item
	steps       int                  // of the evaluation under way
	following   map[string]bool

	defining   bool           // whether what files define of applications is read
	apps       []*appRow      // what the files define of applications
	broken     []error        // files that do, and cannot be read
	appFaults  []error        // parts of them that are not read
	unlikely   map[error]bool // files that are no JSON, and nothing in them tells of a definition
	sources    []appSource
	graph      []*graphResource
	symbols    map[*arm]map[string]*node // the resources of a template by their symbolic names
	symbolOf   map[*node]string
	gone       int // rounds of copy loops gone through
	untaken    []bicepParameters
	bicepFiles map[string]*bicepSource // by stem
	// defaulted is set when a parameter comes to its default value; careful says that no branch is taken by one.
	defaulted, careful bool
}

func newWorld(tenant string) *world {
	return &world{tenant: tenant, index: map[string][]*definition{}, names: map[string]map[string]bool{}, covered: map[*node]bool{}, harmless: map[*definition]bool{}, following: map[string]bool{}, logical: map[string]string{}, symbols: map[*arm]map[string]*node{}, symbolOf: map[*node]string{}, unlikely: map[error]bool{}, bicepFiles: map[string]*bicepSource{}}
}

// put adds a definition to what can be referred to.
func (w *world) put(d *definition) {
	w.definitions = append(w.definitions, d)
	for _, level := range d.levels {
		key := indexKey(level, d.kind, d.name)
		w.index[key] = append(w.index[key], d)
		if w.names[level] == nil {
			w.names[level] = map[string]bool{}
		}
		w.names[level][indexKey("", d.kind, d.name)] = true
	}
}

// apart reports whether a definition that was found in the i-th level of another
// stands in a folder that is a second version of the other's: both define something of
// one name.
func (w *world) apart(d, from *definition, i int) bool {
	j := slices.Index(d.levels, from.levels[i])
	if i == 0 || j <= 0 {
		return false
	}
	other := w.names[d.levels[j-1]]
	for key := range w.names[from.levels[i-1]] {
		if other[key] {
			return true
		}
	}
	return false
}

// indexKey compares names whatever their case. A name that is not known is compared
// as the expression that it is.
func indexKey(level string, k kind, name value) string {
	key := strings.ToLower(name.canonical())
	return level + "\x00" + string(k) + "\x00" + key
}

// fault records that something of a file could not be read.
func (w *world) fault(at *node, format string, args ...any) {
	w.faults = append(w.faults, fmt.Errorf("%s:%d: %s", at.file.name, at.line, fmt.Sprintf(format, args...)))
}

// find resolves a reference of a definition. When it cannot be resolved it says why.
func (w *world) find(k kind, name value, from *definition) (*definition, string) {
	if parts, ok := name.asParts(); ok {
		name = value{sort: textSort, parts: parts}
	}
	unsure := name.doubt() != nil
	for i, level := range from.levels {
		if unsure && i > 0 {
			break // equal expressions come to the same in one template only
		}
		found := w.index[indexKey(level, k, name)]
		found = slices.DeleteFunc(slices.Clone(found), func(d *definition) bool {
			return d.product != "" && from.product != "" && d.product != from.product || w.apart(d, from, i)
		})
		switch len(found) {
		case 0:
		case 1:
			return found[0], ""
		default:
			return nil, fmt.Sprintf("there are %d definitions of a %s named %s: %s and %s", len(found), k, found[0].title(), found[0].place(), found[1].place())
		}
	}
	if unsure {
		return nil, fmt.Sprintf("which %s it is, is not known: %s", k, name.doubt().reason)
	}
	plain, _, _ := name.known()
	return nil, fmt.Sprintf("no %s named %s is among the files of its factory or workspace", k, plain)
}

// place is where a definition stands.
func (d *definition) place() string { return fmt.Sprintf("%s:%d", d.root.file.name, d.root.line) }

// products tells Synapse from Data Factory where the files do not: what stands in
// one workspace with something that only Synapse has is Synapse.
func (w *world) products() {
	known := map[string]string{}
	for _, d := range w.definitions {
		level := d.levels[0]
		switch {
		case d.product == synapse, d.kind == pipelineKind && usesSynapse(d.props.get("activities")):
			known[level] = synapse
		case inSynapseFolder(d.root.file.dir()):
			known[level] = synapse
		case d.product == dataFactory && known[level] == "":
			known[level] = dataFactory
		}
	}
	for _, d := range w.definitions {
		if d.product != "" {
			continue
		}
		d.inferred = known[d.levels[0]]
		if d.inferred == "" {
			d.inferred = dataFactory
		}
	}
}

func inSynapseFolder(dir string) bool {
	_, last, _ := cutLast(dir)
	return slices.Contains(synapseFolders, strings.ToLower(last))
}

// usesSynapse looks for activities that only Synapse has.
func usesSynapse(activities *node) bool {
	if activities == nil {
		return false
	}
	return slices.ContainsFunc(activities.list, func(a *node) bool {
		return a.isType("SynapseNotebook", "SparkJob", "SqlPoolStoredProcedure")
	})
}
