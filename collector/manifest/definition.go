package manifest

import (
	"path"
	"slices"
	"strings"
)

// kinds of definitions.
type kind string

const (
	pipelineKind      kind = "pipeline"
	datasetKind       kind = "dataset"
	linkedServiceKind kind = "linked service"
	dataFlowKind      kind = "data flow"
	triggerKind       kind = "trigger"
	factoryKind       kind = "factory"
	globalsKind       kind = "global parameters"
	otherKind         kind = "other" // an integration runtime, a notebook, …
)

// The products, as rows name them.
const (
	dataFactory = "data_factory"
	synapse     = "synapse"
	fabric      = "fabric"
)

// definition is one definition of a pipeline or of what pipelines use.
type definition struct {
	kind    kind
	name    value
	product string // empty when the file does not tell
	// inferred is the product for people, where the file does not tell.
	inferred string
	root     *node // the object as it stands in its file
	props    *node // its properties
	arm      *arm  // of the template it stands in; nil in a folder kept in Git
	// levels are where references to it are looked up, and where its own are, the
	// closest first.
	levels []string
	// Of a pipeline: who starts it, with what, and which variables it sets, by name in
	// lower case; setsAny is true when that is not known.
	calls   []passing
	sets    map[string]bool
	setsAny bool
}

// title is the name for people.
func (d *definition) title() string {
	if name, _, ok := d.name.known(); ok {
		return name
	}
	if c := d.name.doubt(); c != nil {
		return shown(c.expression)
	}
	return "(unnamed)"
}

// typeKind reads the type of a resource, such as
// Microsoft.Synapse/workspaces/pipelines.
func typeKind(name string) (kind, string) {
	name = strings.ToLower(strings.TrimSpace(name))
	product := ""
	switch {
	case name == "microsoft.datafactory/factories":
		return factoryKind, dataFactory
	case name == "microsoft.synapse/workspaces":
		return factoryKind, synapse
	case strings.HasPrefix(name, "microsoft.datafactory/factories/"):
		product = dataFactory
	case strings.HasPrefix(name, "microsoft.synapse/workspaces/"):
		product = synapse
	default:
		return "", ""
	}
	_, last, _ := cutLast(name)
	if found := kindOf(last); found != "" {
		return found, product
	}
	return otherKind, product
}

// kindOf reads the last part of a type, or the name of a folder.
func kindOf(name string) kind {
	switch strings.ToLower(name) {
	case "pipeline", "pipelines":
		return pipelineKind
	case "dataset", "datasets":
		return datasetKind
	case "linkedservice", "linkedservices":
		return linkedServiceKind
	case "dataflow", "dataflows":
		return dataFlowKind
	case "trigger", "triggers":
		return triggerKind
	case "factory":
		return factoryKind
	case "globalparameters":
		return globalsKind
	}
	return ""
}

// gitFolders are the folders that Data Factory and Synapse keep definitions in
// (https://learn.microsoft.com/azure/data-factory/source-control).
var gitFolders = []string{
	"pipeline", "dataset", "linkedservice", "dataflow", "trigger", "factory", "integrationruntime", "credential",
	"managedvirtualnetwork", "notebook", "sqlscript", "sparkjobdefinition", "kqlscript",
}

// synapseFolders are those of them that a data factory does not have.
var synapseFolders = []string{"notebook", "sqlscript", "sparkjobdefinition", "kqlscript"}

// candidates are the objects of a file that may be definitions: the file itself, or
// the elements of a list as command line and REST API give it out.
func candidates(root *node) []*node {
	if root.shape == aList {
		return root.list
	}
	if list := root.get("value"); list != nil && list.shape == aList && root.get("properties") == nil {
		return list.list
	}
	return []*node{root}
}

