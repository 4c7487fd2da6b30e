package subject

// Tenant is what the tenant's own policies allow. There is one per snapshot.
type Tenant struct {
	Kind        Kind   `json:"kind"`
	ID          string `json:"id"`
	DisplayName string `json:"display_name,omitzero"`
	Cloud       string `json:"cloud,omitzero"`
	// UserConsent are the permission grant policies under which users consent for themselves.
	// Empty when users may not consent. Absent when not read.
	UserConsent []ConsentPolicy `json:"user_consent,omitzero" dataset:"authorization_policy,permission_grant_policies"`
	// OwnerConsent are those under which owners of teams, groups and chats consent for them.
	OwnerConsent []ConsentPolicy `json:"owner_consent,omitzero" dataset:"authorization_policy,permission_grant_policies"`
	// RiskyConsent is allowUserConsentForRiskyApps: absent when null or not read; RiskyConsentRead
	// tells the two apart (null is the default, false).
	RiskyConsent     *bool `json:"risky_consent,omitzero" dataset:"authorization_policy"`
	RiskyConsentRead bool  `json:"risky_consent_read" dataset:"authorization_policy"`
	// CreateApps is defaultUserRolePermissions.allowedToCreateApps.
	CreateApps *bool `json:"create_apps,omitzero" dataset:"authorization_policy"`
	// ConsentWorkflow is the admin consent request policy.
	ConsentWorkflow *ConsentWorkflow `json:"consent_workflow,omitzero" dataset:"admin_consent_policy"`
	// AppManagement are the app management policies, the tenant's default first.
	AppManagement []AppManagementPolicy `json:"app_management,omitzero" dataset:"app_management_policies"`
	Incomplete    []Gap                 `json:"incomplete,omitzero"`
}

// ConsentPolicy is a permission grant policy
// (https://learn.microsoft.com/graph/api/resources/permissiongrantpolicy).
type ConsentPolicy struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitzero"`
	BuiltIn bool   `json:"built_in"` // its id begins with microsoft-
	// Found is false when the tenant names it and does not list it; Conditions are then absent.
	Found    bool               `json:"found"`
	Includes []ConsentCondition `json:"includes,omitzero"`
	Excludes []ConsentCondition `json:"excludes,omitzero"`
}

// ConsentCondition is a condition set of a permission grant policy. Lists hold "all"
// where everything matches; they are absent when not read.
type ConsentCondition struct {
	Classification        string   `json:"classification,omitzero"` // all, low, medium, high
	PermissionType        string   `json:"permission_type,omitzero"`
	Resource              string   `json:"resource,omitzero"` // any, or an appId
	Permissions           []string `json:"permissions,omitzero"`
	ClientApps            []string `json:"client_apps,omitzero"`
	ClientTenants         []string `json:"client_tenants,omitzero"`
	ClientPublishers      []string `json:"client_publishers,omitzero"`
	VerifiedPublisherOnly *bool    `json:"verified_publisher_only,omitzero"`
}

// ConsentWorkflow is how users ask administrators for consent.
type ConsentWorkflow struct {
	Enabled      *bool `json:"enabled,omitzero"`
	Reviewers    *int  `json:"reviewers,omitzero"` // how many are named by a query
	RequestDays  *int  `json:"request_days,omitzero"`
	NotifiesThem *bool `json:"notifies_reviewers,omitzero"`
}

// AppManagementPolicy restricts the credentials of applications
// (https://learn.microsoft.com/graph/api/resources/tenantappmanagementpolicy).
type AppManagementPolicy struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitzero"`
	Default bool   `json:"default"` // the tenant's, which holds for every application without its own
	Enabled *bool  `json:"enabled,omitzero"`
	// Restrictions on applications, and for the tenant's policy on service principals too.
	Restrictions []AppRestriction `json:"restrictions,omitzero"`
}

// AppRestriction is one rule of an app management policy.
type AppRestriction struct {
	Of    string `json:"of"`    // application, service_principal
	Type  string `json:"type"`  // passwordAddition, passwordLifetime, asymmetricKeyLifetime, …
	State string `json:"state"` // enabled, disabled; as written if other, empty if null; enabled when absent
	// MaxDays is maxLifetime in days, rounded up; absent when it has none or it could not be read.
	MaxDays *int `json:"max_days,omitzero"`
	// After is restrictForAppsCreatedAfterDateTime: older applications are not bound. AfterDays are the
	// whole days since, below 0 when it lies ahead; absent when it could not be read.
	After     string `json:"after,omitzero"`
	AfterDays *int   `json:"after_days,omitzero"`
	// Exempts is true where whoever carries certain custom security attributes is not bound (excludeActors).
	Exempts bool `json:"exempts,omitzero"`
}
