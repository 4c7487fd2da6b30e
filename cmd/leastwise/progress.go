package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

const (
	redrawEvery = 200 * time.Millisecond
	plainEvery  = 10 * time.Second
	// paceWindow is over how much time the rate is averaged: rows come in pages, and
	// a wait that Graph asks for may take half a minute.
	paceWindow = 30 * time.Second
)

// progressStyle says how a collection is shown.
type progressStyle struct {
	quiet bool
	json  bool
	every time.Duration // between plain lines on a dataset that takes long; 0 means 10 s
}

// progress shows how far a collection is: in place on a terminal, else line by line.
type progress struct {
	board watched
	now   func() time.Time
	began time.Time
	event func(slog.Level, string, ...slog.Attr)
	style progressStyle
	on    *screen
	paces []pace // of the works, in their order
}

// startProgress shows what a board tells until stop is called. stop returns when
// nothing more is drawn, and can be called again.
func (p *program) startProgress(ctx context.Context, board *graphapi.Board, style progressStyle) (stop func()) {
	return p.watch(ctx, board, style)
}

// watched is a board, or what a test takes for one.
type watched interface{ Works() []graphapi.Work }

func (p *program) watch(ctx context.Context, board watched, style progressStyle) (stop func()) {
	if style.quiet {
		return func() {}
	}
	if style.every == 0 {
		style.every = plainEvery
	}
	g := &progress{board: board, now: p.now, began: p.now(), event: p.event, style: style, on: p.screen()}
	ended, shown := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(shown)
		ticker := time.NewTicker(redrawEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				g.show(ctx.Err() != nil)
			case <-ended:
				g.end()
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(ended)
		<-shown
	})
}

// inPlace tells whether lines are redrawn.
func (g *progress) inPlace() bool { return g.on.size != nil && !g.style.json }

// show looks at the board once and shows what is new.
func (g *progress) show(interrupted bool) {
	works := g.follow()
	if g.inPlace() {
		columns, rows := g.on.size()
		g.on.draw(g.block(works, columns, rows, interrupted))
		return
	}
	now := g.now()
	for i, work := range works {
		pace := &g.paces[i]
		if pace.ended || work.Status == "" && now.Sub(pace.told) < g.style.every {
			continue
		}
		pace.told, pace.ended = now, work.Status != ""
		g.tell(work, pace, now)
	}
}

// end shows what is left to be shown.
func (g *progress) end() {
	if g.inPlace() {
		g.on.draw(nil)
		return
	}
	g.show(false)
}

// follow reads the board and keeps the pace of each work.
func (g *progress) follow() []graphapi.Work {
	works, now := g.board.Works(), g.now()
	for i, work := range works {
		if i == len(g.paces) {
			g.paces = append(g.paces, pace{at: work.Started, told: work.Started})
		}
		if work.Status == "" {
			g.paces[i].add(work.Rows, now)
		}
	}
	return works
}

// tell prints a line on one work.
func (g *progress) tell(work graphapi.Work, pace *pace, now time.Time) {
	if !g.style.json {
		_, _ = fmt.Fprintln(g.on, plainWork(work, pace)) // to a stderr that is gone
		return
	}
	status := string(work.Status)
	if status == "" {
		status = "reading"
	}
	attrs := []slog.Attr{slog.String("dataset", work.Dataset)}
	if holdsRows(work.Status) {
		attrs = append(attrs, slog.Int("rows", work.Rows), slog.Int("expected", work.Expected))
	}
	g.event(slog.LevelInfo, "dataset", append(attrs,
		slog.Int("requests", work.Requests), slog.Int("retries", work.Retries),
		slog.Float64("throttle_seconds", seconds(work.Throttled)), slog.String("status", status),
		slog.Float64("seconds", seconds(now.Sub(work.Started))))...)
}

// plainWork is a work as one line of text.
func plainWork(work graphapi.Work, pace *pace) string {
	var parts []string
	switch {
	case work.Status == "" && work.Expected > 0:
		parts = append(parts, thousands(work.Rows)+" of "+counted(work.Expected, "row"))
	case holdsRows(work.Status):
		parts = append(parts, counted(work.Rows, "row"))
	}
	parts = append(parts, counted(work.Requests, "request"))
	if work.Retries > 0 {
		parts = append(parts, plural(work.Retries, "retry", "retries"))
	}
	if work.Throttled > 0 {
		parts = append(parts, "waited "+brief(work.Throttled))
	}
	if work.Status != "" {
		parts = append(parts, string(work.Status))
	} else {
		parts = append(parts, thousands(pace.perSecond())+" rows/s", pace.left(work)+" left")
	}
	return work.Dataset + ": " + strings.Join(parts, ", ")
}

