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
	RegistredDateTime string `json:"registredDateTime"`
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
	StartedAt           string        `json:"startedAt"`
	Pipeline            string        `json:"pipeline"`
}

type wireDataset struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Scope   string   `json:"scope"`
	Groups  []string `json:"groups"`
	Filter  string   `json:"filter"`
}

type wireRegisterEntry struct {
	TenantID  string        `json:"tenantId"`
	AppID     string        `json:"appId"`
	Name      string        `json:"name"`
	Developer string        `json:"developer"`
	State     string        `json:"state"`
	Datasets  []wireDataset `json:"datasets"`
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
