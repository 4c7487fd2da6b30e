package dataconnect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector"
	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// feed is a feed of canned records.
type feed struct {
	records []any
	covered dataconnect.Coverage
	err     error
	before  func()         // called before records are handed out
	state   snapshot.State // that it was told
	read    bool
}

// Read is part of dataconnect.Feed.
func (f *feed) Read(_ context.Context, state snapshot.State, each func(json.RawMessage, string) error) (dataconnect.Coverage, error) {
	f.state, f.read = state, true
	if f.before != nil {
		f.before()
	}
	for i, record := range f.records {
		raw, err := json.Marshal(record)
		if text, ok := record.(string); ok {
			raw = []byte(text)
		}
		if err != nil {
			return f.covered, err
		}
		if err := each(raw, fmt.Sprintf("blob:%d", i)); err != nil {
			return f.covered, err
		}
		clear(raw) // a feed may use its memory again
	}
	return f.covered, f.err
}

// day is noon of a day before fakegraph.Now, which is a midnight.
func day(before int) time.Time { return fakegraph.Now().AddDate(0, 0, -before) }

func window(from, to int) snapshot.Window { return snapshot.Window{From: day(from), To: day(to)} }

func hole(from, to int, reason string) snapshot.Hole {
	return snapshot.Hole{From: day(from), To: day(to), Reason: reason}
}

// covers is the coverage of windows.
func covers(windows ...snapshot.Window) dataconnect.Coverage {
	return dataconnect.Coverage{Windows: windows}
}

func missing(status snapshot.Status, reason string) dataconnect.Coverage {
	return dataconnect.Coverage{Missing: &snapshot.Dataset{Status: status, Reason: reason}}
}

// former is a snapshot of an earlier run.
func former(t *testing.T, name snapshot.Name, meta snapshot.Dataset, rows ...string) *snapshot.Snapshot {
	t.Helper()
	return fakegraph.Snapshot(t, func(w *snapshot.Writer) error {
		d, err := w.Dataset(name)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := d.Add([]byte(row)); err != nil {
				return err
			}
		}
		for _, gap := range meta.Gaps {
			d.AddGap(gap)
		}
		meta.Gaps = nil
		return d.Close(meta)
	})
}

// told is what is said of how far events reach.
func told(d snapshot.Dataset) string {
	var b strings.Builder
	b.WriteString(string(d.Status))
	if d.From != nil {
		fmt.Fprintf(&b, " from %s", short(*d.From))
	}
	for _, w := range d.Windows {
		fmt.Fprintf(&b, " [%s,%s)", short(w.From), short(w.To))
	}
	for _, h := range d.Holes {
		fmt.Fprintf(&b, " hole [%s,%s) %s", short(h.From), short(h.To), h.Reason)
	}
	return b.String()
}

// short is how many days before fakegraph.Now an instant is, or the instant.
func short(at time.Time) string {
	before := fakegraph.Now().Sub(at)
	if before%(24*time.Hour) == 0 {
		return fmt.Sprint(int(before / (24 * time.Hour)))
	}
	return at.Format(time.RFC3339)
}

const nobody = "no feed covers it"

