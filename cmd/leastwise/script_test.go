package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/xuri/excelize/v2"
	"gopkg.in/yaml.v3"

	"leastwise/fixtures"
	"leastwise/fixtures/simulator"
)

// TestMain lets scripts say `exec leastwise …`: the test binary runs itself as that program, and as those that leastwise
// may start.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"leastwise": startShifted, "az": azureCLI, "xdg-open": openBrowser})
}

// TestScripts runs testdata/script/*.txtar: leastwise as its users meet it. The commands that scripts may use besides
// testscript's own are listed in scriptCommands.
func TestScripts(t *testing.T) {
	shared := &collections{ctx: t.Context(), dir: t.TempDir(), made: map[string]func() error{}}
	testscript.Run(t, testscript.Params{
		Files:               scriptFiles(t),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		ContinueOnError:     true, // a script says everything that is wrong
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			// The race detector sleeps for a second at each exit otherwise.
			env.Setenv("GORACE", "atexit_sleep_ms=10")
			return nil
		},
		Cmds: scriptCommands(shared),
	})
}

// A scriptCommand fails the script with what it returns.
type scriptCommand func(ts *testscript.TestScript, args []string) error

func scriptCommands(shared *collections) map[string]func(*testscript.TestScript, bool, []string) {
	commands := map[string]func(*testscript.TestScript, bool, []string){}
	usages := identityCommands()
	maps.Copy(usages, map[string]scriptCommand{
		"simulate TENANT DIR [LATENCY]":   simulate,
		"snapshot TENANT DIR":             shared.snapshot,
		"fixture TENANT/FILE FILE":        copyFixture,
		"saved DIR":                       writeSaved,
		"copytree DIR DIR":                copyTree,
		"judge SAVED SNAPSHOT":            judgeSaved,
		"missing DATASET CONTROL...":      withoutDataset,
		"longest FILE N":                  checkLongest,
		"broken NAME OLD NEW":             breakControl,
		"variant NAME OLD NEW":            varyConfig,
		"unreachable API":                 makeUnreachable,
		"setsecret VARIABLE FILE":         setSecret,
		"faulty NAME PATTERN":             checkFaulty,
		"exitcode N COMMAND...":           exitCode,
		"refuse PATTERN COMMAND...":       refuse,
		"findings REPORT EXPECTED":        checkFindings,
		"samefindings A B [CONTROL...]":   sameFindings,
		"samebytes A B...":                sameBytes,
		"sheets WORKBOOK NAME...":         checkSheets,
		"noformulas WORKBOOK":             noFormulas,
		"replace [-xN] FILE OLD NEW":      replaceText,
		"regzip FILE OLD NEW":             replaceZipped,
		"gunzip FILE FILE":                unzip,
		"cut FILE BYTES":                  cutFile,
		"empty DIR":                       checkEmpty,
		"nosecrets ACCESS FILE-OR-DIR...": noSecrets,
		"jsonlines FILE":                  checkJSONLines,
		"rendered FILE COLUMNS":           renderTerminal,
		"hardcalls DIR T":                 hardCalls,
		"covers ANSWER BOUND":             checkCover,
	})
	maps.Copy(usages, collectCommands(shared.ctx))
	maps.Copy(usages, browserCommands())
	maps.Copy(usages, gateCommands())
	maps.Copy(usages, policyCommands())
	maps.Copy(usages, eventCommands())
	maps.Copy(usages, waiverCommands())
	maps.Copy(usages, diffCommands())
	for usage, command := range usages {
		name, operands, _ := strings.Cut(usage, " ")
		least := len(strings.Fields(regexp.MustCompile(`\[.*?\] ?`).ReplaceAllString(operands, "")))
		commands[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) < least {
				ts.Fatalf("usage: %s", usage)
			}
			if err := command(ts, args); err != nil {
				ts.Fatalf("%s: %v", name, err)
			}
		}
	}
	commands["value"] = checkValue
	commands["cells"] = grepCells
	return commands
}

// startTenant starts the simulator for a tenant of fixtures/tenants.
func startTenant(ctx context.Context, name string, latency time.Duration) (*simulator.Simulator, error) {
	tenant, err := fs.Sub(fixtures.Tenants, "tenants/"+name)
	if err != nil {
		return nil, err
	}
	sim, err := simulator.New(tenant, simulator.Options{Clock: time.Now, AutoApproveDevices: true, Latency: latency})
	if err != nil {
		return nil, err
	}
	return sim, sim.Start(ctx)
}

