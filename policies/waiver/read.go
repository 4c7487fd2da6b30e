package waiver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// File is a waiver file: YAML with the one key waivers, a list.
type File struct {
	Name    string  // as it was given, with slashes
	Entries []Entry // in the order of the file
}

const shape = "a waiver file has the one key waivers, a list; `leastwise waivers new` writes an entry, docs/waivers.md shows one"

// Read reads a waiver file. Whatever is wrong with it makes an error with file and line: of a file that is
// not understood whole, nothing is applied.
func Read(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read waivers: %w; hint: name a readable YAML file; `leastwise waivers new` writes one", err)
	}
	return Parse(filepath.ToSlash(path), data)
}

// Parse reads a waiver file of that name. Errors are of the type *Fault.
func Parse(name string, data []byte) (*File, error) {
	r := reader{name: name}
	root, err := r.document(data)
	if err != nil {
		return nil, err
	}
	list, err := r.list(root)
	if err != nil {
		return nil, err
	}
	file := &File{Name: name}
	for _, node := range list {
		entry, err := r.entry(node)
		if err != nil {
			return nil, err
		}
		file.Entries = append(file.Entries, entry)
	}
	return file, r.named(file.Entries)
}

// reader makes entries of YAML nodes, which know their lines.
type reader struct{ name string }

func (r reader) fault(line int, hint, format string, args ...any) error {
	return &Fault{r.name, line, fmt.Sprintf(format, args...), hint}
}

// document reads the only document of the file.
func (r reader) document(data []byte) (*yaml.Node, error) {
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, r.fault(1, "write `waivers: []` where there are none", "the file is empty")
		}
		return nil, r.broken(err)
	}
	var more yaml.Node
	switch err := dec.Decode(&more); {
	case errors.Is(err, io.EOF):
		return resolved(doc.Content[0]), nil
	case err != nil:
		return nil, r.broken(err)
	default:
		return nil, r.fault(more.Line, "keep all waivers in the first one", "more than one YAML document")
	}
}

func (r reader) broken(err error) error {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if _, scanErr := fmt.Sscanf(text, "line %d:", &line); scanErr == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	return r.fault(line, shape, "no YAML: %s", oneLine(text))
}

// resolved follows an alias.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// list finds the entries.
func (r reader) list(root *yaml.Node) ([]*yaml.Node, error) {
	if root.Kind != yaml.MappingNode {
		return nil, r.fault(root.Line, shape, "this is no mapping")
	}
	var list *yaml.Node
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode || key.Value != "waivers":
			return nil, r.fault(key.Line, shape, "unknown key %q", oneLine(key.Value))
		case list != nil:
			return nil, r.fault(key.Line, "keep all waivers in one list", "the key waivers is there twice")
		}
		list = resolved(root.Content[i+1])
	}
	switch {
	case list == nil:
		return nil, r.fault(root.Line, shape, "the key waivers is missing")
	case list.Tag == "!!null":
		return nil, nil
	case list.Kind != yaml.SequenceNode:
		return nil, r.fault(list.Line, shape, "waivers is no list")
	}
	return list.Content, nil
}

// members are the keys of an entry: those it must have, and the others.
func members() (needed, optional []string) {
	return []string{"control", "subject", "fingerprint", "reason", "requester", "approver", "expires"}, []string{"id", "approved", "severity", "tenant"}
}

// text is one member as written, and its line.
type text struct {
	value string
	line  int
}

// entry reads one waiver.
func (r reader) entry(node *yaml.Node) (Entry, error) {
	line := node.Line
	node = resolved(node)
	if node.Kind != yaml.MappingNode {
		return Entry{}, r.fault(line, shape, "this is no waiver: a mapping is expected")
	}
	needed, optional := members()
	known := slices.Concat(needed, optional)
	found := map[string]text{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], resolved(node.Content[i+1])
		_, twice := found[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode: // an alias has the name of its anchor, and stands for something else
			return Entry{}, r.fault(key.Line, "write the key itself", "a key is no plain text")
		case !slices.Contains(known, key.Value):
			return Entry{}, r.fault(key.Line, "the keys are "+strings.Join(known, ", "), "unknown key %q", oneLine(key.Value))
		case twice:
			return Entry{}, r.fault(key.Line, "say it once", "%s is there twice", key.Value)
		case value.Kind != yaml.ScalarNode:
			return Entry{}, r.fault(key.Line, "write it as text", "%s is no text", key.Value)
		}
		found[key.Value] = text{strings.TrimSpace(value.Value), key.Line}
		if value.Tag == "!!null" || blank(value.Value) {
			found[key.Value] = text{"", key.Line}
		}
	}
	for _, name := range needed {
		member, there := found[name]
		switch {
		case !there:
			return Entry{}, r.fault(line, "every waiver has "+strings.Join(needed, ", "), "this waiver has no %s", name)
		case member.value == "":
			return Entry{}, r.fault(member.line, "every waiver has "+strings.Join(needed, ", "), "%s is empty", name)
		}
	}
	return r.checked(line, found)
}
