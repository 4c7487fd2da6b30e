package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"leastwise/policies"
)

const indexName = "README.md"

func (p *program) policiesDocsCommand() *cobra.Command {
	var folders []string
	var dir string
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write a page per control, and an index",
		Long: `Write a page per control, and an index, in Markdown: why, what it needs, when it
says unknown, what to do, references, frameworks, and a finding as an example, from
the tests of the control. Pages of controls that are gone are removed; files that
this command did not write are left alone.`,
		Example: "  leastwise policies docs\n  leastwise policies docs --dir handbook/controls --policies our-controls",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			library, err := p.loadPolicies(policies.LoadOptions{Folders: folders}, progressStyle{})
			if err != nil {
				return err
			}
			examples, err := library.Examples(cmd.Context(), false)
			if err != nil {
				return err
			}
			pages := map[string][]byte{indexName: indexPage(library)}
			for _, c := range library.Listed() {
				pages[c.ID+".md"] = controlPage(library, c, examples)
			}
			removed, err := writePages(dir, pages)
			if err != nil {
				return fmt.Errorf("write pages: %w", err)
			}
			fmt.Fprintf(p.stdout, "%s and an index in %s", counted(len(pages)-1, "page"), dir)
			if removed > 0 {
				fmt.Fprintf(p.stdout, "; %s of controls that are gone removed", counted(removed, "page"))
			}
			fmt.Fprintln(p.stdout)
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "leastwise-controls", "`DIR` to write to")
	addPolicies(cmd, &folders)
	return cmd
}

// writePages writes all pages, and removes those that it once wrote and that are none any more. It refuses to
// replace a file that it did not write, before anything is done.
func writePages(dir string, pages map[string][]byte) (removed int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("%w; hint: name a folder that can be written to with --dir", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var gone []string
	for _, entry := range entries {
		file := filepath.Join(dir, entry.Name())
		if filepath.Ext(file) != ".md" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		_, wanted := pages[filepath.Base(file)]
		written := bytes.HasPrefix(text, []byte(pageMark))
		if wanted && !written {
			return 0, fmt.Errorf("%s is there and was not written by this command; hint: name another folder with --dir", file)
		}
		if !wanted && written {
			gone = append(gone, file)
		}
	}
	for name, text := range pages {
		if err := writePage(filepath.Join(dir, name), text); err != nil {
			return 0, err
		}
	}
	slices.Sort(gone)
	for _, file := range gone {
		if err := os.Remove(file); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}

// writePage writes a file whole or not at all; one that is already so is left as it is.
func writePage(path string, text []byte) (err error) {
	if known, err := os.ReadFile(path); err == nil && bytes.Equal(known, text) {
		return nil
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".leastwise-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ignoreMissing(os.Remove(temp.Name()))) }()
	_, err = temp.Write(text)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
