package finding

// WaiverStatus is one waiver of the waiver file and what became of it.
type WaiverStatus struct {
	Waiver
	Control     string `json:"control"`
	Subject     string `json:"subject"` // as written: <kind>/<id>
	Fingerprint string `json:"fingerprint"`
	// Severity is that of the finding when it was accepted: one that is worse is not covered. Absent when it was not written.
	Severity Severity `json:"severity,omitzero"`
	Tenant   string   `json:"tenant,omitzero"`   // id of the one tenant that it is for; absent for any
	Approved string   `json:"approved,omitzero"` // RFC 3339; when it was approved
	Line     int      `json:"line"`              // in the file, from 1
	// Status is applied, expired, stale (it matches nothing), self_approved, duplicate, too_long, not_yet,
	// other_tenant (it is for another one), or unjudged: what it is about was not judged in this run, so that whether it matches is not known. Only an
	// applied one covers findings. Where it has several faults, it is the first of these.
	Status   string `json:"status"`
	Detail   string `json:"detail,omitzero"` // why, in words, when it is not applied
	DaysLeft int    `json:"days_left"`       // whole days to expiry, rounded up; not above 0 once expired
	Findings int    `json:"findings"`        // how many it covers
}

// Baseline is the earlier report whose findings do not count again.
type Baseline struct {
	AsOf   string `json:"as_of"`  // RFC 3339
	SHA256 string `json:"sha256"` // of the file, in hex
	Known  int    `json:"known"`  // findings of this report that it holds, and that no waiver covers
	New    int    `json:"new"`    // findings that fail or are unknown and that neither it nor a waiver covers
	Gone   int    `json:"gone"`   // findings that it holds and this report, which judged what they are about, does not
}

// Previous is the earlier report, or snapshot, that differences are from.
type Previous struct {
	AsOf   string `json:"as_of"`  // RFC 3339
	SHA256 string `json:"sha256"` // of the file, in hex
	// NotCompared are the areas that were not read in full on either side: nothing in them is
	// said to have been added or removed.
	NotCompared []NotCompared `json:"not_compared,omitzero"`
}

// NotCompared is a dataset whose absence on either side hides differences.
type NotCompared struct {
	Dataset string   `json:"dataset"`
	Areas   []string `json:"areas"` // areas of Difference that it hides
	Old     string   `json:"old"`   // status there; absent when the dataset is
	New     string   `json:"new"`
	Reason  string   `json:"reason,omitzero"`
}

// Difference is one row of the table of differences: one fact that two reports differ in.
type Difference struct {
	Area    string  `json:"area"`   // see Areas
	Action  string  `json:"action"` // added, removed, changed
	Subject Subject `json:"subject"`
	// Item names what differs within the subject, the same on both sides: a permission key, a credential's
	// key id, an owner. Empty when it is the subject itself.
	Item string `json:"item,omitzero"`
	// Fields are what differs, for a change; what is notable of the fact, for the others.
	Fields []DifferentField `json:"fields,omitzero"`
	Tier   string           `json:"tier,omitzero"` // of the permission, where it is one
	// By and At are who did it and when (RFC 3339), where an audit event tells.
	By string `json:"by,omitzero"`
	At string `json:"at,omitzero"`
}

// DifferentField is one field on both sides; empty where it is not there.
type DifferentField struct {
	Name string `json:"name"`
	Old  string `json:"old,omitzero"`
	New  string `json:"new,omitzero"`
}

// Areas are the areas of differences, in the order of reports.
func Areas() []string {
	return []string{"applications", "permissions", "credentials", "owners", "container_types", "container_type_permissions", "approvals", "findings"}
}
