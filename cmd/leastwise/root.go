package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit codes. Go's own code for a crash is 2 as well, so that a crash never
// looks like a verdict.
const (
	exitClean      = 0
	exitViolations = 1
	exitBroken     = 2
	exitUnjudged   = 3
)

const exitCodes = `Exit codes:
  0  nothing failed, nothing unknown at or above --fail-on
  1  violations
  2  the tool could not do its work: bad flags, unreadable files, no controls
  3  no violations, but something could not be evaluated`

// program is a run of leastwise with everything it takes from its surroundings.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	env            func(string) string
	tempDir        string
	memory         func(memory) // sets how much is taken; tests leave it be
}

// verdictError ends a run that did its work with an exit code other than 0.
type verdictError struct{ code int }

// Error is part of the error interface; verdicts are shown by the report.
func (e verdictError) Error() string { return fmt.Sprintf("verdict %d", e.code) }

// run executes one command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	p.stderr = newScreen(p.stderr, p.env)
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if verdict, ok := errors.AsType[verdictError](err); ok {
		return verdict.code
	}
	if err == nil {
		return exitClean
	}
	p.showError(err, logsJSON(cmd))
	return exitBroken
}

// logsJSON tells whether a command was asked to log in JSON. Where its flags could not
// be read so far, it was not.
func logsJSON(cmd *cobra.Command) bool {
	flag := cmd.Flags().Lookup("log-format")
	return flag != nil && flag.Value.String() == "json"
}

// showError prints what is wrong on one line and what to do on the next; as JSON both
// are in one record.
func (p *program) showError(err error, asJSON bool) {
	text, hint := err.Error(), ""
	if before, after, ok := strings.Cut(text, "; hint: "); ok {
		text, hint = before, after
	}
	if hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok && hinted.Hint() != "" {
		hint = hinted.Hint()
	}
	if hint == "" && diskFull(err) {
		hint = roomHint
	}
	if hint == "" {
		hint = "run leastwise help, or the command with --help"
	}
	if asJSON {
		p.event(slog.LevelError, oneLine(text), slog.String("hint", oneLine(hint)))
		return
	}
	fmt.Fprintln(p.stderr, "error:", oneLine(text))
	fmt.Fprintln(p.stderr, "hint:", oneLine(hint))
}

// withHint adds what to do to an error that does not say so itself.
func withHint(err error, hint string) error {
	hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if ok && hinted.Hint() != "" || strings.Contains(err.Error(), "; hint: ") {
		return err
	}
	return fmt.Errorf("%w; hint: %s", err, hint)
}

// oneLine keeps an error on one line, and control characters out of the terminal:
// errors may quote what a tenant or a file holds.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "leastwise",
		Short: "Audit what applications may do in a Microsoft 365 tenant",
		Long: `leastwise audits what applications may do in a Microsoft 365 tenant. It collects
app registrations, granted permissions, SharePoint Embedded container-type
permissions and Microsoft Graph Data Connect approvals, judges them with Rego
policies, and writes reports. What could not be looked at is never called fine.

` + exitCodes,
		Example: `  leastwise demo
  leastwise scan --config leastwise.yaml -o xlsx=report.xlsx -o json=report.json
  leastwise audit snapshot/ --as-of 2026-11-20`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		// An empty value is most likely a variable that was not set, and must not
		// quietly mean the default.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return noEmptyFlags(cmd) },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		p.demoCommand(),
		p.collectCommand(),
		p.auditCommand(),
		p.scanCommand(),
		p.gateCommand(),
		p.reportCommand(),
		p.diffCommand(),
		p.waiversCommand(),
		p.policiesCommand(),
		p.permissionsCommand(),
		p.tokenCommand(),
		p.onboardCommand(),
		p.versionCommand(),
	)
	explainExitCodes(root)
	return root
}

// explainExitCodes adds the exit codes to the help of commands that only work or do
// not.
func explainExitCodes(cmd *cobra.Command) {
	for _, child := range cmd.Commands() {
		if !strings.Contains(child.Long, "Exit codes:") {
			child.Long = cmp.Or(child.Long, child.Short+".") + "\n\nExit codes:\n  0  done\n  2  the tool could not do its work"
		}
		explainExitCodes(child)
	}
}

func noEmptyFlags(cmd *cobra.Command) error {
	var empty string
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if value := flag.Value.String(); value == "" || value == "[]" {
			empty = flag.Name
		}
	})
	if empty != "" {
		return fmt.Errorf("--%s is given without a value; hint: leave the flag out to have its default", empty)
	}
	return nil
}

// logFlags are the flags that say how a run talks on stderr.
type logFlags struct {
	quiet, verbose bool
	format         string
}

func (f *logFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print nothing but errors and where to sign in: no progress, no summary")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log each request")
	cmd.Flags().StringVar(&f.format, "log-format", "text", "`FORMAT` of what goes to stderr: text, or json with one object per line")
}

func (f *logFlags) style() progressStyle {
	return progressStyle{quiet: f.quiet, json: f.format == "json"}
}

func (f *logFlags) logger(w io.Writer) (*slog.Logger, error) {
	level := slog.LevelWarn
	switch {
	case f.quiet:
		level = slog.LevelError
	case f.verbose:
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	switch f.format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("--log-format %q; hint: text or json", f.format)
	}
}
