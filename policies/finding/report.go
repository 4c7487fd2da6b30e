package finding

import (
	"slices"
	"time"
)

// SchemaVersion of the published JSON report. It follows semantic versioning:
// additions raise the minor number.
const SchemaVersion = "1.2"

// Report is everything in a report but its rows. It fits in memory whatever the
// size of the tenant. A Document adds the rows.
type Report struct {
	SchemaVersion string     `json:"schema_version"`
	Tool          Tool       `json:"tool"`
	Tenant        Tenant     `json:"tenant"`
	AsOf          time.Time  `json:"as_of"` // the instant that "expired" and "days" refer to
	Snapshot      Snapshot   `json:"snapshot"`
	Identities    []Identity `json:"identities"`
	FailOn        Severity   `json:"fail_on"`
	// Thresholds are the values in force that the controls compared with, by name.
	Thresholds map[string]any `json:"thresholds"`
	// Declared is what the operator declared of applications; nil when nothing.
	Declared *Declared  `json:"declared,omitzero"`
	Coverage []Coverage `json:"coverage"`
	Controls []Control  `json:"controls"`
	Totals   Totals     `json:"totals"`
}

// Declared is what the operator declared of applications: facts that nothing else tells
// and that controls go by.
type Declared struct {
	Needs       []DeclaredNeed `json:"needs,omitzero"`
	MultiTenant []string       `json:"multi_tenant,omitzero"` // appIds that other tenants have to use
}

// DeclaredNeed is why an application needs permissions that would else be findings.
type DeclaredNeed struct {
	AppID       string   `json:"app_id"`
	Permissions []string `json:"permissions"` // values
	Reason      string   `json:"reason"`
}

// Tool names the program that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Tenant is the directory that was judged.
type Tenant struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitzero"`
	Cloud string `json:"cloud"`
}

// Snapshot says which facts were judged. It holds days, not instants, so that two
// collections of the same facts make the same report; the instants stand in the
// snapshot's own manifest.
type Snapshot struct {
	CollectedFrom string `json:"collected_from"` // YYYY-MM-DD, UTC
	CollectedTo   string `json:"collected_to"`
	Tool          Tool   `json:"tool"`
	// SHA256 is the digest over name, status and digest of every dataset.
	SHA256 string `json:"sha256"`
}

// Identity is an account that read facts, with what it was allowed and what it
// needed. What it held beyond that, and what it lacked, are findings of the subject
// kind auditor, whose subject id is kind/client_id.
type Identity struct {
	Kind     string `json:"kind"` // certificate, secret, device-code, …; folder and saved-events only read files
	ClientID string `json:"client_id,omitzero"`
	User     string `json:"user,omitzero"`
	// Opaque is true when its token could not be read: what it was allowed is not known.
	Opaque   bool     `json:"opaque,omitzero"`
	AppOnly  bool     `json:"app_only,omitzero"` // it acted for itself, not for a user
	Roles    []string `json:"roles,omitzero"`    // application permissions in its token
	Scopes   []string `json:"scopes,omitzero"`   // delegated permissions in its token
	Needs    []Need   `json:"needs,omitzero"`    // what the datasets take that it was asked for
	Datasets []string `json:"datasets,omitzero"` // what it read
}

// Need is what reading a dataset takes: any one of the permissions. A dataset may
// have several needs, each of which must be met.
type Need struct {
	Dataset string `json:"dataset"`
	// Least are the permissions of which any one is the least there is. Empty when
	// every token will do.
	Least    []string `json:"least"`
	Accepted []string `json:"accepted,omitzero"` // others that open it too, and allow more
}

