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
	"reflect"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/sync/errgroup"

	"leastwise/policies/catalog"
	"leastwise/policies/finding"
	"leastwise/policies/frameworks"
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
	Message     string // of a finding, with placeholders such as {evidence.days}
	Remediation string
	References  []string
	File        string // path of the Rego file
	Source      string // its text

	pkg        string // data.policies.entra.…
	hasApplies bool
	hasUnknown bool
	compiled   bool
	appliesOn  []string // datasets that "applies" rests on
	// What it reads of the subject and of what that holds, and what "applies" reads.
	fields, appliesFields map[reflect.Type][]int
	message               message
}

// BuiltIn reports whether the control is part of the program.
func (c *Control) BuiltIn() bool { return strings.HasPrefix(c.pkg, "data."+builtInRoot+".") }

// Package is the Rego package of the control, such as policies.entra.narrower_exists.
func (c *Control) Package() string { return strings.TrimPrefix(c.pkg, "data.") }

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

// Library is a set of loaded controls. It does not change.
type Library struct {
	Controls   []*Control // sorted by id
	Catalogue  *catalog.Catalogue
	Frameworks []*frameworks.Framework // sorted by name
	// Permissions is what the catalogue has beside what is built in; nil for nothing.
	Permissions *catalog.Published
	// Notes are what a reader of reports should know of the folders and bundles: a signature
	// that was not verified.
	Notes []string

	modules  map[string]*ast.Module // as parsed, without tests
	packages map[string]origin      // who defined a package
	schemas  *ast.SchemaSet
	checked  *checkedFacts // what is known of the built-in controls; nil when it must be found out
	tests    []sourceFile  // the tests of the built-in policies, parsed when they are run
	ownTests map[string]*ast.Module
	compiler *ast.Compiler // of what LoadOptions asks for
}

// LoadOptions say which policies to load.
type LoadOptions struct {
	// Folders are searched for *.rego and for frameworks/*.yaml besides the built-in policies. They may hold
	// packages under "custom" only. A file among them is read as an OPA bundle (.tar.gz).
	Folders []string
	// What will be evaluated: of the built-in controls, only those are compiled, for that takes most of the time
	// of a short run; the others are listed. Controls of Folders are always compiled, so that a mistake shows.
	ListOnly  bool           // none
	Only      []string       // these ids; nil for all. The engine says when one does not exist
	Framework string         // those of one framework; "" for all. That it does not exist is an error
	Kinds     []subject.Kind // those of these kinds; nil for all
	// Permissions are operations that were imported, which the catalogue knows beside those that are built in; nil for none.
	Permissions *catalog.Published

	fresh bool // check everything again, for the test that writes down what comes of it
}

// Load reads, checks and compiles the policies. It fails on the first fault, with
// file and line; loading no control at all is a fault.
func Load(options LoadOptions) (*Library, error) {
	lib := &Library{modules: map[string]*ast.Module{}, packages: map[string]origin{}, ownTests: map[string]*ast.Module{}}
	var group errgroup.Group
	group.Go(func() (err error) {
		if lib.Catalogue, err = catalog.Load(); err != nil {
			return fmt.Errorf("load catalogue: %w", err)
		}
		if lib.Permissions = options.Permissions; lib.Permissions != nil {
			lib.Catalogue = lib.Catalogue.With(lib.Permissions)
		}
		return nil
	})
	group.Go(func() (err error) {
		lib.schemas, err = loadSchemas()
		return err
	})
	group.Go(func() error { return lib.read(options) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	needed, err := lib.needed(options)
	if err != nil {
		return nil, err
	}
	return lib, lib.compile(needed)
}

// needed are the controls to compile.
func (l *Library) needed(options LoadOptions) ([]*Control, error) {
	var named []string
	if options.Framework != "" {
		framework, err := l.Framework(options.Framework)
		if err != nil {
			return nil, err
		}
		named = framework.Controls()
	}
	var needed []*Control
	for _, c := range l.Controls {
		wanted := !options.ListOnly &&
			(options.Only == nil || slices.Contains(options.Only, c.ID)) &&
			(options.Framework == "" || slices.Contains(named, c.ID)) &&
			(options.Kinds == nil || slices.Contains(options.Kinds, c.Subject))
		if wanted || !c.BuiltIn() {
			needed = append(needed, c)
		}
	}
	return needed, nil
}

// read reads and parses all files.
func (l *Library) read(options LoadOptions) error {
	files, err := builtInFiles()
	if err != nil {
		return err
	}
	for _, file := range files {
		if file.isTest() {
			l.tests = append(l.tests, file)
		}
	}
	if l.Frameworks, err = frameworks.Load(); err != nil {
		return err
	}
	files = slices.DeleteFunc(files, sourceFile.isTest)
	if !options.fresh {
		l.checked = readChecked(files)
	}
	if err := l.addFiles(files, origin{root: builtInRoot}); err != nil {
		return err
	}
	for _, folder := range options.Folders {
		if err := l.addFolder(folder); err != nil {
			return err
		}
	}
	// Stable, so that of two that claim one id the later is to blame.
	slices.SortStableFunc(l.Controls, func(a, b *Control) int { return cmp.Compare(a.ID, b.ID) })
	if err := l.checkWhole(); err != nil {
		return err
	}
	return l.checkFrameworks()
}

// addFolder adds a folder or bundle of somebody else's.
func (l *Library) addFolder(folder string) error {
	before := len(l.Controls)
	set, err := readFolder(folder)
	if err != nil {
		return err
	}
	if err := l.addFiles(set.files, origin{root: customRoot, folder: folder, roots: set.roots}); err != nil {
		return err
	}
	if len(l.Controls) == before {
		return &LoadError{folder, 0, "no control found here", "a control is a *.rego file with a METADATA block; `leastwise policies new CUSTOM-001` writes one"}
	}
	if set.signed {
		l.Notes = append(l.Notes, folder+" is signed, and leastwise does not verify the signature of a bundle")
	}
	return l.addFrameworks(set.frameworks)
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
		pkg: module.Package.Path.String(), Message: meta.Custom.Message, message: newMessage(meta.Custom.Message),
	}
	for _, resource := range meta.RelatedResources {
		c.References = append(c.References, resource.Ref)
	}
	if err := cmp.Or(ofWaivers(c), c.readRules(module)); err != nil {
		return err
	}
	declareSchema(module, c.Subject)
	l.Controls = append(l.Controls, c)
	return nil
}
