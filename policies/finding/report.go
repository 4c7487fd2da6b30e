package finding

import (
	"slices"
	"strings"
	"time"
)

// SchemaVersion of the published JSON report. It follows semantic versioning:
// additions raise the minor number.
const SchemaVersion = "1.4"

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
	// Framework is the one whose controls alone were run; absent when all were.
	Framework *Framework `json:"framework,omitzero"`
	// Permissions is the imported table of which permission allows which call; absent when there was none beside what is built in.
	Permissions *PermissionsTable `json:"permissions_table,omitzero"`
	// Thresholds are the values in force that the controls compared with, by name.
	Thresholds map[string]any `json:"thresholds"`
	// Choices are what the tenant decided for itself, or the defaults, by name.
	Choices map[string]any `json:"choices,omitzero"`
	// Declared is what the operator declared of applications; nil when nothing.
	Declared *Declared  `json:"declared,omitzero"`
	Coverage []Coverage `json:"coverage"`
	// Changes are what merging files of a repository changes of applications; absent without a snapshot to compare with.
	Changes []Change `json:"changes,omitzero"`
	// Waivers are those of the waiver file, in its order; nil without one.
	Waivers []WaiverStatus `json:"waivers,omitzero"`
	// Baseline is the earlier report whose findings do not count again; absent without one.
	Baseline *Baseline `json:"baseline,omitzero"`
	// Previous is the earlier report that the table of differences compares with; absent without one.
	Previous *Previous `json:"previous,omitzero"`
	Controls []Control `json:"controls"`
	Totals   Totals    `json:"totals"`
}

// Change is what merging files of a repository changes of the permissions of one application.
type Change struct {
	Subject  Subject  `json:"subject"`
	Location Location `json:"location"`
	Action   string   `json:"action"` // new (not in the snapshot), changed, removed
	// MatchedBy is how the application was found in the snapshot: app_id, object_id, unique_name or display_name;
	// absent for a new one.
	MatchedBy string `json:"matched_by,omitzero"`
	// Requested were neither requested nor granted before; Granted are granted by the files themselves; Dropped are
	// no longer requested, or are revoked, as their member ends tells.
	Requested []ChangedPermission `json:"requested"`
	Granted   []ChangedPermission `json:"granted"`
	Dropped   []ChangedPermission `json:"dropped"`
}

// ChangedPermission is one permission of a Change.
type ChangedPermission struct {
	Key          string `json:"key"` // <resource appId>/<kind>/<value, or id when unresolved>
	Permission   string `json:"permission"`
	Kind         string `json:"kind,omitzero"` // application or delegated
	ResourceName string `json:"resource_name,omitzero"`
	Tier         string `json:"tier,omitzero"` // critical, high, medium, low, unrated; absent when unresolved
	Line         int    `json:"line,omitzero"` // in the file; absent where it no longer names it
	// Ends is what a dropped one no longer is: requested, granted or both; StillGranted whether the tenant goes on to
	// grant one that is no longer requested. Of other permissions both are absent.
	Ends         string `json:"ends,omitzero"`
	StillGranted bool   `json:"still_granted,omitzero"`
}

// Declared is what the operator declared of applications: facts that nothing else tells
// and that controls go by.
type Declared struct {
	Needs       []DeclaredNeed `json:"needs,omitzero"`
	MultiTenant []string       `json:"multi_tenant,omitzero"` // appIds that other tenants have to use
	// CriticalAllowed are critical permissions that applications may hold.
	CriticalAllowed []DeclaredNeed `json:"critical_allowed,omitzero"`
	// Operations are calls of Microsoft Graph that applications are built to make.
	Operations []DeclaredOperations `json:"operations,omitzero"`
	// ContainerNeeds are what guest applications need on container types.
	ContainerNeeds []DeclaredContainerNeed `json:"container_needs,omitzero"`
	// PreAuthorized are the appIds of clients that APIs may authorise without consent.
	PreAuthorized []string `json:"pre_authorized,omitzero"`
}

// DeclaredOperations is what an application is built to call, and why.
type DeclaredOperations struct {
	AppID      string   `json:"app_id"`
	Kind       string   `json:"kind"`       // application or delegated
	Operations []string `json:"operations"` // GET /users/{id}
	Reason     string   `json:"reason"`
}

