package main

import (
	"github.com/spf13/cobra"

	"leastwise/policies/finding"
)

func (p *program) reportCommand() *cobra.Command {
	var texts []string
	cmd := &cobra.Command{
		Use:   "report FINDINGS.json",
		Short: "Make any other format from the JSON report",
		Long:  "Make any other format from the JSON report, without snapshot or policies.\n\n" + exitCodes,
		Example: `  leastwise report report.json
  leastwise report report.json -o xlsx=report.xlsx`,
		Args: exactArgs("FINDINGS.json"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(texts) == 0 {
				texts = []string{"table"}
			}
			outputs, err := parseOutputs(texts)
			if err != nil {
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
