// Package snapshot holds the facts of one tenant at one instant, and what could
// not be read of them.
//
// On disk a snapshot is a folder: manifest.json and one <dataset>.ndjson.gz per
// dataset, one JSON object a line, sorted by id. It is written to a temporary
// folder beside its destination and renamed when complete, so that a reader
// never meets half of one. The package is a leaf: it imports the standard
// library only, and knows neither where rows come from nor what is made of them.
package snapshot

import (
	"slices"
	"time"
)

// FormatVersion is the version of the folder layout and of manifest.json.
const FormatVersion = 1

// Status says how far a dataset could be read. Only Collected means that every
// row is there.
type Status string

// The six statuses. Everything but Collected turns would-be passes into
// "unknown" further down the line.
const (
	Collected  Status = "collected"  // every row that exists is here
	Partial    Status = "partial"    // rows are here, some are missing or damaged
	Denied     Status = "denied"     // the identity may not read it
	Failed     Status = "failed"     // reading broke
	Unlicensed Status = "unlicensed" // the tenant lacks the licence for it
	Skipped    Status = "skipped"    // not asked for
)

// Known reports whether s is one of the six statuses.
func (s Status) Known() bool {
	return slices.Contains([]Status{Collected, Partial, Denied, Failed, Unlicensed, Skipped}, s)
}

// Readable reports whether a dataset of this status holds rows to judge.
func (s Status) Readable() bool { return s == Collected || s == Partial }

// Tenant is the directory that was looked at.
type Tenant struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitzero"`
	Cloud string `json:"cloud"`
}

// Tool names the program that wrote a snapshot.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Identity is an account that collected datasets, with what its access token
// allowed. It holds no secret.
type Identity struct {
	Kind     string   `json:"kind"` // certificate, secret, device-code, folder, …
	ClientID string   `json:"client_id,omitzero"`
	User     string   `json:"user,omitzero"`      // user principal name of a delegated token
	Opaque   bool     `json:"opaque,omitzero"`    // its token could not be read: Roles and Scopes say nothing
	AppOnly  bool     `json:"app_only,omitzero"`  // it acts for itself, not for User
	Roles    []string `json:"roles,omitzero"`     // application permissions ("roles" claim)
	Scopes   []string `json:"scopes,omitzero"`    // delegated permissions ("scp" claim)
	Needs    []Need   `json:"needs,omitempty"`    // what the datasets take that it was asked for
	Datasets []string `json:"datasets,omitempty"` // what it read
}

// Need is what reading a dataset takes: any one of the permissions. A dataset may
// have several needs, each of which must be met.
type Need struct {
	Dataset string `json:"dataset"`
	// Least are the permissions of which any one is the least there is. Without any,
	// every token will do.
	Least []string `json:"least"`
	// Accepted are others that open it too, and allow more.
	Accepted []string `json:"accepted,omitempty"`
}

// HTTPEvidence is the answer that decided a status, without query or body.
type HTTPEvidence struct {
	Method    string `json:"method"`
	URL       string `json:"url"`
	Status    int    `json:"status"`
	Code      string `json:"code,omitzero"`
	Message   string `json:"message,omitzero"`
	RequestID string `json:"request_id,omitzero"`
}

// Gap is something missing or unreadable in one row that is otherwise here.
type Gap struct {
	Row    string `json:"row"`             // the row's id
	Field  string `json:"field,omitzero"`  // JSON pointer inside the row, where known
	Reason string `json:"reason,omitzero"` // what is wrong, for people
}

// Whole reports whether every row of the dataset is there, though single rows may be
// damaged.
func (d Dataset) Whole() bool {
	return d.Status == Collected || d.Status == Partial && d.Confined
}

// Reconciled is a second, independent count of a dataset's rows.
type Reconciled struct {
	Against string `json:"against"` // where the second count comes from
	Want    int    `json:"want"`
	Got     int    `json:"got"`
}

