// Package collector turns sources into a snapshot: facts of one tenant at one
// instant, and what could not be read of them. It knows no policy.
package collector

import (
	"context"
	"errors"

	"leastwise/collector/snapshot"
)

// Source reads some datasets.
type Source interface {
	// Datasets lists what the source is responsible for.
	Datasets() []snapshot.Name
	// Collect writes each of them with status and reason. What may not be read, or
	// cannot, is a status and never an error: an error means that the run cannot go
	// on, because it was cancelled, the disk is full, or the tenant is another one.
	Collect(ctx context.Context, w *snapshot.Writer) error
}

// ErrInterrupted means that the run was ended before the sources were. The snapshot
// holds what had been read until then, says so of each dataset, and may be committed.
var ErrInterrupted = errors.New("the collection was interrupted")

// Collect runs the sources one after the other. Afterwards the snapshot accounts
// for every dataset of every source. After any error but ErrInterrupted the snapshot
// must not be committed.
func Collect(ctx context.Context, w *snapshot.Writer, sources ...Source) error {
	for _, source := range sources {
		if err := w.Renew(source.Datasets()...); err != nil {
			return err
		}
	}
	for _, source := range sources {
		err := source.Collect(ctx, w)
		if ctx.Err() != nil {
			return errors.Join(ErrInterrupted, account(w, sources, "the run was interrupted before it was read"))
		}
		if err != nil {
			return err
		}
	}
	return account(w, sources, "the source ended without saying anything of this dataset")
}

// account records the datasets that nobody has spoken of.
func account(w *snapshot.Writer, sources []Source, why string) error {
	for _, source := range sources {
		for _, name := range source.Datasets() {
			if _, ok := w.Has(name); ok {
				continue
			}
			if err := w.Without(name, snapshot.Dataset{Status: snapshot.Failed, Reason: why}); err != nil {
				return err
			}
		}
	}
	return nil
}