// DeclaredContainerNeed is what an application needs on container types of others, and why.
type DeclaredContainerNeed struct {
	AppID                  string   `json:"app_id"`
	ApplicationPermissions []string `json:"application_permissions"`
	DelegatedPermissions   []string `json:"delegated_permissions"`
	Reason                 string   `json:"reason"`
}

// Declaration is one thing that the operator declared, in the terms of every kind of them.
type Declaration struct {
	AppID  string
	What   string // a verb: needs, may hold, calls, …
	Detail string // may be empty
	Reason string // may be empty
}

// List gives everything that was declared, in a fixed order; nothing for nil.
func (d *Declared) List() []Declaration {
	if d == nil {
		return nil
	}
	var list []Declaration
	for _, need := range d.Needs {
		list = append(list, Declaration{need.AppID, "needs", strings.Join(need.Permissions, ", "), need.Reason})
	}
	for _, id := range d.MultiTenant {
		list = append(list, Declaration{AppID: id, What: "has to be multi-tenant"})
	}
	for _, need := range d.CriticalAllowed {
		list = append(list, Declaration{need.AppID, "may hold", strings.Join(need.Permissions, ", "), need.Reason})
	}
	for _, o := range d.Operations {
		list = append(list, Declaration{o.AppID, "is built to call, " + o.Kind, strings.Join(o.Operations, ", "), o.Reason})
	}
	for _, need := range d.ContainerNeeds {
		detail := "application " + orNone(need.ApplicationPermissions) + "; delegated " + orNone(need.DelegatedPermissions)
		list = append(list, Declaration{need.AppID, "needs on container types", detail, need.Reason})
	}
	for _, id := range d.PreAuthorized {
		list = append(list, Declaration{AppID: id, What: "may be pre-authorised"})
	}
	return list
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// DeclaredNeed is why an application needs permissions that would else be findings.
type DeclaredNeed struct {
	AppID       string   `json:"app_id"`
	Permissions []string `json:"permissions"` // values
	Reason      string   `json:"reason"`
}

// PermissionsTable names an imported table of permissions by its digests, in hex.
type PermissionsTable struct {
	SHA256       string `json:"sha256"`        // of the imported file
	SourceSHA256 string `json:"source_sha256"` // of the table as it was published
	Operations   int    `json:"operations"`    // by kind of permission
}

// Framework is a set of requirements that the controls were restricted to.
type Framework struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Version string `json:"version"`
	// Requirements are those that controls look at, in the order of the framework.
	Requirements []FrameworkRequirement `json:"requirements"`
}

// FrameworkRequirement is one demand of the framework that a report is restricted to.
type FrameworkRequirement struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Controls []string `json:"controls"` // ids of the controls that look at it
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
	// Confined is true of a partial dataset of which every row is there, though single rows are damaged.
	Confined bool   `json:"confined,omitzero"`
	Rows     int    `json:"rows"`
	SHA256   string `json:"sha256,omitzero"`
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
	// Frameworks are the requirements of security frameworks that the control looks at.
	Frameworks []Requirement `json:"frameworks,omitzero"`
	Disabled   string        `json:"disabled,omitzero"` // reason, when switched off by configuration
	// OutOfScope is the reason why there was nothing to judge: no repository was looked
	// into, or only some kinds of subjects were judged.
	OutOfScope string `json:"out_of_scope,omitzero"`
	Counts     Counts `json:"counts"`
	// Passed and Inapplicable tell which subjects passed and which the control does
	// not concern: base64 of a bitmap whose bit i (least significant first) is row i
	// of the inventory table of the control's subject kind, of identities for the kind
	// auditor, of waivers for the kind waiver; the tenant is row 0. Empty when there are none.
	Passed       []byte `json:"passed,omitzero"`
	Inapplicable []byte `json:"inapplicable,omitzero"`
}

// Requirement is one demand of a security framework.
type Requirement struct {
	Framework   string `json:"framework"`   // name, as --framework takes it
	Requirement string `json:"requirement"` // id in that framework
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
	// Failed and Unknown count the findings that neither a waiver nor the baseline covers, by severity.
	Failed  map[Severity]int `json:"failed"`
	Unknown map[Severity]int `json:"unknown"`
	Waived  int              `json:"waived"`
	// Known counts the findings that the baseline holds and no waiver covers.
	Known int `json:"known,omitzero"`
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
