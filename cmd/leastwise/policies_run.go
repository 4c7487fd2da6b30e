package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"leastwise/policies"
)

// policyTest are the flags of policies test.
type policyTest struct {
	folders []string
	all     bool
	cover   bool
	least   string // percent of coverage; "" for none
}

func (p *program) policiesTestCommand() *cobra.Command {
	var o policyTest
	cmd := &cobra.Command{
		Use:   "test [DIR...] [NAME]",
		Short: "Run Rego tests",
		Long: `Run Rego tests: those of the folders and bundles that are named, else all. NAME
restricts them to packages whose name contains it. A file *_test.rego holds tests,
rules whose names begin with test_. Every one is listed, failed ones with file and
line.

Exit codes:
  0  all passed, and coverage is high enough
  1  a test failed, or coverage is below --coverage
  2  the tool could not do its work: a folder that cannot be read, Rego that does
     not compile, no test found`,
		Example: `  leastwise policies test our-controls
  leastwise policies test our-controls.tar.gz --coverage 90
  leastwise policies test expired
  leastwise policies test expired --policies our-controls`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.testPolicies(cmd, &o, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.all, "all", false, "list the passing tests of the built-in controls too")
	flags.BoolVar(&o.cover, "cover", false, "say how many lines of each control the tests reach")
	flags.StringVar(&o.least, "coverage", "", "fail when the tests reach less than `PERCENT` of the lines of a control; implies --cover")
	addPolicies(cmd, &o.folders)
	return cmd
}

func (p *program) testPolicies(cmd *cobra.Command, o *policyTest, args []string) error {
	folders, name, err := foldersAndName(args)
	if err != nil {
		return err
	}
	least := 0.0
	if o.least != "" {
		if least, err = strconv.ParseFloat(strings.TrimSuffix(o.least, "%"), 64); err != nil || !(least >= 0 && least <= 100) {
			return fmt.Errorf("--coverage %q is no percentage; hint: a number from 0 to 100", o.least)
		}
	}
	own := len(folders) > 0
	library, err := p.loadPolicies(policies.LoadOptions{Folders: slices.Concat(folders, o.folders), ListOnly: true}, progressStyle{})
	if err != nil {
		return err
	}
	run, err := library.Test(cmd.Context(), policies.TestOptions{Name: name, Own: own, Cover: o.cover || o.least != ""})
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range run.Tests {
		if r.Failed {
			failed++
		}
		if r.Failed || o.all || own {
			fmt.Fprintln(p.stdout, oneLine(r.String()))
		}
	}
	low := p.showCoverage(run.Coverage, least)
	fmt.Fprintf(p.stdout, "%d passed, %d failed\n", len(run.Tests)-failed, failed)
	if low > 0 {
		fmt.Fprintf(p.stdout, "%s below %s%% of coverage\n", counted(low, "file"), strconv.FormatFloat(least, 'f', -1, 64))
	}
	if failed > 0 || low > 0 {
		return verdictError{exitViolations}
	}
	return nil
}

// foldersAndName tells folders and bundles from the one other argument, part of the name of packages.
func foldersAndName(args []string) (folders []string, name string, err error) {
	for _, arg := range args {
		_, statErr := os.Stat(arg)
		isPath := statErr == nil || !errors.Is(statErr, fs.ErrNotExist) || strings.ContainsAny(arg, `/\`) || filepath.Ext(arg) == ".gz"
		switch {
		case isPath:
			folders = append(folders, arg)
		case name != "":
			return nil, "", fmt.Errorf("neither %q nor %q is a folder; hint: name folders or bundles, and one NAME at most", name, arg)
		default:
			name = arg
		}
	}
	return folders, name, nil
}

// showCoverage lists how much of each file is reached, and returns how many are below the least.
func (p *program) showCoverage(files []policies.FileCoverage, least float64) (low int) {
	for _, file := range files {
		text := fmt.Sprintf("%5.1f%%  %s", file.Percent, file.File)
		if file.Control != "" {
			text += "  " + file.Control
		}
		if len(file.Missed) > 0 {
			text += "  not reached: line " + joinLineNumbers(file.Missed)
		}
		fmt.Fprintln(p.stdout, oneLine(text))
		if file.Percent < least {
			low++
		}
	}
	return low
}

func joinLineNumbers(lines []int) string {
	words := make([]string, len(lines))
	for i, line := range lines {
		words[i] = strconv.Itoa(line)
	}
	return strings.Join(words, ", ")
}
