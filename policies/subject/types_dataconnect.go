package subject

// DataConnectApp is an application registered for Microsoft Graph Data Connect,
// as the audit events and the operator's register show it.
type DataConnectApp struct {
	Kind Kind `json:"kind"`
	// ID is <registration tenant>/<appId>; unknown/<appId> for an application that only runs
	// name and that has no service principal, whose AppTenantID may be empty.
	ID          string `json:"id"`
	AppID       string `json:"app_id"`
	AppTenantID string `json:"app_tenant_id"`
	DisplayName string `json:"display_name,omitzero"`
	// Own is true when the application is registered in this tenant.
	Own bool `json:"own"`
	// MultiTenant is what the register declares, else what the registration says; true for
	// an application of another tenant.
	MultiTenant *bool `json:"multi_tenant,omitzero"`
	// State is the latest decision: pending, approved, denied, update_available, or
	// absent when it is not known. Expiry is not a state here: see DaysLeft.
	State string `json:"state,omitzero" dataset:"data_connect_events"`
	// SelfDeclared is true when State comes from the register and no event says it: the
	// application was never decided on, or was and is declared to be denied or updated since.
	SelfDeclared bool    `json:"self_declared"`
	Version      string  `json:"version,omitzero" dataset:"data_connect_events"` // of the definition that was decided on
	Approver     *Person `json:"approver,omitzero" dataset:"data_connect_events"`
	// ApproverRoles are the directory roles that the approver holds now, or may activate,
	// directly or through a group of which it is not known whether the approver is a member.
	// Absent when they could not be read or the approver is not known by object id.
	ApproverRoles []RoleHold `json:"approver_roles,omitzero" dataset:"directory_role_assignments,directory_role_definitions"`
	// ApproverRoleEvents are the changes of the approver's directory roles that the audit
	// events tell, oldest first. Absent when no such events were read.
	ApproverRoleEvents []RoleEvent `json:"approver_role_events,omitzero" dataset:"role_events"`
	// RoleCoverage says from when on the role events are complete. It is whole only when they
	// reach, but for a day, to the instant at which ApproverRoles were read.
	RoleCoverage *Coverage `json:"role_coverage,omitzero" dataset:"role_events"`
	Developer    *Person   `json:"developer,omitzero"`
	Purpose      string    `json:"purpose,omitzero"` // self-declared
	Owners       []Owner   `json:"owners,omitzero" dataset:"application_owners"`
	ApprovedAt   string    `json:"approved_at,omitzero" dataset:"data_connect_events"`
	// ApprovedDays are the whole days since ApprovedAt.
	ApprovedDays *int   `json:"approved_days,omitzero" dataset:"data_connect_events"`
	ValidDays    *int   `json:"valid_days,omitzero" dataset:"data_connect_events"`
	ExpiresAt    string `json:"expires_at,omitzero" dataset:"data_connect_events"`
	// DaysLeft until ExpiresAt, rounded up: the approval is valid while it is above 0.
	DaysLeft *int `json:"days_left,omitzero" dataset:"data_connect_events"`
	// ExpiryConflict is true when the event's own expiry and its validity in days
	// disagree by more than a day; ExpiresAt is then the earlier.
	ExpiryConflict bool              `json:"expiry_conflict"`
	Datasets       []ApprovedDataset `json:"datasets,omitzero" dataset:"data_connect_events"`
	Sinks          []string          `json:"sinks,omitzero" dataset:"data_connect_events"`
	// SinkLocations are Sinks in the form of Pipeline.Destination.Location; a sink that is in
	// none of the known forms is left out and SinksUnclear is true.
	SinkLocations []string `json:"sink_locations,omitzero" dataset:"data_connect_events"`
	SinksUnclear  bool     `json:"sinks_unclear"`
	DestinationID string   `json:"destination_tenant_id,omitzero" dataset:"data_connect_events"`
	// CrossTenantMovement is the tenant's toggle as the register declares it.
	CrossTenantMovement *bool `json:"cross_tenant_movement,omitzero"`
	// History are all decisions known, the latest first.
	History []Decision `json:"history,omitzero" dataset:"data_connect_events"`
	// Coverage says from when on decisions and runs are known.
	Coverage *Coverage `json:"coverage,omitzero" dataset:"data_connect_events"`
	// Extractions are the runs seen. Empty when none was seen.
	Extractions []Extraction `json:"extractions,omitzero" dataset:"data_connect_events"`
	// LastRunAt is the start of the latest run that named a time, RunDays the whole days
	// since. UndatedRuns are those that named none. Runs that are known to have failed are
	// left out of all three: they are no use of an approval.
	LastRunAt   string `json:"last_run_at,omitzero" dataset:"data_connect_events"`
	RunDays     *int   `json:"run_days,omitzero" dataset:"data_connect_events"`
	UndatedRuns int    `json:"undated_runs,omitzero" dataset:"data_connect_events"`
	// Expected are the datasets that the register says the application asks for.
	Expected []ExpectedDataset `json:"expected,omitzero"`
	// Definition is the registration as the register declares it.
	Definition *Definition `json:"definition,omitzero"`
	// Registered and HasPrincipal say whether the registration, of an own application, and
	// the service principal are in the directory. Absent when that is not known.
	Registered   *bool `json:"registered,omitzero" dataset:"applications"`
	HasPrincipal *bool `json:"has_principal,omitzero" dataset:"service_principals"`
	Incomplete   []Gap `json:"incomplete,omitzero"`
}

