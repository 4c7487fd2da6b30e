package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// release is the version of this source.
const release = "0.1.0"

// toolName is what snapshots and reports call this program.
const toolName = "leastwise"

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and the versions of the formats",
		Example: "  leastwise version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(p.stdout, "%s %s\nsnapshot format %d\nreport schema %s\n", toolName, release, snapshot.FormatVersion, finding.SchemaVersion)
			if info, ok := debug.ReadBuildInfo(); ok {
				fmt.Fprintf(p.stdout, "built with %s\n", info.GoVersion)
				for _, setting := range info.Settings {
					if setting.Key == "vcs.revision" {
						fmt.Fprintf(p.stdout, "commit %s\n", setting.Value)
					}
				}
			}
			return nil
		},
	}
}