// block is what stands on the terminal: a line for each dataset that is being read,
// and one for all that are done.
func (g *progress) block(works []graphapi.Work, columns, rows int, interrupted bool) []string {
	if len(works) == 0 {
		return nil
	}
	var cells [][]string
	for i, work := range works {
		if work.Status == "" {
			cells = append(cells, workCells(work, &g.paces[i]))
		}
	}
	lines := layout(cells, 0)
	room := max(0, rows-2) // the last line is where the cursor stands, the one above it tells of the rest
	if len(lines) > room {
		more := fmt.Sprintf("… and %d more", len(lines)-max(0, room-1))
		lines = append(lines[:max(0, room-1)], more)[:min(room, len(lines))]
	}
	lines = append(lines, g.foot(works, interrupted))
	for i := range lines {
		// The last column stays free: terminals differ in what happens after it.
		lines[i] = displaywidth.TruncateString(lines[i], max(1, columns-1), "…")
	}
	return lines
}

func workCells(work graphapi.Work, pace *pace) []string {
	count, wait := thousands(work.Rows), ""
	if work.Expected > 0 {
		count += "/" + thousands(work.Expected)
	}
	switch {
	case work.Waiting && work.Throttled == 0: // waits count when they are over
		wait = "waiting"
	case work.Waiting:
		wait = "waiting " + brief(work.Throttled)
	case work.Throttled > 0:
		wait = "wait " + brief(work.Throttled)
	}
	return []string{work.Dataset, count + " rows", thousands(pace.perSecond()) + "/s", wait, "left " + pace.left(work)}
}

// foot tells of the datasets that are done, and of all requests so far.
func (g *progress) foot(works []graphapi.Work, interrupted bool) string {
	requests, done := 0, map[snapshot.Status]int{}
	for _, work := range works {
		requests += work.Requests
		if work.Status != "" {
			done[work.Status]++
		}
	}
	text, total := "", 0
	for _, status := range statuses() {
		if n := done[status]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, status)
			total += n
		}
	}
	if text != "" {
		text = ": " + text[2:]
	}
	text = counted(total, "dataset") + " done" + text + "; " + counted(requests, "request") + " in " + brief(g.now().Sub(g.began))
	if interrupted {
		text = "interrupted, keeping what was read; " + text
	}
	return text
}

// statuses are what can become of a dataset, the best first.
func statuses() []snapshot.Status {
	return []snapshot.Status{
		snapshot.Collected, snapshot.Partial, snapshot.Denied, snapshot.Failed, snapshot.Unlicensed, snapshot.Skipped,
	}
}

// A pace is how fast rows arrive.
type pace struct {
	at      time.Time // when rows were counted last
	rows    int
	average float64 // rows per second, older ones counting less and less
	weight  float64 // how much of the average has been filled, at most 1

	told  time.Time // when a line was printed last
	ended bool      // nothing more is to be printed
}

// add takes note of how many rows there are now.
func (p *pace) add(rows int, now time.Time) {
	passed := now.Sub(p.at).Seconds()
	if passed <= 0 {
		return
	}
	keep := math.Exp(-passed / paceWindow.Seconds())
	p.average = keep*p.average + (1-keep)*float64(rows-p.rows)/passed
	p.weight = keep*p.weight + (1 - keep)
	p.at, p.rows = now, rows
}

func (p *pace) rate() float64 {
	if p.weight == 0 {
		return 0
	}
	return max(0, p.average/p.weight)
}

func (p *pace) perSecond() int { return int(math.Round(p.rate())) }

// left is how long the rest of a work will take, or a question mark.
func (p *pace) left(work graphapi.Work) string {
	rest, rate := work.Expected-work.Rows, p.rate()
	if work.Expected == 0 || rest < 0 || rate < 0.1 {
		return "?"
	}
	return brief(time.Duration(float64(rest) / rate * float64(time.Second)))
}

// holdsRows tells whether the number of rows says anything: where a dataset could not
// be read, 0 would look as if there were none.
func holdsRows(status snapshot.Status) bool { return status == "" || status.Readable() }
