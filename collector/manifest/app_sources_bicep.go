package manifest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// bicepSource is a file of Bicep, of which the template that it is built to may stand beside it.
type bicepSource struct {
	modules []string // stems of the files that it deploys as modules
	built   bool     // its template holds resources of the Microsoft Graph extension
}

var moduleOfBicep = regexp.MustCompile(`(?m)^[ \t]*module[ \t]+\w+[ \t]+'([^']+\.bicep)'`)

// noteBicep remembers which modules a file of Bicep deploys, and finds the applications in it that no template beside it
// holds.
func (w *world) noteBicep(s selected, text []byte) [][]int {
	abs, err := filepath.Abs(s.path)
	if err != nil {
		return nil
	}
	source := &bicepSource{}
	for _, found := range moduleOfBicep.FindAllSubmatch(text, -1) {
		module := filepath.Join(filepath.Dir(abs), filepath.FromSlash(string(found[1])))
		source.modules = append(source.modules, stemOf(filepath.ToSlash(module)))
	}
	if template := w.builtTo(s); template != nil {
		source.built = holdsGraph(template.root, 0)
	}
	w.bicepFiles[stemOf(filepath.ToSlash(abs))] = source
	if source.built {
		return nil
	}
	return sourceOfTemplate.FindAllSubmatchIndex(text, 1)
}

// compiledIn reports whether a file of Bicep is a module of one whose template is there and holds applications.
func (w *world) compiledIn(s appSource) bool {
	abs, err := filepath.Abs(s.path)
	if err != nil {
		return false
	}
	seen := map[string]bool{}
	var reach func(stem string)
	reach = func(stem string) {
		if source := w.bicepFiles[stem]; source != nil && !seen[stem] {
			seen[stem] = true
			for _, module := range source.modules {
				reach(module)
			}
		}
	}
	for stem, source := range w.bicepFiles {
		if source.built {
			reach(stem)
		}
	}
	return seen[stemOf(filepath.ToSlash(abs))]
}

// holdsGraph reports whether a template holds a resource of the Microsoft Graph extension, nested ones included.
func holdsGraph(n *node, depth int) bool {
	if n == nil || depth > maxDepth {
		return false
	}
	if n.shape == anObject && strings.HasPrefix(strings.ToLower(n.str("type")), "microsoft.graph/") {
		return true
	}
	return slices.ContainsFunc(n.list, func(element *node) bool { return holdsGraph(element, depth+1) }) ||
		slices.ContainsFunc(n.members, func(m member) bool { return holdsGraph(m.value, depth+1) })
}
