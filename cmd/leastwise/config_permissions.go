package main

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"

	"gopkg.in/yaml.v3"

	"leastwise/policies/catalog"
)

// permissionsConfig names the table of operations that was imported: a file, or file and
// digest.
type permissionsConfig struct {
	File   string `yaml:"file"`
	SHA256 string `yaml:"sha256"` // in hex; "" when the name of the file carries it
}

// UnmarshalYAML reads "permissions: FILE", or a mapping with file and sha256.
func (c *permissionsConfig) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&c.File)
	}
	type plain permissionsConfig
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Value != "file" && key.Value != "sha256" {
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: field %s not found in permissions", key.Line, key.Value)}}
		}
	}
	return node.Decode((*plain)(c))
}

// check checks what can be checked without the file.
func (c *permissionsConfig) check(at func(path ...string) string) error {
	switch sum, err := hex.DecodeString(c.SHA256); {
	case c.SHA256 != "" && (err != nil || len(sum) != 32):
		return fmt.Errorf("%s: sha256 %q is no SHA-256; hint: copy the 64 digits that permissions import has printed", at("permissions", "sha256"), c.SHA256)
	case c.SHA256 != "" && c.File == "":
		return fmt.Errorf("%s: sha256 without file; hint: name the file that permissions import has written", at("permissions"))
	}
	return nil
}

// published reads the imported table that a flag or the configuration names; nil for
// none. The flag comes first.
func (c *config) published(flag string) (*catalog.Published, error) {
	file, digest := flag, ""
	if file == "" {
		file, digest = c.file(c.Permissions.File), c.Permissions.SHA256
	}
	if file == "" {
		return nil, nil //nolint:nilnil // documented
	}
	return readPublished(file, digest)
}

// readPublished reads a table that was imported, or one as Microsoft publishes it.
func readPublished(file, digest string) (*catalog.Published, error) {
	published, err := catalog.OpenPublished(file, digest)
	if err != nil && errors.Is(err, catalog.ErrNotImported) {
		return nil, withHint(err, "import it first: leastwise permissions import "+cmp.Or(file, "FILE"))
	}
	return published, err
}
