package catalog

import (
	"slices"
	"strings"
)

// operationsPrefix begins the names of the files that hold operations.
const operationsPrefix = "operations"

// operationDocument is one file of operations.
type operationDocument struct {
	Resource struct {
		AppID string `yaml:"app_id"`
		Name  string `yaml:"name"`
	} `yaml:"resource"`
	Operations []operationEntry `yaml:"operations"`
}

// operationEntry says of every method and path that it lists who may call it with each of its kinds.
type operationEntry struct {
	Methods     []string `yaml:"methods"`
	Paths       []string `yaml:"paths"`
	Kinds       []Kind   `yaml:"kinds"`
	Least       []string `yaml:"least"`
	Higher      []string `yaml:"higher"`
	Requires    []string `yaml:"requires"`
	Roles       []string `yaml:"roles"`
	AzureRoles  []string `yaml:"azure_roles"`
	Nothing     bool     `yaml:"nothing"`     // no permission is needed
	Unsupported bool     `yaml:"unsupported"` // no permission of the kind will do
	Source      string   `yaml:"source"`
}

func (l *loader) operationsOf(name string, data []byte) {
	var doc operationDocument
	at, err := decode(name, data, &doc)
	if err != nil {
		l.fault(err)
		return
	}
	var head document
	head.Resource = doc.Resource
	resource, err := l.resource(head, at.field("resource"))
	if err != nil {
		l.fault(err)
		return
	}
	if doc.Operations == nil {
		l.fault(at.errorf("file has no operations; where that is meant, write: operations: []"))
	}
	for i, e := range doc.Operations {
		at := at.field("operations").item(i)
		faults := e.faults(at)
		l.faults = append(l.faults, faults...)
		if len(faults) == 0 {
			l.operation(resource, e, at)
		}
	}
}

// faults lists what is wrong with an entry by itself.
func (e operationEntry) faults(at place) []error {
	var faults []error
	check := func(ok bool, field, format string, args ...any) {
		if !ok {
			faults = append(faults, at.field(field).errorf(format, args...))
		}
	}
	check(len(e.Methods) > 0, "methods", "operation has no methods")
	for _, method := range e.Methods {
		check(slices.Contains([]string{"GET", "POST", "PATCH", "PUT", "DELETE"}, method), "methods", "unknown method %q", method)
	}
	check(len(e.Paths) > 0, "paths", "operation has no paths")
	for i, path := range e.Paths {
		at := at.field("paths").item(i)
		switch _, hidden := normalPath(path); {
		case !strings.HasPrefix(path, "/"):
			faults = append(faults, at.errorf("path %q does not begin with a slash", path))
		case hidden > 0:
			faults = append(faults, at.errorf("path %q has words that words.txt lacks", path))
		}
	}
	check(len(e.Kinds) > 0, "kinds", "operation has no kinds")
	for _, kind := range e.Kinds {
		check(kind == Application || kind == Delegated, "kinds", "unknown kind %q", kind)
	}
	said := 0
	for _, is := range []bool{len(e.Least) > 0, e.Nothing, e.Unsupported} {
		if is {
			said++
		}
	}
	check(said == 1, "least", "operation needs one of least, nothing: true and unsupported: true")
	check(len(e.Least) > 0 || len(e.Higher)+len(e.Requires) == 0, "higher", "higher and requires need a least")
	check(len(e.Roles) == 0 || slices.Contains(e.Kinds, Delegated), "roles", "directory roles are those of a delegated caller")
	check(strings.HasPrefix(e.Source, "https://"), "source", "source %q is not the address of a page", e.Source)
	return faults
}

// operation adds one operation for each method, path and kind of an entry.
func (l *loader) operation(resource string, e operationEntry, at place) {
	for _, path := range e.Paths {
		for _, method := range e.Methods {
			for _, kind := range e.Kinds {
				op := Operation{Resource: resource, Method: method, Path: path, Kind: kind, Ways: e.ways(resource), AzureRoles: e.AzureRoles, Source: e.Source}
				if kind == Delegated {
					op.Roles = e.Roles
				}
				l.operations = append(l.operations, op)
				l.operationAt = append(l.operationAt, at)
			}
		}
	}
}

func (e operationEntry) ways(resource string) []Alternative {
	if e.Nothing {
		return []Alternative{{Least: true, Resource: resource}}
	}
	var ways []Alternative
	for _, value := range e.Least {
		ways = append(ways, Alternative{Permissions: append([]string{value}, e.Requires...), Least: true, Resource: resource})
	}
	for _, value := range e.Higher {
		ways = append(ways, Alternative{Permissions: append([]string{value}, e.Requires...), Resource: resource})
	}
	return ways
}

// checkOperations refuses what is said twice and permissions that the catalogue does not hold.
func (l *loader) checkOperations() {
	type placed struct {
		operationKey
		kind Kind
	}
	seen := map[placed]place{}
	for i, op := range l.operations {
		at := l.operationAt[i]
		is := placed{operationKey{op.Method, indexPath(op.Path)}, op.Kind}
		if first, twice := seen[is]; twice {
			l.fault(at.errorf("%s %s for %s permissions stands already at %s", op.Method, op.Path, op.Kind, first))
			continue
		}
		seen[is] = at
		for _, way := range op.Ways {
			for _, value := range way.Permissions {
				k := key{op.Resource, op.Kind, strings.ToLower(value)}
				if _, known := l.byKey[k]; !known {
					l.fault(at.errorf("%s permission %s: %s", op.Kind, value, l.absent(k)))
				}
			}
		}
	}
}
