package manifest

import (
	"reflect"
	"slices"
	"strings"
)

// equal compares what two turns of a loop read.
func (r *row) equal(other *row) bool { return reflect.DeepEqual(r, other) }

// refer resolves a reference: {"referenceName": …, "parameters": …}, or a bare name.
func (w *world) refer(ref *node, k kind, from *definition, in *env) (*binding, *cause) {
	if !present(ref) {
		return nil, because(ref, "no %s is named", k)
	}
	at := ref
	if ref.shape == anObject {
		at = ref.get("referenceName")
	}
	name := w.evaluate(at, in)
	if plain, _, ok := name.known(); name.sort == nullSort || name.sort == listSort || name.sort == objectSort || ok && plain == "" {
		return nil, because(ref, "no %s is named", k)
	}
	d, why := w.find(k, name, from)
	if d == nil {
		c := &cause{at: at, expression: at.text, reason: why}
		return nil, c
	}
	return &binding{def: d, args: ref.get("parameters"), env: in}, nil
}

// datasetEnv is what expressions in a dataset can refer to.
func (b *binding) datasetEnv() *env {
	if b.inline {
		return b.env
	}
	return &env{arm: b.def.arm, dataset: b}
}

// linkedEnv is the same of a linked service.
func (b *binding) linkedEnv() *env {
	if b.inline {
		return b.env
	}
	return &env{arm: b.def.arm, linked: b}
}

// typeOf is the type of a definition, in lower case; empty when it is not known.
func (w *world) typeOf(b *binding) string {
	name, _, _ := w.evaluate(b.def.props.get("type"), &env{arm: b.def.arm}).known()
	return strings.ToLower(name)
}

// isTable tells a dataset of Microsoft 365.
func (w *world) isTable(b *binding) bool {
	name := w.typeOf(b)
	return name == "office365table" || name == "microsoft365table"
}

// settings is a dataset that is written inside an activity, as Fabric has it.
func (w *world) settings(side *node, s *scope) *binding {
	at := side.object("datasetSettings")
	if at == nil {
		return nil
	}
	d := &definition{kind: datasetKind, name: textValue(s.path[len(s.path)-1]), root: at, props: at, arm: s.def.arm, levels: s.def.levels, product: s.def.product}
	return &binding{def: d, env: s.env, inline: true}
}

// dataset is what an activity copies from or to.
func (w *world) dataset(side *node, references *node, s *scope) (*binding, *cause) {
	if b := w.settings(side, s); b != nil {
		if list := resourceListOf(references); len(list) > 0 {
			return nil, because(list[0], "the activity names a dataset here and describes another, and which of them counts is not documented")
		}
		return b, nil
	}
	list := resourceListOf(references)
	switch len(list) {
	case 0:
		return nil, because(side, "the activity names no dataset")
	case 1:
		return w.refer(list[0], datasetKind, s.def, s.env)
	}
	return nil, because(list[1], "the activity names %d datasets here, and which of them counts is not documented", len(list))
}

// anyTable reports whether one of several datasets is of Microsoft 365.
func (w *world) anyTable(references *node, s *scope) bool {
	list := resourceListOf(references)
	return len(list) > 1 && slices.ContainsFunc(list, func(ref *node) bool {
		b, c := w.refer(ref, datasetKind, s.def, s.env)
		return c == nil && w.isTable(b)
	})
}

// linkedService is what a dataset is stored in.
func (w *world) linkedService(b *binding) (*binding, *cause) {
	in := b.datasetEnv()
	for _, name := range []string{"linkedService", "connectionSettings"} {
		at := b.def.props.object(name)
		if props := at.object("properties"); props != nil {
			d := &definition{kind: linkedServiceKind, name: textValue(at.str("name")), root: at, props: props, arm: b.def.arm}
			return &binding{def: d, env: in, inline: true}, nil
		}
	}
	if at := b.def.props.path("externalReferences", "connection"); present(at) {
		return nil, connectionCause(at)
	}
	if ref := b.def.props.get("linkedServiceName"); ref != nil {
		return w.refer(ref, linkedServiceKind, b.def, in)
	}
	return nil, because(b.def.root, "the dataset %s names no linked service", b.def.title())
}

// connectionCause is for a connection of Fabric, which no file defines.
func connectionCause(at *node) *cause {
	c := &cause{at: at, reason: "what the connection holds stands in no file"}
	if at.shape == aText {
		c.expression = at.text
	}
	return c
}

