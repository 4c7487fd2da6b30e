package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// document is one catalogue file: a resource, or a part of one.
type document struct {
	Resource struct {
		AppID string `yaml:"app_id"`
		Name  string `yaml:"name"`
	} `yaml:"resource"`
	Permissions []entry `yaml:"permissions"`
}

type entry struct {
	Value       string            `yaml:"value"`
	Kind        Kind              `yaml:"kind"`
	ID          string            `yaml:"id"`
	IDs         map[string]string `yaml:"ids"`
	Tier        Tier              `yaml:"tier"`
	Why         string            `yaml:"why"`
	Narrower    []string          `yaml:"narrower"`
	UserConsent bool              `yaml:"user_consent"`
	Deprecated  bool              `yaml:"deprecated"`
	Hidden      bool              `yaml:"hidden"`
}

// decode reads one file strictly into doc and says where its parts stand.
func decode(name string, data []byte, doc any) (place, error) {
	strict := yaml.NewDecoder(bytes.NewReader(data))
	strict.KnownFields(true)
	if err := strict.Decode(doc); errors.Is(err, io.EOF) {
		return place{}, fmt.Errorf("%s:1: file is empty", name)
	} else if err != nil {
		return place{}, locate(name, err)
	}
	var next yaml.Node
	if err := strict.Decode(&next); err == nil {
		return place{}, fmt.Errorf("%s:%d: file has a second document", name, next.Line)
	} else if !errors.Is(err, io.EOF) {
		return place{}, locate(name, err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return place{}, locate(name, err)
	}
	at := place{name, root.Content[0]}
	return at, errors.Join(at.empty()...)
}

// locate turns "line 3: …" of the YAML library into "file:3: …", one error per line of text.
func locate(name string, err error) error {
	messages := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if mistyped, ok := errors.AsType[*yaml.TypeError](err); ok {
		messages = mistyped.Errors
	}
	var located []error
	for _, message := range messages {
		line, text := "1", message
		if rest, ok := strings.CutPrefix(message, "line "); ok {
			if n, after, ok := strings.Cut(rest, ": "); ok {
				line, text = n, after
			}
		}
		located = append(located, fmt.Errorf("%s:%s: %s", name, line, text))
	}
	return errors.Join(located...)
}

// place is a spot in a file, for error messages.
type place struct {
	file string
	node *yaml.Node
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.node.Line) }

func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %s", p, fmt.Sprintf(format, args...))
}

// field is the place of a mapping's value, or of the mapping itself where the field is missing.
func (p place) field(name string) place {
	node := resolve(p.node)
	if node.Kind != yaml.MappingNode {
		return p
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return place{p.file, node.Content[i+1]}
		}
	}
	return p
}

// item is the place of a list's element.
func (p place) item(i int) place {
	node := resolve(p.node)
	if node.Kind != yaml.SequenceNode || i >= len(node.Content) {
		return p
	}
	return place{p.file, node.Content[i]}
}

// empty lists values that are left out. The library drops an empty list element without a word, which would hide an entry.
func (p place) empty() []error {
	if p.node.Tag == "!!null" {
		return []error{p.errorf("value is empty")}
	}
	var faults []error
	for _, child := range p.node.Content {
		faults = append(faults, place{p.file, child}.empty()...)
	}
	return faults
}

func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}