// Cursor stands for the moment before a dataset was read
// (https://learn.microsoft.com/graph/delta-query-overview).
type Cursor struct {
	Delta string    `json:"delta"` // what Graph calls the delta token: no secret, opens nothing
	Taken time.Time `json:"taken"`
	// Incremental is true when only changes were read. FullRequests is what it took to
	// read the dataset in full, whenever that was.
	Incremental  bool `json:"incremental,omitzero"`
	FullRequests int  `json:"full_requests,omitzero"`
	// FullRun is how many requests all datasets of the source took when this one was
	// last read in full; 0 where that is this run.
	FullRun int `json:"full_run,omitzero"`
}

// Dataset describes one dataset of a snapshot: how far it was read, and how.
type Dataset struct {
	Status   Status        `json:"status"`
	Reason   string        `json:"reason,omitzero"`
	Evidence *HTTPEvidence `json:"evidence,omitzero"`
	// Unfinished is true when reading broke off, so that another run may do better.
	Unfinished bool   `json:"unfinished,omitzero"`
	Rows       int    `json:"rows"`
	SHA256     string `json:"sha256,omitzero"` // of the uncompressed rows, line ends included
	// Gaps are faults confined to single rows. When Confined is true they are all
	// that makes the dataset partial, and rows not named here are sound.
	Gaps            []Gap       `json:"gaps,omitempty"`
	Confined        bool        `json:"confined,omitzero"`
	Duplicates      int         `json:"duplicates,omitzero"` // identical rows met again and dropped
	Requests        int         `json:"requests,omitzero"`
	Retries         int         `json:"retries,omitzero"`
	ThrottleSeconds float64     `json:"throttle_seconds,omitzero"`
	Reconciled      *Reconciled `json:"reconciled,omitzero"`
	// Collected is when it was read. A snapshot that was added to holds datasets of
	// several days.
	Collected time.Time `json:"collected,omitzero"`
	// Cursor is from where a later collection can ask for changes only; nil when the
	// dataset has no such thing, or was not read in full.
	Cursor *Cursor `json:"cursor,omitzero"`
	// From is the instant from which rows of an event dataset are complete; nil
	// when that is not known. Before it, absence proves nothing.
	From *time.Time `json:"from,omitzero"`
	// Windows are the intervals of which an event dataset was read in full, by whatever
	// feed, in order and apart from each other. They are the state from which the next
	// collection goes on.
	Windows []Window `json:"windows,omitempty"`
	// Holes are the intervals since From of which events are missing, or may be.
	Holes []Hole `json:"holes,omitempty"`
	// Provisional are the parts of Windows that were searched before the index of the audit
	// log can be relied on to have had all their events. They count as read, and are asked
	// for again.
	Provisional []Window `json:"provisional,omitempty"`
}

// Window is an interval of time, its start included and its end not, of which the
// events were read in full.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Hole is an interval of time of which events could not be read. When neither Lasting
// nor Pieces is set, nobody has looked, and a look that finds nothing heals it.
type Hole struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
	// Lasting is true when what is missing will not come with the feed any more: only a
	// search of the audit log, or saved events, can tell.
	Lasting bool `json:"lasting,omitzero"`
	// Pieces stand for the content that was listed and could not be fetched, in order: the
	// first 12 hexadecimal digits of the SHA-256 of each content id. That content is not
	// listed any more says nothing: the hole heals when each of them was fetched.
	Pieces []string `json:"pieces,omitempty"`
}

// Manifest is the content of manifest.json.
type Manifest struct {
	FormatVersion int                `json:"format_version"`
	Tenant        Tenant             `json:"tenant"`
	Started       time.Time          `json:"started"`
	Ended         time.Time          `json:"ended"`
	Tool          Tool               `json:"tool"`
	Identities    []Identity         `json:"identities"`
	Datasets      map[string]Dataset `json:"datasets"`
}