// Coverage says from when on events are complete, seen from the as-of instant.
type Coverage struct {
	From string `json:"from"`
	Days int    `json:"days"` // whole days from From to the as-of instant
	// To is where the events end; absent when that is not told. They may have ended before
	// the as-of instant, by stale_days at most: else Whole is false.
	To string `json:"to,omitzero"`
	// Whole is false when events since From are missing or may be.
	Whole bool `json:"whole"`
}

// Person is somebody named by user principal name, object id, or both.
type Person struct {
	UPN      string `json:"upn,omitzero"`
	ObjectID string `json:"object_id,omitzero"`
}

// RoleHold is a directory role that a principal holds or may hold.
type RoleHold struct {
	RoleID string `json:"role_id"` // template id
	Role   string `json:"role,omitzero"`
	// Via is "assigned", "eligible" (Privileged Identity Management lets the principal
	// activate it), or "group" (a group holds it; whether the principal is in it, or was when
	// an approver decided, is not known).
	Via   string `json:"via"`
	Scope string `json:"scope,omitzero"` // directoryScopeId: "/" is the whole directory
	// GroupID is the group through which a principal has it that was read to be in the group.
	GroupID string `json:"group_id,omitzero"`
}

// RoleEvent is one change of a directory role.
type RoleEvent struct {
	At     string `json:"at,omitzero"`
	Change string `json:"change"`           // added, removed
	RoleID string `json:"role_id,omitzero"` // template id
	Role   string `json:"role,omitzero"`
	By     string `json:"by,omitzero"`
	// AfterApproval is whether it is later than ApprovedAt; absent when either is undated.
	AfterApproval *bool `json:"after_approval,omitzero"`
}

// Decision is one decision on an application.
type Decision struct {
	EventID   string  `json:"event_id"`
	At        string  `json:"at,omitzero"`
	State     string  `json:"state,omitzero"`
	Approver  *Person `json:"approver,omitzero"`
	Version   string  `json:"version,omitzero"`
	ExpiresAt string  `json:"expires_at,omitzero"`
}

