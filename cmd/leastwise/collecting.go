package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"leastwise/collector"
	"leastwise/collector/checkpoint"
	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// collect writes a snapshot to dest and returns what became of each dataset.
func (p *program) collect(ctx context.Context, run *collecting, dest string) (map[string]snapshot.Dataset, error) {
	p.use(forCollecting())
	if run.board == nil {
		run.board = graphapi.NewBoard()
	}
	began := p.now()
	kept, err := p.openCheckpoint(run, dest, began)
	if err != nil {
		return nil, err
	}
	stop := p.startProgress(ctx, run.board, run.progressStyle)
	defer stop()
	datasets, err := p.write(ctx, run, dest, kept.started(began))
	if err != nil {
		return nil, errors.Join(err, kept.leave())
	}
	stop()
	p.showSummary(run.progressStyle, datasets, p.now().Sub(began))
	p.showIncremental(run.progressStyle, datasets)
	return datasets, p.closeCheckpoint(ctx, run, kept, datasets)
}

// write collects the sources into the snapshot at dest. What an interrupted run has
// read is written as well.
func (p *program) write(ctx context.Context, run *collecting, dest string, started time.Time) (map[string]snapshot.Dataset, error) {
	sources, err := p.sources(ctx, run)
	if err != nil {
		return nil, err
	}
	w, err := snapshot.Create(dest, run.tenant, snapshot.Tool{Name: toolName, Version: release}, started)
	if err != nil {
		return nil, fmt.Errorf("%w; hint: name another folder with -o", err)
	}
	err = collector.Collect(ctx, w, sources...)
	if err == nil || errors.Is(err, collector.ErrInterrupted) {
		err = w.Commit(p.now())
	}
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	return w.Datasets(), nil
}

// keeping is the checkpoint of a collection; nil where none is kept.
type keeping struct{ *checkpoint.Checkpoint }

// started is when the collection began, whichever run that was.
func (k *keeping) started(otherwise time.Time) time.Time {
	if k == nil {
		return otherwise
	}
	return k.About.Started
}

// leave ends a run that wrote no snapshot. What it kept stays for the next one; an
// empty checkpoint is of no use.
func (k *keeping) leave() error {
	if k == nil {
		return nil
	}
	if k.Empty() {
		return k.Remove()
	}
	return k.Close()
}

// openCheckpoint finds what an interrupted run has left, or begins anew.
func (p *program) openCheckpoint(run *collecting, dest string, now time.Time) (*keeping, error) {
	if !run.kept {
		if run.resume {
			return nil, errors.New("there is nothing to resume where no snapshot is kept; hint: name the folder of the interrupted collection with -o or --snapshot")
		}
		return nil, nil
	}
	there := checkpoint.Exists(dest)
	about := checkpoint.About{Tenant: run.tenant.ID, Cloud: run.tenant.Cloud, Tool: release, Started: now.UTC()}
	opened, err := checkpoint.Open(dest, about, run.resume)
	if err != nil {
		return nil, err
	}
	run.journal = opened
	if err := snapshot.Sweep(dest); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	switch {
	case run.resume && opened.Resumed > 0:
		p.tell(run.progressStyle, slog.LevelInfo, fmt.Sprintf("resuming the collection of %s: %d answers are there already",
			opened.About.Started.Format(time.RFC3339), opened.Resumed))
	case run.resume:
		p.tell(run.progressStyle, slog.LevelWarn, "there is no interrupted collection to resume at "+dest+"; starting from the beginning")
	case there:
		p.tell(run.progressStyle, slog.LevelWarn, "an interrupted collection to "+dest+" is thrown away; --resume would have gone on with it")
	}
	return &keeping{opened}, nil
}

// closeCheckpoint drops what was kept once nothing is left to be taken up: a dataset
// that failed may be read by another run.
func (p *program) closeCheckpoint(ctx context.Context, run *collecting, kept *keeping, datasets map[string]snapshot.Dataset) error {
	if kept == nil {
		return nil
	}
	if err := kept.Err(); err != nil {
		p.tell(run.progressStyle, slog.LevelWarn, err.Error())
	}
	unfinished := ctx.Err() != nil
	for _, dataset := range datasets {
		unfinished = unfinished || dataset.Status == snapshot.Failed
	}
	if !unfinished || kept.Empty() {
		return kept.Remove()
	}
	text := "some datasets failed; --resume reads those again"
	if ctx.Err() != nil {
		text = "interrupted; the snapshot says what is missing, and --resume reads the rest"
	}
	p.tell(run.progressStyle, slog.LevelWarn, text)
	return kept.Close()
}

// tell says something about the run as a whole.
func (p *program) tell(style progressStyle, level slog.Level, text string) {
	switch {
	case style.quiet:
	case style.json:
		p.event(level, text)
	default:
		_, _ = fmt.Fprintln(p.stderr, oneLine(text)) // to a stderr that is gone
	}
}

// showIncremental tells what reading changes has saved.
func (p *program) showIncremental(style progressStyle, datasets map[string]snapshot.Dataset) {
	now, full, names := 0, 0, 0
	for _, dataset := range datasets {
		if cursor := dataset.Cursor; cursor != nil && cursor.Incremental {
			now, full, names = now+dataset.Requests, full+cursor.FullRequests, names+1
		}
	}
	if names > 0 {
		p.tell(style, slog.LevelInfo, fmt.Sprintf("incremental: changes of %d datasets took %d requests; reading them in full took %d", names, now, full))
	}
}
