package policies

import (
	"context"
	"fmt"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// Cost is what asking one control takes.
type Cost struct {
	Control  string
	Subject  subject.Kind
	Subjects int           // of the kind in the snapshot
	Sampled  int           // that it was asked about
	Each     time.Duration // mean time of an answer, asked alone and with nothing remembered
}

// Total is what it would take to ask about every subject.
func (c Cost) Total() time.Duration { return c.Each * time.Duration(c.Subjects) }

// Costs measures the controls of an engine on every n-th subject of a snapshot, one after the other, for
// benchmarks. now is the clock.
func (l *Library) Costs(ctx context.Context, e *Engine, snap *snapshot.Snapshot, n int, now func() time.Time) ([]Cost, error) {
	join, err := subject.Open(snap, subject.Options{AsOf: e.options.AsOf, Catalogue: l.Catalogue})
	if err != nil {
		return nil, err
	}
	v, err := e.evaluator(ctx, newMemo())
	if err != nil {
		return nil, err
	}
	defer v.close(ctx)
	var costs []Cost
	for _, kind := range subject.Kinds() {
		documents, subjects, err := sample(join, kind, n)
		if err != nil {
			return nil, err
		}
		for _, control := range e.kinds[kind].controls {
			start := now()
			for _, document := range documents {
				input, err := e.encoder.value(document, wantedFields(control, kind))
				if err != nil {
					return nil, err
				}
				if said := v.judgeAlone(ctx, control, input); said.err != nil {
					return nil, fmt.Errorf("%s: %w", control.ID, said.err)
				}
			}
			costs = append(costs, Cost{control.ID, kind, subjects, len(documents), now().Sub(start) / time.Duration(max(1, len(documents)))})
		}
	}
	return costs, nil
}

// sample builds every n-th document of a kind, the first included, and counts all.
func sample(join *subject.Join, kind subject.Kind, n int) (documents []any, subjects int, err error) {
	for build, err := range join.Documents(kind) {
		if err != nil {
			return nil, 0, err
		}
		if subjects++; (subjects-1)%n != 0 {
			continue
		}
		document, err := build()
		if err != nil {
			return nil, 0, err
		}
		documents = append(documents, document.Value)
	}
	return documents, subjects, nil
}

// wantedFields are those of a subject that a control reads.
func wantedFields(control *boundControl, kind subject.Kind) map[int]bool {
	wanted := map[int]bool{}
	for _, field := range control.fields[rootType(kind)] {
		wanted[field] = true
	}
	return wanted
}
