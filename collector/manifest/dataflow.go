package manifest

import "slices"

// dataFlowActivity reads an activity that runs a mapping data flow
// (https://learn.microsoft.com/azure/data-factory/control-flow-execute-data-flow-activity).
// How a data flow narrows what it reads is written in a script whose grammar for
// Microsoft 365 is documented nowhere, so one that reads from there, or may, is never
// judged.
func (w *world) dataFlowActivity(a, props *node, s *scope) []*row {
	ref := props.get("dataflow")
	b, c := w.refer(ref, dataFlowKind, s.def, s.env)
	if c == nil {
		s.run[b.def] = true
		var at *binding
		if at, c = w.dataFlow(b.def, s.run, 0); c == nil {
			return nil
		}
		r := w.unread(a, s, c)
		w.fill(r, at)
		return []*row{r}
	}
	return []*row{w.unread(a, s, c)}
}

// fill tells what is known of a read that cannot be judged.
func (w *world) fill(r *row, table *binding) {
	if table == nil {
		return
	}
	linked, c := table, (*cause)(nil)
	if table.def.kind == datasetKind {
		if name, _, ok := w.evaluate(table.def.props.path("typeProperties", "tableName"), table.datasetEnv()).known(); ok && w.isTable(table) {
			r.Dataset = name
		}
		linked, c = w.linkedService(table)
	}
	if c == nil && w.typeOf(linked) == office365 {
		r.AppID, _ = w.id(linked, "servicePrincipalId")
		r.AppTenantID, _ = w.id(linked, "servicePrincipalTenantId")
		r.DataTenantID, _ = w.id(linked, "office365TenantId")
	}
}

// dataFlow says why a data flow may read Microsoft 365, and through which dataset or
// linked service. The cause is nil when it does not.
func (w *world) dataFlow(d *definition, run map[*definition]bool, depth int) (*binding, *cause) {
	if w.harmless[d] {
		return nil, nil
	}
	if depth > 8 {
		return nil, because(d.root, "its flowlets lead to each other too often")
	}
	props := typeProperties(d.props)
	sources := props.get("sources")
	if sources == nil || sources.shape != aList {
		return nil, because(d.root, "the data flow %s names no list of sources", d.title())
	}
	in := &env{arm: d.arm}
	for _, source := range sources.list {
		if b, c := w.dataFlowSource(d, source, in, run, depth); c != nil {
			return b, c
		}
	}
	if steps := props.get("transformations"); steps != nil {
		for _, step := range steps.list {
			if step.get("flowlet") == nil && step.get("dataset") == nil && step.get("linkedService") == nil {
				continue
			}
			if b, c := w.dataFlowSource(d, step, in, run, depth); c != nil {
				return b, c
			}
		}
	}
	w.harmless[d] = true
	return nil, nil
}

// dataFlowSource judges one source: a dataset, a linked service of its own, or a
// flowlet, which is a data flow again.
func (w *world) dataFlowSource(d *definition, source *node, in *env, run map[*definition]bool, depth int) (*binding, *cause) {
	w.fresh()
	title := source.str("name")
	if ref := source.get("flowlet"); ref != nil {
		b, c := w.refer(ref, dataFlowKind, d, in)
		if c != nil {
			return nil, c
		}
		run[b.def] = true
		return w.dataFlow(b.def, run, depth+1)
	}
	if ref := source.get("dataset"); ref != nil {
		b, c := w.refer(ref, datasetKind, d, in)
		if c != nil {
			return nil, c
		}
		if w.isTable(b) {
			return b, because(ref, "its source %s is the Microsoft 365 dataset %s: what a data flow asks for cannot be told", title, b.def.title())
		}
		if w.typeOf(b) == "" {
			return b, because(ref, "the type of the dataset %s cannot be told", b.def.title())
		}
		return nil, nil
	}
	if ref := source.get("linkedService"); ref != nil {
		b, c := w.refer(ref, linkedServiceKind, d, in)
		if c != nil {
			return nil, c
		}
		if name := w.typeOf(b); name == office365 || name == "" {
			return b, because(ref, "its source %s reads through the linked service %s: what a data flow asks for cannot be told", title, b.def.title())
		}
		return nil, nil
	}
	return nil, because(source, "what its source %s reads cannot be told", title)
}

// idleDataFlow reads a data flow that no pipeline among the files runs. It may be run
// by others, so that it reads Microsoft 365 is told, but not that it may.
func (w *world) idleDataFlow(d *definition) []*row {
	props := typeProperties(d.props)
	sources := props.get("sources")
	if sources == nil {
		return nil
	}
	in := &env{arm: d.arm}
	for _, source := range sources.list {
		b, c := w.dataFlowSource(d, source, in, map[*definition]bool{}, 0)
		if c == nil || b == nil || !w.isTable(b) && w.typeOf(b) != office365 {
			continue
		}
		s := &scope{def: d, env: in, path: []string{source.str("name")}}
		r := w.unread(source, s, c)
		r.Type = d.props.str("type")
		w.fill(r, b)
		if !slices.Contains(r.path, "") {
			return []*row{r}
		}
		r.path = []string{"(unnamed)"}
		return []*row{r}
	}
	return nil
}
