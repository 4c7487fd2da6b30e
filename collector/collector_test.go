package collector_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"leastwise/collector"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// scripted is a source of two datasets that does what a test says.
type scripted struct {
	names   []snapshot.Name
	collect func(ctx context.Context, w *snapshot.Writer) error
}

// Datasets is part of collector.Source.
func (s scripted) Datasets() []snapshot.Name { return s.names }

// Collect is part of collector.Source.
func (s scripted) Collect(ctx context.Context, w *snapshot.Writer) error { return s.collect(ctx, w) }

// writing is a source that writes one row into each of its datasets, and then does
// what end says.
func writing(end func() error, names ...snapshot.Name) scripted {
	return scripted{names: names, collect: func(_ context.Context, w *snapshot.Writer) error {
		for _, name := range names {
			d, err := w.Dataset(name)
			if err != nil {
				return err
			}
			if err := errors.Join(d.Add(json.RawMessage(`{"id":"1"}`)), d.Close(snapshot.Dataset{})); err != nil {
				return err
			}
		}
		return end()
	}}
}

func nothing() error { return nil }

// told are the statuses of a snapshot's datasets.
func told(s *snapshot.Snapshot) map[snapshot.Name]snapshot.Status {
	all := map[snapshot.Name]snapshot.Status{}
	for name, d := range s.Manifest.Datasets {
		all[name] = d.Status
	}
	return all
}

func TestCollectAccountsForEveryDataset(t *testing.T) {
	forgetful := writing(nothing, snapshot.Manifests)
	forgetful.names = append(forgetful.names, snapshot.Pipelines)
	s := fakegraph.Snapshot(t, func(w *snapshot.Writer) error { return collector.Collect(t.Context(), w, forgetful) })
	if got := told(s); len(got) != 2 || got[snapshot.Manifests] != snapshot.Collected || got[snapshot.Pipelines] != snapshot.Failed {
		t.Errorf("got %v", got)
	}
	if d := s.Manifest.Datasets[snapshot.Pipelines]; d.Reason != "the source ended without saying anything of this dataset" {
		t.Errorf("got %+v", d)
	}
}

func TestCollectStopsAtAnError(t *testing.T) {
	broken := errors.New("disk full")
	w, err := snapshot.Create(t.TempDir()+"/s", snapshot.Tenant{ID: fakegraph.TenantID}, snapshot.Tool{}, fakegraph.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Abort() }()
	second := scripted{names: []snapshot.Name{snapshot.Pipelines}, collect: func(context.Context, *snapshot.Writer) error {
		t.Error("the second source is asked after the first has failed")
		return nil
	}}
	err = collector.Collect(t.Context(), w, writing(func() error { return broken }, snapshot.Manifests), second)
	if !errors.Is(err, broken) || errors.Is(err, collector.ErrInterrupted) {
		t.Errorf("got %v", err)
	}
}

func TestCollectTellsAnInterruptionFromAnError(t *testing.T) {
	for name, end := range map[string]func(cancel func()) error{
		"the source tells": func(cancel func()) error { cancel(); return context.Canceled },
		"the source is told": func(cancel func()) error {
			cancel()
			return errors.New("the connection broke because of it")
		},
		"the source has just ended": func(cancel func()) error { cancel(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			first := writing(func() error { return end(cancel) }, snapshot.Manifests)
			first.names = append(first.names, snapshot.ConsentEvents)
			dir := t.TempDir() + "/snapshot"
			fakegraph.SnapshotAt(t, dir, func(w *snapshot.Writer) error { // what it holds must not show
				return collector.Collect(t.Context(), w, writing(nothing, snapshot.Pipelines, snapshot.ConsentEvents, snapshot.GraphActivity))
			})
			s := fakegraph.SnapshotAt(t, dir, func(w *snapshot.Writer) error {
				if err := collector.Collect(ctx, w, first, writing(nothing, snapshot.Pipelines)); !errors.Is(err, collector.ErrInterrupted) {
					t.Errorf("got %v", err)
				}
				return nil
			})
			got := told(s)
			for name, want := range map[snapshot.Name]snapshot.Status{
				snapshot.Manifests: snapshot.Collected, snapshot.ConsentEvents: snapshot.Failed, snapshot.Pipelines: snapshot.Failed,
				snapshot.GraphActivity: snapshot.Collected, // of no source of this run
			} {
				if got[name] != want {
					t.Errorf("%s is %s, want %s", name, got[name], want)
				}
				if d := s.Manifest.Datasets[name]; want == snapshot.Failed && d.Reason != "the run was interrupted before it was read" {
					t.Errorf("%s: %+v", name, d)
				}
			}
			if len(got) != 4 || !slices.Equal(fakegraph.Rows(t, s, snapshot.Manifests), []string{`{"id":"1"}`}) {
				t.Errorf("got %v", got)
			}
		})
	}
}