func TestFeedsAreFollowed(t *testing.T) {
	for _, c := range []struct {
		name   string
		meta   *snapshot.Dataset // of the former run; nil for none
		feeds  []dataconnect.Coverage
		want   string
		reason string
	}{
		{"first run", nil, []dataconnect.Coverage{covers(window(5, 0))}, "collected from 5 [5,0)", ""},
		{"a subscription that has just begun", nil, []dataconnect.Coverage{covers(window(0, 0))}, "collected from 0 [0,0)", ""},
		{"second run", &snapshot.Dataset{Windows: []snapshot.Window{window(5, 1)}}, []dataconnect.Coverage{covers(window(2, 0))}, "collected from 5 [5,0)", ""},
		{
			"a run after nine days", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 9)}},
			[]dataconnect.Coverage{{Windows: []snapshot.Window{window(7, 0)}, Holes: []snapshot.Hole{hole(9, 7, "content is kept for seven days")}}},
			"partial from 30 [30,9) [7,0) hole [9,7) content is kept for seven days",
			"nothing was read of 2026-11-11T00:00Z to 2026-11-13T00:00Z: content is kept for seven days",
		},
		{
			"a hole that nobody speaks of", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 9)}},
			[]dataconnect.Coverage{covers(window(7, 0))},
			"partial from 30 [30,9) [7,0) hole [9,7) " + nobody, "nothing was read of 2026-11-11T00:00Z to 2026-11-13T00:00Z: " + nobody,
		},
		{
			"a hole that a query fills", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 9)}},
			[]dataconnect.Coverage{{Windows: []snapshot.Window{window(7, 0)}, Holes: []snapshot.Hole{hole(9, 7, "late")}}, covers(window(9, 7))},
			"collected from 30 [30,0)", "",
		},
		{
			"a former hole that is filled", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 9), window(7, 1)}, Holes: []snapshot.Hole{hole(9, 7, "late")}},
			[]dataconnect.Coverage{covers(window(1, 0)), covers(window(9, 7))},
			"collected from 30 [30,0)", "",
		},
		{
			"a former hole that stays", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 9), window(7, 1)}, Holes: []snapshot.Hole{hole(9, 7, "late")}},
			[]dataconnect.Coverage{covers(window(1, 0))},
			"partial from 30 [30,9) [7,0) hole [9,7) late", "nothing was read of 2026-11-11T00:00Z to 2026-11-13T00:00Z: late",
		},
		{
			"a feed that claims what it lost", nil,
			[]dataconnect.Coverage{{Windows: []snapshot.Window{window(5, 0)}, Holes: []snapshot.Hole{hole(3, 2, "expired")}}},
			"partial from 5 [5,3) [2,0) hole [3,2) expired", "nothing was read of 2026-11-17T00:00Z to 2026-11-18T00:00Z: expired",
		},
		{
			"denied today", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}},
			[]dataconnect.Coverage{missing(snapshot.Denied, "AF10001")},
			"partial from 30 [30,1) hole [1,0) AF10001", "nothing was read of 2026-11-19T00:00Z to 2026-11-20T00:00Z: AF10001",
		},
		{
			"denied today, and it says so itself", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}},
			[]dataconnect.Coverage{{Holes: []snapshot.Hole{hole(1, 0, "AF10001")}, Missing: &snapshot.Dataset{Status: snapshot.Denied, Reason: "AF10001"}}},
			"partial from 30 [30,1) hole [1,0) AF10001", "nothing was read of 2026-11-19T00:00Z to 2026-11-20T00:00Z: AF10001",
		},
		{"denied, nothing was ever covered", &snapshot.Dataset{}, []dataconnect.Coverage{missing(snapshot.Denied, "AF10001")}, "partial", "AF10001"},
		{"denied", nil, []dataconnect.Coverage{missing(snapshot.Denied, "AF10001"), missing(snapshot.Failed, "404")}, "denied", "AF10001; 404"},
		{"not offered, then denied", nil, []dataconnect.Coverage{missing(snapshot.Skipped, "no such cloud"), missing(snapshot.Denied, "403")}, "denied", "no such cloud; 403"},
		{"one of two feeds denied", nil, []dataconnect.Coverage{covers(window(5, 0)), missing(snapshot.Denied, "AuditLogsQuery.Read.All")}, "collected from 5 [5,0)", "AuditLogsQuery.Read.All"},
		{"the other of two feeds denied", nil, []dataconnect.Coverage{missing(snapshot.Denied, "AF10001"), covers(window(180, 0))}, "collected from 180 [180,0)", "AF10001"},
		{
			"a feed that ends early", nil,
			[]dataconnect.Coverage{covers(window(5, 2))},
			"partial from 5 [5,2) hole [2,0) it was not read in this run",
			"nothing was read of 2026-11-18T00:00Z to 2026-11-20T00:00Z: it was not read in this run",
		},
		{
			"no feed today", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}}, nil, "partial from 30 [30,1) hole [1,0) it was not read in this run",
			"nothing was read of 2026-11-19T00:00Z to 2026-11-20T00:00Z: it was not read in this run",
		},
		{
			"an old hole", &snapshot.Dataset{Windows: []snapshot.Window{window(300, 200), window(190, 1)}, Holes: []snapshot.Hole{hole(200, 190, "late")}},
			[]dataconnect.Coverage{covers(window(1, 0))},
			"collected from 190 [190,0)", "",
		},
		{
			"a hole that is not yet old", &snapshot.Dataset{Windows: []snapshot.Window{window(300, 200), window(180, 1)}, Holes: []snapshot.Hole{hole(200, 180, "late")}},
			[]dataconnect.Coverage{covers(window(1, 0))},
			"partial from 300 [300,200) [180,0) hole [200,180) late", "nothing was read of 2026-05-04T00:00Z to 2026-05-24T00:00Z: late",
		},
		{
			"an old hole before another one", &snapshot.Dataset{Windows: []snapshot.Window{window(300, 200), window(190, 50), window(40, 1)}, Holes: []snapshot.Hole{hole(200, 190, "late"), hole(50, 40, "late")}},
			[]dataconnect.Coverage{covers(window(1, 0))},
			"partial from 190 [190,50) [40,0) hole [50,40) late", "nothing was read of 2026-10-01T00:00Z to 2026-10-11T00:00Z: late",
		},
		{
			"an old hole that this run met", nil,
			[]dataconnect.Coverage{{Windows: []snapshot.Window{window(300, 200), window(190, 0)}, Holes: []snapshot.Hole{hole(200, 190, "the query failed")}}},
			"partial from 300 [300,200) [190,0) hole [200,190) the query failed", "nothing was read of 2026-05-04T00:00Z to 2026-05-14T00:00Z: the query failed",
		},
		{
			"a hole before all windows that this run met", nil,
			[]dataconnect.Coverage{covers(window(5, 0)), {Holes: []snapshot.Hole{hole(180, 5, "the query failed")}}},
			"partial from 5 [5,0) hole [180,5) the query failed", "nothing was read of 2026-05-24T00:00Z to 2026-11-15T00:00Z: the query failed",
		},
		{
			"a hole before all windows that a former run met", &snapshot.Dataset{Windows: []snapshot.Window{window(5, 1)}, Holes: []snapshot.Hole{hole(180, 5, "the query failed")}},
			[]dataconnect.Coverage{covers(window(1, 0))},
			"collected from 5 [5,0)", "",
		},
		{"a remark", nil, []dataconnect.Coverage{{Windows: []snapshot.Window{window(5, 0)}, Reason: "v1.0 answered 404, beta was used"}}, "collected from 5 [5,0)", "v1.0 answered 404, beta was used"},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := dataconnect.Options{Clock: fakegraph.Now}
			if c.meta != nil {
				opts.Previous = former(t, snapshot.DataConnectEvents, *c.meta, wantOperation)
			}
			for _, covered := range c.feeds {
				opts.Feeds = append(opts.Feeds, &feed{covered: covered})
			}
			d := collect(t, opts).Dataset(snapshot.DataConnectEvents)
			if got := told(d); got != c.want || d.Reason != c.reason {
				t.Errorf("got  %s: %s\nwant %s: %s", got, d.Reason, c.want, c.reason)
			}
			rows := 0
			if c.meta != nil {
				rows = 1
			}
			if d.Rows != rows || d.Confined {
				t.Errorf("%d rows, confined %v", d.Rows, d.Confined)
			}
		})
	}
}