// simulate serves a tenant until the script ends and writes what is needed to reach it: leastwise.yaml, ca.pem, app.pem,
// client-secret.txt, audit/. Each answer takes LATENCY.
func simulate(ts *testscript.TestScript, args []string) error {
	var latency time.Duration
	if len(args) > 2 {
		var err error
		if latency, err = time.ParseDuration(args[2]); err != nil {
			return err
		}
	}
	sim, err := startTenant(context.Background(), args[0], latency)
	if err != nil {
		return err
	}
	ts.Defer(func() { _ = sim.Close() })
	return sim.WriteFiles(ts.MkAbs(args[1]))
}

// collections are snapshots of the fixture tenants, each made once for all scripts.
type collections struct {
	ctx  context.Context
	dir  string
	mu   sync.Mutex
	made map[string]func() error
}

// snapshot copies a snapshot of a tenant, made like any other by `leastwise collect`.
func (c *collections) snapshot(ts *testscript.TestScript, args []string) error {
	tenant := args[0]
	c.mu.Lock()
	if c.made[tenant] == nil {
		c.made[tenant] = sync.OnceValue(func() error { return c.collect(tenant) })
	}
	made := c.made[tenant]
	c.mu.Unlock()
	if err := made(); err != nil {
		return err
	}
	return os.CopyFS(ts.MkAbs(args[1]), os.DirFS(c.path(tenant)))
}

func (c *collections) path(tenant string) string { return filepath.Join(c.dir, tenant, "snapshot") }

func (c *collections) collect(tenant string) error {
	sim, err := startTenant(c.ctx, tenant, 0)
	if err != nil {
		return err
	}
	access := filepath.Join(c.dir, tenant, "access")
	if err := sim.WriteFiles(access); err != nil {
		return err
	}
	var stderr bytes.Buffer
	p := program{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: &stderr,
		now: time.Now, env: os.Getenv, tempDir: c.dir,
	}
	code := p.run(c.ctx, []string{"collect", "--config", filepath.Join(access, "leastwise.yaml"), "-o", c.path(tenant)})
	if code == exitBroken {
		return fmt.Errorf("collect %s: %s", tenant, &stderr)
	}
	return sim.Close()
}

// copyFixture copies a file of fixtures/tenants.
func copyFixture(ts *testscript.TestScript, args []string) error {
	data, err := fs.ReadFile(fixtures.Tenants, "tenants/"+args[0])
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), data, 0o600)
}

// soundConfig switches off the controls of Data Connect, so that what is sound in saved responses stays so: they do not tell
// from when on audit events are complete. It switches off, too, what rests on files that are not among them, and the two
// controls that fail.
func soundConfig() []byte {
	config := []byte("disabled:\n")
	for number := range 17 {
		if id := fmt.Sprintf("DC-%03d", number+1); id != "DC-016" { // of pipelines
			config = fmt.Appendf(config, "  %s: it is not known from when on audit events are complete\n", id)
		}
	}
	for id := range strings.FieldsSeq("ENTRA-006 ENTRA-007 ENTRA-014 ENTRA-015 ENTRA-018 ENTRA-021 ENTRA-023 ENTRA-024 ENTRA-025" +
		" SPE-012 SPE-014 TEN-001 TEN-002 TEN-003 TEN-004 TEN-005") {
		config = fmt.Appendf(config, "  %s: it rests on what was not saved\n", id)
	}
	return append(config, "  ENTRA-012: Ledger has a secret\n  SPE-009: nobody has consented to Archive yet\n"...)
}

// writeSaved writes the saved responses of testdata/saved.txtar, and sound.yaml.
func writeSaved(ts *testscript.TestScript, args []string) error {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "saved.txtar"))
	if err != nil {
		return err
	}
	return errors.Join(txtar.Write(archive, ts.MkAbs(args[0])), os.WriteFile(ts.MkAbs("sound.yaml"), soundConfig(), 0o600))
}

func copyTree(ts *testscript.TestScript, args []string) error {
	return os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0])))
}

