package subject

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The wire types are the members of snapshot rows that subjects are built from. A
// slice is nil when the member was absent or null, and empty when it was [].

type wireApplication struct {
	ID                     string               `json:"id"`
	AppID                  string               `json:"appId"`
	DisplayName            string               `json:"displayName"`
	SignInAudience         string               `json:"signInAudience"`
	CreatedDateTime        string               `json:"createdDateTime"`
	RequiredResourceAccess []wireResourceAccess `json:"requiredResourceAccess"`
	PasswordCredentials    []wireCredential     `json:"passwordCredentials"`
	KeyCredentials         []wireCredential     `json:"keyCredentials"`
	Web                    *wirePlatform        `json:"web"`
	SPA                    *wirePlatform        `json:"spa"`
	PublicClient           *wirePlatform        `json:"publicClient"`
	API                    *wireAPI             `json:"api"`
	VerifiedPublisher      *wirePublisher       `json:"verifiedPublisher"`
	DisabledByMicrosoft    string               `json:"disabledByMicrosoftStatus"`
	IsDisabled             *bool                `json:"isDisabled"`
}

// wirePlatform is a platform of a registration
// (https://learn.microsoft.com/graph/api/resources/webapplication). Only the web has an implicit grant.
type wirePlatform struct {
	RedirectURIs  []string `json:"redirectUris"`
	ImplicitGrant *struct {
		AccessToken wireBool `json:"enableAccessTokenIssuance"`
		IDToken     wireBool `json:"enableIdTokenIssuance"`
	} `json:"implicitGrantSettings"`
}

// wireAPI is what a registration says as an API
// (https://learn.microsoft.com/graph/api/resources/apiapplication). In beta the ids of the scopes of a
// pre-authorised client have another name
// (https://learn.microsoft.com/graph/api/resources/preauthorizedapplication?view=graph-rest-beta).
type wireAPI struct {
	Scopes        []wirePermission `json:"oauth2PermissionScopes"`
	PreAuthorized []struct {
		AppID         string   `json:"appId"`
		ScopeIDs      []string `json:"delegatedPermissionIds"`
		PermissionIDs []string `json:"permissionIds"`
	} `json:"preAuthorizedApplications"`
}

// wirePublisher has an id exactly when the publisher is verified
// (https://learn.microsoft.com/graph/api/resources/verifiedpublisher).
type wirePublisher struct {
	ID          *string `json:"verifiedPublisherId"`
	DisplayName string  `json:"displayName"`
}

type wireResourceAccess struct {
	ResourceAppID  string `json:"resourceAppId"`
	ResourceAccess []struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	} `json:"resourceAccess"`
}

type wireCredential struct {
	KeyID         string `json:"keyId"`
	Type          string `json:"type"` // of keyCredentials: AsymmetricX509Cert, X509CertAndPassword, Symmetric
	DisplayName   string `json:"displayName"`
	Usage         string `json:"usage"`
	StartDateTime string `json:"startDateTime"`
	EndDateTime   string `json:"endDateTime"`
}

type wireServicePrincipal struct {
	ID                     string           `json:"id"`
	AppID                  string           `json:"appId"`
	DisplayName            string           `json:"displayName"`
	AccountEnabled         *bool            `json:"accountEnabled"`
	AppOwnerOrganizationID string           `json:"appOwnerOrganizationId"`
	ServicePrincipalType   string           `json:"servicePrincipalType"`
	SignInAudience         string           `json:"signInAudience"`
	CreatedDateTime        string           `json:"createdDateTime"`
	AppRoles               []wirePermission `json:"appRoles"`
	Scopes                 []wirePermission `json:"oauth2PermissionScopes"`
	PasswordCredentials    []wireCredential `json:"passwordCredentials"`
	KeyCredentials         []wireCredential `json:"keyCredentials"`
	VerifiedPublisher      *wirePublisher   `json:"verifiedPublisher"`
	DisabledByMicrosoft    string           `json:"disabledByMicrosoftStatus"`
	IsDisabled             *bool            `json:"isDisabled"`
	Blueprint              string           `json:"agentIdentityBlueprintId"`
}

// wirePermission is an appRole or an oauth2PermissionScope.
type wirePermission struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

type wireAssignment struct {
	ID                   string `json:"id"`
	AppRoleID            string `json:"appRoleId"`
	PrincipalID          string `json:"principalId"`
	PrincipalType        string `json:"principalType"`
	PrincipalDisplayName string `json:"principalDisplayName"`
	ResourceID           string `json:"resourceId"`
	CreatedDateTime      string `json:"createdDateTime"`
}

