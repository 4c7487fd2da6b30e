// Package collector turns sources into a snapshot: facts of one tenant at one
// instant, and what could not be read of them. It knows no policy.
package collector

import (
	"context"

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

// Collect runs the sources one after the other. Afterwards the snapshot accounts
// for every dataset of every source. After an error the snapshot must not be
// committed.
func Collect(ctx context.Context, w *snapshot.Writer, sources ...Source) error {
	for _, source := range sources {
		if err := w.Renew(source.Datasets()...); err != nil {
			return err
		}
	}
	for _, source := range sources {
		if err := source.Collect(ctx, w); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, name := range source.Datasets() {
			if _, ok := w.Has(name); ok {
				continue
			}
			silent := snapshot.Dataset{Status: snapshot.Failed, Reason: "the source ended without saying anything of this dataset"}
			if err := w.Without(name, silent); err != nil {
				return err
			}
		}
	}
	return nil
}