// exitCode runs a command and demands one exit code.
func exitCode(ts *testscript.TestScript, args []string) error {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		return err
	}
	if strconv.Itoa(got) != args[0] {
		return fmt.Errorf("got exit code %d, want %s", got, args[0])
	}
	if crash := regexp.MustCompile(`(?m)^(panic:|goroutine \d+|fatal error:).*`).FindString(ts.ReadFile("stderr")); crash != "" {
		return fmt.Errorf("crashed: %s", crash)
	}
	return nil
}

// judgeSaved collects saved responses that are not complete, judges them as of 2026-11-20 and writes report.json. All that
// matters is that there is a verdict; what it is, the script asks next.
func judgeSaved(ts *testscript.TestScript, args []string) error {
	if err := exitCode(ts, []string{"3", "leastwise", "collect", "--from", "folder:" + args[0], "-o", args[1]}); err != nil {
		return err
	}
	err := exitCode(ts, []string{"3", "leastwise", "audit", args[1], "--config", "sound.yaml", "--as-of", "2026-11-20", "-o", "json=report.json"})
	if strings.Contains(ts.ReadFile("stderr"), "error:") {
		return err
	}
	return nil
}

// withoutDataset judges the tenant in saved/ without one dataset. The controls named must come to unknown and nothing else,
// those named as CONTROL/some to unknown on something, and the run must not end as if all were well.
func withoutDataset(ts *testscript.TestScript, args []string) error {
	dir, snap := "without-"+args[0], "snapshot-"+args[0]
	if err := copyTree(ts, []string{"saved", dir}); err != nil {
		return err
	}
	if err := os.Remove(ts.MkAbs(filepath.Join(dir, args[0]+".json"))); err != nil {
		return err
	}
	collected := exitCode(ts, []string{"3", "leastwise", "collect", "--from", "folder:" + dir, "-o", snap})
	only := strings.ReplaceAll(strings.Join(args[1:], ","), "/some", "")
	audited := exitCode(ts, []string{"3", "leastwise", "audit", snap, "--as-of", "2026-11-20", "--only", only, "-o", "json=report.json"})
	j, err := readJudgement(ts, "report.json")
	if err := errors.Join(collected, audited, err); err != nil {
		return fmt.Errorf("without %s: %w", args[0], err)
	}
	for _, c := range j.Controls {
		some, all := slices.Contains(args[1:], c.ID+"/some"), slices.Contains(args[1:], c.ID)
		if (some || all) && c.Counts["unknown"] == 0 || all && c.Counts["pass"]+c.Counts["fail"] > 0 {
			return fmt.Errorf("without %s, %s comes to %v, want unknown", args[0], c.ID, c.Counts)
		}
	}
	return nil
}

// breakControl makes a folder of policies from control.rego with one mistake in it.
func breakControl(ts *testscript.TestScript, args []string) error {
	broken, err := replaceAll(ts.ReadFile("control.rego"), args[1], args[2], 1)
	if err != nil {
		return err
	}
	if err := os.Mkdir(ts.MkAbs(args[0]), 0o700); err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(filepath.Join(args[0], "control.rego")), []byte(broken), 0o600)
}

// varyConfig makes access/NAME.yaml from access/leastwise.yaml.
func varyConfig(ts *testscript.TestScript, args []string) error {
	varied, err := replaceAll(ts.ReadFile("access/leastwise.yaml"), args[1], args[2], 1)
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(filepath.Join("access", args[0]+".yaml")), []byte(varied), 0o600)
}

// makeUnreachable makes access/API.yaml, in which one of login, graph and management is at a port where nobody listens.
func makeUnreachable(ts *testscript.TestScript, args []string) error {
	address := regexp.MustCompile(args[0] + `: "https://127\.0\.0\.1:\d+"`)
	config := address.ReplaceAllString(ts.ReadFile("access/leastwise.yaml"), args[0]+`: "https://127.0.0.1:1"`)
	return os.WriteFile(ts.MkAbs(filepath.Join("access", args[0]+".yaml")), []byte(config), 0o600)
}

// setSecret sets an environment variable to what a file holds.
func setSecret(ts *testscript.TestScript, args []string) error {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
	return nil
}

