// Package subject cuts a snapshot into the things that controls judge: one
// document per application, container type, Data Connect application, read of Data
// Connect in a repository, and identity that collected it.
//
// The Go types here are the contract between facts and policies: the JSON Schemas
// that Rego is checked against are generated from them. A fact that was not read
// is absent from the document, never null and never an empty list: an empty list
// says that there is none. Controls rely on that difference.
package subject

//go:generate go test . -run TestSchemasUpToDate -update

// Kind names a kind of subject.
type Kind string

// The kinds of subjects.
const (
	KindApplication    Kind = "application"
	KindContainerType  Kind = "container_type"
	KindDataConnectApp Kind = "data_connect_app"
	KindPipeline       Kind = "pipeline"
	KindAuditor        Kind = "auditor"
)

// Kinds lists the kinds in the order in which they are judged.
func Kinds() []Kind {
	return []Kind{KindApplication, KindContainerType, KindDataConnectApp, KindPipeline, KindAuditor}
}

// KeySet is a set of keys for look-ups: {key: true}.
type KeySet map[string]bool

// Gap is something known to be missing for this one subject.
type Gap struct {
	Dataset string `json:"dataset"` // the dataset in which it is missing
	Reason  string `json:"reason"`
	// Field is the field of the document that is incomplete, when it is only that
	// one; controls that do not read it are not concerned.
	Field string `json:"field,omitzero"`
}

// Application is a registration and its service principal, joined by appId; either
// may be absent. The dataset tags name where a fact comes from: a control that
// reads it needs that dataset.
type Application struct {
	Kind               Kind   `json:"kind"`
	ID                 string `json:"id"` // appId
	ObjectID           string `json:"object_id,omitzero" dataset:"applications"`
	ServicePrincipalID string `json:"service_principal_id,omitzero" dataset:"service_principals"`
	DisplayName        string `json:"display_name,omitzero"`
	// Origin is "own" (registered in this tenant), "foreign" (registered elsewhere),
	// "microsoft", "managed_identity", or "deleted" (only grants are left). Absent when
	// neither object tells.
	Origin string `json:"origin,omitzero"`
	// Auditor is true for an identity that collected the snapshot.
	Auditor              bool   `json:"auditor,omitzero"`
	SignInAudience       string `json:"sign_in_audience,omitzero"`
	ServicePrincipalType string `json:"service_principal_type,omitzero" dataset:"service_principals"`
	Enabled              *bool  `json:"enabled,omitzero" dataset:"service_principals"`
	CreatedAt            string `json:"created_at,omitzero"`
	AgeDays              *int   `json:"age_days,omitzero"` // whole days since CreatedAt
	// Requests are the manifest's requiredResourceAccess. Absent without a manifest.
	Requests      []Request `json:"requests,omitzero" dataset:"applications"`
	RequestedKeys KeySet    `json:"requested_keys,omitzero" dataset:"applications"`
	// Grants are app role assignments held and delegated grants. Absent when either
	// of the two datasets could not be read, or the principal that holds them.
	Grants      []Grant `json:"grants,omitzero" dataset:"app_role_assignments,delegated_grants,service_principals"`
	GrantedKeys KeySet  `json:"granted_keys,omitzero" dataset:"app_role_assignments,delegated_grants,service_principals"`
	// Owners of registration and service principal, each person once.
	Owners []Owner `json:"owners,omitzero" dataset:"application_owners,service_principal_owners"`
	// Credentials of registration and service principal.
	Credentials []Credential `json:"credentials,omitzero" dataset:"applications,service_principals"`
	// Three look-ups into Credentials, absent with them: those that have ended, how
	// many have an end that could not be read, and which objects ("application",
	// "service_principal") have one that has begun and not ended.
	ExpiredCredentials []Credential `json:"expired_credentials,omitzero" dataset:"applications,service_principals"`
	UndatedCredentials *int         `json:"undated_credentials,omitzero" dataset:"applications,service_principals"`
	ValidCredentials   KeySet       `json:"valid_credentials,omitzero" dataset:"applications,service_principals"`
	// ContainerTypes are the SharePoint Embedded container types that the
	// application owns.
	ContainerTypes []OwnedContainerType `json:"container_types,omitzero" dataset:"container_types"`
	// RedirectURIs are the reply URLs of all platforms of the registration.
	RedirectURIs []RedirectURI `json:"redirect_uris,omitzero" dataset:"applications"`
	// AuditLog is "on" when the Management Activity API answered for the tenant, "off" when
	// it said that the unified audit log is not enabled; absent when it was not asked.
	AuditLog string `json:"audit_log,omitzero"`
	// Subscriptions of this application at the Management Activity API, as they were before
	// the collection. Only an application's own can be listed: present for an auditor only.
	Subscriptions []FeedSubscription `json:"subscriptions,omitzero"`
	Incomplete    []Gap              `json:"incomplete,omitzero"`
}

// RedirectURI is one reply URL.
type RedirectURI struct {
	URI      string `json:"uri"`
	Platform string `json:"platform"` // web, spa, public_client
}

// FeedSubscription is one content type that the collection needs of the Management
// Activity API.
type FeedSubscription struct {
	ContentType string `json:"content_type"`
	Status      string `json:"status"`          // enabled, disabled, missing
	Started     bool   `json:"started"`         // the collection started it
	Reason      string `json:"reason,omitzero"` // why it is not enabled, where the API tells
}

