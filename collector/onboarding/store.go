package onboarding

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// StoreTenant puts an entry into a file of tenants, in the place of the one with the
// same id if there is one, whose name it keeps unless it has another. Other entries and
// comments stay. The file is read anew, under a lock, and replaced in one step; only its
// owner can read it.
func StoreTenant(path string, t Tenant) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays one
	}
	unlock, err := LockFolder(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("store tenant: %w; hint: name a file in a folder that can be written to with --tenants", err)
	}
	defer unlock()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store tenant: %w", err)
	}
	file, document, err := parseTenants(path, data)
	if err != nil {
		return err
	}
	if old, ok := FindListed(file.Tenants, t.ID); ok && t.Name == "" {
		t.Name = old.Name
	}
	bare := document.Kind == 0 // nothing but comments, which the library drops
	changed, err := with(document, file, t)
	if bare {
		changed = slices.Concat(closed(data), changed)
	}
	if err == nil {
		_, _, err = parseTenants(path, changed) // what is written can be read
	}
	if err == nil {
		err = replaceFile(path, changed)
	}
	if err != nil {
		return fmt.Errorf("store tenant: %w", err)
	}
	return nil
}

// closed ends the last line of a text.
func closed(text []byte) []byte {
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		return slices.Concat(text, []byte("\n"))
	}
	return text
}

// with makes the text of a document that holds an entry.
func with(document *yaml.Node, file tenantsFile, t Tenant) ([]byte, error) {
	entry := &yaml.Node{}
	if err := entry.Encode(t); err != nil {
		return nil, err
	}
	list := tenantList(document)
	at := -1
	for i, listed := range file.Tenants {
		if strings.EqualFold(listed.ID, t.ID) {
			at = i
		}
	}
	if at < 0 {
		list.Content = append(list.Content, entry)
	} else {
		update(list.Content[at], entry)
	}
	if len(list.Content) == 1 && at < 0 {
		list.Style = 0 // an empty list is written in brackets
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(document); err != nil {
		return nil, err
	}
	return out.Bytes(), enc.Close()
}

// update takes the values of an entry over into the one that is there, whose comments
// and order stay.
func update(old, entry *yaml.Node) {
	for i := 0; i+1 < len(entry.Content); i += 2 {
		key, value := entry.Content[i], entry.Content[i+1]
		if there := member(old, key.Value); there != nil {
			there.Kind, there.Tag, there.Style, there.Value = value.Kind, value.Tag, value.Style, value.Value
			there.Alias, there.Content = nil, nil
			continue
		}
		old.Content = append(old.Content, key, value)
	}
}

// member finds the value of a mapping's key.
func member(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// tenantList finds the list of tenants of a document, and makes one where there is none.
func tenantList(document *yaml.Node) *yaml.Node {
	if document.Kind != yaml.DocumentNode {
		*document = yaml.Node{Kind: yaml.DocumentNode}
	}
	if len(document.Content) == 0 {
		document.Content = []*yaml.Node{{Kind: yaml.MappingNode, Tag: "!!map"}}
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode { // null: the file holds comments only
		root.Kind, root.Tag, root.Value = yaml.MappingNode, "!!map", ""
	}
	list := member(root, "tenants")
	if list == nil {
		list = &yaml.Node{}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "tenants"}, list)
	}
	if list.Kind != yaml.SequenceNode {
		list.Kind, list.Tag, list.Value, list.Style = yaml.SequenceNode, "!!seq", "", 0
	}
	return list
}

// tenantEntries are the entries of a document, as they are written.
func tenantEntries(document *yaml.Node) []*yaml.Node {
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		return nil
	}
	list := member(document.Content[0], "tenants")
	if list == nil {
		return nil
	}
	return list.Content
}

// odd finds what decodes to other entries than stand there: an alias, or an entry that
// is null, which the library leaves out without a word.
func odd(document *yaml.Node) *yaml.Node {
	var alias func(node *yaml.Node) *yaml.Node
	alias = func(node *yaml.Node) *yaml.Node {
		if node.Kind == yaml.AliasNode {
			return node
		}
		for _, child := range node.Content {
			if found := alias(child); found != nil {
				return found
			}
		}
		return nil
	}
	if found := alias(document); found != nil {
		return found
	}
	for _, entry := range tenantEntries(document) {
		if entry.Kind != yaml.MappingNode {
			return entry
		}
	}
	return nil
}

// replaceFile writes a file under another name, readable by its owner only, and renames
// it when it is complete.
func replaceFile(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".tenants-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
