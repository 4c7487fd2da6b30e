package manifest

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// appSource is a file that defines applications in a form that is not read.
type appSource struct {
	selected
	line   int
	blocks []string // of Terraform, type.name; it takes a plan to read them
}

// A block of Terraform, whose labels stand in quotes or not, and a resource of Bicep, whose case does not count.
var (
	sourceOfPlan = regexp.MustCompile(
		`(?m)(?:^|\*/)[ \t]*resource[ \t]+"?((?:azuread_(?:application|app_role_assignment|service_principal|directory_role)|msgraph_)\w*)"?[ \t]+"?([\w-]+)`)
	sourceOfOther    = regexp.MustCompile(`(?i)\b(requiredResourceAccess|replyUrlsWithType|resourceSpecific)\b["']?\s*:`)
	sourceOfTemplate = regexp.MustCompile(`(?i)'Microsoft\.Graph/(applications|servicePrincipals|appRoleAssignedTo|oauth2PermissionGrants)`)
)

// noteSource remembers a file of Terraform or Bicep that defines applications.
func (w *world) noteSource(s selected, text []byte) {
	var found [][]int
	source := appSource{selected: s}
	switch strings.ToLower(filepath.Ext(s.path)) {
	case ".tf", ".tofu":
		found = sourceOfPlan.FindAllSubmatchIndex(text, -1)
		for _, at := range found {
			source.blocks = append(source.blocks, string(text[at[2]:at[3]])+"."+string(text[at[4]:at[5]]))
		}
	case ".bicep":
		if found = w.noteBicep(s, text); found == nil {
			return
		}
	case ".bicepparam":
		w.noteParameters(s, text)
	case ".tfvars":
	default:
		found = sourceOfOther.FindAllSubmatchIndex(text, 1)
	}
	if len(found) > 0 {
		before := text[:found[0][1]]
		source.line = bytes.Count(before, []byte("\n")) + 1
		w.sources = append(w.sources, source)
	}
}

// noteJSONSource remembers a file of Terraform in its JSON syntax
// (https://developer.hashicorp.com/terraform/language/syntax/json).
func (w *world) noteJSONSource(f *file) {
	source := appSource{selected: selected{path: f.abs, name: f.name}}
	resources := f.root.get("resource")
	if resources == nil || isTemplate(f.root) || isPlan(f.root) {
		return
	}
	for _, kinds := range listed(resources) {
		for _, kind := range kinds.members {
			for _, names := range listed(kind.value) {
				for _, block := range names.members {
					label := kind.name + "." + block.name
					if !sourceOfPlan.MatchString("resource " + strings.Replace(label, ".", " ", 1)) {
						continue
					}
					if source.blocks = append(source.blocks, label); source.line == 0 {
						source.line = max(1, block.value.line)
					}
				}
			}
		}
	}
	if len(source.blocks) > 0 {
		w.sources = append(w.sources, source)
	}
}

// listed is the elements of a list, or what stands in the place of one.
func listed(n *node) []*node {
	if n.shape == aList {
		return n.list
	}
	return []*node{n}
}

// unreadSources faults the sources of which no plan or template is among the files. A plan does not say where it was
// made: as many of its modules as have a block of a name stand for as many folders that have one.
func (w *world) unreadSources() {
	planned, folders := map[string]int{}, map[string][]string{}
	for _, f := range w.files {
		if isPlan(f.root) {
			for label, count := range (&plan{root: f.root}).labels() {
				planned[label] += count
			}
		}
	}
	for _, s := range w.sources {
		for _, label := range s.blocks {
			if dir := filepath.Dir(s.path); !slices.Contains(folders[label], dir) {
				folders[label] = append(folders[label], dir)
			}
		}
	}
	for _, s := range w.sources {
		switch {
		case s.blocks == nil && strings.EqualFold(filepath.Ext(s.path), ".bicep"):
			if w.compiledIn(s) {
				continue
			}
			w.unreadSource(s, "build it to a template beside it: bicep build")
		case s.blocks == nil:
			w.unreadSource(s, "save the definition as JSON, outside of archives")
		case slices.ContainsFunc(s.blocks, func(label string) bool { return planned[label] < len(folders[label]) }):
			w.unreadSource(s, "name a plan, too: terraform plan -out=p && terraform show -json p > plan.json")
		}
	}
}

func (w *world) unreadSource(s appSource, advice string) {
	w.appFaults = append(w.appFaults, fmt.Errorf("%s:%d: applications stand in a file that is not read; hint: %s", s.name, s.line, advice))
}

// labels are the blocks of a plan that concern applications, type.name, and how many modules have them. A module that is
// called twice counts once.
func (p *plan) labels() map[string]int {
	found := map[string]map[string]bool{}
	note := func(kind, name, module string) {
		label := kind + "." + name
		if !sourceOfPlan.MatchString("resource " + kind + " " + name) {
			return
		}
		if found[label] == nil {
			found[label] = map[string]bool{}
		}
		found[label][module] = true
	}
	if root := p.root.path("configuration", "root_module"); root != nil {
		configured(root, "", 0, note)
	} else if list := p.root.get("resource_changes"); list != nil {
		for _, c := range list.list {
			if c.str("mode") != "data" {
				note(c.str("type"), c.str("name"), indexed.ReplaceAllString(c.str("module_address"), ""))
			}
		}
	}
	counts := map[string]int{}
	for label, modules := range found {
		counts[label] = len(modules)
	}
	return counts
}

// configured tells the resources of a module of the configuration and of those that it calls.
func configured(module *node, source string, depth int, note func(kind, name, module string)) {
	if depth > maxDepth {
		return
	}
	if list := module.get("resources"); list != nil {
		for _, r := range list.list {
			if r.str("mode") != "data" {
				note(r.str("type"), r.str("name"), source)
			}
		}
	}
	if calls := module.object("module_calls"); calls != nil {
		for _, call := range calls.members {
			from := call.value.str("source")
			if strings.HasPrefix(from, ".") {
				from = source + "/" + from
			}
			if inner := call.value.object("module"); inner != nil {
				configured(inner, from, depth+1, note)
			}
		}
	}
}
