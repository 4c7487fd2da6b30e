package policies

import (
	"context"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// batchSize is how many subjects travel between goroutines at a time.
const batchSize = 64

// Evaluate judges every subject of a snapshot. The rows of the report go to out,
// the header is returned. An error means that the work could not be done; facts
// that are missing are findings, not errors.
func (l *Library) Evaluate(ctx context.Context, e *Engine, snap *snapshot.Snapshot, out *finding.Writer) (*finding.Report, error) {
	scope, err := e.scopeOf(snap)
	if err != nil {
		return nil, err
	}
	join, err := subject.Open(snap, subject.Options{
		AsOf: e.options.AsOf, Catalogue: l.Catalogue, Kinds: e.options.Kinds, Declared: e.options.Declared.operations(),
		Facts: e.options.Declared.facts(),
	})
	if err != nil {
		return nil, err
	}
	r := &run{engine: e, published: l.Permissions, scope: scope, reasons: tierReasons(l.Catalogue), snap: snap, join: join, out: out, tally: map[string]*tally{}, subjects: map[string]int{}}
	for _, control := range scope.controls {
		r.tally[control.ID] = &tally{}
	}
	r.failed, r.unknown = map[finding.Severity]int{}, map[finding.Severity]int{}
	for _, kind := range scope.kinds {
		if err := r.kind(ctx, kind); err != nil {
			return nil, err
		}
	}
	if e.options.Kinds == nil { // else the rest has no bearing on what was judged
		if err := snap.VerifyRest(); err != nil {
			return nil, err
		}
	}
	report := r.report()
	report.Changes = changesOf(join)
	return report, nil
}

// run is one evaluation of one snapshot.
type run struct {
	engine    *Engine
	published *catalog.Published // imported permissions; nil for none

	scope   scope
	reasons map[string]string // why permissions are rated as they are, by key
	snap    *snapshot.Snapshot
	join    *subject.Join
	out     *finding.Writer

	tally           map[string]*tally
	subjects        map[string]int
	inactive        int // pipeline activities that are not run
	failed, unknown map[finding.Severity]int
}

// tally counts what one control came to.
type tally struct {
	counts               finding.Counts
	passed, inapplicable bitmap
}

// bitmap is a growing set of small numbers.
type bitmap []byte

func (b *bitmap) set(i int) {
	for len(*b) <= i/8 {
		*b = append(*b, 0)
	}
	(*b)[i/8] |= 1 << (i % 8)
}

// batch is a run of subjects, judged together on one goroutine.
type batch struct {
	builders []subject.Builder
	judged   []judged
	rows     []encodedRow
	err      error
	done     chan struct{}
}

// judged are the outcomes of one subject, by control of its kind.
type judged struct {
	outcomes []outcome
	inactive bool
}

// outcome is what one control came to on one subject: how many findings, and of
// which severities.
type outcome struct {
	finding.Outcome
	severities []finding.Severity
}

type encodedRow struct {
	section  finding.Section
	severity finding.Severity
	control  string
	outcome  finding.Outcome
	line     []byte
}

// kind judges all subjects of one kind. Subjects are read in order, judged on
// several goroutines and written in order again, a bounded number at a time.
func (r *run) kind(ctx context.Context, kind subject.Kind) error {
	query := r.engine.kinds[kind]
	ready := make([]readiness, len(query.controls))
	for i, control := range query.controls {
		ready[i] = assess(control, r.join)
	}
	workers, shared := runtime.GOMAXPROCS(0), newMemo()
	group, ctx := errgroup.WithContext(ctx)
	todo := make(chan *batch)
	ordered := make(chan *batch, 2*workers)
	group.Go(func() error {
		defer close(todo)
		defer close(ordered)
		return r.feed(ctx, kind, todo, ordered)
	})
	for range workers {
		group.Go(func() error {
			evaluator, err := r.engine.evaluator(ctx, shared)
			if err != nil {
				return err
			}
			defer evaluator.close(context.WithoutCancel(ctx))
			for b := range todo {
				b.err = r.judgeBatch(ctx, evaluator, query, ready, b)
				close(b.done)
			}
			return nil
		})
	}
	group.Go(func() error { return r.collect(ctx, query, kind, ordered) })
	if err := group.Wait(); err != nil {
		return err
	}
	return r.unlistable(kind, query)
}

// feed cuts the subjects into batches.
func (r *run) feed(ctx context.Context, kind subject.Kind, todo, ordered chan<- *batch) error {
	send := func(b *batch) error {
		for _, to := range []chan<- *batch{ordered, todo} {
			select {
			case to <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	b := &batch{done: make(chan struct{})}
	for builder, err := range r.join.Documents(kind) {
		if err != nil {
			return err
		}
		b.builders = append(b.builders, builder)
		if len(b.builders) < batchSize {
			continue
		}
		if err := send(b); err != nil {
			return err
		}
		b = &batch{done: make(chan struct{})}
	}
	return send(b)
}

// collect takes the batches in order, counts and writes their rows.
func (r *run) collect(ctx context.Context, query *kindQuery, kind subject.Kind, ordered <-chan *batch) error {
	for b := range ordered {
		select {
		case <-b.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if b.err != nil {
			return b.err
		}
		for _, subject := range b.judged {
			for i, control := range query.controls {
				r.count(control, subject.outcomes[i], r.subjects[string(kind)])
			}
			r.subjects[string(kind)]++
			if subject.inactive {
				r.inactive++
			}
		}
		for _, row := range b.rows {
			if err := r.write(row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) write(row encodedRow) error {
	if row.section == finding.Findings {
		return r.out.AddFinding(row.severity, row.control, row.outcome, row.line)
	}
	return r.out.Add(row.section, row.line)
}

func (r *run) count(control *boundControl, o outcome, index int) {
	t := r.tally[control.ID]
	switch o.Outcome {
	case finding.Pass:
		t.counts.Pass++
		t.passed.set(index)
	case finding.NotApplicable:
		t.counts.NotApplicable++
		t.inapplicable.set(index)
	case finding.Fail:
		t.counts.Fail += len(o.severities)
		for _, severity := range o.severities {
			r.failed[severity]++
		}
	case finding.Unknown:
		t.counts.Unknown++
		r.unknown[control.severity]++
	case finding.Manual:
		t.counts.Manual++
	}
}

func (r *run) judgeBatch(ctx context.Context, v *evaluator, query *kindQuery, ready []readiness, b *batch) error {
	for _, build := range b.builders {
		if err := ctx.Err(); err != nil {
			return err
		}
		document, err := build()
		if err != nil {
			return err
		}
		outcomes, err := r.judgeOne(ctx, v, query, ready, document, b)
		if err != nil {
			return err
		}
		activity, ok := document.Value.(*subject.Pipeline)
		b.judged = append(b.judged, judged{outcomes, ok && activity.Inactive})
	}
	b.builders = nil
	return nil
}

func (r *run) judgeOne(ctx context.Context, v *evaluator, query *kindQuery, ready []readiness, document subject.Document, b *batch) ([]outcome, error) {
	err := inventoryRows(r.reasons, document.Value, func(section finding.Section, row any) error {
		line, err := encodeJSON(row)
		b.rows = append(b.rows, encodedRow{section: section, line: line})
		return err
	})
	if err != nil {
		return nil, err
	}
	results, err := v.judge(ctx, query, ready, document.Value)
	if err != nil {
		return nil, err
	}
	about := judgedSubject{who: finding.Subject{Kind: string(document.Kind), ID: document.ID, Name: document.Name}, value: document.Value}
	if document.File != "" {
		about.where = &finding.Location{File: document.File, Line: document.Line}
	}
	outcomes := make([]outcome, len(query.controls))
	for i, control := range query.controls {
		decided := decide(control, ready[i], document.Incomplete, results[i])
		if decided, err = inFiles(control, document, decided); err != nil {
			return nil, err
		}
		outcomes[i], err = b.add(control, decided, about)
		if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// judgedSubject is what findings say of the subject that they are about.
type judgedSubject struct {
	who   finding.Subject
	where *finding.Location // nil for a subject that stands in no file
	value any               // its document; nil when there is none
}

// add encodes the findings of one control on one subject.
func (b *batch) add(control *boundControl, decided verdict, about judgedSubject) (outcome, error) {
	o := outcome{Outcome: decided.outcome}
	var owners []string
	if decided.outcome == finding.Fail || decided.outcome == finding.Unknown {
		owners = ownersOf(about.value)
	}
	emit := func(f finding.Finding) error {
		f.Control, f.Outcome, f.Subject, f.Owners = control.ID, decided.outcome, about.who, owners
		if f.Location == nil {
			f.Location = about.where
		}
		f.Fingerprint = f.Print()
		line, err := encodeJSON(f)
		b.rows = append(b.rows, encodedRow{finding.Findings, f.Severity, f.Control, f.Outcome, line})
		return err
	}
	for _, fail := range decided.fails {
		o.severities = append(o.severities, fail.severity)
		err := emit(finding.Finding{
			Severity: fail.severity, Key: fail.key, Evidence: fail.evidence, Location: fail.at(about.where),
			Message: fail.message(about.who) + fail.addition,
		})
		if err != nil {
			return o, err
		}
	}
	if decided.outcome != finding.Unknown {
		return o, nil
	}
	f, err := unknownFinding(control, decided)
	if err != nil {
		return o, err
	}
	return o, emit(f)
}

func sortedKeys[M ~map[string]V, V any](m M) []string { return slices.Sorted(maps.Keys(m)) }