// checkFaulty demands that a folder of policies is refused by an audit of snap, and that no report was touched.
func checkFaulty(ts *testscript.TestScript, args []string) error {
	before := ts.ReadFile("out/report.json")
	err := refuse(ts, []string{
		args[1], "leastwise", "audit", "snap", "--as-of", "2026-11-20",
		"--policies", args[0], "-o", "json=out/report.json", "-o", "xlsx=out/report.xlsx",
	})
	if ts.ReadFile("out/report.json") != before {
		err = errors.Join(err, errors.New("out/report.json was written"))
	}
	if entries, _ := os.ReadDir(ts.MkAbs("out")); len(entries) != 1 {
		err = errors.Join(err, fmt.Errorf("out holds %v", entries))
	}
	if err != nil { // the next one shall not suffer from it
		return fmt.Errorf("%s: %w", args[0], errors.Join(err, os.RemoveAll(ts.MkAbs("out/report.xlsx"))))
	}
	return nil
}

// refuse runs a command that cannot do its work: exit code 2, nothing on stdout, one error line that the pattern
// matches, one hint.
func refuse(ts *testscript.TestScript, args []string) error {
	if err := exitCode(ts, append([]string{"2"}, args[1:]...)); err != nil {
		return err
	}
	if out := ts.ReadFile("stdout"); out != "" {
		return fmt.Errorf("stdout is not empty: %q", out)
	}
	stderr := ts.ReadFile("stderr")
	faults := regexp.MustCompile(`(?m)^error: .+$`).FindAllString(stderr, -1)
	hints := regexp.MustCompile(`(?m)^hint: .+$`).FindAllString(stderr, -1)
	if len(faults) != 1 || len(hints) != 1 || strings.Count(stderr, "hint:") != 1 {
		return fmt.Errorf("got %d error and %d hint lines, want one of each", len(faults), len(hints))
	}
	pattern, err := regexp.Compile(args[0])
	if err != nil {
		return err
	}
	if !pattern.MatchString(faults[0]) {
		return fmt.Errorf("%q does not match %q", faults[0], args[0])
	}
	return nil
}

// An outcome is what a finding says, in the terms of expected.yaml.
type outcome struct {
	Control string `json:"control" yaml:"control"`
	Subject string `json:"-" yaml:"subject"`
	// Subjects are given in place of Subject where many have the same outcome.
	Subjects []string `json:"-" yaml:"subjects"`
	Key      any      `json:"key" yaml:"key"`
	Outcome  string   `json:"outcome" yaml:"outcome"`
	Why      string   `json:"-" yaml:"why"`
}

func (o outcome) String() string {
	key, err := json.Marshal(o.Key) // sorts members
	if err != nil {
		key = []byte(err.Error())
	}
	return fmt.Sprintf("%s %s %s %s", o.Control, o.Subject, key, o.Outcome)
}

// A judgement is what a report says: its findings, and how often each control came to each outcome.
type judgement struct {
	Findings []struct {
		outcome
		Subject struct{ Kind, ID string }
	}
	Controls []struct {
		ID     string
		Counts map[string]int
	}
}

func readJudgement(ts *testscript.TestScript, file string) (judgement, error) {
	var j judgement
	return j, json.Unmarshal([]byte(ts.ReadFile(file)), &j)
}

// lines are the findings of a report, without those of some controls.
func (j judgement) lines(without ...string) []string {
	var lines []string
	for _, f := range j.Findings {
		if !slices.Contains(without, f.Control) {
			f.outcome.Subject = f.Subject.Kind + ":" + f.Subject.ID
			lines = append(lines, f.String())
		}
	}
	return lines
}

// checkFindings compares the findings of a report with an expected.yaml, both ways.
func checkFindings(ts *testscript.TestScript, args []string) error {
	got, err := readJudgement(ts, args[0])
	if err != nil {
		return err
	}
	var expected []outcome
	dec := yaml.NewDecoder(strings.NewReader(ts.ReadFile(args[1])))
	dec.KnownFields(true)
	if err := dec.Decode(&expected); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var want []string
	for _, o := range expected {
		for _, subject := range append(o.Subjects, o.Subject) {
			if o.Subject = subject; subject != "" || len(o.Subjects) == 0 {
				want = append(want, o.String())
			}
		}
	}
	return compareLines(got.lines(), want)
}