// Coverage says how far one dataset could be read.
type Coverage struct {
	Dataset string `json:"dataset"`
	Status  string `json:"status"`
	Reason  string `json:"reason,omitzero"`
	Rows    int    `json:"rows"`
	SHA256  string `json:"sha256,omitzero"`
	// Reconciled is the second count that the rows were held against, and whose it is;
	// null says that there was none (reconciled: none).
	Reconciled *Reconciled `json:"reconciled"`
	// Of event datasets: the instants, RFC 3339 in UTC to the second, from which on events are
	// complete, and up to which they were read, and what is missing in between.
	From  string `json:"from,omitzero"`
	To    string `json:"to,omitzero"`
	Holes []Hole `json:"holes,omitzero"`
	// Controls are the ids of the controls that need this dataset.
	Controls []string `json:"controls,omitzero"`
}

// Hole is an interval of which events are missing, or may be, to the minute, UTC
// (YYYY-MM-DDTHH:MMZ).
type Hole struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Reason string `json:"reason"`
}

// Reconciled is a second count of a dataset's rows. Where want and got differ, the
// dataset is partial.
type Reconciled struct {
	Against string `json:"against"` // where the second count comes from
	Want    int    `json:"want"`    // the second count
	Got     int    `json:"got"`     // the rows that were read
}

// Control is one policy with its results in numbers.
type Control struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitzero"`
	Severity    Severity `json:"severity"`
	Subject     string   `json:"subject"` // the kind of subject it judges
	Requires    []string `json:"requires"`
	Remediation string   `json:"remediation,omitzero"`
	References  []string `json:"references,omitzero"`
	Disabled    string   `json:"disabled,omitzero"` // reason, when switched off by configuration
	// OutOfScope is the reason why there was nothing to judge: no repository was looked
	// into, or only some kinds of subjects were judged.
	OutOfScope string `json:"out_of_scope,omitzero"`
	Counts     Counts `json:"counts"`
	// Passed and Inapplicable tell which subjects passed and which the control does
	// not concern: base64 of a bitmap whose bit i (least significant first) is row i
	// of the inventory table of the control's subject kind, of identities for the kind
	// auditor. Empty when there are none.
	Passed       []byte `json:"passed,omitzero"`
	Inapplicable []byte `json:"inapplicable,omitzero"`
}

// Counts are results by outcome. Fail, Manual and Unknown count findings, Pass and
// NotApplicable count subjects.
type Counts struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	NotApplicable int `json:"not_applicable"`
	Manual        int `json:"manual"`
	Unknown       int `json:"unknown"`
}

// Totals sums a report up.
type Totals struct {
	Subjects map[string]int `json:"subjects"` // by kind
	// Inactive counts those pipeline activities among Subjects that are switched off and so are
	// not judged.
	Inactive int    `json:"inactive,omitzero"`
	Outcomes Counts `json:"outcomes"`
	// Failed and Unknown count the findings that are not waived, by severity.
	Failed  map[Severity]int `json:"failed"`
	Unknown map[Severity]int `json:"unknown"`
	Waived  int              `json:"waived"`
}

// Verdict is what a report comes to under its FailOn severity.
type Verdict int

// The verdicts, in the order in which they win.
const (
	Clean      Verdict = iota // nothing failed, nothing unknown
	Unjudged                  // nothing failed, something could not be evaluated
	Violations                // something failed
)

// Verdict tells whether anything at or above FailOn failed or stayed unknown. When
// FailOn is no severity, everything counts. A report without a control that ran
// proves nothing.
func (r *Report) Verdict() Verdict {
	floor := r.FailOn
	if floor.Rank() < 0 {
		floor = Info
	}
	unknown := false
	for _, severity := range Severities() {
		if !severity.AtLeast(floor) {
			break
		}
		if r.Totals.Failed[severity] > 0 {
			return Violations
		}
		unknown = unknown || r.Totals.Unknown[severity] > 0
	}
	if unknown || !slices.ContainsFunc(r.Controls, Control.ran) {
		return Unjudged
	}
	return Clean
}

// ran reports whether the control judged anything there was.
func (c Control) ran() bool { return c.Disabled == "" && c.OutOfScope == "" }
