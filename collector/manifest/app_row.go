package manifest

import (
	"cmp"
	"fmt"
	"slices"
)

// The formats that define applications, as rows name them.
const (
	formatEntra     = "entra"        // Microsoft Graph's form of a registration
	formatLegacy    = "entra_legacy" // the form of the former Azure AD Graph
	formatTerraform = "terraform"    // a plan of the azuread provider
	formatBicep     = "bicep"        // a template with the Microsoft Graph extension
	formatTeams     = "microsoft365" // the manifest of a Microsoft 365 app
)

// What the merge does to an application, where the file tells.
const (
	actionCreate = "create"
	actionUpdate = "update"
	actionKeep   = "keep"
	actionDelete = "delete"
)

// appRow is one row of the dataset manifests: one application as a file defines it. A list that the file does
// not speak of is absent; one that it gives no element of is empty.
type appRow struct {
	ID      string `json:"id"` // file#address
	File    string `json:"file"`
	Line    int    `json:"line"`
	Format  string `json:"format"`
	Address string `json:"address,omitzero"` // of the resource in a plan or template
	Action  string `json:"action,omitzero"`
	// Part is true when only a part of the application is defined here: what it tells comes on top of what is there.
	Part bool `json:"part,omitzero"`

	AppID       string `json:"appId,omitzero"`
	ObjectID    string `json:"objectId,omitzero"`
	PrincipalID string `json:"principalId,omitzero"` // of a service principal that is only known from its grants
	Origin      string `json:"origin,omitzero"`      // managed_identity, where it is one
	UniqueName  string `json:"uniqueName,omitzero"`
	Name        string `json:"name,omitzero"`

	Audience          string `json:"signInAudience,omitzero"`
	VerifiedPublisher *bool  `json:"verifiedPublisher,omitzero"`
	Enabled           *bool  `json:"enabled,omitzero"`

	Requests      []appRequest    `json:"requests,omitzero"`
	RedirectURIs  []appURI        `json:"redirectUris,omitzero"`
	Implicit      []appToken      `json:"implicitTokens,omitzero"`
	PreAuthorized []appClient     `json:"preAuthorized,omitzero"`
	Credentials   []appCredential `json:"credentials,omitzero"`
	Federated     []appFederated  `json:"federatedCredentials,omitzero"`
	Grants        []appGrant      `json:"grants,omitzero"`
	Revoked       []appGrant      `json:"revoked,omitzero"`

	AudienceLine int          `json:"audienceLine,omitzero"`
	Unresolved   []unresolved `json:"unresolved"`
}

// appRequest is one permission that is asked for. API and permission have an id or a name.
type appRequest struct {
	ResourceAppID string `json:"resourceAppId,omitzero"`
	ResourceName  string `json:"resourceName,omitzero"`
	ID            string `json:"permissionId,omitzero"`
	Name          string `json:"name,omitzero"`
	Kind          string `json:"kind,omitzero"`             // application, delegated
	Specific      bool   `json:"resourceSpecific,omitzero"` // of the team, chat or user that the app is installed in
	Line          int    `json:"line"`
}

type appURI struct {
	URI      string `json:"uri"`
	Platform string `json:"platform"` // web, spa, public_client
	Line     int    `json:"line"`
}

type appToken struct {
	Token string `json:"token"` // access_token, id_token
	Line  int    `json:"line"`
}

type appClient struct {
	AppID  string   `json:"appId,omitzero"`
	Scopes []string `json:"scopes"`
	Line   int      `json:"line"`
}

type appCredential struct {
	Type   string `json:"type"` // secret, certificate
	Of     string `json:"of"`   // application, service_principal
	KeyID  string `json:"keyId,omitzero"`
	Name   string `json:"name,omitzero"`
	Usage  string `json:"usage,omitzero"`
	Starts string `json:"starts,omitzero"`
	Ends   string `json:"ends,omitzero"`
	Line   int    `json:"line"`
}

type appFederated struct {
	Name       string   `json:"name,omitzero"`
	Issuer     string   `json:"issuer,omitzero"`
	Subject    *string  `json:"subject,omitzero"`
	Audiences  []string `json:"audiences,omitzero"`
	Expression string   `json:"expression,omitzero"`
	Line       int      `json:"line"`
}

// appGrant is one permission that the file grants itself, or revokes.
type appGrant struct {
	ResourceAppID string `json:"resourceAppId,omitzero"`
	ResourceID    string `json:"resourceId,omitzero"` // object id of the API's service principal
	ID            string `json:"permissionId,omitzero"`
	Name          string `json:"name,omitzero"`
	Kind          string `json:"kind"`
	Consent       string `json:"consent,omitzero"` // admin, user
	UserID        string `json:"userId,omitzero"`
	Line          int    `json:"line"`
}

// The fields of an application that can be unresolved, named as in subjects.
const (
	fieldRequests    = "requests"
	fieldRedirects   = "redirect_uris"
	fieldImplicit    = "implicit_tokens"
	fieldClients     = "pre_authorized"
	fieldCredentials = "credentials"
	fieldFederated   = "federated_credentials"
	fieldGrants      = "grants"
	fieldAudience    = "sign_in_audience"
	fieldIdentity    = "id"
	fieldPublisher   = "verified_publisher"
)

// finishApps gives every application an id of its own, in the order in which they stand.
func (w *world) finishApps() []*appRow {
	slices.SortStableFunc(w.apps, func(a, b *appRow) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	taken := map[string]bool{}
	for _, row := range w.apps {
		base := row.File + "#" + cmp.Or(row.Address, row.AppID, row.Name)
		row.ID = base
		for n := 2; taken[row.ID]; n++ {
			row.ID = fmt.Sprintf("%s~%d", base, n)
		}
		taken[row.ID] = true
	}
	return w.apps
}
