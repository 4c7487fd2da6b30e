// Package policies judges a snapshot: it loads the controls, which are written in
// Rego, cuts the snapshot into subjects, evaluates every control on every subject
// of its kind and writes what it found as a report.
//
// Nothing is ever taken for a pass by default. A fact that was not read, a control
// that breaks and an empty set of controls are all told apart from "fine".
package policies

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/policies/catalog"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

//go:embed */*/*.rego schemas
var builtin embed.FS

// Where packages live: those that are part of the program, and all others.
const (
	builtInRoot = "policies"
	customRoot  = "custom"
)

// Control is one policy.
type Control struct {
	ID          string
	Title       string
	Description string
	Severity    finding.Severity
	Subject     subject.Kind
	// Requires are the datasets without which the control says unknown: those it
	// declares and those that the fields it reads come from. None for a control of the
	// identities, which the manifest of every snapshot names.
	Requires []string
	Optional []string // datasets it reads and can do without
	// Absence is true when the control judges that something is not there, so that
	// missing rows could change a fail as well as a pass.
	Absence     bool
	Remediation string
	References  []string
	File        string // path of the Rego file
	Source      string // its text

	pkg        string // data.policies.entra.…
	hasApplies bool
	hasUnknown bool
	appliesOn  []string // datasets that "applies" rests on
	// What it reads of the subject and of what that holds, and what "applies" reads.
	fields, appliesFields map[reflect.Type][]int
	message               message
}

func (c *Control) builtIn() bool { return strings.HasPrefix(c.pkg, "data."+builtInRoot+".") }

// readsField reports whether the control reads a field of its subject, named as in
// Rego, or a look-up into it, such as requested_keys for requests.
func (c *Control) readsField(name string) bool {
	root := rootType(c.Subject)
	stem := strings.TrimSuffix(name, "s")
	return slices.ContainsFunc(c.fields[root], func(i int) bool {
		field := fieldName(root.Field(i))
		return field == name || strings.HasPrefix(field, stem) || strings.HasSuffix(field, name)
	})
}

// Library is a set of loaded and compiled controls. It does not change.
type Library struct {
	Controls  []*Control // sorted by id
	Catalogue *catalog.Catalogue

	modules  map[string]*ast.Module
	schemas  *ast.SchemaSet
	testable map[string]*ast.Module // the modules and their tests
}

// LoadOptions say which policies to load.
type LoadOptions struct {
	// Folders are searched for *.rego besides the built-in policies. They may hold
	// packages under "custom" only.
	Folders []string
}

// Load reads, checks and compiles the policies. It fails on the first fault, with
// file and line; loading no control at all is a fault.
func Load(options LoadOptions) (*Library, error) {
	catalogue, err := catalog.Load()
	if err != nil {
		return nil, fmt.Errorf("load catalogue: %w", err)
	}
	lib := &Library{Catalogue: catalogue, modules: map[string]*ast.Module{}, testable: map[string]*ast.Module{}}
	if lib.schemas, err = loadSchemas(); err != nil {
		return nil, err
	}
	if err := lib.addTree(builtin, "", builtInRoot); err != nil {
		return nil, err
	}
	for _, folder := range options.Folders {
		before := len(lib.Controls)
		if err := lib.addTree(os.DirFS(folder), folder, customRoot); err != nil {
			return nil, err
		}
		if len(lib.Controls) == before {
			return nil, &LoadError{folder, 0, "no control found in this folder", "a control is a *.rego file with a METADATA block; `leastwise policies list` shows those that are built in"}
		}
	}
	slices.SortFunc(lib.Controls, func(a, b *Control) int { return cmp.Compare(a.ID, b.ID) })
	if err := lib.checkWhole(); err != nil {
		return nil, err
	}
	return lib, lib.compile()
}

