package policies

import (
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/sync/errgroup"
)

// builtInFiles are the Rego files of the program.
func builtInFiles() ([]sourceFile, error) {
	names, err := fs.Glob(builtin, "*/*/*.rego")
	if err != nil {
		return nil, err
	}
	files := make([]sourceFile, 0, len(names))
	for _, name := range names {
		text, err := builtin.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, sourceFile{path.Join("policies", name), string(text)})
	}
	return files, nil
}

// controlFiles are those of them that are no tests.
func controlFiles() ([]sourceFile, error) {
	files, err := builtInFiles()
	return slices.DeleteFunc(files, sourceFile.isTest), err
}

// origin says where the files of one folder, bundle or of the program belong.
type origin struct {
	root   string   // that packages must be below
	folder string   // "" for the program itself
	roots  []string // that a bundle's manifest names, as a/b; nil when it names none
}

// addFiles parses Rego files, on all processors, and adds them in order. Files outside lib that are no
// tests are controls.
func (l *Library) addFiles(files []sourceFile, from origin) error {
	modules, faults := make([]*ast.Module, len(files)), make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		group.Go(func() error {
			modules[i], faults[i] = parseFile(file)
			return nil
		})
	}
	_ = group.Wait() // the first fault in the order of the files counts
	for i, file := range files {
		if faults[i] != nil {
			return faults[i]
		}
		if err := l.addModule(file, modules[i], from); err != nil {
			return err
		}
	}
	return nil
}

func parseFile(file sourceFile) (*ast.Module, error) {
	module, err := ast.ParseModuleWithOpts(file.name, file.text, ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, regoError(file.name, err, "opa fmt and opa check show the same fault with more context")
	}
	if module == nil {
		return nil, &LoadError{file.name, 0, "the file holds no Rego", "write a package, or remove the file"}
	}
	return module, nil
}

func (l *Library) addModule(file sourceFile, module *ast.Module, from origin) error {
	pkg, line := packageName(module), module.Package.Location.Row
	if !strings.HasPrefix(pkg, from.root+".") {
		return &LoadError{file.name, line, fmt.Sprintf("package %s is not below %s", pkg, from.root), fmt.Sprintf("packages in this folder begin with %q; built-in policies cannot be replaced", from.root+".")}
	}
	if !from.owns(module) {
		return &LoadError{file.name, line, fmt.Sprintf("package %s is below none of the roots of the bundle", pkg), "name its package among the roots in .manifest: " + strings.Join(from.roots, ", ")}
	}
	if file.isTest() {
		l.ownTests[file.name] = module
		return nil
	}
	isLib := strings.HasPrefix(pkg, from.root+".lib.")
	if other, ok := l.packages[pkg]; ok && (!isLib || other.folder != from.folder) {
		return &LoadError{file.name, line, fmt.Sprintf("package %s is there twice", pkg), "give each control a package of its own; a library may be spread over the files of one folder"}
	}
	l.packages[pkg] = from
	l.modules[file.name] = module
	if isLib {
		return nil
	}
	return l.addControl(file.name, file.text, module)
}

// owns reports whether a package is below one of the roots of its bundle.
func (o origin) owns(module *ast.Module) bool {
	name := strings.ReplaceAll(packageName(module), ".", "/") + "/"
	return o.roots == nil || slices.ContainsFunc(o.roots, func(root string) bool {
		root = strings.Trim(root, "/")
		return root == "" || strings.HasPrefix(name, root+"/")
	})
}