func TestFeedsAreToldWhatIsCovered(t *testing.T) {
	first := &feed{covered: dataconnect.Coverage{Windows: []snapshot.Window{window(7, 0)}, Holes: []snapshot.Hole{hole(20, 19, "lost")}, Requests: 3, Retries: 1, ThrottleSeconds: 2}}
	second := &feed{covered: dataconnect.Coverage{Requests: 4, Evidence: &snapshot.HTTPEvidence{Status: 500}, Unfinished: true}}
	d := collect(t, dataconnect.Options{
		Clock: fakegraph.Now, Feeds: []dataconnect.Feed{first, second},
		Previous: former(t, snapshot.DataConnectEvents, snapshot.Dataset{Windows: []snapshot.Window{window(30, 9)}}),
	}).Dataset(snapshot.DataConnectEvents)
	if want := []snapshot.Window{window(30, 9)}; !slices.Equal(first.state.Windows, want) {
		t.Errorf("the first feed was told %v, want %v", first.state.Windows, want)
	}
	if want := []snapshot.Window{window(30, 20), window(19, 9), window(7, 0)}; !slices.Equal(second.state.Windows, want) {
		t.Errorf("the second feed was told %v, want %v", second.state.Windows, want)
	}
	if d.Requests != 7 || d.Retries != 1 || d.ThrottleSeconds != 2 || d.Evidence == nil || d.Evidence.Status != 500 || !d.Unfinished {
		t.Errorf("got %+v", d)
	}
}

