// Package finding holds what the policies found, in the form every report is made
// from: a header with controls, coverage and totals, inventory tables, and one
// Finding per thing that failed or could not be judged.
//
// The package is a leaf: it imports the standard library only, and knows neither
// how findings come about nor how they are drawn. A report of any size is written
// and read as a stream.
package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// Outcome is the result of one control on one subject.
type Outcome string

// The five outcomes. Unknown means that facts were missing or the control broke:
// it is never a pass.
const (
	Pass          Outcome = "pass"
	Fail          Outcome = "fail"
	NotApplicable Outcome = "not_applicable"
	Manual        Outcome = "manual"
	Unknown       Outcome = "unknown"
)

// Severity orders findings by how much harm the condition can do.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities lists the severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// Rank is 0 for Critical and grows as severity falls; -1 when s is none of them.
func (s Severity) Rank() int { return slices.Index(Severities(), s) }

// AtLeast reports whether s is as severe as floor or worse.
func (s Severity) AtLeast(floor Severity) bool { return s.Rank() <= floor.Rank() }

// Subject is the thing a control judged.
type Subject struct {
	Kind string `json:"kind"`
	// ID is stable across runs, such as an application's appId. It is "*" when the
	// things of a kind could not be listed at all.
	ID   string `json:"id"`
	Name string `json:"name,omitzero"`
}

// Finding is one failed, unknown or manual result.
type Finding struct {
	Control  string   `json:"control"`
	Severity Severity `json:"severity"`
	Outcome  Outcome  `json:"outcome"`
	Subject  Subject  `json:"subject"`
	// Key holds the members that make this finding itself and no other of the same
	// control and subject. Object with sorted members; {} for an unknown.
	Key json.RawMessage `json:"key"`
	// Evidence holds the facts that prove it. Object with sorted members.
	Evidence    json.RawMessage `json:"evidence"`
	Message     string          `json:"message"`
	Fingerprint string          `json:"fingerprint"`
	// Location is where the subject stands, for subjects of a repository.
	Location *Location `json:"location,omitzero"`
	// Owners of the subject: user principal names, or ids where the name could not be read; nil
	// when they were not read, or for a subject that has none.
	Owners []string `json:"owners,omitzero"`
	// Since is the as-of instant, RFC 3339, of the earliest report that is known to have shown this
	// finding in an unbroken row. Absent where no earlier report was given: then it is this report's.
	Since  string  `json:"since,omitzero"`
	Waiver *Waiver `json:"waiver,omitzero"`
	// Known is true when the baseline holds the same finding: it is shown and does not count.
	Known bool `json:"known,omitzero"`
}

// Counts reports whether the finding decides the verdict: neither a waiver nor the baseline covers it.
func (f *Finding) Counts() bool { return f.Waiver == nil && !f.Known }

// Location is a place in a repository file.
type Location struct {
	File string `json:"file"` // as it was given, with slashes
	Line int    `json:"line"` // from 1; 0 when it is not known
}

// Waiver is an accepted risk that covers a finding. The finding stays in the
// report and does not count.
type Waiver struct {
	ID        string `json:"id"`
	Reason    string `json:"reason"`
	Requester string `json:"requester"`
	Approver  string `json:"approver"`
	Expires   string `json:"expires"` // RFC 3339
}

// Print is the fingerprint of the finding. That something is unknown and that it fails are two
// findings, also where the control has one key for a subject: who accepts the one has not accepted
// the other.
func (f *Finding) Print() string {
	if f.Outcome == Unknown {
		return Fingerprint(f.Control, f.Subject, json.RawMessage(`{"outcome":"unknown"}`))
	}
	return Fingerprint(f.Control, f.Subject, f.Key)
}

// Fingerprint is the digest that waivers, baselines and diffs match on: of control,
// subject and key, and of nothing that changes from day to day. Key must be JSON
// with sorted members. The result is 32 hexadecimal digits.
func Fingerprint(control string, subject Subject, key json.RawMessage) string {
	h := sha256.New()
	for _, part := range []string{control, subject.Kind, subject.ID, string(key)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
