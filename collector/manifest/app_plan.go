package manifest

import (
	"regexp"
	"slices"
	"strings"
)

// isPlan tells a plan of Terraform in its JSON form
// (https://developer.hashicorp.com/terraform/internals/json-format#plan-representation). A state has no changes.
func isPlan(n *node) bool {
	return n.shape == anObject && present(n.get("format_version")) &&
		(n.get("resource_changes") != nil || n.get("planned_values") != nil)
}

// plan is a plan being read.
type plan struct {
	world   *world
	root    *node
	changes []*change
	apps    map[string]*appReader // by address of what defines the application
	byID    map[string]*appReader // by application id, object id
	apis    map[string]string     // application id by object id of a service principal, of what is there already
	people  map[string]bool       // object ids of persons and groups
	known   map[string]*node      // what data sources and resources came to in the state before, by address
}

// change is one resource of the plan, as it will be.
type change struct {
	address, base, module string // as written; without indexes; the module, without indexes
	kind, name            string
	index                 string // what for_each or count gave it, as written in the address
	data                  bool
	action                string
	before, after         *node
	at                    *node
}

// lateNode is a value that is known after the plan was applied.
func lateNode(at *node) *node {
	return &node{shape: anUnknown, line: at.line, file: at.file, why: "it is known after the plan is applied"}
}

// overlay puts what is not known yet into the planned values
// (https://developer.hashicorp.com/terraform/internals/json-format#change-representation).
func overlay(after, late *node) *node {
	switch {
	case late == nil || late.shape == aNull:
		return after
	case late.shape == aScalar && late.text == "true":
		if after != nil {
			return lateNode(after)
		}
		return lateNode(late)
	case late.shape == aList:
		return overlayList(after, late)
	case late.shape != anObject:
		return after
	}
	out := &node{shape: anObject, line: late.line, file: late.file}
	if after != nil {
		out.line = after.line
		out.members = slices.Clone(after.members)
	}
	for _, m := range late.members {
		i := slices.IndexFunc(out.members, func(o member) bool { return o.name == m.name })
		if i >= 0 {
			out.members[i].value = overlay(out.members[i].value, m.value)
		} else if value := overlay(nil, m.value); value != nil && holdsUnknown(value) {
			out.members = append(out.members, member{m.name, value})
		}
	}
	return out
}

func overlayList(after, late *node) *node {
	out := &node{shape: aList, line: late.line, file: late.file}
	if after != nil {
		out.line, out.list = after.line, slices.Clone(after.list)
	}
	for i, element := range late.list {
		if i < len(out.list) {
			out.list[i] = overlay(out.list[i], element)
		} else if value := overlay(nil, element); value != nil && holdsUnknown(value) {
			out.list = append(out.list, value)
		}
	}
	return out
}

func holdsUnknown(n *node) bool {
	return n.shape == anUnknown || slices.ContainsFunc(n.list, holdsUnknown) ||
		slices.ContainsFunc(n.members, func(m member) bool { return holdsUnknown(m.value) })
}

var indexed = regexp.MustCompile(`\[("(\\.|[^"\\])*"|[0-9]+)\]`)

// readChanges reads the resources of a plan.
func (p *plan) readChanges() {
	list := p.root.get("resource_changes")
	if present(list) && list.shape != aList {
		wrong(&p.world.broken, list, "resource_changes is no list; hint: make the plan again: terraform show -json plan.out")
		return
	}
	if major, _, _ := strings.Cut(p.root.str("format_version"), "."); major != "0" && major != "1" {
		wrong(&p.world.broken, p.root.get("format_version"), "a plan of the format %s cannot be read; hint: use a version of Terraform that writes format 1", p.root.str("format_version"))
		return
	}
	if list == nil {
		return
	}
	for _, r := range list.list {
		p.readChange(r)
	}
}

func (p *plan) readChange(r *node) {
	kind, body := r.str("type"), r.object("change")
	if r.shape != anObject || kind == "" || body == nil || r.str("address") == "" {
		wrong(&p.world.broken, r, "a resource of the plan has no address, type or change; hint: make the plan again: terraform show -json plan.out")
		return
	}
	if !strings.HasPrefix(kind, "azuread_") && !strings.HasPrefix(kind, "msgraph_") {
		return
	}
	after := body.get("after")
	if present(after) && after.shape != anObject {
		wrong(&p.world.broken, after, "what becomes of %s is no object; hint: make the plan again: terraform show -json plan.out", r.str("address"))
		return
	}
	c := &change{
		address: r.str("address"), kind: kind, name: r.str("name"), data: r.str("mode") == "data", at: r,
		before: body.object("before"), action: actionOf(body.get("actions")),
	}
	if forgets := forgotten(body.get("actions")); forgets && !present(after) {
		after = body.get("before") // Terraform lets go of it, and it stays as it is
	}
	c.base = indexed.ReplaceAllString(c.address, "")
	c.module = indexed.ReplaceAllString(r.str("module_address"), "")
	if all := indexed.FindAllString(c.address, -1); strings.HasSuffix(c.address, "]") && len(all) > 0 {
		c.index = all[len(all)-1]
	}
	if c.action != actionDelete {
		if after == nil || after.shape == aNull {
			after = &node{shape: anObject, line: r.line, file: r.file}
		}
		if c.after = overlay(after, body.get("after_unknown")); c.after.shape != anObject {
			p.world.appFault(r, "what becomes of %s is known after the plan is applied; hint: apply first what it waits for, and make the plan again", c.address)
			c.after = &node{shape: anObject, line: r.line, file: r.file}
		}
	}
	p.changes = append(p.changes, c)
}

