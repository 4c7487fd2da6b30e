package subject

// SignIn is when an application signed in, as Microsoft's report tells
// (https://learn.microsoft.com/graph/api/resources/serviceprincipalsigninactivity).
type SignIn struct {
	// Seen is false when the report was read whole and does not name the application.
	Seen bool `json:"seen"`
	// LastAt is the latest sign-in as a client or as a resource, of either kind, and Days the
	// whole days since. Absent when the row has none.
	LastAt string `json:"last_at,omitzero"`
	Days   *int   `json:"days,omitzero"`
	// ApplicationDays and DelegatedDays are of sign-ins as a client, app-only and for a user.
	ApplicationDays *int `json:"application_days,omitzero"`
	DelegatedDays   *int `json:"delegated_days,omitzero"`
}

// Activity is the look-back of usage evidence, for this application.
type Activity struct {
	From string `json:"from"`
	To   string `json:"to"`
	Days int    `json:"days"` // whole days from From to To
	// Ago are the whole days from To to the as-of instant.
	Ago   int  `json:"ago"`
	Whole bool `json:"whole"` // no hole is known between the two
	// Sources name the exports: activity, app_governance, sign_ins.
	Sources []string `json:"sources"`
}

// Use is one operation that the application was seen to call with success.
type Use struct {
	Kind   string `json:"kind"`   // application, delegated
	Method string `json:"method"` // GET, …
	Path   string `json:"path"`   // template without version: /users/{id}/messages
	Calls  int    `json:"calls"`
	LastAt string `json:"last_at,omitzero"`
	Days   *int   `json:"days,omitzero"` // whole days since LastAt
	// Known is false when no catalogue knows the operation, so that nothing can be said about
	// which permission it takes.
	Known bool `json:"known"`
	// Allowed are the keys, among those granted, that allow the operation.
	Allowed []string `json:"allowed,omitzero"`
}

// LeastSet is the smallest set of permissions, by total weight of their tiers, that
// covers a set of operations.
type LeastSet struct {
	Basis string `json:"basis"` // observed, declared
	Kind  string `json:"kind"`  // application, delegated
	// Permissions are the keys of the set. Weight is its total; Granted that of the grants of
	// that kind on the same resource.
	Permissions   []string `json:"permissions"`
	Weight        int      `json:"weight"`
	GrantedWeight int      `json:"granted_weight"`
	// Proven is false when the search was cut short; Gap is then how much lighter a set might be.
	Proven bool `json:"proven"`
	Gap    int  `json:"gap,omitzero"`
	// Uncovered are operations that no catalogue knows, "GET /path", and those that were seen though nothing
	// granted is known to allow them: the set may lack something for them, or hold too much.
	Uncovered []string `json:"uncovered"`
	// Operations are the declared operations that a set of basis declared covers, "METHOD /path";
	// absent of an observed set, whose operations are the Uses.
	Operations []string `json:"operations,omitzero"`
	// Removable are granted keys without which every operation is still allowed, all of them
	// together, once Add are granted. Add are keys of the set that are not granted.
	// What would only be exchanged for something as weighty is not among Removable.
	Removable []string `json:"removable"`
	Add       []string `json:"add"`
	// Narrow are keys of the set that reach a part of the objects or return fewer properties, which no log tells
	// to be enough.
	Narrow []string `json:"narrow,omitzero"`
}

// Consent is one act of consenting or granting, as the audit events tell it.
type Consent struct {
	At        string `json:"at,omitzero"`
	Operation string `json:"operation"` // as written, without final period and spaces
	// Change is added or removed.
	Change string  `json:"change"`
	By     *Person `json:"by,omitzero"`
	// ByApp is the appId of the application that acted without a user.
	ByApp string `json:"by_app,omitzero"`
	// Admin is whether it was for the whole tenant; absent when not told.
	Admin *bool `json:"admin,omitzero"`
	// Keys are the permissions, as far as they could be resolved; Scopes what else was written.
	Keys   []string `json:"keys"`
	Scopes []string `json:"scopes,omitzero"`
}

// PreAuthorized is a client that an API authorises for scopes without consent.
type PreAuthorized struct {
	AppID  string `json:"app_id,omitzero"`
	Name   string `json:"name,omitzero"`
	Origin string `json:"origin,omitzero"` // as Application.Origin; absent when not in the tenant or not known
	// Scopes are the values of the scopes, ids where unresolved.
	Scopes []string `json:"scopes,omitzero"`
}

// FederatedCredential trusts tokens of another issuer
// (https://learn.microsoft.com/graph/api/resources/federatedidentitycredential).
type FederatedCredential struct {
	ID     string `json:"id,omitzero"`
	Name   string `json:"name,omitzero"`
	Issuer string `json:"issuer,omitzero"`
	// Subject is absent when it is null or was not read, and empty when it is written so.
	Subject   *string  `json:"subject,omitzero"`
	Audiences []string `json:"audiences,omitzero"`
	// Expression is claimsMatchingExpression.value of a flexible credential, which then has no Subject.
	Expression string `json:"expression,omitzero"`
}

// RegisteredType is a container type that is registered in this tenant.
type RegisteredType struct {
	ID   string `json:"id"`
	Name string `json:"name,omitzero"`
	// OwnedHere is whether this tenant is the owning one; absent when that side was not read.
	OwnedHere      *bool  `json:"owned_here,omitzero" dataset:"container_types"`
	RegisteredAt   string `json:"registered_at,omitzero"`
	RegisteredDays *int   `json:"registered_days,omitzero"`
}

// SearchableTypes counts the container types that are registered in this tenant by settings.isSearchEnabled
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertyperegistrationsettings).
type SearchableTypes struct {
	Registered int `json:"registered"` // all of them
	Searchable int `json:"searchable"` // where it is true
	Unclear    int `json:"unclear"`    // where it was not read
}

// TypeGrant is what this application may do on a container type.
type TypeGrant struct {
	ContainerTypeID string `json:"container_type_id"`
	Name            string `json:"name,omitzero"`
	OwningAppID     string `json:"owning_app_id,omitzero"`
	// Guest is true when the application does not own the type; absent when its owner was not read.
	Guest                  *bool    `json:"guest,omitzero"`
	ApplicationPermissions []string `json:"application_permissions,omitzero"`
	DelegatedPermissions   []string `json:"delegated_permissions,omitzero"`
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

// DeclaredFacts are what the operator says of one application. All values are in lower case.
type DeclaredFacts struct {
	// Needs are permission values that it needs, whatever they look like.
	Needs []string `json:"needs,omitzero"`
	// Critical are critical permission values that it may hold.
	Critical []string `json:"critical,omitzero"`
	// MultiTenant is true when other tenants have to use it.
	MultiTenant bool `json:"multi_tenant,omitzero"`
	// ContainerApplication and ContainerDelegated are what it needs on container types of others.
	ContainerApplication []string `json:"container_application,omitzero"`
	ContainerDelegated   []string `json:"container_delegated,omitzero"`
}