type wireDelegatedGrant struct {
	ID          string  `json:"id"`
	ClientID    string  `json:"clientId"`
	ConsentType string  `json:"consentType"`
	PrincipalID string  `json:"principalId"`
	ResourceID  string  `json:"resourceId"`
	Scope       *string `json:"scope"`
}

type wireOwner struct {
	ObjectID          string `json:"objectId"`
	OwnerID           string `json:"ownerId"`
	Type              string `json:"@odata.type"`
	DisplayName       string `json:"displayName"`
	UserPrincipalName string `json:"userPrincipalName"`
	UserType          string `json:"userType"`
	AccountEnabled    *bool  `json:"accountEnabled"`
}

type wireContainerType struct {
	ID                    string `json:"id"`
	Name                  string `json:"name"`
	OwningAppID           string `json:"owningAppId"`
	BillingClassification string `json:"billingClassification"`
	CreatedDateTime       string `json:"createdDateTime"`
	ExpirationDateTime    string `json:"expirationDateTime"`
	RegisteredDateTime    string `json:"registeredDateTime"`
	// RegistredDateTime is how one published answer spells it.
	RegistredDateTime string                 `json:"registredDateTime"`
	BillingStatus     string                 `json:"billingStatus"`
	Settings          *wireContainerSettings `json:"settings"`
}

// wireContainerSettings are of a container type or of its registration
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypesettings).
type wireContainerSettings struct {
	Sharing    string   `json:"sharingCapability"`
	Restricted wireBool `json:"isSharingRestricted"`
	Search     wireBool `json:"isSearchEnabled"`
}

type wireContainerTypeGrant struct {
	ContainerTypeID        string   `json:"containerTypeId"`
	AppID                  string   `json:"appId"`
	ApplicationPermissions []string `json:"applicationPermissions"`
	DelegatedPermissions   []string `json:"delegatedPermissions"`
}

type wireDataConnectEvent struct {
	ID                  string        `json:"id"`
	Kind                string        `json:"kind"` // consent, operation
	At                  string        `json:"at"`
	AppID               string        `json:"appId"`
	AppTenantID         string        `json:"appTenantId"`
	AppName             string        `json:"appName"`
	State               string        `json:"state"`
	Version             string        `json:"version"`
	Approver            string        `json:"approver"`
	ApprovedAt          string        `json:"approvedAt"`
	ExpiresAt           string        `json:"expiresAt"`
	ExpiresAtRaw        string        `json:"expiresAtRaw"`
	ValidDays           *int          `json:"validDays"`
	DestinationTenantID string        `json:"destinationTenantId"`
	Sinks               []string      `json:"sinks"`
	Datasets            []wireDataset `json:"datasets"`
	Dataset             string        `json:"dataset"`
	Columns             []string      `json:"columns"`
	Groups              []string      `json:"groups"`
	StartedAt           string        `json:"startedAt"`
	Pipeline            string        `json:"pipeline"`
	Status              string        `json:"status"`
}

type wireDataset struct {
	Name       string   `json:"name"`
	Columns    []string `json:"columns"`
	Scope      string   `json:"scope"`
	Groups     []string `json:"groups"`
	Filter     string   `json:"filter"`
	DenyGroups []string `json:"denyGroups"`
}

type wireRegisterEntry struct {
	TenantID            string          `json:"tenantId"`
	AppID               string          `json:"appId"` // "*" for the tenant itself
	Name                string          `json:"name"`
	Developer           string          `json:"developer"`
	State               string          `json:"state"`
	Purpose             string          `json:"purpose"`
	MultiTenant         wireBool        `json:"multiTenant"`
	Datasets            []wireDataset   `json:"datasets"`
	Definition          *wireDefinition `json:"definition"`
	CrossTenantMovement wireBool        `json:"crossTenantMovement"`
}

// wireBool is true, false, or nil for what is neither. (A *bool would be false for text,
// with a fault beside it.)
type wireBool struct{ value *bool }

// UnmarshalJSON takes what is no boolean for absent; the snapshot complains.
func (b *wireBool) UnmarshalJSON(data []byte) error {
	switch text := string(data); text {
	case "true", "false":
		value := text == "true"
		b.value = &value
	}
	return nil
}

