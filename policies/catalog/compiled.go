package catalog

import (
	"bytes"
	_ "embed" // the compiled catalogue
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The files that people write take tens of milliseconds to read strictly, which every command would wait for. What is
// built in is therefore read from a form of theirs that was checked beforehand; a test holds it against the files.
//
//go:generate go test . -count=1 -run ^TestCompiledUpToDate$ -update

//go:embed compiled.json
var compiledText []byte

// compiled is all of a catalogue. Entries do not repeat the appId of their API.
type compiled struct {
	APIs     []compiledAPI `json:"apis"`
	Datasets []Dataset     `json:"datasets"`
}

type compiledAPI struct {
	AppID       string       `json:"app_id"`
	Name        string       `json:"name"`
	Permissions []Permission `json:"permissions"`
	Operations  []Operation  `json:"operations"`
}

// Load reads the catalogue that is built in.
func Load() (*Catalogue, error) {
	var all compiled
	if err := json.Unmarshal(compiledText, &all); err != nil {
		return nil, fmt.Errorf("load catalogue: compiled.json: %w; hint: go generate ./policies/catalog writes it anew", err)
	}
	return all.catalogue(), nil
}

func (all compiled) catalogue() *Catalogue {
	resources := map[string]string{}
	var permissions []Permission
	var operations []Operation
	for _, api := range all.APIs {
		resources[api.AppID] = api.Name
		for i := range api.Permissions {
			api.Permissions[i].Resource = api.AppID
		}
		for i := range api.Operations {
			setResource(&api.Operations[i], api.AppID)
		}
		permissions = append(permissions, api.Permissions...)
		operations = append(operations, api.Operations...)
	}
	c := build(resources, permissions)
	c.addDatasets(all.Datasets)
	c.setOperations(operations)
	return c
}

func setResource(op *Operation, appID string) {
	op.Resource = appID
	op.Ways = slices.Clone(op.Ways)
	for i := range op.Ways {
		op.Ways[i].Resource = appID
	}
}

// compile writes a catalogue with one entry on each line, so that changes can be read.
func (c *Catalogue) compile() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("{\"apis\":[")
	for i, appID := range slices.Sorted(maps.Keys(c.resources)) {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "\n{\"app_id\":%q,\"name\":%q", appID, c.resources[appID])
		var permissions []Permission
		for _, p := range c.permissions {
			if p.Resource == appID {
				p.Resource = ""
				permissions = append(permissions, p)
			}
		}
		var operations []Operation
		for _, op := range c.operations {
			if op.Resource == appID {
				setResource(&op, "")
				operations = append(operations, op)
			}
		}
		if err := errors.Join(writeLines(&out, "permissions", permissions), writeLines(&out, "operations", operations)); err != nil {
			return nil, err
		}
		out.WriteByte('}')
	}
	out.WriteByte(']')
	err := writeLines(&out, "datasets", c.datasets)
	out.WriteString("}\n")
	return out.Bytes(), err
}

func writeLines[T any](out *bytes.Buffer, name string, entries []T) error {
	fmt.Fprintf(out, ",\n%q:[", name)
	for i, entry := range entries {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		if err := writeJSON(out, entry); err != nil {
			return err
		}
	}
	out.WriteString("\n]")
	return nil
}

func writeJSON(out *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the line break
	return nil
}