// Definition is what the register declares of the current registration.
type Definition struct {
	Version   string `json:"version,omitzero"`
	UpdatedAt string `json:"updated_at,omitzero"` // an instant, or a day
	// AfterDecision is whether UpdatedAt is later than the latest decision; absent when
	// either is not known.
	AfterDecision *bool             `json:"after_decision,omitzero"`
	Datasets      []ApprovedDataset `json:"datasets,omitzero"`
	Sinks         []string          `json:"sinks,omitzero"`
	// SinkLocations and SinksUnclear are as those of the approval.
	SinkLocations []string `json:"sink_locations,omitzero"`
	SinksUnclear  bool     `json:"sinks_unclear"`
	DestinationID string   `json:"destination_tenant_id,omitzero"`
}

// ApprovedDataset is one dataset of an approval.
type ApprovedDataset struct {
	Name    string   `json:"name,omitzero"`
	Columns []string `json:"columns,omitzero"` // as written; absent when not read
	Scope   string   `json:"scope,omitzero"`   // all, list, filter
	Groups  []string `json:"groups,omitzero"`
	Filter  string   `json:"filter,omitzero"`
	// DenyGroups are groups whose members' data is left out.
	DenyGroups []string `json:"deny_groups,omitzero"`
	// Catalogued is whether the catalogue knows the dataset; Sensitive are those of Columns
	// that it calls sensitive ("*" stands for all of the dataset's).
	Catalogued bool     `json:"catalogued"`
	Sensitive  []string `json:"sensitive,omitzero"`
	// Unrated are those of Columns that the catalogue does not list, so that it cannot say
	// whether they are sensitive; "*" where it may not know all of the dataset's.
	Unrated []string `json:"unrated,omitzero"`
}

// Extraction is one run that an operation event reports, with what was approved
// when it started.
type Extraction struct {
	Dataset   string   `json:"dataset,omitzero"`
	Columns   []string `json:"columns,omitzero"`
	Groups    []string `json:"groups,omitzero"` // ScopeList of the run; absent when not told
	StartedAt string   `json:"started_at,omitzero"`
	Pipeline  string   `json:"pipeline,omitzero"`
	// Status is what the events say of the outcome, as written; absent when they do not. Failed
	// is true for a status that says that nothing was delivered. No page of Microsoft's lists
	// the words, so that a run counts as one that may have delivered unless its status begins
	// with fail, cancel, reject or denied.
	Status string `json:"status,omitzero"`
	Failed bool   `json:"failed"`
	Runs   int    `json:"runs"` // runs of the same dataset, columns, groups and status under the same approval
	// Decision is what was in force when the run started: approved, denied, pending,
	// expired, or none when events reach back far enough to say that there was nothing.
	// Absent when it is not known, as where events are missing between decision and run.
	Decision  string `json:"decision,omitzero"`
	DecidedAt string `json:"decided_at,omitzero"` // of that decision
	// Approved are the datasets of the approval in force when the run started, also of one
	// that had expired; none while it was denied or pending. Absent when Decision is absent or "none".
	Approved []ApprovedDataset `json:"approved,omitzero"`
}

// ExpectedDataset is what the register declares.
type ExpectedDataset struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns,omitzero"` // absent: all columns
}

