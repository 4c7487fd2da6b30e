package dataconnect

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// ledger is one dataset of events while it is read: its rows, and what is known of
// how far they reach.
type ledger struct {
	name   snapshot.Name
	rows   *snapshot.DatasetWriter
	tenant string
	now    time.Time // zero when no clock was given

	former bool           // rows and state of a former run were taken over
	feeds  int            // how many there are
	state  snapshot.State // that the former run came to
	read   []Coverage     // of this run
	lost   losses         // of what is being read
	saved  bool           // saved files were read

	consents *sameConsents // rows that were met; nil where there are none
}

func newLedger(w *snapshot.Writer, name snapshot.Name, now time.Time, feeds int) (*ledger, error) {
	rows, err := w.Dataset(name)
	l := &ledger{name: name, rows: rows, tenant: w.Tenant().ID, now: now, feeds: feeds}
	if name == snapshot.ConsentEvents {
		l.consents = &sameConsents{}
	}
	return l, err
}

// mostLosses is how many single records that were not read a feed's windows are cut
// for. With more, nothing of what the feed read counts as covered.
const mostLosses = 100

// losses are records that could not be read.
type losses struct {
	holes   []snapshot.Hole
	undated string // the first of those that it is not known when they are of
}

// lose notes a record that could not be read, so that what it says is not taken for
// absent: created is its CreationTime, which may be unreadable too.
func (l *ledger) lose(reason string, created json.RawMessage) {
	at, ok := parseInstant(text(created))
	if !ok || len(l.lost.holes) == mostLosses {
		if l.lost.undated == "" {
			l.lost.undated = reason
		}
		return
	}
	at = at.Truncate(time.Second)
	l.lost.holes = append(l.lost.holes, snapshot.Hole{From: at, To: at.Add(time.Second), Reason: reason, Lasting: true})
}

// add notes what was covered. What was lost meanwhile was not, and reading the feed again
// brings nothing else.
func (l *ledger) add(covered Coverage) {
	if reason := l.lost.undated; reason != "" {
		for _, w := range covered.Windows {
			if w.From.Before(w.To) {
				covered.Holes = append(covered.Holes, snapshot.Hole{From: w.From, To: w.To, Reason: reason, Lasting: true})
			}
		}
		if len(covered.Windows) == 0 {
			l.fault(reason)
		}
		covered.Fetched = nil
	}
	covered.Holes = append(covered.Holes, l.lost.holes...)
	covered.Windows = snapshot.Except(covered.Windows, covered.Holes)
	l.lost = losses{}
	l.read = append(l.read, covered)
}

// settled is what is covered so far.
func (l *ledger) settled() snapshot.State { return snapshot.Settle(l.state, l.read...) }

func (l *ledger) fault(reason string) { l.rows.Fault(reason) }

// ours reports whether a record is of the tenant. One that does not say so is.
func (l *ledger) ours(organization json.RawMessage, workload, position string) bool {
	id := guid(organization)
	if id == "" || strings.EqualFold(id, l.tenant) {
		return true
	}
	l.fault(fmt.Sprintf("%s: a %s record of tenant %s, not of %s", position, workload, id, l.tenant))
	return false
}

// replacement stands for what is not valid UTF-8.
const replacement = "\uFFFD"

// store adds a row, and makes an id for one that has none. what names the record, for
// complaints; valid is false when bytes of it were replaced.
func (l *ledger) store(id *string, row any, gaps []snapshot.Gap, what string, valid bool) error {
	line, err := snapshot.Encode(row)
	if err == nil && *id == "" {
		sum := sha256.Sum256(line)
		*id = withoutID + hex.EncodeToString(sum[:8])
		l.fault(fmt.Sprintf("%s without Id, kept as %s", what, *id))
		line, err = snapshot.Encode(row)
	}
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if !valid || bytes.Contains(line, []byte(replacement)) {
		gaps = append(gaps, snapshot.Gap{Reason: "text is not valid UTF-8; unreadable bytes are shown as " + replacement})
	}
	return l.rows.AddCopy(line, gaps)
}

// withoutID begins the ids of rows that have none of their own.
const withoutID = "without-id-"