// sameFindings compares two reports but for the controls named: each finding, and the counts of each control.
func sameFindings(ts *testscript.TestScript, args []string) error {
	a, err := readJudgement(ts, args[0])
	if err != nil {
		return err
	}
	b, err := readJudgement(ts, args[1])
	if err != nil {
		return err
	}
	counts := func(j judgement) (lines []string) {
		for _, c := range j.Controls {
			if !slices.Contains(args[2:], c.ID) {
				lines = append(lines, fmt.Sprint(c.ID, c.Counts))
			}
		}
		return lines
	}
	got, want := append(b.lines(args[2:]...), counts(b)...), append(a.lines(args[2:]...), counts(a)...)
	return compareLines(got, want)
}

func compareLines(got, want []string) error {
	slices.Sort(got)
	slices.Sort(want)
	var differences strings.Builder
	for _, line := range subtract(want, got) {
		differences.WriteString("\n  missing " + line)
	}
	for _, line := range subtract(got, want) {
		differences.WriteString("\n  extra   " + line)
	}
	if differences.Len() > 0 {
		return fmt.Errorf("findings differ:%s", &differences)
	}
	return nil
}

// subtract returns what is in a more often than in b.
func subtract(a, b []string) []string {
	counts := map[string]int{}
	for _, line := range b {
		counts[line]++
	}
	var left []string
	for _, line := range a {
		if counts[line]--; counts[line] < 0 {
			left = append(left, line)
		}
	}
	return left
}

// checkValue looks into a JSON file, with FILE PATH WANT. A path is made of members, [index], [path=value,…] for the first
// element of which this is true, * for every element, and length for their number. WANT is text or JSON; after -match it
// is a pattern; after -each it must hold for every element of a list that is not empty.
func checkValue(ts *testscript.TestScript, neg bool, args []string) {
	mode := ""
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		mode, args = args[0], args[1:]
	}
	if len(args) != 3 {
		ts.Fatalf("usage: [!] value [-match|-each] FILE PATH WANT")
	}
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	dec.UseNumber()
	var document any
	ts.Check(dec.Decode(&document))
	if dec.More() {
		ts.Fatalf("value: %s holds more than one JSON value", args[0])
	}
	found, err := lookUp(document, args[1])
	if err != nil && !neg {
		ts.Fatalf("value: %s: %s: %v", args[0], args[1], err)
	}
	matches := func(v any) bool { return plain(v) == args[2] }
	if mode == "-match" {
		pattern, err := regexp.Compile(args[2])
		ts.Check(err)
		matches = func(v any) bool { return pattern.MatchString(plain(v)) }
	}
	holds := err == nil && matches(found)
	if list, ok := found.([]any); ok && mode == "-each" {
		holds = len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { return !matches(v) })
	}
	if holds == neg {
		ts.Fatalf("value: %s: %s is %s, want %s", args[0], args[1], plain(found), args[2])
	}
}

// plain is text as it is, and anything else as JSON.
func plain(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}

func lookUp(value any, path string) (any, error) {
	step, rest, _ := cutStep(path)
	if step == "" {
		return value, nil
	}
	switch v := value.(type) {
	case map[string]any:
		member, ok := v[step]
		if !ok {
			return nil, fmt.Errorf("no member %q among %v", step, slices.Sorted(maps.Keys(v)))
		}
		return lookUp(member, rest)
	case []any:
		return lookUpElement(v, step, rest)
	}
	return nil, fmt.Errorf("%q leads into %s", step, plain(value))
}

// cutStep cuts the first step off a path.
func cutStep(path string) (step, rest string, ok bool) {
	path = strings.TrimPrefix(path, ".")
	if strings.HasPrefix(path, "[") {
		step, rest, ok = strings.Cut(path, "]")
		return step, rest, ok
	}
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i], path[i:], true
	}
	return path, "", true
}

func lookUpElement(list []any, step, rest string) (any, error) {
	switch {
	case step == "length":
		return json.Number(strconv.Itoa(len(list))), nil
	case step == "*":
		found := []any{}
		for _, element := range list {
			v, err := lookUp(element, rest)
			if err != nil {
				return nil, err
			}
			found = append(found, v)
		}
		return found, nil
	case !strings.HasPrefix(step, "["):
		return nil, fmt.Errorf("%q leads into a list", step)
	}
	for i, element := range list {
		if step[1:] == strconv.Itoa(i) || holdsAll(element, step[1:]) {
			return lookUp(element, rest)
		}
	}
	return nil, fmt.Errorf("no element %s]", step)
}

