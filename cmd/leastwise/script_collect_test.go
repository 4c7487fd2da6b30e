package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"leastwise/fixtures/simulator"
)

// collectCommands are what scripts about collecting use besides the others.
func collectCommands(ctx context.Context) map[string]scriptCommand {
	s := &servers{ctx: ctx, byDir: map[string]*server{}}
	return map[string]scriptCommand{
		"serve TENANT DIR [NAME=VALUE...]":                   s.serve,
		"generation DIR N":                                   s.generation,
		"advance DIR DURATION":                               s.advance,
		"later DIR DURATION":                                 s.later,
		"statistics DIR FILE":                                s.statistics,
		"share A B PERCENT PATTERN":                          checkShare,
		"played FILE MEMBER [NAME...]":                       checkPlayed,
		"killed N DIR FORMER [FLAG...]":                      s.killed,
		"struck SIGNAL N DIR CODE COMMAND...":                s.struck,
		"eachfault TENANT WHOLE FAULT... [-honest FAULT...]": s.eachFault,
		"samedatasets A B [DATASET...]":                      sameDatasets,
		"sametruth SNAPSHOT TRUTH [DATASET=STATUS...]":       sameTruth,
		"statuses SNAPSHOT STATUS [DATASET...]":              checkStatuses,
		"rewrite FILE PATTERN NEW":                           rewriteText,
		"fewer A B PERCENT DATASET...":                       checkFewer,
		"sametree A B":                                       compareTrees,
		"interrupted SNAPSHOT WHOLE":                         checkInterrupted,
		"told A B":                                           checkTold,
		"holds DIR [NAME...]":                                checkHolds,
		"inflate FILE FILE":                                  inflateAll,
		"spent SNAPSHOT STATISTICS":                          checkSpent,
	}
}

// traffic is what a server was asked for.
type traffic struct {
	simulator.Statistics
	// Foreign are connections to the host where hostile answers lead.
	Foreign int64 `json:"foreign"`
}

// statistics writes what was asked of a server since it was last told.
func (s *servers) statistics(ts *testscript.TestScript, args []string) error {
	srv, err := s.of(ts, args[0])
	if err != nil {
		return err
	}
	now := srv.Statistics()
	encoded, err := json.MarshalIndent(traffic{since(now, srv.told), srv.callers.Load()}, "", "  ")
	srv.told = now
	return errors.Join(err, os.WriteFile(ts.MkAbs(args[1]), encoded, 0o600))
}

func since(now, before simulator.Statistics) simulator.Statistics {
	now.Requests -= before.Requests
	now.Batches -= before.Batches
	now.Parts -= before.Parts
	now.Throttled -= before.Throttled
	now.ResourceUnits -= before.ResourceUnits
	now.StorageUnits -= before.StorageUnits
	now.Tokens -= before.Tokens
	now.Activity = now.Activity.Minus(before.Activity)
	now.AuditQueries -= before.AuditQueries
	now.Paths = maps.Clone(now.Paths)
	for path, use := range now.Paths {
		use.Requests -= before.Paths[path].Requests
		use.Units -= before.Paths[path].Units
		use.Throttled -= before.Paths[path].Throttled
		now.Paths[path] = use
	}
	maps.DeleteFunc(now.Paths, func(_ string, use simulator.Use) bool { return use == simulator.Use{} })
	return now
}

func readStatistics(ts *testscript.TestScript, file string) (c traffic, err error) {
	return c, json.Unmarshal([]byte(ts.ReadFile(file)), &c)
}

// operations counts those whose method and path match.
func (c traffic) operations(pattern *regexp.Regexp) (n int) {
	for path, use := range c.Paths {
		if pattern.MatchString(path) {
			n += use.Requests
		}
	}
	return n
}

// checkShare demands that of the operations whose path matches, statistics A have at most so many per cent of those of B.
func checkShare(ts *testscript.TestScript, args []string) error {
	a, err := readStatistics(ts, args[0])
	if err != nil {
		return err
	}
	b, err := readStatistics(ts, args[1])
	if err != nil {
		return err
	}
	percent, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	pattern, err := regexp.Compile(args[3])
	if err != nil {
		return err
	}
	got, of := a.operations(pattern), b.operations(pattern)
	ts.Logf("%d operations of %d", got, of)
	if of == 0 || got*100 > of*percent {
		return fmt.Errorf("%s has %d operations on %s, %s has %d: more than %d %%", args[0], got, pattern, args[1], of, percent)
	}
	return nil
}

// checkPlayed demands that traps or faults, all of those named, were played.
func checkPlayed(ts *testscript.TestScript, args []string) error {
	c, err := readStatistics(ts, args[0])
	if err != nil {
		return err
	}
	counts := map[string]map[string]int{"traps": c.Traps, "faults": c.Faults}[args[1]]
	ts.Logf("%v", counts)
	for _, name := range args[2:] {
		if counts[name] == 0 {
			err = errors.Join(err, fmt.Errorf("%s was not played", name))
		}
	}
	if len(counts) == 0 {
		err = errors.New("nothing was played")
	}
	return err
}

// rewriteText replaces what matches in a file; there must be something.
func rewriteText(ts *testscript.TestScript, args []string) error {
	pattern, err := regexp.Compile(args[1])
	if err != nil {
		return err
	}
	text := ts.ReadFile(args[0])
	if !pattern.MatchString(text) {
		return fmt.Errorf("%s: nothing matches %s", args[0], pattern)
	}
	return os.WriteFile(ts.MkAbs(args[0]), []byte(pattern.ReplaceAllString(text, args[2])), 0o600)
}

// checkHolds demands that a folder holds exactly what is named.
func checkHolds(ts *testscript.TestScript, args []string) error {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if want := slices.Sorted(slices.Values(args[1:])); !slices.Equal(got, want) {
		return fmt.Errorf("%s holds %q, want %q", args[0], got, want)
	}
	return nil
}

// checkTold demands that the last run told how many requests it took, as in statistics A, beside those of a full run, within
// a tenth of statistics B.
func checkTold(ts *testscript.TestScript, args []string) error {
	a, err := readStatistics(ts, args[0])
	if err != nil {
		return err
	}
	b, err := readStatistics(ts, args[1])
	if err != nil {
		return err
	}
	told := regexp.MustCompile(`(?m)^incremental: .* all datasets took (\d+), and (\d+) in full$`).FindStringSubmatch(ts.ReadFile("stderr"))
	if told == nil {
		return errors.New("nothing was told")
	}
	now, _ := strconv.Atoi(told[1])
	full, _ := strconv.Atoi(told[2])
	if now != a.Requests || full*10 < b.Requests*9 || full*10 > b.Requests*11 {
		return fmt.Errorf("told of %d requests, and %d in full; it took %d, and %d in full", now, full, a.Requests, b.Requests)
	}
	return nil
}
