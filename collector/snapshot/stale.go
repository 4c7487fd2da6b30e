package snapshot

import (
	"fmt"
	"time"
)

// Doubt makes datasets partial that were read more than limit before the snapshot
// was completed: it was added to, and what they say may have changed since. Files are
// not changed.
func (s *Snapshot) Doubt(limit time.Duration) {
	for name, dataset := range s.Manifest.Datasets {
		age := s.Manifest.Ended.Sub(dataset.Collected)
		if dataset.Collected.IsZero() || age <= limit || !dataset.Status.Readable() {
			continue
		}
		why := fmt.Sprintf("it was read on %s, %d days before the rest", dataset.Collected.UTC().Format(time.DateOnly), int(age.Hours()/24))
		if dataset.Reason != "" {
			why += "; " + dataset.Reason
		}
		dataset.Status, dataset.Confined, dataset.Reason = Partial, false, why
		s.Manifest.Datasets[name] = dataset
	}
}
