package graphapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// reading opens a session and runs body in it. What body returns is not an error of
// the test.
func session(t *testing.T, client *graphapi.Client, body func(s *graphapi.Session)) *snapshot.Snapshot {
	t.Helper()
	return fakegraph.Snapshot(t, func(w *snapshot.Writer) error {
		s, err := client.Open(t.Context(), w, []snapshot.Name{snapshot.Applications})
		if err != nil || s == nil {
			return err
		}
		defer s.Close()
		body(s)
		return nil
	})
}

func TestNeedTellsWhatATokenLacks(t *testing.T) {
	const denied = "the token carries no application permission for this; the least is A.Read"
	for _, c := range []struct {
		name   string
		claims map[string]any
		want   string // reason; none when the dataset can be read
	}{
		{"the least", map[string]any{"idtyp": "app", "roles": []string{"A.Read"}}, ""},
		{"the other least", map[string]any{"idtyp": "app", "roles": []string{"B.Read"}}, ""},
		{"more than that", map[string]any{"idtyp": "app", "roles": []string{"a.readwrite"}}, ""},
		{"another", map[string]any{"idtyp": "app", "roles": []string{"A.Read.Own", "Mail.Read"}}, denied},
		{"none", map[string]any{"idtyp": "app"}, denied},
		{"none, for a person", map[string]any{"scp": "openid"}, strings.Replace(denied, "application", "delegated", 1)},
		{"by a person", map[string]any{"scp": "openid A.Read"}, ""},
		{"opaque", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t)
			s := session(t, g.Client(c.claims), func(s *graphapi.Session) {
				if got := s.Need(snapshot.Need{Dataset: snapshot.Organization}); got != nil {
					t.Errorf("nothing is needed, and the dataset is %+v", got)
				}
				got := s.Need(snapshot.Need{Dataset: snapshot.Applications, Least: []string{"A.Read", "B.Read"}, Accepted: []string{"A.ReadWrite"}})
				if c.want == "" && got != nil || c.want != "" && !reflect.DeepEqual(got, &snapshot.Dataset{Status: snapshot.Denied, Reason: c.want}) {
					t.Errorf("got %+v, want %q", got, c.want)
				}
			})
			want := []snapshot.Need{{Dataset: snapshot.Applications, Least: []string{"A.Read", "B.Read"}, Accepted: []string{"A.ReadWrite"}}}
			if id := s.Manifest.Identities; len(id) != 1 || !reflect.DeepEqual(id[0].Needs, want) || len(id[0].Datasets) != 0 || id[0].Opaque != (c.claims == nil) {
				t.Errorf("identities %+v", id)
			}
			if n := len(g.Requests("")); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestCountsThatDifferMakeADatasetPartial(t *testing.T) {
	counted := fakegraph.Answer{Body: `{"@odata.count":3,"value":[{"id":"a","appId":"x"},{"id":"b","appId":"x"}]}`}
	for _, c := range []struct {
		name   string
		check  func(r *graphapi.Reading) error
		want   *snapshot.Reconciled
		reason string
	}{
		{"none", func(*graphapi.Reading) error { return nil }, nil, ""},
		{
			"equal", func(r *graphapi.Reading) error { r.ReconcileWith("elsewhere", 2); return nil },
			&snapshot.Reconciled{Against: "elsewhere", Want: 2, Got: 2}, "",
		},
		{
			"elsewhere", func(r *graphapi.Reading) error { r.ReconcileWith("elsewhere", 0); return nil },
			&snapshot.Reconciled{Against: "elsewhere", Want: 0, Got: 2}, "2 rows were read and elsewhere says 0",
		},
		{
			"the collection's count", func(r *graphapi.Reading) error { return r.Reconcile(t.Context(), things) },
			&snapshot.Reconciled{Against: things + "/$count", Want: 5, Got: 2}, "2 rows were read and " + things + "/$count says 5",
		},
		{"a count that is refused", func(r *graphapi.Reading) error { return r.Reconcile(t.Context(), "/v1.0/denied") }, nil, ""},
		{
			"the listing's count", func(r *graphapi.Reading) error { r.ReconcileListing(things); return nil },
			&snapshot.Reconciled{Against: "@odata.count of " + things, Want: 3, Got: 2}, "2 rows were read and @odata.count of " + things + " says 3",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(things, counted).On(things+"/$count", fakegraph.Answer{Body: "5"}).On("/v1.0/denied/$count", fakegraph.Denied())
			s := session(t, g.Client(claims()), func(s *graphapi.Session) {
				r, err := s.Read(t.Context(), snapshot.Applications)
				if err != nil {
					t.Fatal(err)
				}
				err = r.All(t.Context(), "", r.Graph.List(t.Context(), things, graphapi.Query{Count: true}), func(row json.RawMessage) error { return r.Add(row) })
				if err = errors.Join(err, c.check(r)); err != nil {
					t.Fatal(err)
				}
				if _, err = r.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			d := s.Manifest.Datasets[snapshot.Applications]
			status := snapshot.Collected
			if c.reason != "" {
				status = snapshot.Partial
			}
			if d.Status != status || d.Reason != c.reason || d.Confined || !reflect.DeepEqual(d.Reconciled, c.want) {
				t.Errorf("got %+v %+v", d, d.Reconciled)
			}
		})
	}
}

// What Graph counted before the listing counts, unless it does not fit: meanwhile
// something may have come or gone.
func TestCountsAreAskedForAgainWhenTheyDoNotFit(t *testing.T) {
	two := fakegraph.Value(`{"id":"a","appId":"x"}`, `{"id":"b","appId":"x"}`)
	for _, c := range []struct {
		name   string
		counts []fakegraph.Answer
		asked  int
		want   *snapshot.Reconciled
	}{
		{"it fits", []fakegraph.Answer{{Body: "2"}, {Body: "9"}}, 1, &snapshot.Reconciled{Against: things + "/$count", Want: 2, Got: 2}},
		{"it fits later", []fakegraph.Answer{{Body: "3"}, {Body: "2"}}, 2, &snapshot.Reconciled{Against: things + "/$count", Want: 2, Got: 2}},
		{"it never fits", []fakegraph.Answer{{Body: "3"}, {Body: "4"}}, 2, &snapshot.Reconciled{Against: things + "/$count", Want: 4, Got: 2}},
		{"told later", []fakegraph.Answer{fakegraph.Denied(), {Body: "2"}}, 2, &snapshot.Reconciled{Against: things + "/$count", Want: 2, Got: 2}},
		{"it does not fit, and is not told again", []fakegraph.Answer{{Body: "5"}, fakegraph.Denied()}, 2, &snapshot.Reconciled{Against: things + "/$count", Want: 5, Got: 2}},
		{"never told", []fakegraph.Answer{fakegraph.Denied()}, 2, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, board := fakegraph.Start(t).On(things, two).On(things+"/$count", c.counts...), graphapi.NewBoard()
			s := session(t, g.Client(claims(), func(o *graphapi.Options) { o.Board = board }), func(s *graphapi.Session) {
				r, err := s.Read(t.Context(), snapshot.Applications)
				if err != nil {
					t.Fatal(err)
				}
				r.Announce(t.Context(), things)
				if n, _ := strconv.Atoi(c.counts[0].Body); board.Works()[0].Expected != n {
					t.Errorf("the board expects %d", board.Works()[0].Expected)
				}
				err = r.All(t.Context(), "", r.Graph.List(t.Context(), things, graphapi.Query{}), func(row json.RawMessage) error { return r.Add(row) })
				if err = errors.Join(err, r.Reconcile(t.Context(), things)); err != nil {
					t.Fatal(err)
				}
				if _, err = r.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			d := s.Manifest.Datasets[snapshot.Applications]
			if n := len(g.Requests(things + "/$count")); n != c.asked || !reflect.DeepEqual(d.Reconciled, c.want) {
				t.Errorf("asked %d times, reconciled %+v", n, d.Reconciled)
			}
		})
	}
}

func TestInterruptedReadingKeepsItsRows(t *testing.T) {
	for _, c := range []struct {
		name      string
		rows      int
		interrupt bool
		want      snapshot.Status // none: the dataset is not spoken of
	}{
		{"interrupted", 2, true, snapshot.Partial},
		{"interrupted before the first row", 0, true, ""},
		{"given up for another reason", 2, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			board := graphapi.NewBoard()
			client := fakegraph.Start(t).Client(claims(), func(o *graphapi.Options) { o.Board = board })
			s := session(t, client, func(s *graphapi.Session) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				r, err := s.Read(ctx, snapshot.Applications)
				if err != nil {
					t.Fatal(err)
				}
				r.ReconcileWith("elsewhere", 7)
				r.KeepCursor(snapshot.Cursor{Delta: "token", Taken: fakegraph.Now()})
				for _, id := range []string{"a", "b"}[:c.rows] {
					if err := r.Add(json.RawMessage(`{"id":"` + id + `","appId":"x"}`)); err != nil {
						t.Fatal(err)
					}
				}
				if c.interrupt {
					cancel()
				}
				r.Abort()
				r.Abort() // changes nothing
			})
			d, ok := s.Manifest.Datasets[snapshot.Applications]
			if c.want == "" {
				if ok {
					t.Errorf("got %+v", d)
				}
				return
			}
			if d.Status != c.want || d.Rows != c.rows || d.Reason != "the run was interrupted before the end" || d.Confined || d.Reconciled != nil || d.Cursor != nil {
				t.Errorf("got %+v", d)
			}
			if got := fakegraph.Rows(t, s, snapshot.Applications); len(got) != c.rows {
				t.Errorf("rows %v", got)
			}
			if works := board.Works(); len(works) != 1 || works[0].Status != c.want || works[0].Rows != c.rows {
				t.Errorf("the board says %+v", works)
			}
		})
	}
}

func TestAbortAfterCloseChangesNothing(t *testing.T) {
	s := session(t, fakegraph.Start(t).Client(claims()), func(s *graphapi.Session) {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := s.Read(ctx, snapshot.Applications)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Add(json.RawMessage(`{"id":"a","appId":"x"}`)); err != nil {
			t.Fatal(err)
		}
		_, err = r.Close(ctx)
		cancel()
		if r.Abort(); err != nil {
			t.Fatal(err)
		}
	})
	if d := s.Manifest.Datasets[snapshot.Applications]; d.Status != snapshot.Collected || d.Rows != 1 {
		t.Errorf("got %+v", d)
	}
}

func TestBoardTellsHowFarThingsAre(t *testing.T) {
	board := graphapi.NewBoard()
	g := fakegraph.Start(t).On(things, fakegraph.Answer{Body: `{"@odata.count":12,"value":[{"id":"a","appId":"x"}],"@odata.nextLink":"{{graph}}` + things + `?$skiptoken=2"}`})
	g.On(things+"?$skiptoken=2", fakegraph.Answer{Status: 503, Header: map[string]string{"Retry-After": "0.01"}}, fakegraph.Value(row("b"))).On("/v1.0/denied", fakegraph.Denied())
	read := func(s *graphapi.Session, name snapshot.Name, path string) {
		r, err := s.Read(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		err = r.All(t.Context(), "", r.Graph.List(t.Context(), path, graphapi.Query{}), func(row json.RawMessage) error { return r.Add(row) })
		if err != nil {
			t.Fatal(err)
		}
		before := board.Works()
		if last := before[len(before)-1]; last.Status != "" {
			t.Errorf("it is told to be over: %+v", last)
		}
		if _, err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	session(t, g.Client(claims(), func(o *graphapi.Options) { o.Board = board }), func(s *graphapi.Session) {
		read(s, snapshot.DelegatedGrants, things)
		read(s, snapshot.ContainerTypes, "/v1.0/denied")
	})
	got := board.Works()
	for i := range got {
		got[i].Throttled = got[i].Throttled.Truncate(time.Hour) // it depends on the machine
	}
	want := []graphapi.Work{
		{Dataset: snapshot.DelegatedGrants, Started: fakegraph.Now(), Rows: 2, Expected: 12, Requests: 3, Retries: 1, Status: snapshot.Collected},
		{Dataset: snapshot.ContainerTypes, Started: fakegraph.Now(), Requests: 1, Status: snapshot.Denied},
	}
	want[0].Status = got[0].Status // what is wrong with a grant without scope is for another test
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if works := (*graphapi.Board)(nil).Works(); works != nil {
		t.Errorf("a board that is none says %v", works)
	}
}
