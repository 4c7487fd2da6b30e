package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// A fakeBoard tells what a test writes on it.
type fakeBoard struct{ works []graphapi.Work }

func (b *fakeBoard) Works() []graphapi.Work { return b.works }

// A fakeTerminal is a program whose stderr is a terminal, and whose clock the test moves.
type fakeTerminal struct {
	program
	sent     bytes.Buffer
	terminal *terminal // nil: stderr is a file
	rows     int
	board    fakeBoard
	time     time.Time
}

// newFakeTerminal makes a terminal of so many columns and rows, or a file when columns is 0.
func newFakeTerminal(columns, rows int) *fakeTerminal {
	f := &fakeTerminal{time: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), rows: rows}
	f.board.works = make([]graphapi.Work, 0, 8) // so that what begin returns stays valid
	s := &screen{w: &f.sent}
	if columns > 0 {
		f.terminal = newTerminal(columns)
		s.w = io.MultiWriter(&f.sent, f.terminal)
		s.size = func() (int, int) { return f.terminal.columns, f.rows }
	}
	f.program = program{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: s,
		now: func() time.Time { return f.time }, env: func(string) string { return "" },
	}
	return f
}

func (f *fakeTerminal) progress(style progressStyle) *progress {
	if style.every == 0 {
		style.every = plainEvery
	}
	return &progress{board: &f.board, now: f.now, began: f.time, event: f.event, style: style, on: f.screen()}
}

// begin adds a work.
func (f *fakeTerminal) begin(name snapshot.Name, expected int) *graphapi.Work {
	f.board.works = append(f.board.works, graphapi.Work{Dataset: name, Started: f.time, Expected: expected})
	return &f.board.works[len(f.board.works)-1]
}

func (f *fakeTerminal) shown() string { return strings.Join(f.terminal.shown(), "\n") }

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestProgressInPlace(t *testing.T) {
	f := newFakeTerminal(100, 24)
	g := f.progress(progressStyle{})
	g.show(false)
	check(t, "before anything is read", f.sent.String(), "")

	principals := f.begin("service_principals", 110469)
	grants := f.begin("delegated_grants", 0)
	f.time = f.time.Add(25 * time.Second)
	principals.Rows, principals.Requests, principals.Throttled = 45954, 46, 2500*time.Millisecond
	grants.Rows, grants.Requests, grants.Waiting = 999, 1, true
	g.show(false)
	check(t, "while one waits for the first time", f.shown(), `
service_principals  45,954/110,469 rows  1,838/s  wait 3s  left 36s
delegated_grants               999 rows     40/s  waiting    left ?
0 datasets done; 47 requests in 25s
`)
	grants.Throttled = 4 * time.Second
	g.show(false)
	check(t, "while two are read", f.shown(), `
service_principals  45,954/110,469 rows  1,838/s     wait 3s  left 36s
delegated_grants               999 rows     40/s  waiting 4s    left ?
0 datasets done; 47 requests in 25s
`)

	f.time = f.time.Add(36 * time.Second)
	principals.Rows, principals.Requests, principals.Status = 110469, 112, snapshot.Collected
	grants.Waiting = false
	g.show(false)
	check(t, "when one is done", f.shown(), `
delegated_grants  999 rows  8/s  wait 4s  left ?
1 dataset done: 1 collected; 113 requests in 1m01s
`)

	grants.Status = snapshot.Denied
	g.show(true)
	check(t, "when interrupted", f.shown(), `
interrupted, keeping what was read; 2 datasets done: 1 collected, 1 denied; 113 requests in 1m01s
`)

	g.end()
	check(t, "at the end", f.shown(), "")
}

func TestProgressFitsTheTerminal(t *testing.T) {
	for _, test := range []struct {
		columns, rows int
		want          string
	}{
		{24, 5, "dataset_0  0 rows  0/s…\ndataset_1  0 rows  0/s…\n… and 3 more\n0 datasets done; 0 req…\n"},
		{40, 4, "dataset_0  0 rows  0/s  left ?\n… and 4 more\n0 datasets done; 0 requests in 0s\n"},
		{40, 2, "0 datasets done; 0 requests in 0s\n"},
		{40, 1, "0 datasets done; 0 requests in 0s\n"},
		{1, 2, "…\n"},
	} {
		f := newFakeTerminal(test.columns, test.rows)
		for i := range 5 {
			f.begin(fmt.Sprint("dataset_", i), 0)
		}
		f.progress(progressStyle{}).show(false)
		check(t, fmt.Sprintf("%d columns, %d rows", test.columns, test.rows), f.shown(), test.want)
	}
}

// Log lines, prompts and progress share the terminal: each line that was written is whole, and nothing of a block is
// left behind, though the window changes meanwhile.
func TestProgressLeavesLogLinesAlone(t *testing.T) {
	f := newFakeTerminal(60, 24)
	g := f.progress(progressStyle{})
	f.begin("applications", 6427)
	g.show(false)
	fmt.Fprintln(f.stderr, "level=WARN msg=slow")
	f.begin("service_principals", 0)
	g.show(false)
	f.terminal.resize(22) // the lines that stand there break
	fmt.Fprint(f.stderr, "契約ポータル: wait")
	g.show(false) // waits for the end of that line
	fmt.Fprint(f.stderr, "ed\nthis line is longer than the window\n")
	check(t, "with progress", f.shown(), `
level=WARN msg=slow
契約ポータル: waited
this line is longer th
an the window
applications        …
service_principals  …
0 datasets done; 0 r…
`)
	f.terminal.resize(9)
	g.end()
	f.terminal.resize(60)
	check(t, "at the end", f.shown(), `
level=WARN msg=slow
契約ポータル: waited
this line is longer than the window
`)
}