func TestAnInterruptedRunKeepsWhatItHas(t *testing.T) {
	for _, c := range []struct {
		name     string
		previous *snapshot.Snapshot
		want     string
		rows     int
	}{
		{"first run", nil, "failed", 0},
		{"later", former(t, snapshot.DataConnectEvents, snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}}, wantConsent), "partial from 30 [30,1) hole [1,0) the run was interrupted before it was read", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			broken := &feed{records: []any{operation(nil)}, before: cancel, err: context.Canceled, covered: covers(window(2, 0))}
			after := &feed{covered: covers(window(180, 0))}
			s := fakegraph.Snapshot(t, func(w *snapshot.Writer) error {
				err := collector.Collect(ctx, w, dataconnect.New(dataconnect.Options{
					Clock: fakegraph.Now, Feeds: []dataconnect.Feed{broken, after}, Previous: c.previous,
					Register: &dataconnect.Register{Apps: []dataconnect.Entry{{TenantID: "t", AppID: "a"}}},
				}))
				if !errors.Is(err, collector.ErrInterrupted) {
					t.Errorf("got error %v", err)
				}
				return nil
			})
			d := s.Dataset(snapshot.DataConnectEvents)
			if told(d) != c.want || d.Rows != c.rows || !d.Unfinished || after.read {
				t.Errorf("got %s, %d rows, %+v", told(d), d.Rows, d)
			}
			if register := s.Dataset(snapshot.DataConnectRegister); register.Status != snapshot.Collected || register.Rows != 1 {
				t.Errorf("register: %+v", register)
			}
		})
	}
}

// What one feed has read is not all that was asked for.
func TestARunThatIsInterruptedInASecondFeedIsNotWhole(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	whole := &feed{records: []any{operation(nil)}, covered: covers(window(7, 0))}
	broken := &feed{before: cancel, err: context.Canceled}
	s := fakegraph.Snapshot(t, func(w *snapshot.Writer) error {
		err := collector.Collect(ctx, w, dataconnect.New(dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{whole, broken}}))
		if !errors.Is(err, collector.ErrInterrupted) {
			t.Errorf("got error %v", err)
		}
		return nil
	})
	d := s.Dataset(snapshot.DataConnectEvents)
	if told(d) != "partial from 7 [7,0)" || d.Rows != 1 || !d.Unfinished || d.Confined || !strings.Contains(d.Reason, "interrupted") {
		t.Errorf("got %s, %d rows, %+v", told(d), d.Rows, d)
	}
}

func TestAFeedThatBreaksEndsTheRun(t *testing.T) {
	for name, opts := range map[string]dataconnect.Options{
		"a feed":   {Clock: fakegraph.Now, Feeds: []dataconnect.Feed{&feed{err: errors.New("disk full")}}},
		"roles":    {Clock: fakegraph.Now, RoleFeeds: []dataconnect.Feed{&feed{err: errors.New("disk full")}}},
		"no clock": {Feeds: []dataconnect.Feed{&feed{err: errors.New("disk full")}}},
	} {
		w, err := snapshot.Create(filepath.Join(t.TempDir(), "snap"), snapshot.Tenant{ID: fakegraph.TenantID}, snapshot.Tool{}, fakegraph.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := collector.Collect(t.Context(), w, dataconnect.New(opts)); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
	}
}