// Request is one permission that a manifest asks for.
type Request struct {
	// Key is <resource appId>/<application|delegated>/<value, or id when unresolved>.
	Key           string `json:"key,omitzero"`
	ResourceAppID string `json:"resource_app_id,omitzero"`
	ResourceName  string `json:"resource_name,omitzero"`
	PermissionID  string `json:"permission_id,omitzero"`
	Permission    string `json:"permission,omitzero"` // value; absent when unresolved
	// Kind is what the permission really is: application or delegated. It differs
	// from what the manifest says when TypeMismatch is true.
	Kind         string `json:"kind,omitzero"`
	TypeMismatch bool   `json:"type_mismatch"`
	// ResolvedBy is "tenant" (the resource's own service principal), "catalogue", or
	// absent when the id is unknown to both.
	ResolvedBy string   `json:"resolved_by,omitzero"`
	Tier       string   `json:"tier,omitzero"`     // critical, high, medium, low, unrated
	Narrower   []string `json:"narrower,omitzero"` // narrower permissions of the same kind
}

// Grant is one permission that was granted. An administrator's grant and the
// grants by single users of one permission are two rows.
type Grant struct {
	Key           string `json:"key,omitzero"`
	ResourceAppID string `json:"resource_app_id,omitzero"`
	ResourceName  string `json:"resource_name,omitzero"`
	PermissionID  string `json:"permission_id,omitzero"`
	Permission    string `json:"permission,omitzero"`
	Kind          string `json:"kind,omitzero"` // application or delegated
	// Consent is "admin" or "user". App-only grants are always by an administrator.
	Consent    string   `json:"consent,omitzero"`
	Users      int      `json:"users,omitzero"`       // how many users consented one by one
	UserIDs    []string `json:"user_ids,omitzero"`    // of them, at most MaxUsers
	GrantedAt  string   `json:"granted_at,omitzero"`  // app-only grants only
	ResolvedBy string   `json:"resolved_by,omitzero"` // as in Request
	Tier       string   `json:"tier,omitzero"`
	Narrower   []string `json:"narrower,omitzero"`
}

// MaxUsers is how many user ids a user-consented grant names.
const MaxUsers = 20

// Owner is a person or service principal that owns an application.
type Owner struct {
	ID string `json:"id,omitzero"` // object id
	// Type is "user", "service_principal" or another directory type.
	Type     string `json:"type,omitzero"`
	Name     string `json:"name,omitzero"`
	UPN      string `json:"upn,omitzero"`       // user principal name, as written
	UserType string `json:"user_type,omitzero"` // "member" or "guest"
	Enabled  *bool  `json:"enabled,omitzero"`
	// Readable is false for a stub of which only the id could be read.
	Readable bool     `json:"readable"`
	Of       []string `json:"of"` // "application", "service_principal"
}

// Credential is a secret or certificate, of which only the metadata is known.
type Credential struct {
	KeyID  string `json:"key_id,omitzero"`
	Name   string `json:"name,omitzero"`
	Type   string `json:"type"`           // "secret" or "certificate"
	Usage  string `json:"usage,omitzero"` // "sign", "verify"
	Of     string `json:"of"`             // "application" or "service_principal"
	Starts string `json:"starts,omitzero"`
	Ends   string `json:"ends,omitzero"` // as written
	// DaysLeft until Ends, rounded up: the credential is valid while it is above 0.
	// Absent when Ends could not be read.
	DaysLeft *int `json:"days_left,omitzero"`
	// AgeDays since Starts, rounded down.
	AgeDays *int `json:"age_days,omitzero"`
	// Of the key of a certificate, where certificate_keys holds it.
	KeyAlgorithm string `json:"key_algorithm,omitzero" dataset:"certificate_keys"` // RSA, ECDSA, …
	KeyBits      *int   `json:"key_bits,omitzero" dataset:"certificate_keys"`
}

// OwnedContainerType is a container type that the application owns.
type OwnedContainerType struct {
	ID        string `json:"id"`
	Name      string `json:"name,omitzero"`
	CreatedAt string `json:"created_at,omitzero"`
	AgeDays   *int   `json:"age_days,omitzero"`
}

// ContainerType is a SharePoint Embedded container type as it stands in this
// tenant, as the owning one, the consuming one, or both.
type ContainerType struct {
	Kind           Kind   `json:"kind"`
	ID             string `json:"id"`
	DisplayName    string `json:"display_name,omitzero"`
	OwningAppID    string `json:"owning_app_id,omitzero"`
	OwningAppName  string `json:"owning_app_name,omitzero"`
	Billing        string `json:"billing,omitzero"` // standard, trial, direct_to_customer, as written if other
	CreatedAt      string `json:"created_at,omitzero" dataset:"container_types"`
	AgeDays        *int   `json:"age_days,omitzero" dataset:"container_types"`
	ExpiresAt      string `json:"expires_at,omitzero"`
	DaysLeft       *int   `json:"days_left,omitzero"`
	Registered     bool   `json:"registered" dataset:"container_type_registrations"`
	RegisteredAt   string `json:"registered_at,omitzero" dataset:"container_type_registrations"`
	RegisteredDays *int   `json:"registered_days,omitzero" dataset:"container_type_registrations"`
	// Grants are the application permission grants of the registration. Empty for a
	// type that is not registered here; absent when they could not be read.
	Grants     []ContainerTypeGrant `json:"grants,omitzero" dataset:"container_type_grants"`
	Incomplete []Gap                `json:"incomplete,omitzero"`
}

// ContainerTypeGrant is what one application may do on a container type.
type ContainerTypeGrant struct {
	AppID   string `json:"app_id,omitzero"`
	AppName string `json:"app_name,omitzero"`
	// The permissions are spelt as Graph's enum spells them, whatever their case in
	// the answer; members unknown to it stay as written; "none" is left out. Absent
	// when not read.
	ApplicationPermissions []string `json:"application_permissions,omitzero"` // app-only
	DelegatedPermissions   []string `json:"delegated_permissions,omitzero"`   // on behalf of a user
}