func TestProgressPlain(t *testing.T) {
	f := newFakeTerminal(0, 0)
	g := f.progress(progressStyle{})
	principals, sign := f.begin("service_principals", 110469), f.begin("sign_in_activity", 0)
	for second := range 40 {
		f.time = f.time.Add(time.Second)
		principals.Rows += 1800
		principals.Requests += 2
		if second == 3 {
			principals.Retries, principals.Throttled = 1, 300*time.Millisecond
			sign.Requests, sign.Status = 1, snapshot.Unlicensed
		}
		g.show(false)
	}
	principals.Rows, principals.Requests, principals.Retries, principals.Status = 110469, 112, 2, snapshot.Partial
	g.end()
	g.end() // says nothing twice
	check(t, "lines", f.sent.String(), `
sign_in_activity: 1 request, unlicensed
service_principals: 18,000 of 110,469 rows, 20 requests, 1 retry, waited 1s, 1,800 rows/s, 52s left
service_principals: 36,000 of 110,469 rows, 40 requests, 1 retry, waited 1s, 1,800 rows/s, 42s left
service_principals: 54,000 of 110,469 rows, 60 requests, 1 retry, waited 1s, 1,800 rows/s, 32s left
service_principals: 72,000 of 110,469 rows, 80 requests, 1 retry, waited 1s, 1,800 rows/s, 22s left
service_principals: 110,469 rows, 112 requests, 2 retries, waited 1s, partial
`)
}

func TestProgressJSON(t *testing.T) {
	f := newFakeTerminal(100, 24) // a terminal, too, gets nothing but JSON
	g := f.progress(progressStyle{json: true, every: time.Second})
	grants, sign := f.begin("delegated_grants", 2000), f.begin("sign_in_activity", 0)
	f.time = f.time.Add(1500 * time.Millisecond)
	grants.Rows, grants.Requests, grants.Retries, grants.Throttled = 999, 3, 2, 1250*time.Millisecond
	sign.Requests, sign.Status = 1, snapshot.Denied
	g.show(false)
	grants.Rows, grants.Status = 2000, snapshot.Collected
	g.end()
	check(t, "lines", f.sent.String(), `
{"time":"2026-11-20T12:00:01.5Z","level":"INFO","msg":"dataset","dataset":"delegated_grants","rows":999,"expected":2000,"requests":3,"retries":2,"throttle_seconds":1.25,"status":"reading","seconds":1.5}
{"time":"2026-11-20T12:00:01.5Z","level":"INFO","msg":"dataset","dataset":"sign_in_activity","requests":1,"retries":0,"throttle_seconds":0,"status":"denied","seconds":1.5}
{"time":"2026-11-20T12:00:01.5Z","level":"INFO","msg":"dataset","dataset":"delegated_grants","rows":2000,"expected":2000,"requests":3,"retries":2,"throttle_seconds":1.25,"status":"collected","seconds":1.5}
`)
}

func TestStartProgress(t *testing.T) {
	for _, columns := range []int{0, 80} {
		f := newFakeTerminal(columns, 24)
		stop := f.startProgress(t.Context(), graphapi.NewBoard(), progressStyle{})
		stop()
		stop()
		check(t, "an empty board", f.sent.String(), "")
		stop = f.startProgress(t.Context(), nil, progressStyle{})
		stop()
		check(t, "no board", f.sent.String(), "")
	}
}

// What a dataset came to is told though the display was stopped before it looked again.
func TestProgressTellsTheLastOnes(t *testing.T) {
	f := newFakeTerminal(0, 0)
	f.begin("applications", 0)
	f.board.works[0].Rows, f.board.works[0].Requests, f.board.works[0].Status = 1, 1, snapshot.Collected
	f.watch(t.Context(), &f.board, progressStyle{})()
	check(t, "lines", f.sent.String(), "applications: 1 row, 1 request, collected\n")
	f = newFakeTerminal(0, 0)
	f.begin("applications", 0)
	f.board.works[0].Status = snapshot.Collected
	f.watch(t.Context(), &f.board, progressStyle{quiet: true})()
	check(t, "quiet", f.sent.String(), "")
}

func TestPaceLeft(t *testing.T) {
	began := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		rows, expected, seconds int
		want                    string
	}{
		{0, 1000, 10, "?"},
		{1000, 0, 10, "?"},
		{1001, 1000, 10, "?"}, // the expectation was wrong
		{1000, 1000, 10, "0s"},
		{500, 1000, 10, "10s"},
		{1000, 100000, 10, "16m30s"},
		{1000, 1000000, 10, "2h46m"},
		{500, 1000, 0, "?"},
	} {
		p := pace{at: began}
		p.add(test.rows, began.Add(time.Duration(test.seconds)*time.Second))
		if got := p.left(graphapi.Work{Rows: test.rows, Expected: test.expected}); got != test.want {
			t.Errorf("%d of %d rows in %d s: got %s left, want %s", test.rows, test.expected, test.seconds, got, test.want)
		}
	}
}

// The rate follows what happens: a wait slows it down little by little.
func TestPaceIsSmooth(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	p := pace{at: now}
	var rates []int
	for second := range 120 {
		now = now.Add(time.Second)
		rows := p.rows
		if second < 30 || second >= 60 {
			rows += 1000
		}
		p.add(rows, now)
		if (second+1)%30 == 0 {
			rates = append(rates, p.perSecond())
		}
	}
	if rates[0] != 1000 || rates[1] <= 100 || rates[1] >= 500 || rates[2] <= rates[1] || rates[3] <= rates[2] || rates[3] > 1000 {
		t.Errorf("got rates %v each 30 s", rates)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 100000: "100,000"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
