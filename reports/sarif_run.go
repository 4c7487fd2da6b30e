package reports

import (
	"cmp"
	"fmt"
	"slices"

	"leastwise/policies/finding"
)

// The notifications of a run, by their place in the list of their descriptors.
const (
	sarifNothingJudged = iota
	sarifDatasetGap
	sarifNotJudged
	sarifNotRun
	sarifSummarised
)

// notificationKinds describes the notifications.
func notificationKinds() []sarifRule {
	describe := func(id, text string) sarifRule {
		return sarifRule{ID: id, ShortDescription: sarifText{Text: text}, FullDescription: sarifText{Text: text}}
	}
	return []sarifRule{
		sarifNothingJudged: describe("nothing-judged", "No control was run: the report says nothing about the tenant."),
		sarifDatasetGap:    describe("dataset-gap", "A dataset is not known to be complete."),
		sarifNotJudged:     describe("not-judged", "A control could not judge something: that is unknown, and no pass."),
		sarifNotRun:        describe("not-run", "A control was not run."),
		sarifSummarised:    describe("summarised", "There are more findings than GitHub takes: some share a result."),
	}
}

func (s *sarif) head() sarifHead {
	r := &s.d.Report
	id, what := "leastwise/", "What applications may do in a Microsoft 365 tenant"
	if tenant := parseGUID(r.Tenant.ID); r.Totals.Subjects["tenant"] == 0 {
		id += "gate/" // an upload replaces the earlier one of its category: files of a repository do not replace a tenant
		what = "What files of a repository would let applications do"
	} else if tenant != "" {
		id += "audit/" + string(tenant) + "/"
	} else {
		id += "audit/"
	}
	return sarifHead{
		Tool: sarifTool{Driver: sarifDriver{
			Name: cmp.Or(oneLine(r.Tool.Name), "leastwise"), Version: oneLine(r.Tool.Version), Rules: s.rules.list(), Notifications: notificationKinds(),
		}},
		AutomationDetails: sarifAutomation{ID: id + r.AsOf.UTC().Format("2006-01-02T15:04:05Z"), Description: sarifText{Text: what}},
		Language:          "en", ColumnKind: "unicodeCodePoints",
		OriginalURIBaseIDs: map[string]sarifArtifact{
			sarifRepository: {Description: &sarifText{Text: "The folder that leastwise gate was run in"}},
			sarifNoFiles:    {Description: &sarifText{Text: "Not files: kind and id of what was judged, the control, and the fingerprint"}},
		},
	}
}

func (s *sarif) tail() sarifTail {
	r := &s.d.Report
	run := sarifRun{
		Tenant: sarifTenant{ID: oneLine(r.Tenant.ID), Name: clip(oneLine(r.Tenant.Name), sarifMaxName), Cloud: oneLine(r.Tenant.Cloud)},
		AsOf:   r.AsOf.UTC().Format("2006-01-02T15:04:05Z07:00"), Snapshot: oneLine(r.Snapshot.SHA256), FailOn: oneLine(string(r.FailOn)),
		Verdict: verdict(r), Outcomes: r.Totals.Outcomes, Failed: r.Totals.Failed, Unknown: r.Totals.Unknown, Waived: r.Totals.Waived,
		Known: r.Totals.Known, Findings: s.total, Listed: s.written, Summarised: s.total - s.written, Controls: []sarifCounts{},
	}
	for _, c := range s.rules.controls {
		run.Controls = append(run.Controls, sarifCounts{ID: s.rules.id(c.ID), NotRun: clip(oneLine(notRun(c)), sarifMaxMessage), Counts: c.Counts})
	}
	return sarifTail{Invocations: []sarifInvocation{s.invocation()}, Properties: run}
}

// invocation says how complete the run is: successful only when everything could be judged.
func (s *sarif) invocation() sarifInvocation {
	i := sarifInvocation{ExecutionSuccessful: true, ExecutionNotifications: []sarifNotification{}}
	r := &s.d.Report
	if !judged(r) {
		i.ExecutionSuccessful = false
		i.ExecutionNotifications = append(i.ExecutionNotifications, notification(sarifNothingJudged, "error", nil, sentence(verdict(r))))
	}
	for _, c := range gaps(r) {
		level := "warning"
		if len(c.Controls) == 0 || c.Status == "skipped" {
			level = "note"
		}
		text := fmt.Sprintf("Dataset %s is %s: %s", c.Dataset, c.Status, gapReason(c))
		i.ExecutionNotifications = append(i.ExecutionNotifications, notification(sarifDatasetGap, level, nil, text))
	}
	for _, c := range s.rules.controls {
		rule := sarifReference{ID: s.rules.id(c.ID), Index: s.rules.index[c.ID]}
		if n := s.unknown(c.ID); n > 0 {
			i.ExecutionSuccessful = false
			text := fmt.Sprintf("%s: %s unknown, which is no pass", c.ID, are(n, "result"))
			i.ExecutionNotifications = append(i.ExecutionNotifications, notification(sarifNotJudged, "error", &rule, text))
		}
		if reason := notRun(c); reason != "" {
			i.ConfigurationNotifications = append(i.ConfigurationNotifications, notification(sarifNotRun, "note", &rule, c.ID+" was not run: "+reason))
			i.RuleConfigurationOverrides = append(i.RuleConfigurationOverrides, sarifOverride{Configuration: sarifConfiguration{Enabled: new(false)}, Descriptor: rule})
		}
	}
	if n := s.total - s.written; n > 0 {
		text := fmt.Sprintf("%s not listed one by one: %s of the worst are, and the others share %s, by control; the JSON report has them all",
			are(n, "finding"), counted(s.written, "result"), counted(len(s.summed), "result"))
		i.ExecutionNotifications = append(i.ExecutionNotifications, notification(sarifSummarised, "warning", nil, text))
	}
	return i
}

// unknown counts the unknown results of a control, whatever covers them.
func (s *sarif) unknown(control string) int {
	n := 0
	for state, count := range s.kinds {
		if state.control == control && !slices.Contains([]finding.Outcome{finding.Fail, finding.Manual}, state.outcome) {
			n += count
		}
	}
	return n
}

func notification(kind int, level string, rule *sarifReference, text string) sarifNotification {
	return sarifNotification{
		Descriptor: sarifReference{ID: notificationKinds()[kind].ID, Index: kind}, AssociatedRule: rule, Level: level,
		Message: sarifText{Text: sarifPlain(clip(oneLine(text), sarifMaxMessage))},
	}
}
