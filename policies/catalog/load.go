package catalog

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

//go:embed *.yaml
var embedded embed.FS

// LoadFS reads a catalogue from the *.yaml files at the root of a file system: the datasets of Data Connect from
// data_connect.yaml, operations from operations*.yaml, permissions from all others. It refuses what it does not know, what is
// said twice and alternatives that are none; the error lists every fault with file and line.
func LoadFS(fsys fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list catalogue files: %w", err)
	}
	l := loader{resources: map[string]string{}, byKey: map[key]int{}, byID: map[heldID]place{}}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read catalogue: %w", err)
		}
		l.file(name, data)
	}
	if len(l.faults) == 0 { // a faulty entry would make every mention of it look wrong
		for i := range l.permissions {
			l.narrower(i)
		}
		l.checkOperations()
	}
	if len(l.faults) == 0 && len(l.permissions) == 0 {
		l.fault(errors.New("no permission in any *.yaml file"))
	}
	if len(l.faults) > 0 {
		return nil, fmt.Errorf("load catalogue: %w", errors.Join(l.faults...))
	}
	c := build(l.resources, l.permissions)
	c.addDatasets(l.datasets)
	c.setOperations(l.operations)
	return c, nil
}

// loader gathers permissions and datasets, and the faults found in them.
type loader struct {
	resources   map[string]string
	permissions []Permission
	places      []place // of each permission
	datasets    []Dataset
	operations  []Operation
	operationAt []place // of each operation
	byKey       map[key]int
	byID        map[heldID]place
	faults      []error
}

// heldID is what must be unique: an id within one cloud, resource and kind.
type heldID struct {
	idKey
	kind Kind
}

func (l *loader) fault(err error) { l.faults = append(l.faults, err) }

func (l *loader) file(name string, data []byte) {
	if name == datasetsFile {
		l.datasetsOf(name, data)
		return
	}
	if strings.HasPrefix(name, operationsPrefix) {
		l.operationsOf(name, data)
		return
	}
	var doc document
	at, err := decode(name, data, &doc)
	if err != nil {
		l.fault(err)
		return
	}
	resource, err := l.resource(doc, at.field("resource"))
	if err != nil {
		l.fault(err)
		return
	}
	if doc.Permissions == nil {
		l.fault(at.errorf("file has no permissions; where that is meant, write: permissions: []"))
	}
	for i, e := range doc.Permissions {
		l.permission(resource, e, at.field("permissions").item(i))
	}
}

func (l *loader) resource(doc document, at place) (string, error) {
	id := strings.ToLower(doc.Resource.AppID)
	if !isGUID(id) {
		return "", at.field("app_id").errorf("app_id %q is not a GUID", doc.Resource.AppID)
	}
	if doc.Resource.Name == "" {
		return "", at.errorf("resource has no name")
	}
	if known, ok := l.resources[id]; ok && known != doc.Resource.Name {
		return "", at.field("name").errorf("resource is called %q here and %q elsewhere", doc.Resource.Name, known)
	}
	l.resources[id] = doc.Resource.Name
	return id, nil
}

func (l *loader) permission(resource string, e entry, at place) {
	faults := e.faults(at)
	p := e.permission(resource)
	if first, ok := l.byKey[p.key()]; ok && e.Value != "" {
		faults = append(faults, at.errorf("%s permission %s stands already at %s", p.Kind, p.Value, l.places[first]))
	}
	l.faults = append(l.faults, faults...)
	if len(faults) > 0 {
		return
	}
	l.byKey[p.key()] = len(l.permissions)
	l.permissions = append(l.permissions, p)
	l.places = append(l.places, at)
	l.claim(p, at)
}

// claim refuses an id that another permission of the kind has in the same cloud.
func (l *loader) claim(p Permission, at place) {
	for _, table := range tables() {
		for _, id := range p.idsIn(table) {
			held := heldID{idKey{table, p.Resource, id}, p.Kind}
			if first, taken := l.byID[held]; taken {
				l.fault(at.field("id").errorf("id %s of %s is already that of the permission at %s", id, p.Value, first))
				return
			}
			l.byID[held] = at
		}
	}
}

func (e entry) permission(resource string) Permission {
	p := Permission{
		Resource: resource, Value: e.Value, Kind: e.Kind, ID: strings.ToLower(e.ID), Tier: e.Tier, Why: e.Why,
		Narrower: e.Narrower, UserConsent: e.UserConsent, Deprecated: e.Deprecated, Hidden: e.Hidden,
	}
	if len(e.IDs) > 0 {
		p.IDs = make(map[string]string, len(e.IDs))
	}
	for cloud, id := range e.IDs {
		p.IDs[cloud] = strings.ToLower(id)
	}
	return p
}

// faults lists what is wrong with an entry by itself.
func (e entry) faults(at place) []error {
	var faults []error
	check := func(ok bool, field, format string, args ...any) {
		if !ok {
			faults = append(faults, at.field(field).errorf(format, args...))
		}
	}
	check(e.Value != "" && !strings.ContainsAny(e.Value, " \t\r\n"), "value", "value %q is not a permission", e.Value)
	check(e.Kind == Application || e.Kind == Delegated || e.Kind == ResourceSpecific, "kind", "unknown kind %q", e.Kind)
	check(e.Tier.Rank() > 0 || e.Tier == Unrated, "tier", "unknown tier %q", e.Tier)
	check(e.Tier == Unrated || strings.TrimSpace(e.Why) != "", "why", "a rated permission needs a why")
	check(!e.UserConsent || e.Kind == Delegated, "user_consent", "users cannot consent to %s permissions", e.Kind)
	check(isGUID(e.ID) || e.Kind == ResourceSpecific && e.ID == "" && len(e.IDs) == 0, "id", "id %q is not a GUID", e.ID)
	for _, cloud := range slices.Sorted(maps.Keys(e.IDs)) {
		id, at := e.IDs[cloud], at.field("ids").field(cloud)
		switch {
		case !slices.Contains([]string{"usgov", "dod", "china", "personal"}, cloud):
			faults = append(faults, at.errorf("unknown cloud %q", cloud))
		case !isGUID(id):
			faults = append(faults, at.errorf("id %q is not a GUID", id))
		}
	}
	return faults
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)):
			return false
		}
	}
	return true
}