type wireDefinition struct {
	Version             string        `json:"version"`
	UpdatedAt           string        `json:"updatedAt"`
	Datasets            []wireDataset `json:"datasets"`
	Sinks               []string      `json:"sinks"`
	DestinationTenantID string        `json:"destinationTenantId"`
}

type wireCertificateKey struct {
	ObjectID  string `json:"objectId"`
	KeyID     string `json:"keyId"`
	Algorithm string `json:"algorithm"`
	Bits      int    `json:"bits"`
	Signature string `json:"signatureAlgorithm"`
}

type wireSubscription struct {
	ID       string `json:"id"` // content type, or audit-log
	Status   string `json:"status"`
	Started  bool   `json:"started"`
	Reason   string `json:"reason"`
	ClientID string `json:"clientId"`
}

type wireRoleDefinition struct {
	ID          string `json:"id"`
	TemplateID  string `json:"templateId"`
	DisplayName string `json:"displayName"`
}

type wireRoleAssignment struct {
	ID               string `json:"id"`
	Assignment       string `json:"assignment"` // active, eligible
	PrincipalID      string `json:"principalId"`
	PrincipalType    string `json:"principalType"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	DirectoryScopeID string `json:"directoryScopeId"`
	Starts           string `json:"startDateTime"` // of an eligible one
	Ends             string `json:"endDateTime"`
	AppScopeID       string `json:"appScopeId"`     // in place of the former, for roles that only some service knows
	GroupID          string `json:"groupId"`        // the group through which the principal has it
	UsersRead        bool   `json:"usersRead"`      // of a group: everybody in it has a row, too
	PrincipalsRead   bool   `json:"principalsRead"` // of a group: every service principal in it has one
	Principal        struct {
		Type string `json:"@odata.type"`
	} `json:"principal"` // of exports that expand it
}

type wireRoleEvent struct {
	ID           string `json:"id"`
	At           string `json:"at"`
	Change       string `json:"change"` // added, removed
	PrincipalID  string `json:"principalId"`
	PrincipalUPN string `json:"principalUpn"`
	RoleID       string `json:"roleId"`
	RoleName     string `json:"roleName"`
	By           string `json:"by"`
}

// wireOwnerOfType is a permission of a container type
// (https://learn.microsoft.com/graph/api/resources/permission).
type wireOwnerOfType struct {
	ID              string   `json:"id"`
	ContainerTypeID string   `json:"containerTypeId"`
	Roles           []string `json:"roles"`
	GrantedTo       struct {
		User struct {
			ID          string `json:"id"`
			UPN         string `json:"userPrincipalName"`
			DisplayName string `json:"displayName"`
		} `json:"user"`
	} `json:"grantedToV2"`
}

type wirePipeline struct {
	ID                  string           `json:"id"`
	Name                string           `json:"name"`
	File                string           `json:"file"`
	Line                int              `json:"line"`
	Pipeline            string           `json:"pipeline"`
	Activity            string           `json:"activity"`
	Product             string           `json:"product"`
	Type                string           `json:"type"`
	Inactive            bool             `json:"inactive"`
	AppID               string           `json:"appId"`
	AppTenantID         string           `json:"appTenantId"`
	DataTenantID        string           `json:"dataTenantId"`
	Dataset             string           `json:"dataset"`
	AllColumns          bool             `json:"allColumns"`
	Columns             []string         `json:"columns"`
	Scope               string           `json:"scope"`
	Groups              []string         `json:"groups"`
	Filter              string           `json:"filter"`
	DestinationTenantID string           `json:"destinationTenantId"`
	DestinationAssumed  bool             `json:"destinationAssumed"`
	Destination         *wireDestination `json:"destination"`
	Unresolved          []wireUnresolved `json:"unresolved"`
}

type wireDestination struct {
	Type     string `json:"type"`
	Location string `json:"location"`
	Partial  bool   `json:"partial"`
}

type wireUnresolved struct {
	Field      string `json:"field"`
	Expression string `json:"expression"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Reason     string `json:"reason"`
}

// decode reads a row into target as far as it can. A member of the wrong type is
// left out and named in the fault; the rest of the row is read all the same. An
// error means that the row is not JSON at all.
func decode(line []byte, target any) (fault string, err error) {
	err = json.Unmarshal(line, target)
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := "/" + strings.ReplaceAll(mistyped.Field, ".", "/")
		return fmt.Sprintf("%s: expected %s, found %s", field, mistyped.Type, mistyped.Value), nil
	}
	return "", err
}
