package reports

import (
	"strings"

	"leastwise/policies/finding"
)

func pipelineSheet(d *finding.Document) sheet[finding.Pipeline] {
	return sheet[finding.Pipeline]{
		name: "Pipelines", about: "Activities of a repository that read Data Connect.", pinned: 2, printed: 8, none: "No activity reads Data Connect.", rows: d.Pipelines(),
		datasets: []string{"pipelines"},
		columns: []column[finding.Pipeline]{
			{"File", 44, wrapped, func(p finding.Pipeline) any { return p.File }},
			{"Line", 8, number, func(p finding.Pipeline) any { return p.Line }},
			{"Pipeline", 26, wrapped, func(p finding.Pipeline) any { return p.Pipeline }},
			{"Activity", 30, wrapped, func(p finding.Pipeline) any { return p.Activity }},
			{"Dataset", 34, wrapped, func(p finding.Pipeline) any { return p.Dataset }},
			{"All columns", 10, plain, func(p finding.Pipeline) any { return p.AllColumns }},
			{"Columns", 9, number, func(p finding.Pipeline) any { return pointed(p.Columns) }},
			{"Scope", 9, plain, func(p finding.Pipeline) any { return p.Scope }},
			{"Inactive", 9, plain, func(p finding.Pipeline) any { return p.Inactive }},
			{"App ID", 37, plain, func(p finding.Pipeline) any { return p.AppID }},
			{"Not told by the files", 30, wrapped, func(p finding.Pipeline) any { return strings.Join(p.Unresolved, ", ") }},
			{"Product", 14, plain, func(p finding.Pipeline) any { return p.Product }},
		},
	}
}