// checkWhole checks what concerns more than one file.
func (l *Library) checkWhole() error {
	if len(l.Controls) == 0 {
		return &LoadError{"policies", 0, "no control was loaded", "this program was built without policies; build it again from a complete checkout"}
	}
	for i, control := range l.Controls[1:] {
		if previous := l.Controls[i]; previous.ID == control.ID {
			return &LoadError{control.File, 1, fmt.Sprintf("id %s is taken by %s", control.ID, previous.File), "give the control an id of its own; ids are never reused"}
		}
	}
	return nil
}

// addTree adds every Rego file below the root of tree. root is where its packages
// must live.
func (l *Library) addTree(tree fs.FS, folder, root string) error {
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return &LoadError{cmp.Or(folder, name), 0, err.Error(), "name a folder that can be read"}
		}
		if entry.IsDir() || path.Ext(name) != ".rego" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return &LoadError{name, 0, err.Error(), "make the file readable"}
		}
		shown := path.Join("policies", name)
		if folder != "" {
			shown = filepath.Join(folder, filepath.FromSlash(name))
		}
		return l.addFile(shown, string(source), root)
	})
}

// addFile parses one Rego file. Files outside lib that are no tests are controls.
func (l *Library) addFile(file, source, root string) error {
	module, err := ast.ParseModuleWithOpts(file, source, ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
	if err != nil {
		return regoError(file, err, "opa fmt and opa check show the same fault with more context")
	}
	pkg := packageName(module)
	if !strings.HasPrefix(pkg, root+".") {
		return &LoadError{file, module.Package.Location.Row, fmt.Sprintf("package %s is not below %s", pkg, root), fmt.Sprintf("packages in this folder begin with %q; built-in policies cannot be replaced", root+".")}
	}
	l.testable[file] = module
	if strings.HasSuffix(file, "_test.rego") {
		return nil
	}
	l.modules[file] = module
	if strings.HasPrefix(pkg, root+".lib.") {
		return nil
	}
	return l.addControl(file, source, module)
}

func packageName(module *ast.Module) string {
	return strings.TrimPrefix(module.Package.Path.String(), "data.")
}

func (l *Library) addControl(file, source string, module *ast.Module) error {
	meta, err := parseMetadata(file, source)
	if err != nil {
		return err
	}
	c := &Control{
		ID: meta.Custom.ID, Title: meta.Title, Description: meta.Description, Severity: meta.Custom.Severity,
		Subject: meta.Custom.Subject, Requires: meta.Custom.Requires, Optional: meta.Custom.Optional,
		Absence: meta.Custom.Absence, Remediation: meta.Custom.Remediation, File: file, Source: source,
		pkg: module.Package.Path.String(), message: newMessage(meta.Custom.Message),
	}
	for _, resource := range meta.RelatedResources {
		c.References = append(c.References, resource.Ref)
	}
	if err := c.readRules(module); err != nil {
		return err
	}
	declareSchema(module, c.Subject)
	l.Controls = append(l.Controls, c)
	return nil
}

// readRules checks the names of a control's rules: a misspelt "deny" would pass
// for ever.
func (c *Control) readRules(module *ast.Module) error {
	hasDeny := false
	for _, rule := range module.Rules {
		name := rule.Head.Ref()[0].Value.String()
		switch name {
		case "deny", "unknown":
			if rule.Head.RuleKind() != ast.MultiValue {
				return &LoadError{c.File, rule.Location.Row, name + " must be a set", fmt.Sprintf("write `%s contains … if …`", name)}
			}
		case "applies":
			if rule.Default {
				return &LoadError{c.File, rule.Location.Row, "applies must not have a default", "without one, a subject to which it does not apply is told from one that could not be judged"}
			}
		}
		hasDeny = hasDeny || name == "deny"
		c.hasUnknown = c.hasUnknown || name == "unknown"
		c.hasApplies = c.hasApplies || name == "applies"
	}
	if !hasDeny {
		return &LoadError{c.File, module.Package.Location.Row, "the control has no rule named deny", "write `deny contains {\"key\": …, \"evidence\": …} if …`"}
	}
	return nil
}