// holdsAll tests an element of a list for conditions such as "control=SPE-001,subject.id=*".
func holdsAll(element any, conditions string) bool {
	for condition := range strings.SplitSeq(conditions, ",") {
		member, want, _ := strings.Cut(condition, "=")
		if v, err := lookUp(element, member); err != nil || plain(v) != want {
			return false
		}
	}
	return true
}

func sameBytes(ts *testscript.TestScript, args []string) error {
	for _, other := range args[1:] {
		if a, b := ts.ReadFile(args[0]), ts.ReadFile(other); a != b {
			return fmt.Errorf("%s (%d bytes) and %s (%d bytes) differ", args[0], len(a), other, len(b))
		}
	}
	return nil
}

// checkSheets demands that a workbook opens and has exactly these sheets.
func checkSheets(ts *testscript.TestScript, args []string) error {
	book, err := excelize.OpenFile(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	if got := book.GetSheetList(); !slices.Equal(got, args[1:]) {
		return fmt.Errorf("got sheets %q, want %q", got, args[1:])
	}
	return book.Close()
}

// eachCell calls f for every cell of every sheet of a workbook.
func eachCell(file string, f func(book *excelize.File, sheet, cell, value string) error) error {
	book, err := excelize.OpenFile(file)
	if err != nil {
		return err
	}
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			return err
		}
		for r, row := range rows {
			for c, value := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					return err
				}
				if err := f(book, sheet, cell, value); err != nil {
					return err
				}
			}
		}
	}
	return book.Close()
}

// constantLink is the only formula that workbooks hold: nothing of it is text of a tenant, but for GUIDs.
var constantLink = regexp.MustCompile(`^HYPERLINK\("(#'[A-Z][A-Za-z ]+'!A1|` +
	`https://(entra\.microsoft\.(com|us)|portal\.azure\.cn|admin\.microsoft\.com)/#[A-Za-z_/~]*([a-zA-Z/]+/[0-9a-f-]{36})*)","[A-Z][A-Za-z ]+"\)$`)

func noFormulas(ts *testscript.TestScript, args []string) error {
	return eachCell(ts.MkAbs(args[0]), func(book *excelize.File, sheet, cell, _ string) error {
		formula, err := book.GetCellFormula(sheet, cell)
		if formula != "" && !constantLink.MatchString(formula) {
			return fmt.Errorf("%s!%s is the formula %s", sheet, cell, formula)
		}
		return err
	})
}

// grepCells looks for a cell in a sheet, with WORKBOOK SHEET PATTERN.
func grepCells(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] cells WORKBOOK SHEET PATTERN")
	}
	pattern, err := regexp.Compile(args[2])
	ts.Check(err)
	found := ""
	ts.Check(eachCell(ts.MkAbs(args[0]), func(_ *excelize.File, sheet, cell, value string) error {
		if sheet == args[1] && pattern.MatchString(value) {
			found = cell
		}
		return nil
	}))
	if (found != "") == neg {
		ts.Fatalf("cells: sheet %s: found %q, cell that matches %s", args[1], found, args[2])
	}
}

// replaceText replaces every OLD in a file; there must be one. Both may hold escapes such as \n and \xff; NEW is repeated
// N times after -xN.
func replaceText(ts *testscript.TestScript, args []string) error {
	times := 1
	if n, ok := strings.CutPrefix(args[0], "-x"); ok {
		var err error
		if times, err = strconv.Atoi(n); err != nil {
			return err
		}
		args = args[1:]
	}
	replaced, err := replaceAll(ts.ReadFile(args[0]), args[1], args[2], times)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return os.WriteFile(ts.MkAbs(args[0]), []byte(replaced), 0o600)
}

func replaceAll(text, from, to string, times int) (string, error) {
	from, err := strconv.Unquote(`"` + strings.ReplaceAll(from, `"`, `\"`) + `"`)
	if err != nil {
		return "", err
	}
	if to, err = strconv.Unquote(`"` + strings.ReplaceAll(to, `"`, `\"`) + `"`); err != nil {
		return "", err
	}
	if !strings.Contains(text, from) {
		return "", fmt.Errorf("%q does not occur", from)
	}
	return strings.ReplaceAll(text, from, strings.Repeat(to, times)), nil
}

