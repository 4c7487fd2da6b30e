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
	KindTenant         Kind = "tenant"
	KindApplication    Kind = "application"
	KindContainerType  Kind = "container_type"
	KindContainer      Kind = "container"
	KindDataConnectApp Kind = "data_connect_app"
	KindPipeline       Kind = "pipeline"
	KindAuditor        Kind = "auditor"
)

// Kinds lists the kinds in the order in which they are judged.
func Kinds() []Kind {
	return []Kind{KindTenant, KindApplication, KindContainerType, KindContainer, KindDataConnectApp, KindPipeline, KindAuditor}
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
	// TenantID is the tenant that was audited, in lower case: its own issuer of tokens is told by it.
	TenantID string `json:"tenant_id,omitzero"`
	// Origin is "own" (registered in this tenant), "foreign" (registered elsewhere),
	// "microsoft", "managed_identity", or "deleted" (only grants are left, on APIs or on container types). Absent when
	// neither object tells.
	Origin string `json:"origin,omitzero"`
	// Auditor is true for an identity that collected the snapshot.
	Auditor              bool   `json:"auditor,omitzero"`
	SignInAudience       string `json:"sign_in_audience,omitzero"`
	ServicePrincipalType string `json:"service_principal_type,omitzero" dataset:"service_principals"`
	// Enabled is false where accountEnabled is false, or isDisabled is true on either object.
	Enabled *bool `json:"enabled,omitzero" dataset:"service_principals"`
	// Registered is whether an application of this tenant has its registration still. Absent for others, for
	// service principals that never had one, and where the registrations were not read whole.
	Registered *bool  `json:"registered,omitzero" dataset:"applications"`
	CreatedAt  string `json:"created_at,omitzero"`
	AgeDays    *int   `json:"age_days,omitzero"` // whole days since CreatedAt
	// Requests are the manifest's requiredResourceAccess. Absent without a manifest.
	Requests      []Request `json:"requests,omitzero" dataset:"applications"`
	RequestedKeys KeySet    `json:"requested_keys,omitzero" dataset:"applications"`
	// RequestedResources and GrantedResources are the appIds of the resources of Requests and of
	// Grants, sorted; "" for those of which it is not known. Absent with them.
	RequestedResources []string `json:"requested_resources,omitzero" dataset:"applications"`
	// Grants are app role assignments held and delegated grants. Absent when either
	// of the two datasets could not be read, or the principal that holds them.
	Grants      []Grant `json:"grants,omitzero" dataset:"app_role_assignments,delegated_grants,service_principals"`
	GrantedKeys KeySet  `json:"granted_keys,omitzero" dataset:"app_role_assignments,delegated_grants,service_principals"`
	// See RequestedResources.
	GrantedResources []string `json:"granted_resources,omitzero" dataset:"app_role_assignments,delegated_grants,service_principals"`
	// Declared is what the configuration says of this application. Absent when nothing.
	Declared *DeclaredFacts `json:"declared,omitzero"`
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
	// DisabledByMicrosoft is disabledByMicrosoftStatus as written; absent when it is null or was not read.
	DisabledByMicrosoft string `json:"disabled_by_microsoft,omitzero"`
	// VerifiedPublisher is whether a publisher is verified, on either object; absent when neither tells.
	VerifiedPublisher *bool  `json:"verified_publisher,omitzero"`
	PublisherName     string `json:"publisher_name,omitzero"`
	// ImplicitTokens are what the authorization endpoint hands out by implicit grant:
	// "access_token", "id_token". Empty when nothing; absent when not read.
	ImplicitTokens []string `json:"implicit_tokens,omitzero" dataset:"applications"`
	// PreAuthorized are the clients that the registration, as an API, authorises without consent.
	PreAuthorized []PreAuthorized `json:"pre_authorized,omitzero" dataset:"applications"`
	// FederatedCredentials of the registration. Absent when not read, or without a registration.
	FederatedCredentials []FederatedCredential `json:"federated_credentials,omitzero" dataset:"federated_credentials"`
	// DirectoryRoles are the directory roles that the service principal holds or may activate.
	// Absent when not read; empty also for an application without service principal.
	DirectoryRoles []RoleHold `json:"directory_roles,omitzero" dataset:"directory_role_assignments,directory_role_definitions"`
	// SignIn is what the sign-in report tells. Absent when the report was not read; Seen is
	// false when it was read whole and does not name the application.
	SignIn *SignIn `json:"sign_in,omitzero" dataset:"sign_in_activity"`
	// Activity is the look-back of the usage evidence, and Uses the calls of Microsoft Graph
	// seen in it. Absent when no usage was read; Uses is empty when it was and shows none.
	Activity *Activity `json:"activity,omitzero" dataset:"graph_activity"`
	Uses     []Use     `json:"uses,omitzero" dataset:"graph_activity"`
	// UsageLeftOut is true for an identity of this program whose own calls the usage evidence leaves
	// out: nothing can be known of its use.
	UsageLeftOut bool `json:"usage_left_out,omitzero" dataset:"graph_activity"`
	// Least are the smallest sets of permissions for what was observed and for what the
	// configuration declares, one per basis and kind. Absent when there is neither.
	Least []LeastSet `json:"least,omitzero"`
	// Consents are the consents and grants to this application that the audit events tell,
	// the latest first. Absent when no such events were read.
	Consents        []Consent `json:"consents,omitzero" dataset:"consent_events"`
	ConsentCoverage *Coverage `json:"consent_coverage,omitzero" dataset:"consent_events"`
	// RegisteredTypes are the container types registered in this tenant that the application
	// owns; TypeGrants what it was granted on container types registered here, its own or others'.
	RegisteredTypes []RegisteredType `json:"registered_types,omitzero" dataset:"container_type_registrations"`
	TypeGrants      []TypeGrant      `json:"type_grants,omitzero" dataset:"container_type_grants"`
	// SearchableTypes says how many container types are registered in this tenant, and how many of them show
	// their content to search; the same for every application. Absent when the registrations were not read.
	SearchableTypes *SearchableTypes `json:"searchable_types,omitzero" dataset:"container_type_registrations"`
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
	ResolvedBy string `json:"resolved_by,omitzero"`
	// Published is false when the resource's service principal, whose lists were read whole, does
	// not publish the id in either kind; absent when that is not known.
	Published *bool    `json:"published,omitzero" dataset:"service_principals"`
	Tier      string   `json:"tier,omitzero"`     // critical, high, medium, low, unrated
	Narrower  []string `json:"narrower,omitzero"` // narrower permissions of the same kind
	// UserConsent is whether users may consent to it alone; absent when not catalogued.
	UserConsent *bool `json:"user_consent,omitzero"`
	Deprecated  bool  `json:"deprecated,omitzero"`
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
	Consent string   `json:"consent,omitzero"`
	Users   int      `json:"users,omitzero"`    // how many users consented one by one
	UserIDs []string `json:"user_ids,omitzero"` // of them, at most MaxUsers
	// GrantedAt is when it was granted: app role assignments say so themselves, delegated grants
	// where the consent events tell. GrantedDays are the whole days since.
	GrantedAt   string `json:"granted_at,omitzero"`
	GrantedDays *int   `json:"granted_days,omitzero"`
	// StandingDays are the whole days for which a grant without a date stands at least: as far back
	// as the consent events are complete and tell of no such grant. Absent when they are not.
	StandingDays *int `json:"standing_days,omitzero"`
	// StoodLeast and StoodMost bound the days of the look-back for which the grant stood: from its date; else
	// from StandingDays, and from the age of its application. Both end at Activity.Days, so that grants older
	// than the look-back look the same. Absent where not known, and without a look-back.
	StoodLeast *int `json:"stood_least,omitzero" dataset:"graph_activity"`
	StoodMost  *int `json:"stood_most,omitzero" dataset:"graph_activity"`
	// GrantedBy is who consented, where the consent events tell.
	GrantedBy *Person `json:"granted_by,omitzero" dataset:"consent_events"`
	// GivenHere is true where the consent events tell of a person who granted it.
	GivenHere bool `json:"given_here,omitzero" dataset:"consent_events"`
	// Used is "used" (a call was seen that this permission allows, or App governance says in
	// use), "not_used" (usage of its kind is covered and shows no such call), or absent: no evidence.
	Used string `json:"used,omitzero" dataset:"graph_activity"`
	// UsedBy names the evidence: "activity", "app_governance". LastUsedAt is the latest such call.
	UsedBy     []string `json:"used_by,omitzero" dataset:"graph_activity"`
	LastUsedAt string   `json:"last_used_at,omitzero" dataset:"graph_activity"`
	// UsedDays are the whole days since LastUsedAt; absent where the evidence has no date. What App governance
	// says is of the 90 days before.
	UsedDays *int `json:"used_days,omitzero" dataset:"graph_activity"`
	// Idle is true when Activity is whole and shows for certain that no call took the permission after LastUsedAt.
	Idle bool `json:"idle,omitzero" dataset:"graph_activity"`
	// ResourceDeleted is true when the resource's service principal is not in the tenant, whose
	// service principals were read whole.
	ResourceDeleted bool `json:"resource_deleted,omitzero" dataset:"service_principals"`
	// Published is as in Request; of a delegated grant, whether the resource publishes the scope's name.
	Published  *bool    `json:"published,omitzero" dataset:"service_principals"`
	ResolvedBy string   `json:"resolved_by,omitzero"` // as in Request
	Tier       string   `json:"tier,omitzero"`
	Narrower   []string `json:"narrower,omitzero"`
	// UserConsent and Deprecated are as in Request.
	UserConsent *bool `json:"user_consent,omitzero"`
	Deprecated  bool  `json:"deprecated,omitzero"`
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
	Of       []string `json:"of"` // "application", "service_principal", "container_type"
	// Roles are the directory roles that the owner holds or may activate, also by being in a group. Absent when
	// some of them may be missing. Those of a person include, as via "group", what a group holds of which the
	// people were not read. Who may activate the membership of a group is not in it.
	Roles []RoleHold `json:"roles,omitzero" dataset:"directory_role_assignments,directory_role_definitions"`
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
	// LifetimeDays from Starts to Ends, rounded up; absent when either could not be read.
	LifetimeDays *int `json:"lifetime_days,omitzero"`
	// LastUsedAt is the latest sign-in with it, and UsedDays the whole days since. Both absent
	// when it never signed in or the report was not read: see Reported.
	LastUsedAt string `json:"last_used_at,omitzero" dataset:"credential_activity"`
	UsedDays   *int   `json:"used_days,omitzero" dataset:"credential_activity"`
	// Reported is true when the report of credential sign-ins was read whole.
	Reported bool `json:"reported,omitzero" dataset:"credential_activity"`
	// Of the key of a certificate, where certificate_keys holds it.
	KeyAlgorithm string `json:"key_algorithm,omitzero" dataset:"certificate_keys"` // RSA, ECDSA, …
	KeyBits      *int   `json:"key_bits,omitzero" dataset:"certificate_keys"`
	// Signature is the algorithm that signed the certificate, as Go names it: SHA256-RSA, SHA1-RSA.
	Signature string `json:"signature,omitzero" dataset:"certificate_keys"`
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
	Kind          Kind   `json:"kind"`
	ID            string `json:"id"`
	DisplayName   string `json:"display_name,omitzero"`
	OwningAppID   string `json:"owning_app_id,omitzero"`
	OwningAppName string `json:"owning_app_name,omitzero"`
	Billing       string `json:"billing,omitzero"` // standard, trial, direct_to_customer, as written if other
	// BillingStatus is valid, invalid, or as written if other.
	BillingStatus string `json:"billing_status,omitzero"`
	// OwnedHere is true when the type is listed on the owning side in this tenant; absent when
	// that side was not read.
	OwnedHere *bool `json:"owned_here,omitzero" dataset:"container_types"`
	// Sharing is settings.sharingCapability as the documentation spells it: disabled,
	// externalUserSharingOnly, externalUserAndGuestSharing, existingExternalUserSharingOnly, as
	// written if other. The registration's setting, which is in force here, wins.
	Sharing string `json:"sharing,omitzero"`
	// SharingRestricted is isSharingRestricted: only managers and owners may share.
	SharingRestricted *bool `json:"sharing_restricted,omitzero"`
	// Owners of the type. Absent when not read.
	Owners         []Owner `json:"owners,omitzero" dataset:"container_type_owners"`
	CreatedAt      string  `json:"created_at,omitzero" dataset:"container_types"`
	AgeDays        *int    `json:"age_days,omitzero" dataset:"container_types"`
	ExpiresAt      string  `json:"expires_at,omitzero"`
	DaysLeft       *int    `json:"days_left,omitzero"`
	Registered     bool    `json:"registered" dataset:"container_type_registrations"`
	RegisteredAt   string  `json:"registered_at,omitzero" dataset:"container_type_registrations"`
	RegisteredDays *int    `json:"registered_days,omitzero" dataset:"container_type_registrations"`
	// Grants are the application permission grants of the registration. Empty for a
	// type that is not registered here; absent when they could not be read.
	Grants     []ContainerTypeGrant `json:"grants,omitzero" dataset:"container_type_grants"`
	Incomplete []Gap                `json:"incomplete,omitzero"`
}

