package finding

// Application is one row of the inventory of applications: registration and
// service principal of one appId.
type Application struct {
	AppID              string `json:"app_id"`
	Name               string `json:"name,omitzero"`
	Origin             string `json:"origin,omitzero"` // own, foreign, microsoft, managed_identity
	ObjectID           string `json:"object_id,omitzero"`
	ServicePrincipalID string `json:"service_principal_id,omitzero"`
	Enabled            *bool  `json:"enabled,omitzero"`
	SignInAudience     string `json:"sign_in_audience,omitzero"`
	CreatedAt          string `json:"created_at,omitzero"`
	// Owners are user principal names, or ids where the name could not be read; nil
	// when the owners could not be read at all.
	Owners           []string `json:"owners,omitzero"`
	Requested        int      `json:"requested"`
	Granted          int      `json:"granted"`
	Credentials      int      `json:"credentials"`
	CredentialEndsAt string   `json:"credential_ends_at,omitzero"` // the latest end of a valid one
	ContainerTypes   int      `json:"container_types"`
	HighestTier      string   `json:"highest_tier,omitzero"` // of any permission held or requested
	Incomplete       []string `json:"incomplete,omitzero"`   // what is known to be missing
}

// Credential is one row of the inventory of credentials: one secret or certificate of one
// application, never its value.
type Credential struct {
	AppID    string `json:"app_id"`
	AppName  string `json:"app_name,omitzero"`
	KeyID    string `json:"key_id,omitzero"`
	Name     string `json:"name,omitzero"`
	Type     string `json:"type"`           // secret, certificate, federated
	Of       string `json:"of,omitzero"`    // application or service_principal
	Usage    string `json:"usage,omitzero"` // sign, verify
	StartsAt string `json:"starts_at,omitzero"`
	EndsAt   string `json:"ends_at,omitzero"`
	DaysLeft *int   `json:"days_left,omitzero"` // rounded up
	Key      string `json:"key,omitzero"`       // RSA 2048, SHA256-RSA; absent when not read
	// Issuer, Subject and Audiences are those of a federated credential.
	Issuer     string   `json:"issuer,omitzero"`
	Subject    string   `json:"subject,omitzero"`
	Audiences  []string `json:"audiences,omitzero"`
	LastUsedAt string   `json:"last_used_at,omitzero"`
}

// ConsentEvent is one row of the inventory of consents: one event that granted an application
// permissions, or took them away.
type ConsentEvent struct {
	AppID     string `json:"app_id"`
	AppName   string `json:"app_name,omitzero"`
	At        string `json:"at,omitzero"` // RFC 3339
	Operation string `json:"operation"`   // as written
	Change    string `json:"change"`      // added, removed
	By        string `json:"by,omitzero"` // user principal name or object id, appId of an application that acted itself
	Admin     *bool  `json:"admin,omitzero"`
	// Permissions are keys, and what could not be resolved, as written.
	Permissions []string `json:"permissions"`
}

// Permission is one row of the inventory of permissions: one permission of one
// application, requested, granted or both. Grants by an administrator and by
// single users are rows of their own.
type Permission struct {
	AppID        string `json:"app_id"`
	AppName      string `json:"app_name,omitzero"`
	ResourceID   string `json:"resource_app_id"`
	ResourceName string `json:"resource_name,omitzero"`
	Permission   string `json:"permission"` // value, or the id when it could not be resolved
	PermissionID string `json:"permission_id,omitzero"`
	Kind         string `json:"kind"` // application or delegated
	Requested    bool   `json:"requested"`
	Granted      bool   `json:"granted"`
	Consent      string `json:"consent,omitzero"` // admin or user; empty when not granted
	Users        int    `json:"users,omitzero"`   // users who consented one by one
	Tier         string `json:"tier"`             // critical, high, medium, low, unrated
	Why          string `json:"why,omitzero"`
	// Narrower are the catalogue's narrower alternatives.
	Narrower   []string `json:"narrower,omitzero"`
	ResolvedBy string   `json:"resolved_by,omitzero"` // tenant or catalogue; empty when unresolved
	GrantedAt  string   `json:"granted_at,omitzero"`
	GrantedBy  string   `json:"granted_by,omitzero"` // user principal name or object id, where an audit event tells
	// Used is "used", "not_used" (every call of the look-back was seen, and none needs it), or empty: no
	// evidence.
	Used       string   `json:"used,omitzero"`
	UsedBy     []string `json:"used_by,omitzero"` // the evidence: activity, app_governance
	LastUsedAt string   `json:"last_used_at,omitzero"`
	// Least is "needed" (of the least set for what the application was seen or is declared to do),
	// "removable" (not of it, and nothing is in doubt), or empty: not known.
	Least      string `json:"least,omitzero"`
	Deprecated bool   `json:"deprecated,omitzero"`
}

