package policies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
)

// FileCoverage says how much of a file the tests reach.
type FileCoverage struct {
	File, Package string
	Control       string  // id; "" for a library
	Percent       float64 // of the lines that can be reached
	Missed        []int   // the first lines of what is not reached, in order
}

// coverage sums up what the tests reached of the files that they are about.
func (l *Library) coverage(tracer *cover.Cover, modules map[string]*ast.Module, options TestOptions) []FileCoverage {
	ids := map[string]string{}
	for _, control := range l.Controls {
		ids[control.File] = control.ID
	}
	var rows []FileCoverage
	report := tracer.Report(modules)
	for file, module := range modules {
		pkg := packageName(module)
		if strings.HasSuffix(file, "_test.rego") || !options.about(pkg) {
			continue
		}
		row := FileCoverage{File: file, Package: pkg, Control: ids[file]}
		if reached := report.Files[file]; reached != nil {
			row.Percent = reached.Coverage
			for _, missed := range reached.NotCovered {
				row.Missed = append(row.Missed, missed.Start.Row)
			}
			row.Missed = slices.Compact(row.Missed)
		} else {
			row.Missed = []int{module.Package.Location.Row}
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b FileCoverage) int { return cmp.Compare(a.File, b.File) })
	return rows
}
