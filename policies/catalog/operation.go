package catalog

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Weight is what a permission of the tier counts in a minimal set. Ten of one tier count as much as one of the next, so
// that nobody is led to trade a few harmless permissions for a dangerous one. Unrated weighs between high and critical:
// what is not known is not taken for harmless.
func (t Tier) Weight() int {
	switch t {
	case Low:
		return 1
	case Medium:
		return 10
	case High:
		return 100
	case Critical:
		return 1000
	default:
		return 300
	}
}

// Alternative is one way to be allowed an operation: all of its permissions together. With none, signing in is enough, or
// a role outside of permissions decides.
type Alternative struct {
	Permissions []string `json:"permissions"`        // values; the first grants the operation, the others it also requires
	Least       bool     `json:"least,omitempty"`    // marked as the least, or as one of several
	Resource    string   `json:"resource,omitempty"` // appId of the API that publishes the permissions
}

// Operation is who may call one method of one address with one kind of permission.
type Operation struct {
	Resource string `json:"resource,omitempty"` // appId of the API
	Method   string `json:"method"`             // in capitals
	Path     string `json:"path"`               // the template as it is published: /servicePrincipals/{id}/owners
	Kind     Kind   `json:"kind"`
	// Ways are the alternatives, the least first. None means that no permission of the kind allows the operation.
	Ways []Alternative `json:"ways,omitempty"`
	// Roles are the least directory roles for a delegated caller, each sufficient; none where a member user will do.
	Roles []string `json:"roles,omitempty"`
	// AzureRoles decide in place of permissions, for the operations of Azure Resource Manager.
	AzureRoles []string `json:"azure_roles,omitempty"`
	Source     string   `json:"source,omitempty"` // address of the page that says so; empty for what was imported
	Imported   bool     `json:"imported,omitempty"`
}

type operationKey struct {
	method, path string // path as NormalPath gives it
}

// byKind has for each kind the index of its operation plus one; 0 means that nothing is known.
type byKind [2]int

func slot(kind Kind) int {
	if kind == Application {
		return 0
	}
	return 1
}

// Allows tells what allows a call of a method of an address; the address may be that of a request or a template, with or
// without version. known is false where the catalogue has no such operation of any kind, which says nothing about what it needs.
// known without ways means that no permission of this kind allows it. The answer is shared: it must not be changed.
//
// The ways of a call whose body decides what it takes are those of Operation; here it has none.
func (c *Catalogue) Allows(kind Kind, method, path string) (ways []Alternative, known bool) {
	op, known := c.Operation(kind, method, path)
	if op.BodyDecides() {
		return nil, known
	}
	return op.Ways, known
}

// BodyDecides reports whether the body of a call decides which of the permissions it takes, so that its address tells
// nothing: a search takes those of the entities that it searches.
// https://learn.microsoft.com/graph/api/search-query
// https://learn.microsoft.com/microsoft-365-copilot/extensibility/api/ai-services/retrieval/copilotroot-retrieval
func (o Operation) BodyDecides() bool {
	return o.Method == "POST" && (strings.EqualFold(o.Path, "/search/query") || strings.EqualFold(o.Path, "/copilot/retrieval"))
}

// Operation is Allows with all that is known of the operation. Where it is known of the other kind alone, what comes back has no ways.
func (c *Catalogue) Operation(kind Kind, method, path string) (op Operation, known bool) {
	if kind != Application && kind != Delegated {
		return Operation{}, false
	}
	method = strings.ToUpper(method)
	if method == "HEAD" { // is answered as GET, without the body
		method = "GET"
	}
	normal, hidden := normalPath(path)
	if op, known = c.operationAt(kind, method, normal); known {
		return op, true
	}
	for _, other := range otherPaths(kind, method, normal) {
		if op, known = c.operationAt(kind, method, other); known {
			return op, true
		}
	}
	if hidden > 0 {
		return c.operationAt(kind, method, literalPath(path))
	}
	return Operation{}, false
}

// operationAt finds an operation by its template as it is indexed.
func (c *Catalogue) operationAt(kind Kind, method, path string) (op Operation, known bool) {
	found, known := c.byOperation[operationKey{method, path}]
	if !known {
		return Operation{}, false
	}
	if i := found[slot(kind)]; i > 0 {
		return c.operations[i-1], true
	}
	other := c.operations[max(found[0], found[1])-1]
	return Operation{Resource: other.Resource, Method: other.Method, Path: other.Path, Kind: kind, Source: other.Source, Imported: other.Imported}, true
}

// Operations yields all operations that are known, sorted by path, method and kind.
func (c *Catalogue) Operations() iter.Seq[Operation] { return slices.Values(c.operations) }

// otherPaths lists further templates under which what a template addresses may be known.
func otherPaths(kind Kind, method, normal string) []string {
	var list []string
	parent, last := cutLast(normal)
	if last == "$ref" || method == "GET" && (last == "$count" || last == "$value") {
		list = append(list, parent)
	}
	if before, after, ok := strings.Cut(normal, "/root/"); ok && !strings.HasSuffix(before, "sites") {
		list = append(list, before+"/items/"+anyID+"/"+after) // the root of a drive is one of its items
	}
	if rest, ok := strings.CutPrefix(normal, "/me/"); ok && kind == Delegated {
		list = append(list, "/users/"+anyID+"/"+rest)
	}
	return list
}

func cutLast(path string) (parent, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:i], path[i+1:]
}

// literalPath is a template with all its words, known or not, for addresses that are newer than the vocabulary.
func literalPath(template string) string {
	var out strings.Builder
	for _, segment := range splitPath(template) {
		if strings.HasPrefix(segment, "{") {
			segment = anyID
		}
		out.WriteByte('/')
		out.WriteString(strings.ToLower(segment))
	}
	return out.String()
}

// setOperations makes the index. The first word on an operation counts.
func (c *Catalogue) setOperations(operations []Operation) {
	type placed struct {
		operationKey
		kind Kind
	}
	indexed := map[string]string{} // by path
	index := func(op Operation) operationKey {
		path, ok := indexed[op.Path]
		if !ok {
			path = indexPath(op.Path)
			indexed[op.Path] = path
		}
		return operationKey{op.Method, path}
	}
	seen := make(map[placed]bool, len(operations))
	c.operations = make([]Operation, 0, len(operations))
	for _, op := range operations {
		if at := (placed{index(op), op.Kind}); !seen[at] {
			seen[at] = true
			c.operations = append(c.operations, op)
		}
	}
	slices.SortStableFunc(c.operations, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(indexed[a.Path], indexed[b.Path]), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Kind, b.Kind))
	})
	c.byOperation = make(map[operationKey]byKind, len(c.operations))
	for i, op := range c.operations {
		at := index(op)
		found := c.byOperation[at]
		found[slot(op.Kind)] = i + 1
		c.byOperation[at] = found
	}
}

// indexPath is the template under which an operation is found.
func indexPath(template string) string {
	normal, hidden := normalPath(template)
	if hidden > 0 {
		return literalPath(template)
	}
	return normal
}