// classify tells what an object defines; the kind is empty for something else.
func classify(n *node, f *file) (found kind, product string) {
	if n.shape != anObject {
		return "", ""
	}
	if found, product := typeKind(n.str("type")); found != "" {
		return found, product
	}
	props := n.object("properties")
	if props == nil {
		if isActivities(n.get("activities")) {
			return pipelineKind, ""
		}
		return "", ""
	}
	folder := strings.ToLower(path.Base(f.dir()))
	switch {
	case strings.EqualFold(f.base(), "pipeline-content.json"):
		return pipelineKind, fabric
	case props.get("activities") != nil:
		return pipelineKind, ""
	case props.isType("MappingDataFlow", "WranglingDataFlow", "Flowlet"):
		return dataFlowKind, ""
	case props.object("linkedServiceName") != nil && props.str("type") != "":
		return datasetKind, ""
	case kindOf(folder) != "" && n.str("name") != "":
		return kindOf(folder), ""
	case slices.Contains(gitFolders, folder) && n.str("name") != "":
		return otherKind, ""
	case strings.HasSuffix(strings.ToLower(props.str("type")), "trigger"):
		return triggerKind, ""
	case props.str("type") != "" && props.object("typeProperties") != nil:
		return linkedServiceKind, ""
	}
	return "", ""
}

// isActivities tells a list of activities from others.
func isActivities(n *node) bool {
	return n != nil && n.shape == aList && len(n.list) > 0 && n.list[0].str("type") != "" && n.list[0].str("name") != ""
}

// defines reports whether a file holds definitions.
func (w *world) defines(f *file) bool {
	if isTemplate(f.root) || isParameters(f) {
		return true
	}
	return slices.ContainsFunc(candidates(f.root), func(n *node) bool { found, _ := classify(n, f); return found != "" })
}

// define finds the definitions of all files and returns how many there are.
func (w *world) define() int {
	w.templates()
	for _, f := range w.files {
		if isTemplate(f.root) || isParameters(f) {
			continue
		}
		for _, n := range candidates(f.root) {
			if found, product := classify(n, f); found != "" {
				w.defineFile(n, f, found, product)
			}
		}
	}
	w.products()
	w.connectCalls()
	return len(w.definitions)
}

func (w *world) defineFile(n *node, f *file, found kind, product string) {
	d := &definition{kind: found, product: product, root: n, props: n.object("properties"), levels: folderLevels(f.dir(), f.top)}
	if d.props == nil {
		d.props = n
		if at := n.get("properties"); present(at) && (found == pipelineKind || found == dataFlowKind || found == triggerKind) {
			w.fault(at, "the properties of the %s are no object and cannot be read; hint: write them out", found)
		}
	}
	name := n.str("name")
	if name == "" {
		name = fileTitle(f, product)
	}
	d.name = textValue(name)
	w.put(d)
}

// fileTitle names a definition that does not name itself: a Fabric pipeline stands in
// a folder NAME.DataPipeline.
func fileTitle(f *file, product string) string {
	if product == fabric {
		return strings.TrimSuffix(path.Base(f.dir()), ".DataPipeline")
	}
	return strings.TrimSuffix(f.base(), path.Ext(f.base()))
}

// folderLevels are the levels of a file. One that stands in the folder of its kind
// belongs to the factory or workspace around that folder, and to no other. One that
// stands elsewhere belongs to whatever is closest.
func folderLevels(dir, top string) []string {
	if root, ok := gitRoot(dir, top); ok {
		return []string{"git:" + root}
	}
	var levels []string
	for {
		levels = append(levels, "folder:"+dir)
		parent, _, found := cutLast(dir)
		if !found || parent == dir {
			return levels
		}
		dir = parent
	}
}

// gitRoot is the folder of the factory or workspace that dir belongs to. Folders above
// the one that was named are only where somebody keeps the repository.
func gitRoot(dir, top string) (string, bool) {
	if kindOf(path.Base(dir)) != "" {
		return path.Dir(dir), true
	}
	for at := dir; at != "" && at != "/" && at != "."; at = path.Dir(at) {
		if slices.Contains(gitFolders, strings.ToLower(path.Base(at))) {
			return path.Dir(at), true
		}
		if at == top {
			break
		}
	}
	return "", false
}
