package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"leastwise/collector"
	"leastwise/collector/checkpoint"
	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// collect writes a snapshot to dest and returns what became of each dataset.
func (p *program) collect(ctx context.Context, run *collecting, dest string) (written, error) {
	p.use(forCollecting())
	if run.board == nil {
		run.board = graphapi.NewBoard()
	}
	began := p.now()
	kept, err := p.openCheckpoint(run, dest, began)
	if err != nil {
		return written{}, err
	}
	stop := p.startProgress(ctx, run.board, run.progressStyle)
	defer stop()
	done, err := p.write(ctx, run, kept, dest, began)
	if err != nil {
		return written{}, errors.Join(err, kept.leave())
	}
	stop()
	p.showSummary(run.progressStyle, done.datasets, p.now().Sub(began))
	p.showIncremental(run.progressStyle, done)
	p.closeCheckpoint(ctx, run, kept, done)
	return done, nil
}

// written is a snapshot that was written.
type written struct {
	datasets map[string]snapshot.Dataset
	read     []snapshot.Name // what the sources of this run are responsible for
}

// write collects the sources into the snapshot at dest. What an interrupted run has
// read is written as well.
func (p *program) write(ctx context.Context, run *collecting, kept *keeping, dest string, began time.Time) (written, error) {
	var done written
	if err := run.findPrevious(dest); err != nil {
		return done, err
	}
	sources, err := p.sources(ctx, run, kept.journal())
	if err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted before anybody had signed in; hint: begin again")
		}
		return done, err
	}
	for _, source := range sources {
		done.read = append(done.read, source.Datasets()...)
	}
	w, err := snapshot.Create(dest, run.tenant, snapshot.Tool{Name: toolName, Version: release}, kept.started(began))
	if err != nil {
		return done, fmt.Errorf("%w; hint: name another folder with -o", err)
	}
	err = collector.Collect(ctx, w, sources...)
	if err == nil || errors.Is(err, collector.ErrInterrupted) {
		err = w.Commit(p.now())
	}
	if err != nil {
		return done, errors.Join(err, w.Abort())
	}
	done.datasets = w.Datasets()
	return done, nil
}

// keeping is the checkpoint of a collection; nil where none is kept.
type keeping struct{ *checkpoint.Checkpoint }

// journal is where answers are kept; nil keeps none.
func (k *keeping) journal() graphapi.Journal {
	if k == nil {
		return nil
	}
	return k.Checkpoint
}

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
	about := checkpoint.About{Tenant: run.tenant.ID, Cloud: run.tenant.Cloud, Tool: release, Extent: run.describe(), Started: now.UTC()}
	opened, err := checkpoint.Open(dest, about, run.resume)
	if err != nil {
		return nil, withHint(err, "name a folder that can be written to with -o")
	}
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
// that failed may be read by another run. The snapshot stands whatever becomes of it.
func (p *program) closeCheckpoint(ctx context.Context, run *collecting, kept *keeping, done written) {
	if kept == nil {
		return
	}
	unfinished := ctx.Err() != nil
	for _, name := range done.read {
		dataset := done.datasets[name]
		unfinished = unfinished || dataset.Status == snapshot.Failed || dataset.Unfinished
	}
	err := kept.Err()
	switch {
	case !unfinished || kept.Empty():
		err = errors.Join(err, kept.Remove())
	case ctx.Err() != nil:
		p.tell(run.progressStyle, slog.LevelWarn, "interrupted; the snapshot says what is missing, and --resume reads the rest")
		err = errors.Join(err, kept.Close())
	default:
		p.tell(run.progressStyle, slog.LevelWarn, "some datasets could not be read to their end; --resume reads those again")
		err = errors.Join(err, kept.Close())
	}
	if err != nil {
		p.tell(run.progressStyle, slog.LevelWarn, err.Error())
	}
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
func (p *program) showIncremental(style progressStyle, done written) {
	total, changes, full, fullRun, names := 0, 0, 0, 0, 0
	for _, name := range entra.Datasets() {
		dataset := done.datasets[name]
		total += dataset.Requests
		if cursor := dataset.Cursor; cursor != nil && cursor.Incremental {
			changes, full, names = changes+dataset.Requests, full+cursor.FullRequests, names+1
			fullRun = max(fullRun, cursor.FullRun)
		}
	}
	if names > 0 {
		p.tell(style, slog.LevelInfo, fmt.Sprintf("incremental: changes of %d datasets took %d requests, which took %d in full; all datasets took %d, and %d in full",
			names, changes, full, total, fullRun))
	}
}