// Pipeline is one read of Microsoft Graph Data Connect that a repository file
// defines: a copy activity, a mapping data flow, a notebook's copy.
type Pipeline struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`   // <file>#<pipeline>/<activity>, nested activities separated by slashes
	Name string `json:"name"` // <pipeline>/<activity>
	// File is the path as it was given, with slashes; Line is where the activity begins.
	File     string `json:"file"`
	Line     int    `json:"line"`
	Pipeline string `json:"pipeline"`
	Activity string `json:"activity"`
	Product  string `json:"product"`  // data_factory, synapse, fabric
	Type     string `json:"type"`     // of the activity: Copy, ExecuteDataFlow, …
	Inactive bool   `json:"inactive"` // state Inactive: it is not run
	// AppID and AppTenantID are the linked service's service principal, DataTenantID the
	// tenant whose data is read.
	AppID        string `json:"app_id,omitzero"`
	AppTenantID  string `json:"app_tenant_id,omitzero"`
	DataTenantID string `json:"data_tenant_id,omitzero"`
	Dataset      string `json:"dataset,omitzero"` // table name
	Catalogued   bool   `json:"catalogued"`       // the catalogue knows the dataset
	// AllColumns is true when no columns are named. Columns are then the catalogue's, and
	// absent when it does not know the dataset, or not all of its columns.
	AllColumns bool     `json:"all_columns"`
	Columns    []string `json:"columns,omitzero"`
	// Scope is all, list (Groups) or filter (Filter, to the letter). Absent when unresolved.
	Scope  string   `json:"scope,omitzero"`
	Groups []string `json:"groups,omitzero"`
	Filter string   `json:"filter,omitzero"`
	// DestinationTenantID is the sink's tenant. DestinationAssumed is true when the files
	// name none and the tenant that they are deployed in was taken.
	DestinationTenantID string       `json:"destination_tenant_id,omitzero"`
	DestinationAssumed  bool         `json:"destination_assumed"`
	Destination         *Destination `json:"destination,omitzero"`
	// Unresolved are the values that the files do not tell.
	Unresolved []Unresolved `json:"unresolved"`
	// Approvals are all approvals of the tenant.
	Approvals []Approval `json:"approvals,omitzero" dataset:"data_connect_events"`
	Coverage  *Coverage  `json:"coverage,omitzero" dataset:"data_connect_events"`
	// Incomplete is what is known to be missing of the pipeline itself.
	Incomplete []Gap `json:"incomplete,omitzero"`
}

// Destination is where a pipeline writes to.
type Destination struct {
	Type string `json:"type"` // of the sink's linked service: AzureBlobFS, AzureBlobStorage, …
	// Location is https://<host>/<container>/<path>, host in lower case, without a final
	// slash, as far as it is known: the path may be cut where it is not.
	Location string `json:"location,omitzero"`
	// Partial is true when the location is known to its account or container only.
	Partial bool `json:"partial"`
}

// Unresolved is a value of a pipeline that cannot be told from the files.
type Unresolved struct {
	// Field is one of app_id, app_tenant_id, data_tenant_id, dataset, columns, scope,
	// destination, destination_tenant_id, or activity for a whole activity.
	Field      string `json:"field"`
	Expression string `json:"expression,omitzero"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Reason     string `json:"reason"`
}

// Approval is what a pipeline is held against: the latest decision on one application.
type Approval struct {
	ID          string `json:"id"` // <registration tenant>/<appId>
	AppID       string `json:"app_id"`
	AppTenantID string `json:"app_tenant_id"`
	Name        string `json:"name,omitzero"`
	State       string `json:"state,omitzero"`
	// SelfDeclared is true when State comes from the register and no event says it: the
	// application was never decided on, or was and is declared to be denied or updated since.
	SelfDeclared  bool              `json:"self_declared"`
	ApprovedAt    string            `json:"approved_at,omitzero"`
	ExpiresAt     string            `json:"expires_at,omitzero"`
	DaysLeft      *int              `json:"days_left,omitzero"`
	Datasets      []ApprovedDataset `json:"datasets,omitzero"`
	Sinks         []string          `json:"sinks,omitzero"`
	SinkLocations []string          `json:"sink_locations,omitzero"`
	SinksUnclear  bool              `json:"sinks_unclear"`
	// SinksUnread are those of Sinks that are in none of the known forms, without their query,
	// where secrets may stand.
	SinksUnread   []string `json:"sinks_unread,omitzero"`
	DestinationID string   `json:"destination_tenant_id,omitzero"`
	// StateSeen is true when every event since the decision is known, so that State and
	// DaysLeft are those of the latest one; also where the dataset of the events is partial,
	// since nothing that rests on it passes then.
	StateSeen bool `json:"state_seen"`
	// Doubts are what is known to be missing of this approval.
	Doubts []string `json:"doubts,omitzero"`
}
