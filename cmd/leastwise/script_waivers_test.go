package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func waiverCommands() map[string]scriptCommand {
	return map[string]scriptCommand{"standing REPORT [FINDING...]": checkStanding}
}

// checkStanding demands that a report has these findings and no others, each as CONTROL SUBJECT OUTCOME, and then waived:ID
// and known where they are. SUBJECT is the end of the subject's id, after the last dash. The totals, and what the
// baseline is said to come to, must agree.
func checkStanding(ts *testscript.TestScript, args []string) error {
	var report struct {
		Findings []struct {
			Control, Outcome, Severity string
			Subject                    struct{ ID string }
			Waiver                     *struct{ ID string }
			Known                      bool
		}
		Waivers  []struct{ Findings int }
		Baseline *struct{ Known, New int }
		Totals   struct {
			Waived, Known   int
			Failed, Unknown map[string]int
		}
	}
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &report); err != nil {
		return err
	}
	var got []string
	counted := map[string]int{}
	for _, f := range report.Findings {
		line := fmt.Sprintf("%s %s %s", f.Control, f.Subject.ID[strings.LastIndexByte(f.Subject.ID, '-')+1:], f.Outcome)
		kind := f.Outcome
		if f.Known {
			line, kind = line+" known", "known"
		}
		if f.Waiver != nil {
			line, kind = line+" waived:"+f.Waiver.ID, "waived"
		}
		counted[kind]++
		got = append(got, line)
	}
	totals := map[string]int{"waived": report.Totals.Waived, "known": report.Totals.Known}
	for _, n := range report.Totals.Failed {
		totals["fail"] += n
	}
	for _, n := range report.Totals.Unknown {
		totals["unknown"] += n
	}
	for _, w := range report.Waivers {
		totals["covered"] += w.Findings
	}
	if report.Baseline != nil && (report.Baseline.Known != counted["known"] || report.Baseline.New != counted["fail"]+counted["unknown"]) {
		return fmt.Errorf("the baseline is said to come to %+v, findings to %v", *report.Baseline, counted)
	}
	for _, kind := range []string{"waived", "known", "fail", "unknown"} {
		if totals[kind] != counted[kind] || totals["covered"] != counted["waived"] {
			return fmt.Errorf("totals %v, findings %v", totals, counted)
		}
	}
	return compareLines(got, args[1:])
}
