package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"leastwise/collector/snapshot"
)

const (
	noteColumns = 100 // for a note, where no terminal sets the limit
	noteLeast   = 24  // a narrower note goes below its dataset
)

// The columns of the summary.
const (
	columnStatus     = 1
	columnRetries    = 4
	columnWaited     = 5
	columnReconciled = 6
	columnNote       = 7
)

// showSummary tells what became of each dataset of a snapshot that took so long.
func (p *program) showSummary(style progressStyle, datasets map[string]snapshot.Dataset, took time.Duration) {
	switch {
	case style.quiet:
	case style.json:
		p.logSummary(datasets, took)
	default:
		// A stderr that is gone takes nothing, and the snapshot says it all.
		_, _ = fmt.Fprintln(p.stderr, strings.Join(summary(datasets, took, p.screen().columns()), "\n"))
	}
}

// totals is what all datasets of a snapshot come to.
type totals struct {
	datasets, collected, reconciled, rows, requests, retries int
	waited                                                   time.Duration
}

func totalOf(datasets map[string]snapshot.Dataset) totals {
	var t totals
	for _, d := range datasets {
		t.datasets++
		t.rows += d.Rows
		t.requests += d.Requests
		t.retries += d.Retries
		t.waited += throttled(d)
		if d.Status == snapshot.Collected {
			t.collected++
		}
		if d.Reconciled != nil {
			t.reconciled++
		}
	}
	return t
}

func throttled(d snapshot.Dataset) time.Duration {
	return time.Duration(d.ThrottleSeconds * float64(time.Second))
}

// summary is a table for a terminal of so many columns, or for a file when columns
// is 0. Reasons that do not fit are shortened; the snapshot has them whole.
func summary(datasets map[string]snapshot.Dataset, took time.Duration, columns int) []string {
	rows := [][]string{{"DATASET", "STATUS", "ROWS", "REQUESTS", "RETRIES", "WAITED", "RECONCILED", ""}}
	notes := []string{"NOTE"}
	for _, name := range sortedDatasets(datasets) {
		d := datasets[name]
		count := "-" // what could not be read does not count 0
		if d.Status.Readable() {
			count = thousands(d.Rows)
		}
		rows = append(rows, []string{
			name, string(d.Status), count, thousands(d.Requests), thousands(d.Retries), brief(throttled(d)), reconciled(d.Reconciled), "",
		})
		notes = append(notes, oneLine(d.Reason))
	}
	t := totalOf(datasets)
	rows = append(rows, []string{
		"total", of(t.collected, t.datasets), thousands(t.rows), thousands(t.requests), thousands(t.retries), brief(t.waited),
		of(t.reconciled, t.datasets), "",
	})
	notes = append(notes, "in "+brief(took))
	return withNotes(rows, notes, columns)
}

func of(part, whole int) string { return fmt.Sprintf("%d of %d", part, whole) }

// reconciled is what the second count of a dataset said: both numbers when they differ.
func reconciled(r *snapshot.Reconciled) string {
	switch {
	case r == nil:
		return "none"
	case r.Got == r.Want:
		return thousands(r.Want)
	default:
		return thousands(r.Got) + " of " + thousands(r.Want)
	}
}

// withNotes lays the rows out and adds to each its note, beside it or, where there is
// no room, below.
func withNotes(rows [][]string, notes []string, columns int) []string {
	left := []int{0, columnStatus, columnNote}
	if columns > 0 && tableWidth(layout(rows, left...)) >= columns {
		rows = withoutZeros(rows, columnRetries, columnWaited)
	}
	room := noteColumns
	if columns > 0 {
		// The last column stays free: terminals differ in what happens after it.
		room = columns - 1 - tableWidth(layout(rows, left...)) - 2
	}
	if room >= noteLeast {
		for i, note := range notes {
			rows[i][columnNote] = displaywidth.TruncateString(note, room, "…")
		}
		return layout(rows, left...)
	}
	var lines []string
	for i, line := range layout(rows, left...) {
		lines = append(lines, line)
		if i > 0 && notes[i] != "" {
			lines = append(lines, displaywidth.TruncateString("  "+notes[i], columns-1, "…"))
		}
	}
	return lines
}

func tableWidth(lines []string) int {
	width := 0
	for _, line := range lines {
		width = max(width, displaywidth.String(line))
	}
	return width
}

// withoutZeros empties columns that hold no other number than 0.
func withoutZeros(rows [][]string, columns ...int) [][]string {
	for _, column := range columns {
		says := false
		for _, row := range rows[1:] {
			says = says || row[column] != "0" && row[column] != "0s"
		}
		if says {
			continue
		}
		for _, row := range rows {
			row[column] = ""
		}
	}
	return rows
}

// logSummary is the summary as JSON: a record for each dataset and one for all.
func (p *program) logSummary(datasets map[string]snapshot.Dataset, took time.Duration) {
	for _, name := range sortedDatasets(datasets) {
		p.event(levelOf(datasets[name]), "summary", summaryAttrs(name, datasets[name])...)
	}
	t := totalOf(datasets)
	p.event(slog.LevelInfo, "total",
		slog.Int("datasets", t.datasets), slog.Int("collected", t.collected), slog.Int("reconciled", t.reconciled),
		slog.Int("rows", t.rows), slog.Int("requests", t.requests), slog.Int("retries", t.retries),
		slog.Float64("throttle_seconds", seconds(t.waited)), slog.Float64("seconds", seconds(took)))
}

func levelOf(d snapshot.Dataset) slog.Level {
	if d.Status == snapshot.Collected {
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

func summaryAttrs(name snapshot.Name, d snapshot.Dataset) []slog.Attr {
	attrs := []slog.Attr{slog.String("dataset", name), slog.String("status", string(d.Status))}
	if d.Status.Readable() {
		attrs = append(attrs, slog.Int("rows", d.Rows))
	}
	attrs = append(attrs, slog.Int("requests", d.Requests), slog.Int("retries", d.Retries),
		slog.Float64("throttle_seconds", seconds(throttled(d))))
	if r := d.Reconciled; r == nil {
		attrs = append(attrs, slog.String("reconciled", "none"))
	} else {
		verdict := "equal"
		if r.Got != r.Want {
			verdict = "different"
		}
		attrs = append(attrs, slog.String("reconciled", verdict), slog.String("reconciled_against", r.Against),
			slog.Int("reconciled_want", r.Want), slog.Int("reconciled_got", r.Got))
	}
	if d.Reason != "" {
		attrs = append(attrs, slog.String("reason", d.Reason))
	}
	return attrs
}
