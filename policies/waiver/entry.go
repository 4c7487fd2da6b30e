// Package waiver decides which findings count: it reads the file of accepted risks and earlier reports,
// and applies them to what the policies found.
//
// Nothing is ever hidden. A finding that a waiver or the baseline covers stays in the report and says
// so, and a waiver that does not cover what somebody believes it to cover is a finding itself.
package waiver

import (
	"fmt"
	"regexp"
	"time"

	"leastwise/policies/finding"
)

// Entry is one waiver as it was written.
type Entry struct {
	ID          string // as written, or the first eight digits of the fingerprint
	Control     string
	Subject     finding.Subject // kind and id
	Fingerprint string          // 32 hexadecimal digits, in lower case
	Reason      string
	Requester   string
	Approver    string
	Approved    time.Time // UTC; zero when it was not written
	Expires     time.Time // UTC
	// Severity is the finding's when it was accepted; "" when it was not written. One that is worse is not covered.
	Severity finding.Severity
	Tenant   string // id of the tenant that it is for, in lower case; "" for any
	Line     int    // of the file, from 1
}

// about is control and subject, as one key.
func (e *Entry) about() string { return e.Control + "\x00" + e.Subject.Kind + "/" + e.Subject.ID }

func (e *Entry) subject() string { return e.Subject.Kind + "/" + e.Subject.ID }

// shown is what a finding says of the waiver that covers it.
func (e *Entry) shown() finding.Waiver {
	return finding.Waiver{ID: e.ID, Reason: e.Reason, Requester: e.Requester, Approver: e.Approver, Expires: written(e.Expires)}
}

// written is an instant as reports have it; "" for none.
func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Instant reads an instant (RFC 3339), or a date, which is its 00:00:00Z.
func Instant(text string) (time.Time, bool) {
	if !strictInstant().MatchString(text) {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// strictInstant matches what RFC 3339 allows: time.Parse also takes commas, and offsets of more than a day.
func strictInstant() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$`)
}

// Fault is what is wrong with a waiver file, which cannot be used then at all.
type Fault struct {
	File string
	Line int // 0 when it concerns the whole file
	Text string
	Tip  string
}

// Error names file and line, then the fault.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("read waivers: %s: %s", f.File, f.Text)
	}
	return fmt.Sprintf("read waivers: %s:%d: %s", f.File, f.Line, f.Text)
}

// Hint says what to do about it.
func (f *Fault) Hint() string { return f.Tip }