// actionOf sums up what happens to a resource. One that is replaced is made anew.
func actionOf(n *node) string {
	var words []string
	if n != nil {
		for _, action := range n.list {
			words = append(words, action.text)
		}
	}
	switch {
	case slices.Contains(words, "create"):
		return actionCreate
	case slices.Contains(words, "update"):
		return actionUpdate
	case slices.Contains(words, "delete"):
		return actionDelete
	}
	return actionKeep
}

// forgotten reports whether a resource only leaves the state
// (https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources).
func forgotten(n *node) bool {
	return n != nil && len(n.list) == 1 && n.list[0].text == "forget"
}

// readState reads what is there before: data sources, and resources that the plan leaves alone.
func (p *plan) readState(module *node) {
	if module == nil {
		return
	}
	if list := module.get("resources"); list != nil {
		for _, r := range list.list {
			if values := r.object("values"); values != nil {
				p.known[r.str("address")] = values
				p.note(r.str("type"), values)
			}
		}
	}
	if children := module.get("child_modules"); children != nil {
		for _, child := range children.list {
			p.readState(child)
		}
	}
}

// note remembers which API a service principal is of, and who is a person or a group.
func (p *plan) note(kind string, values *node) {
	if id := either(values, "object_id", "id"); id != nil && id.shape == aText && (kind == "azuread_user" || kind == "azuread_group") {
		_, last, _ := cutLast("/" + strings.ToLower(id.text))
		p.people[last] = true
	}
	if kind == "azuread_service_principal" {
		id, app := either(values, "object_id", "id"), either(values, "client_id", "application_id")
		if id != nil && app != nil && id.shape == aText && app.shape == aText {
			p.apis[strings.ToLower(id.text)] = strings.ToLower(app.text)
		}
	}
}

// refers lists what an argument of a resource refers to in the configuration, as addresses without indexes.
func (p *plan) refers(c *change, argument string) []string {
	module := p.module(c.module)
	if list := module.get("resources"); list != nil {
		for _, r := range list.list {
			if r.str("type") == c.kind && r.str("name") == c.name {
				return p.follow(c.module, r.path("expressions", argument, "references"), 0)
			}
		}
	}
	return nil
}

// module finds a module of the configuration by its address.
func (p *plan) module(address string) *node {
	at := p.root.path("configuration", "root_module")
	for _, name := range moduleNames(address) {
		at = at.path("module_calls", name, "module")
	}
	return at
}

func moduleNames(address string) []string {
	var names []string
	for name := range strings.SplitSeq(address, ".") {
		if name != "module" && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// follow goes after references, through the variables and outputs of modules, to resources.
func (p *plan) follow(module string, references *node, depth int) []string {
	var found []string
	if references == nil || depth > maxDepth {
		return nil
	}
	for _, reference := range references.list {
		parts := strings.Split(indexed.ReplaceAllString(reference.text, ""), ".")
		for _, address := range p.followOne(module, parts, depth) {
			if !slices.Contains(found, address) {
				found = append(found, address)
			}
		}
	}
	return found
}

func (p *plan) followOne(module string, parts []string, depth int) []string {
	prefix := module
	if prefix != "" {
		prefix += "."
	}
	switch {
	case len(parts) >= 2 && parts[0] == "var":
		names := moduleNames(module)
		if len(names) == 0 {
			return []string{rootVariable}
		}
		last := names[len(names)-1]
		parent := strings.TrimSuffix(strings.TrimSuffix(module, "module."+last), ".")
		return p.follow(parent, p.module(parent).path("module_calls", last, "expressions", parts[1], "references"), depth+1)
	case len(parts) >= 3 && parts[0] == "module":
		child := prefix + "module." + parts[1]
		return p.follow(child, p.module(child).path("outputs", parts[2], "expression", "references"), depth+1)
	case len(parts) >= 3 && parts[0] == "data":
		return []string{prefix + strings.Join(parts[:3], ".")}
	case len(parts) >= 2 && (strings.HasPrefix(parts[0], "azuread_") || strings.HasPrefix(parts[0], "azurerm_")):
		return []string{prefix + strings.Join(parts[:2], ".")}
	case slices.Contains([]string{"count", "path", "terraform", "self"}, parts[0]), parts[0] == "each" && !slices.Contains(parts, "value"),
		len(parts) < 3 && (parts[0] == "module" || parts[0] == "data"), len(parts) == 1:
		return nil // a key, or the beginning of a reference that stands beside it
	}
	return []string{elsewhere}
}
