package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"leastwise/policies/finding"
	"leastwise/reports"
)

func (p *program) reportCommand() *cobra.Command {
	var texts []string
	cmd := &cobra.Command{
		Use:   "report FINDINGS.json",
		Short: "Make any other format from the JSON report",
		Long:  "Make any other format from the JSON report, without snapshot or policies.\n\n" + formatList() + "\n" + exitCodes,
		Example: `  leastwise report report.json
  leastwise report report.json -o xlsx=report.xlsx
  leastwise report report.json -o md >> "$GITHUB_STEP_SUMMARY"`,
		Args: exactArgs("FINDINGS.json"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(texts) == 0 {
				texts = []string{"table"}
			}
			outputs, err := parseOutputs(texts)
			if err != nil {
				return err
			}
			if err := outputs.check(); err != nil {
				return err
			}
			if err := outputs.spare(args[0], "the report that it is made from", "write to another file"); err != nil {
				return err
			}
			document, err := finding.OpenDocument(args[0])
			if err != nil {
				return err
			}
			if err := document.Recount(); err != nil {
				return err
			}
			if err := outputs.render(p, document); err != nil {
				return err
			}
			return verdict(&document.Report)
		},
	}
	cmd.Flags().StringArrayVarP(&texts, "output", "o", nil, "report as `FORMAT[=PATH]`; repeatable; default table")
	return cmd
}

// formatList is the list of formats for help.
func formatList() string {
	var b strings.Builder
	b.WriteString("Formats:\n")
	for _, f := range reports.Formats() {
		fmt.Fprintf(&b, "  %-6s %s\n", f.Name, f.Title)
	}
	return b.String()
}
