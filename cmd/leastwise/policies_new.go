package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"leastwise/policies"
	"leastwise/policies/subject"
)

func (p *program) policiesNewCommand() *cobra.Command {
	var dir, title, kind string
	cmd := &cobra.Command{
		Use:   "new ID",
		Short: "Write a control of your own to begin with",
		Long: `Write a control of your own to begin with: the control, its tests and its page, in a
folder of their own below --dir. The control works as it is, and a failing example is
among its tests: put your own condition in its place. Nothing is overwritten.`,
		Example: `  leastwise policies new CUSTOM-001
  leastwise policies new CUSTOM-002 --subject container_type --dir our-controls --title "Types are named by our rules"`,
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.newPolicy(cmd, dir, policies.Scaffold{ID: strings.ToUpper(args[0]), Title: title, Subject: subject.Kind(kind)})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&kind, "subject", string(subject.KindApplication), "`KIND` of subject that it judges")
	flags.StringVar(&dir, "dir", "our-controls", "`DIR` of your controls")
	flags.StringVar(&title, "title", "", "what is right when the control passes, as one `TEXT`")
	return cmd
}

func (p *program) newPolicy(cmd *cobra.Command, dir string, scaffold policies.Scaffold) (err error) {
	files, err := scaffold.Files()
	if err != nil {
		return err
	}
	if err := unusedID(dir, scaffold.ID); err != nil {
		return err
	}
	folder := filepath.Join(dir, files.Name)
	if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already, and nothing is overwritten; hint: choose another id or --dir", folder)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("%w; hint: name a folder that can be written to with --dir", err)
	}
	defer func() {
		if err != nil { // nothing half-done
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	base := filepath.Join(folder, files.Name)
	if err := errors.Join(
		os.WriteFile(base+".rego", []byte(files.Control), 0o644),
		os.WriteFile(base+"_test.rego", []byte(files.Test), 0o644),
	); err != nil {
		return err
	}
	example, err := pageOfNew(cmd, folder, base+".md", scaffold.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s\n%s\n%s\n\na failing example, from its tests:\n  %s  %s  %s\n\nnext:\n", base+".rego", base+"_test.rego", base+".md",
		example.Severity, scaffold.ID, oneLine(example.Message))
	fmt.Fprintf(p.stdout, "  leastwise policies test %s --cover\n  leastwise audit SNAPSHOT --policies %s --only %s\n", dir, dir, scaffold.ID)
	return nil
}

// pageOfNew writes the page of a control that was just written, which shows that it loads and that its failing
// case fails.
func pageOfNew(cmd *cobra.Command, folder, file, id string) (example policies.Example, err error) {
	library, err := policies.Load(policies.LoadOptions{Folders: []string{folder}, ListOnly: true})
	if err != nil {
		return example, err
	}
	examples, err := library.Examples(cmd.Context(), true)
	if err != nil {
		return example, err
	}
	for _, control := range library.Controls {
		if control.ID == id {
			return examples[id], os.WriteFile(file, controlPage(library, control, examples), 0o644)
		}
	}
	return example, fmt.Errorf("%s was written and not loaded", id)
}

// unusedID refuses an id that a control of the folder has. A folder that does not load says so.
func unusedID(dir, id string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	library, err := policies.Load(policies.LoadOptions{Folders: []string{dir}, ListOnly: true})
	if err != nil {
		if fault, ok := errors.AsType[*policies.LoadError](err); ok && fault.File == dir {
			return nil // no control yet
		}
		return err
	}
	for _, control := range library.Controls {
		if control.ID == id {
			return fmt.Errorf("the id %s is taken by %s; hint: ids are never reused; take the next free one", id, control.File)
		}
	}
	return nil
}