// replaceZipped is replaceText inside a gzip file.
func replaceZipped(ts *testscript.TestScript, args []string) error {
	text, err := gunzip([]byte(ts.ReadFile(args[0])))
	if err != nil {
		return err
	}
	replaced, err := replaceAll(string(text), args[1], args[2], 1)
	if err != nil {
		return err
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(w, replaced); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[0]), zipped.Bytes(), 0o600)
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func unzip(ts *testscript.TestScript, args []string) error {
	text, err := gunzip([]byte(ts.ReadFile(args[0])))
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), text, 0o600)
}

// cutFile keeps the first bytes of a file, or all but the last when the number is negative.
func cutFile(ts *testscript.TestScript, args []string) error {
	size, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	if size < 0 {
		size += len(ts.ReadFile(args[0]))
	}
	return os.Truncate(ts.MkAbs(args[0]), int64(size))
}

// checkLongest demands that the longest cell of a workbook has at most N characters, and the longest text of a JSON file
// exactly N.
func checkLongest(ts *testscript.TestScript, args []string) error {
	want, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	longest := 0
	if filepath.Ext(args[0]) == ".xlsx" {
		err := eachCell(ts.MkAbs(args[0]), func(_ *excelize.File, _, _, value string) error {
			longest = max(longest, utf8.RuneCountInString(value))
			return nil
		})
		if err != nil || longest <= want {
			return err
		}
		return fmt.Errorf("%s has a cell of %d characters, want at most %d", args[0], longest, want)
	}
	for text := range strings.SplitSeq(ts.ReadFile(args[0]), `"`) {
		longest = max(longest, utf8.RuneCountInString(text))
	}
	if longest != want {
		return fmt.Errorf("%s has a text of %d characters, want %d", args[0], longest, want)
	}
	return nil
}

func checkEmpty(ts *testscript.TestScript, args []string) error {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("%s holds %v", args[0], entries)
	}
	return err
}

// noSecrets searches the last output, and files and folders, for what simulate wrote into ACCESS and for anything that
// looks like a token or a private key. It looks into gzip files and workbooks.
func noSecrets(ts *testscript.TestScript, args []string) error {
	secrets := []*regexp.Regexp{
		regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}`), // a token or an assertion: base64 of {"
		regexp.MustCompile(`PRIVATE KEY`),
		regexp.MustCompile(`client_assertion=|client_secret=|device_code=`),
		regexp.MustCompile(regexp.QuoteMeta(strings.TrimSpace(ts.ReadFile(filepath.Join(args[0], "client-secret.txt"))))),
	}
	_, key, _ := strings.Cut(ts.ReadFile(filepath.Join(args[0], "app.pem")), "PRIVATE KEY-----") // the certificate is public
	for line := range strings.SplitSeq(key, "\n") {
		if len(line) >= 40 && !strings.HasPrefix(line, "-----") {
			secrets = append(secrets, regexp.MustCompile(regexp.QuoteMeta(line[:40])))
		}
	}
	search := func(where string, text []byte) error {
		for _, secret := range secrets {
			if at := secret.FindIndex(text); at != nil {
				return fmt.Errorf("%s holds a secret at byte %d: %q", where, at[0], text[max(0, at[0]-60):min(len(text), at[0]+8)])
			}
		}
		return nil
	}
	for _, stream := range []string{"stdout", "stderr"} {
		if err := search(stream, []byte(ts.ReadFile(stream))); err != nil {
			return err
		}
	}
	for _, root := range args[1:] {
		err := filepath.WalkDir(ts.MkAbs(root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			texts, err := plainTexts(path)
			for _, text := range texts {
				err = errors.Join(err, search(path, text))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// plainTexts reads a file, and what is packed inside it.
func plainTexts(path string) ([][]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	texts := [][]byte{data}
	switch filepath.Ext(path) {
	case ".gz":
		text, err := gunzip(data)
		return append(texts, text), err
	case ".xlsx":
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil, err
		}
		for _, file := range archive.File {
			text, err := fs.ReadFile(archive, file.Name)
			if err != nil {
				return nil, err
			}
			texts = append(texts, text)
		}
	}
	return texts, nil
}
