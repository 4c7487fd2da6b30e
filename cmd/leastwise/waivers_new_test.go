package main

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"leastwise/policies/waiver"
)

// Several who add waivers to one file at once all find theirs in it.
func TestAppendWaiverAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.yaml")
	const writers = 20
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			entry := waiver.Draft{
				Control: "ENTRA-001", Subject: "application/a", Fingerprint: fmt.Sprintf("%032x", i), Reason: "x", Requester: "ann@contoso.com",
				Approver: "bob@contoso.com", Expires: "2027-03-31",
			}
			if err := appendWaiver(path, entry, time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	file, err := waiver.Read(path)
	if err != nil || len(file.Entries) != writers {
		t.Errorf("got %v, %v, want %d entries", file, err, writers)
	}
}
