package dataconnect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"leastwise/collector/snapshot"
)

// mostGroups is how many groups a scope may have
// (https://learn.microsoft.com/azure/data-factory/connector-office-365).
const mostGroups = 10

// ReadRegister reads the operator's register, a YAML file. tenant is the audited tenant.
// Its keys, all of which may be left out but app_id and name of a dataset:
//
//	cross_tenant_movement: false        # the tenant's switch
//	apps:
//	  - app_id: GUID
//	    tenant_id: GUID                 # where it is registered; the audited tenant
//	    name: text
//	    developer: dev@contoso.com      # user principal name or object id
//	    multi_tenant: false
//	    purpose: text
//	    state: pending                  # approved (proves nothing), denied (always holds), expired, update_available
//	    datasets:                       # that it is expected to ask for
//	      - name: BasicDataSet_v0.User_v1
//	        columns: [id, mail]         # all, when left out
//	    definition:                     # the registration as it is now
//	      version: "2"
//	      updated_at: 2026-01-31        # or an instant: 2026-01-31T09:30:00Z
//	      datasets:
//	        - name: BasicDataSet_v0.User_v1
//	          columns: [id, mail]
//	          scope: list               # all, list, filter; all when left out
//	          groups: [GUID]            # of a list, at most ten
//	          filter: https://…         # of a filter
//	          deny_groups: [GUID]
//	      sinks: [https://account.dfs.core.windows.net/container]
//	      destination_tenant_id: GUID
//
// An error is about the first thing that is wrong: file:line: what; hint: what to do.
func ReadRegister(path, tenant string) (*Register, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read register: %w; hint: name a readable YAML file", err)
	}
	var document yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&document); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s:1: the register is empty; hint: list applications under apps", path)
	} else if err != nil {
		return nil, syntaxFault(path, err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		return nil, fmt.Errorf("%s:%d: a second YAML document; hint: keep everything in the first one", path, max(second.Line, 1))
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxFault(path, err)
	}
	return ParseRegister(&document, path, tenant)
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// syntaxFault makes one line of a YAML error.
func syntaxFault(path string, err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	line := yamlLine.FindStringSubmatch(text)
	if line[1] == "" {
		line[1] = "1"
	}
	return fmt.Errorf("%s:%s: %s; hint: mend the YAML", path, line[1], text[len(line[0]):])
}

// ParseRegister reads a register out of a YAML document, or a part of one: file is its
// name. besides are keys that may stand beside those of the register, and are not looked
// at. Errors are as those of ReadRegister.
func ParseRegister(node *yaml.Node, file, tenant string, besides ...string) (*Register, error) {
	d := &document{file: file}
	register := &Register{}
	node = plain(node)
	if node.Kind == yaml.DocumentNode {
		node = plain(node.Content[0])
	}
	known := append([]string{"cross_tenant_movement", "apps"}, besides...)
	seen := map[string]int{} // application → line
	d.mapping(node, "the register", known, func(key string, value *yaml.Node) {
		switch key {
		case "cross_tenant_movement":
			register.CrossTenantMovement = d.boolean(value, key)
		case "apps":
			if value.Kind == yaml.SequenceNode && len(value.Content) == 0 {
				return
			}
			d.list(value, key, func(app *yaml.Node) {
				entry := d.app(app, strings.ToLower(tenant))
				id := snapshot.RowID(entry.TenantID, entry.AppID)
				if first := seen[id]; first > 0 {
					d.wrong(app, "keep one of them", "application %s of tenant %s is declared twice, first in line %d", entry.AppID, entry.TenantID, first)
				}
				seen[id] = app.Line
				register.Apps = append(register.Apps, entry)
			})
		}
	})
	if d.fault != nil {
		return nil, d.fault
	}
	return register, nil
}

// app reads one application.
func (d *document) app(node *yaml.Node, tenant string) Entry {
	entry, states := Entry{TenantID: tenant, Line: node.Line}, node
	keys := []string{"app_id", "tenant_id", "name", "developer", "multi_tenant", "purpose", "state", "datasets", "definition"}
	d.mapping(node, "an application", keys, func(key string, value *yaml.Node) {
		switch key {
		case "app_id":
			entry.AppID = d.guid(value, key)
		case "tenant_id":
			entry.TenantID = d.guid(value, key)
		case "name":
			entry.Name = d.text(value, key)
		case "developer":
			entry.Developer = d.text(value, key)
		case "multi_tenant":
			entry.MultiTenant = d.boolean(value, key)
		case "purpose":
			entry.Purpose = d.text(value, key)
		case "state":
			entry.State, states = d.oneOf(value, key, States()), value
		case "datasets":
			d.list(value, key, func(element *yaml.Node) {
				name, columns := d.expected(element)
				unique(d, element, name, func(e EntryDataset) string { return e.Name }, entry.Datasets)
				entry.Datasets = append(entry.Datasets, EntryDataset{Name: name, Columns: columns})
			})
		case "definition":
			entry.Definition = d.definition(value)
		}
	})
	foreign := entry.TenantID != tenant
	switch {
	case entry.AppID == "":
		d.wrong(node, "add app_id: GUID", "an application without app_id")
	case entry.TenantID == "":
		d.wrong(node, "add tenant_id: GUID", "application %s: it is not known which tenant it is registered in", entry.AppID)
	case entry.MultiTenant != nil && !*entry.MultiTenant && foreign:
		d.wrong(node, "set multi_tenant: true, or mend tenant_id", "application %s is registered in another tenant, %s, and declared not to be multi-tenant", entry.AppID, entry.TenantID)
	case entry.State == "pending" && (foreign || entry.MultiTenant != nil && *entry.MultiTenant):
		d.wrong(states, "leave state out: the service lists multi-tenant applications once they are decided on",
			"application %s is multi-tenant, and declared pending", entry.AppID)
	}
	return entry
}

// unique complains of a dataset that is declared twice, whatever the case of its name.
func unique[T any](d *document, node *yaml.Node, name string, nameOf func(T) string, list []T) {
	if name != "" && slices.ContainsFunc(list, func(e T) bool { return strings.EqualFold(nameOf(e), name) }) {
		d.wrong(node, "keep one of them", "dataset %s is declared twice", name)
	}
}

// expected reads a dataset that an application is expected to ask for.
func (d *document) expected(node *yaml.Node) (name string, columns []string) {
	d.mapping(node, "a dataset", []string{"name", "columns"}, func(key string, value *yaml.Node) {
		switch key {
		case "name":
			name = d.text(value, key)
		case "columns":
			columns = d.texts(value, key)
		}
	})
	if name == "" {
		d.wrong(node, "add name: BasicDataSet_v0.…", "a dataset without name")
	}
	return name, columns
}

// definition reads the registration as it is now.
func (d *document) definition(node *yaml.Node) *Definition {
	var definition Definition
	keys := []string{"version", "updated_at", "datasets", "sinks", "destination_tenant_id"}
	d.mapping(node, "definition", keys, func(key string, value *yaml.Node) {
		switch key {
		case "version":
			definition.Version = d.text(value, key)
		case "updated_at":
			definition.UpdatedAt = d.instant(value, key)
		case "datasets":
			d.list(value, key, func(element *yaml.Node) {
				dataset := d.defined(element)
				unique(d, element, dataset.Name, func(e DefinitionDataset) string { return e.Name }, definition.Datasets)
				definition.Datasets = append(definition.Datasets, dataset)
			})
		case "sinks":
			definition.Sinks = d.texts(value, key)
		case "destination_tenant_id":
			definition.DestinationTenantID = d.guid(value, key)
		}
	})
	return &definition
}

// instant reads a date, of which it is not known which instant of it (in UTC) is meant, or
// an instant with its zone.
func (d *document) instant(node *yaml.Node, what string) string {
	text := d.text(node, what)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Format(time.DateOnly)
	}
	at, ok := snapshot.Instant(text)
	if text != "" && !ok {
		d.wrong(node, "write 2026-01-31 or 2026-01-31T09:30:00Z", "%s: %q is not a date", what, text)
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// defined reads a dataset of a definition.
func (d *document) defined(node *yaml.Node) DefinitionDataset {
	dataset, scopes := DefinitionDataset{Scope: "all"}, node
	keys := []string{"name", "columns", "scope", "groups", "filter", "deny_groups"}
	d.mapping(node, "a dataset", keys, func(key string, value *yaml.Node) {
		switch key {
		case "name":
			dataset.Name = d.text(value, key)
		case "columns":
			dataset.Columns = d.texts(value, key)
		case "scope":
			dataset.Scope, scopes = d.oneOf(value, key, []string{"all", "list", "filter"}), value
		case "groups":
			dataset.Groups = d.guids(value, key)
			if len(dataset.Groups) > mostGroups {
				d.wrong(value, "the service takes ten at most", "groups: there are %d of them", len(dataset.Groups))
			}
		case "filter":
			d.text(value, key)
			dataset.Filter = value.Value // to the letter
		case "deny_groups":
			dataset.DenyGroups = d.guids(value, key)
		}
	})
	if dataset.Name == "" {
		d.wrong(node, "add name: BasicDataSet_v0.…", "a dataset without name")
	}
	d.scope(scopes, dataset)
	return dataset
}

// scope checks that a scope and what it is made of agree.
func (d *document) scope(node *yaml.Node, dataset DefinitionDataset) {
	for _, part := range []struct {
		scope, key string
		there      bool
	}{{"list", "groups", dataset.Groups != nil}, {"filter", "filter", dataset.Filter != ""}} {
		switch {
		case dataset.Scope == part.scope && !part.there:
			d.wrong(node, "add "+part.key+", or change scope", "dataset %s: scope %s without %s", dataset.Name, part.scope, part.key)
		case dataset.Scope != part.scope && part.there:
			d.wrong(node, "set scope: "+part.scope, "dataset %s: scope %s with %s", dataset.Name, dataset.Scope, part.key)
		}
	}
}
