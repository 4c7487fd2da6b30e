package subject

// wireManifest is a row of the dataset manifests: an application as a repository file defines it. A list is nil
// when the file does not speak of it.
type wireManifest struct {
	ID      string `json:"id"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Format  string `json:"format"` // entra, entra_legacy, terraform, bicep, microsoft365
	Address string `json:"address"`
	Action  string `json:"action"` // create, update, keep, delete; "" where the format does not tell
	Part    bool   `json:"part"`   // what it tells comes on top of what is there

	AppID       string `json:"appId"`
	ObjectID    string `json:"objectId"`
	PrincipalID string `json:"principalId"`
	Origin      string `json:"origin"`
	UniqueName  string `json:"uniqueName"`
	Name        string `json:"name"`

	Audience          string `json:"signInAudience"`
	AudienceLine      int    `json:"audienceLine"`
	VerifiedPublisher *bool  `json:"verifiedPublisher"`
	Enabled           *bool  `json:"enabled"`

	Requests      []wireManifestRequest    `json:"requests"`
	RedirectURIs  []wireManifestURI        `json:"redirectUris"`
	Implicit      []wireManifestToken      `json:"implicitTokens"`
	PreAuthorized []wireManifestClient     `json:"preAuthorized"`
	Credentials   []wireManifestCredential `json:"credentials"`
	Federated     []wireManifestFederated  `json:"federatedCredentials"`
	Grants        []wireManifestGrant      `json:"grants"`
	Revoked       []wireManifestGrant      `json:"revoked"`
	Unresolved    []wireUnresolved         `json:"unresolved"`
}

type wireManifestRequest struct {
	ResourceAppID string `json:"resourceAppId"`
	ResourceName  string `json:"resourceName"`
	ID            string `json:"permissionId"`
	Name          string `json:"name"`
	Kind          string `json:"kind"`
	Specific      bool   `json:"resourceSpecific"`
	Line          int    `json:"line"`
}

type wireManifestURI struct {
	URI      string `json:"uri"`
	Platform string `json:"platform"`
	Line     int    `json:"line"`
}

type wireManifestToken struct {
	Token string `json:"token"`
	Line  int    `json:"line"`
}

type wireManifestClient struct {
	AppID  string   `json:"appId"`
	Scopes []string `json:"scopes"`
	Line   int      `json:"line"`
}

type wireManifestCredential struct {
	Type   string `json:"type"`
	Of     string `json:"of"`
	KeyID  string `json:"keyId"`
	Name   string `json:"name"`
	Usage  string `json:"usage"`
	Starts string `json:"starts"`
	Ends   string `json:"ends"`
	Line   int    `json:"line"`
}

type wireManifestFederated struct {
	Name       string   `json:"name"`
	Issuer     string   `json:"issuer"`
	Subject    *string  `json:"subject"`
	Audiences  []string `json:"audiences"`
	Expression string   `json:"expression"`
	Line       int      `json:"line"`
}

type wireManifestGrant struct {
	ResourceAppID string `json:"resourceAppId"`
	ResourceID    string `json:"resourceId"`
	ID            string `json:"permissionId"`
	Name          string `json:"name"`
	Kind          string `json:"kind"`
	Consent       string `json:"consent"`
	UserID        string `json:"userId"`
	Line          int    `json:"line"`
}
