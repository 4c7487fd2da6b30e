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
		s.doubt(name, fmt.Sprintf("it was read on %s, %d days before the rest", dataset.Collected.UTC().Format(time.DateOnly), wholeDays(age)))
	}
}

// DoubtBefore makes those of the named datasets partial that were read more than
// limit before an instant that is judged for, or whose events end so long before it,
// whenever they were read: what has happened since is not in them. Files are not changed.
func (s *Snapshot) DoubtBefore(instant time.Time, limit time.Duration, names ...Name) {
	for _, name := range names {
		dataset, ok := s.Manifest.Datasets[name]
		read := dataset.Collected
		if read.IsZero() {
			read = s.Manifest.Ended
		}
		how := "was read on"
		if n := len(dataset.Windows); n > 0 && dataset.Windows[n-1].To.Before(read) {
			read, how = dataset.Windows[n-1].To, "holds events up to"
		}
		age := instant.Sub(read)
		if !ok || age <= limit || !dataset.Status.Readable() {
			continue
		}
		s.doubt(name, fmt.Sprintf("it %s %s, %d days before the instant that is judged for, and what has happened since is not in it",
			how, read.UTC().Format(time.DateOnly), wholeDays(age)))
	}
}

func (s *Snapshot) doubt(name Name, why string) {
	dataset := s.Manifest.Datasets[name]
	if dataset.Reason != "" {
		why += "; " + dataset.Reason
	}
	dataset.Status, dataset.Confined, dataset.Reason = Partial, false, why
	s.Manifest.Datasets[name] = dataset
}

func wholeDays(age time.Duration) int { return int(age.Hours() / 24) }
