package dataconnect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// document is a YAML document being read strictly. The first fault ends the reading;
// what is read after it is empty.
type document struct {
	file  string
	fault error
}

// wrong notes what is wrong with a node, and where.
func (d *document) wrong(node *yaml.Node, hint, format string, args ...any) {
	if d.fault == nil {
		d.fault = fmt.Errorf("%s:%d: %s; hint: %s", d.file, max(node.Line, 1), fmt.Sprintf(format, args...), hint)
	}
}

// plain follows an alias to what it stands for.
func plain(node *yaml.Node) *yaml.Node {
	for node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// shapes of YAML, as sentences name them.
func (d *document) shape(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "keys"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Tag == "!!null":
		return "nothing"
	}
	return strconv.Quote(node.Value)
}

// mapping hands the values of a mapping to each, by key, in their order. what names it,
// for complaints; known are its keys.
func (d *document) mapping(node *yaml.Node, what string, known []string, each func(key string, value *yaml.Node)) {
	node = plain(node)
	if node.Kind != yaml.MappingNode {
		d.wrong(node, "give its keys: "+strings.Join(known, ", "), "%s: expected keys, found %s", what, d.shape(node))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content) && d.fault == nil; i += 2 {
		name, value := node.Content[i], plain(node.Content[i+1])
		switch key := name.Value; {
		case name.Kind != yaml.ScalarNode || !slices.Contains(known, key):
			d.wrong(name, "one of "+strings.Join(known, ", "), "%s has the unknown key %s", what, d.shape(name))
		case seen[key]:
			d.wrong(name, "keep one of them", "%s has %s twice", what, key)
		default:
			seen[key] = true
			each(key, value)
		}
	}
}

// list hands the elements of a list, which has one at least, to each.
func (d *document) list(node *yaml.Node, what string, each func(*yaml.Node)) {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		found := d.shape(node)
		if node.Kind == yaml.SequenceNode {
			found = "an empty one"
		}
		d.wrong(node, "write it as a list, or leave the key out", "%s: expected a list, found %s", what, found)
		return
	}
	for _, element := range node.Content {
		if d.fault == nil {
			each(plain(element))
		}
	}
}

// text reads text, which may look like a number, and is not empty.
func (d *document) text(node *yaml.Node, what string) string {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || strings.TrimSpace(node.Value) == "" {
		d.wrong(node, "fill it in, or leave the key out", "%s: expected text, found %s", what, d.shape(node))
		return ""
	}
	return strings.TrimSpace(node.Value)
}

func (d *document) texts(node *yaml.Node, what string) (texts []string) {
	d.list(node, what, func(element *yaml.Node) { texts = append(texts, d.text(element, what)) })
	return texts
}

func (d *document) boolean(node *yaml.Node, what string) *bool {
	var value bool
	if node.Tag != "!!bool" || node.Decode(&value) != nil {
		d.wrong(node, "write true or false", "%s: expected true or false, found %s", what, d.shape(node))
	}
	return &value
}

func (d *document) guid(node *yaml.Node, what string) string {
	text := d.text(node, what)
	if text != "" && !isGUID(text) {
		d.wrong(node, "write it as 11111111-2222-3333-4444-555555555555", "%s: %q is not a GUID", what, text)
	}
	return strings.ToLower(text)
}

func (d *document) guids(node *yaml.Node, what string) (ids []string) {
	d.list(node, what, func(element *yaml.Node) { ids = append(ids, d.guid(element, what)) })
	return ids
}

func (d *document) oneOf(node *yaml.Node, what string, values []string) string {
	text := d.text(node, what)
	if text != "" && !slices.Contains(values, text) {
		d.wrong(node, "one of "+strings.Join(values, ", "), "%s: %q is not known", what, text)
	}
	return text
}