// copies reads a copy activity. It yields no row for a copy of something else.
func (w *world) copies(a, props *node, s *scope) []*row {
	source := props.get("source")
	input, missing := w.dataset(source, a.get("inputs"), s)
	reads, known := isSource(source), false
	if name, _, ok := w.evaluate(source.get("type"), s.env).known(); ok {
		reads = reads || strings.EqualFold(name, "Office365Source") || strings.EqualFold(name, "Microsoft365Source")
		known = true
	}
	var linked *binding
	unlinked := missing
	if input != nil {
		reads = reads || w.isTable(input)
		known = known || w.typeOf(input) != ""
		if linked, unlinked = w.linkedService(input); linked != nil {
			reads = reads || w.typeOf(linked) == office365
		}
	}
	reads = reads || w.anyTable(a.get("inputs"), s)
	if !reads && known {
		w.covered[source] = true
		return nil
	}
	if !reads {
		c := because(a, "what it copies from cannot be told")
		if source != nil && source.shape == aText {
			c.at, c.expression = source, source.text
		}
		return []*row{w.unread(a, s, c)}
	}
	w.cover(a)
	r := w.newRow(a, s)
	if source == nil || source.shape != anObject {
		r.open(fieldActivity, because(a, "its source is no object and cannot be read"))
		return []*row{r}
	}
	if at := source.get("connection"); present(at) && linked == nil {
		unlinked = connectionCause(at)
	}
	w.readApplication(r, linked, unlinked)
	w.readTable(r, source, input, missing, s)
	w.readColumns(r, source, s)
	if !w.readScope(r, source, input, linked, s) && missing != nil {
		r.Scope = "" // the dataset may narrow it
		r.open(fieldScope, missing)
	}
	w.readDestination(r, a, props, s)
	return []*row{r}
}

const office365 = "office365"

// readApplication reads who asks, and whose data
// (https://learn.microsoft.com/azure/data-factory/connector-office-365). All three
// members are required there. That an absent servicePrincipalTenantId means the tenant
// of the data is documented nowhere, so it stays unresolved.
func (w *world) readApplication(r *row, linked *binding, c *cause) {
	fields := []struct {
		name, member string
		to           *string
	}{
		{fieldAppID, "servicePrincipalId", &r.AppID},
		{fieldAppTenant, "servicePrincipalTenantId", &r.AppTenantID},
		{fieldDataTenant, "office365TenantId", &r.DataTenantID},
	}
	if linked != nil {
		if name := w.typeOf(linked); name != office365 {
			c = because(linked.def.root, "the linked service %s is not of the type Office365", linked.def.title())
			if at := linked.def.props.path("externalReferences", "connection"); present(at) {
				c = connectionCause(at)
			}
			linked = nil
		}
	}
	for _, f := range fields {
		if linked == nil {
			r.open(f.name, c)
			continue
		}
		id, c := w.id(linked, f.member)
		if c != nil {
			r.open(f.name, c)
		}
		*f.to = id
	}
}

// id reads a GUID of a linked service, from where it belongs or, in old definitions,
// from the level above.
func (w *world) id(b *binding, name string) (string, *cause) {
	w.fresh()
	at := b.def.props.path("typeProperties", name)
	if !present(at) {
		at = b.def.props.get(name)
	}
	if !present(at) {
		return "", because(b.def.root, "the linked service %s names no %s", b.def.title(), name)
	}
	id, c, ok := w.evaluate(at, b.linkedEnv()).known()
	switch id = strings.ToLower(strings.TrimSpace(id)); {
	case !ok && c == nil:
		return "", because(at, "%s is no text", name)
	case !ok:
		return "", c
	case !isGUID(id):
		c := because(at, "%s is not a GUID", name)
		if strings.ContainsAny(id, "#{}<>$%") || strings.HasPrefix(id, "__") {
			c.expression = at.text // something that is put in later
		}
		return "", c
	}
	return id, nil
}

// readTable reads which dataset of Data Connect it is.
func (w *world) readTable(r *row, source *node, input *binding, missing *cause, s *scope) {
	w.fresh()
	for _, name := range []string{"tableName", "table"} {
		at, in := source.get(name), s.env
		if input != nil && present(input.def.props.path("typeProperties", name)) {
			at, in = input.def.props.path("typeProperties", name), input.datasetEnv()
		}
		if !present(at) {
			continue
		}
		table, c, ok := w.evaluate(at, in).known()
		switch table = strings.TrimSpace(table); {
		case ok && table != "":
			r.Dataset = table
		case c == nil:
			r.open(fieldDataset, because(at, "the name of the table is empty, or no text"))
		default:
			r.open(fieldDataset, c)
		}
		return
	}
	if missing == nil {
		missing = because(input.def.root, "the dataset %s names no table", input.def.title())
	}
	r.open(fieldDataset, missing)
}

// readColumns reads which columns are asked for: all of them, when none is named.
func (w *world) readColumns(r *row, source *node, s *scope) {
	w.fresh()
	at := source.get("outputColumns")
	v := w.evaluate(at, s.env)
	if v.sort == nullSort || v.sort == listSort && len(v.list) == 0 {
		r.AllColumns = true
		return
	}
	if v.sort != listSort {
		c := v.doubt()
		if c == nil {
			c = because(at, "the columns are no list")
		}
		r.open(fieldColumns, c)
		return
	}
	var columns []string
	for _, element := range v.list {
		if element.sort == objectSort {
			element, _ = element.member("name")
		}
		name, c, ok := element.known()
		if !ok || strings.TrimSpace(name) == "" {
			if c == nil {
				c = because(at, "one of the columns has no name")
			}
			r.open(fieldColumns, c)
			return
		}
		columns = append(columns, name)
	}
	r.Columns = columns
}