// ContainerType is one row of the inventory of SharePoint Embedded container
// types.
type ContainerType struct {
	ID            string `json:"id"`
	Name          string `json:"name,omitzero"`
	OwningAppID   string `json:"owning_app_id,omitzero"`
	OwningAppName string `json:"owning_app_name,omitzero"`
	Billing       string `json:"billing,omitzero"`
	Registered    bool   `json:"registered"` // in this tenant
	CreatedAt     string `json:"created_at,omitzero"`
	ExpiresAt     string `json:"expires_at,omitzero"`
	// Grants are nil when they could not be read.
	Grants []ContainerTypeGrant `json:"grants,omitzero"`
}

// Container is one row of the inventory of SharePoint Embedded containers.
type Container struct {
	ID            string `json:"id"`
	Name          string `json:"name,omitzero"`
	TypeID        string `json:"container_type_id,omitzero"`
	TypeName      string `json:"container_type_name,omitzero"`
	OwningAppID   string `json:"owning_app_id,omitzero"`
	OwningAppName string `json:"owning_app_name,omitzero"`
	CreatedAt     string `json:"created_at,omitzero"`
	Status        string `json:"status,omitzero"`
	LockState     string `json:"lock_state,omitzero"`
	// Owners, Members and Guests are nil when the members could not be read.
	Owners     []string `json:"owners,omitzero"`
	Members    *int     `json:"members,omitzero"`
	Guests     *int     `json:"guests,omitzero"`     // those known to be guests
	Incomplete []string `json:"incomplete,omitzero"` // what is known to be missing
}

// ContainerTypeGrant is one application's permissions on a container type.
type ContainerTypeGrant struct {
	AppID                  string   `json:"app_id"`
	AppName                string   `json:"app_name,omitzero"`
	ApplicationPermissions []string `json:"application_permissions"`
	DelegatedPermissions   []string `json:"delegated_permissions"`
}

// Approval is one row of the inventory of Microsoft Graph Data Connect approvals.
type Approval struct {
	AppID         string            `json:"app_id"`
	AppTenantID   string            `json:"app_tenant_id"`
	Name          string            `json:"name,omitzero"`
	State         string            `json:"state"`
	SelfDeclared  bool              `json:"self_declared,omitzero"` // from the operator's register only
	Version       string            `json:"version,omitzero"`       // of the definition that was decided on
	Purpose       string            `json:"purpose,omitzero"`       // as the operator declares it
	MultiTenant   *bool             `json:"multi_tenant,omitzero"`
	Decisions     int               `json:"decisions,omitzero"` // how many are known
	Approver      string            `json:"approver,omitzero"`
	Developer     string            `json:"developer,omitzero"`
	Owners        []string          `json:"owners,omitzero"`
	ApprovedAt    string            `json:"approved_at,omitzero"`
	ExpiresAt     string            `json:"expires_at,omitzero"`
	DaysLeft      *int              `json:"days_left,omitzero"`
	Datasets      []ApprovedDataset `json:"datasets,omitzero"`
	Sinks         []string          `json:"sinks,omitzero"`
	DestinationID string            `json:"destination_tenant_id,omitzero"`
	LastRunAt     string            `json:"last_run_at,omitzero"` // start of the latest extraction seen
}

// ApprovedDataset is one dataset of an approval.
type ApprovedDataset struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns,omitzero"`
	Scope   string   `json:"scope,omitzero"` // all, list, filter
	Groups  []string `json:"groups,omitzero"`
	Filter  string   `json:"filter,omitzero"`
}

// Pipeline is one row of the inventory of pipelines: one activity of a repository file
// that reads Microsoft Graph Data Connect.
type Pipeline struct {
	ID       string `json:"id"`
	File     string `json:"file"` // as it was given, with slashes
	Line     int    `json:"line"` // where the activity begins, from 1
	Pipeline string `json:"pipeline"`
	Activity string `json:"activity"`
	Product  string `json:"product,omitzero"` // data_factory, synapse, fabric
	Inactive bool   `json:"inactive,omitzero"`
	AppID    string `json:"app_id,omitzero"`
	Dataset  string `json:"dataset,omitzero"`
	Scope    string `json:"scope,omitzero"` // all, list, filter
	// AllColumns is true when the activity names no columns. Columns are how many it asks
	// for, nil when that is not known.
	AllColumns bool `json:"all_columns"`
	Columns    *int `json:"columns,omitzero"`
	// Unresolved are the fields that the files do not tell.
	Unresolved []string `json:"unresolved,omitzero"`
}