// Container is a SharePoint Embedded container.
type Container struct {
	Kind          Kind   `json:"kind"`
	ID            string `json:"id"` // b!…
	DisplayName   string `json:"display_name,omitzero"`
	TypeID        string `json:"container_type_id,omitzero"`
	TypeName      string `json:"container_type_name,omitzero"`
	OwningAppID   string `json:"owning_app_id,omitzero"`
	OwningAppName string `json:"owning_app_name,omitzero"`
	CreatedAt     string `json:"created_at,omitzero"`
	AgeDays       *int   `json:"age_days,omitzero"`
	Status        string `json:"status,omitzero"`     // inactive, active, as written if other
	LockState     string `json:"lock_state,omitzero"` // unlocked, lockedReadOnly, …
	// Members are who may do what in the container. Absent when not read.
	Members    []Member `json:"members,omitzero" dataset:"container_permissions"`
	Incomplete []Gap    `json:"incomplete,omitzero"`
}

// Member is one permission of a container.
type Member struct {
	// Type is user, group, site_user, site_group, sharepoint_group, application, or absent.
	Type string `json:"type,omitzero"`
	ID   string `json:"id,omitzero"`
	UPN  string `json:"upn,omitzero"`
	Name string `json:"name,omitzero"`
	// Role is reader, writer, manager, owner, principalOwner, as written if other.
	Role string `json:"role,omitzero"`
	// Guest is whether a user is a guest: by userType where the directory told, else by whether
	// the user principal name says #EXT#; absent when neither is there.
	Guest *bool `json:"guest,omitzero"`
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
