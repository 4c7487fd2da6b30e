package snapshot

import (
	"encoding/json"
	"fmt"
	"strings"
)

// checked are the members of a row that judgements rest on. Everything else may be
// of any shape.
type checked struct {
	AppID              json.RawMessage `json:"appId"`
	OwningAppID        json.RawMessage `json:"owningAppId"`
	PrincipalID        json.RawMessage `json:"principalId"`
	ClientID           json.RawMessage `json:"clientId"`
	ConsentType        json.RawMessage `json:"consentType"`
	ResourceID         json.RawMessage `json:"resourceId"`
	AppRoleID          json.RawMessage `json:"appRoleId"`
	Created            json.RawMessage `json:"createdDateTime"`
	Registered         json.RawMessage `json:"registeredDateTime"`
	RegisteredMisspelt json.RawMessage `json:"registredDateTime"` // as one documented sample has it
	Expires            json.RawMessage `json:"expirationDateTime"`
	Secrets            json.RawMessage `json:"passwordCredentials"`
	Certificates       json.RawMessage `json:"keyCredentials"`
	Requests           json.RawMessage `json:"requiredResourceAccess"`
	AppRoles           json.RawMessage `json:"appRoles"`
	Scopes             json.RawMessage `json:"oauth2PermissionScopes"`
	Scope              json.RawMessage `json:"scope"`
	AppPermissions     json.RawMessage `json:"applicationPermissions"`
	UserPermissions    json.RawMessage `json:"delegatedPermissions"`
}

// object checks a row as Graph answers it.
func (c *checker) object(dataset Name, line []byte) {
	var row checked
	if json.Unmarshal(line, &row) != nil {
		return
	}
	switch dataset {
	case Applications, ServicePrincipals:
		c.required("appId", row.AppID)
	case AppRoleAssignments:
		c.required("principalId", row.PrincipalID)
		c.required("resourceId", row.ResourceID)
		c.required("appRoleId", row.AppRoleID)
	case DelegatedGrants:
		c.grant(row)
	}
	c.key("owningAppId", row.OwningAppID)
	c.instant("/createdDateTime", row.Created)
	c.instant("/registeredDateTime", row.Registered)
	c.instant("/registredDateTime", row.RegisteredMisspelt)
	c.instant("/expirationDateTime", row.Expires)
	c.objects("/passwordCredentials", row.Secrets, c.credential)
	c.objects("/keyCredentials", row.Certificates, c.credential)
	c.objects("/requiredResourceAccess", row.Requests, c.request)
	c.objects("/appRoles", row.AppRoles, c.permission)
	if dataset == ServicePrincipals {
		c.publishes(row.AppRoles)
	}
	c.objects("/oauth2PermissionScopes", row.Scopes, c.permission)
	if dataset != DelegatedGrants {
		c.text("/scope", row.Scope)
	}
	c.texts("/applicationPermissions", row.AppPermissions)
	c.texts("/delegatedPermissions", row.UserPermissions)
}

// grant checks a delegated grant: all its members say what was granted to whom. A
// grant to everybody has no principal
// (https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant).
func (c *checker) grant(row checked) {
	c.required("clientId", row.ClientID)
	c.required("resourceId", row.ResourceID)
	var to string
	if json.Unmarshal(row.ConsentType, &to) != nil || to == "" {
		c.doubt("consentType", expected(aText, row.ConsentType))
	}
	if strings.EqualFold(to, "Principal") {
		c.required("principalId", row.PrincipalID)
	}
	if shape(row.Scope) != aText { // it may be empty, and not be missing
		c.found("/scope", expected(aText, row.Scope))
	}
}

// publishes checks whom the app roles of a service principal are for, on which it
// hangs whether anybody is asked what was assigned. Graph never leaves it out
// (https://learn.microsoft.com/graph/api/resources/approle).
func (c *checker) publishes(appRoles json.RawMessage) {
	var roles []json.RawMessage
	_ = json.Unmarshal(appRoles, &roles) // what is no list was found out before
	for i, raw := range roles {
		var role struct {
			For json.RawMessage `json:"allowedMemberTypes"`
		}
		if shape(raw) != anObject || json.Unmarshal(raw, &role) != nil {
			continue
		}
		at := fmt.Sprintf("/appRoles/%d/allowedMemberTypes", i)
		if role.For == nil || string(role.For) == "[]" {
			c.found(at, "it does not say whom the role is for")
			continue
		}
		c.texts(at, role.For)
	}
}

func (c *checker) credential(pointer string, raw json.RawMessage) {
	var credential struct {
		Starts json.RawMessage `json:"startDateTime"`
		Ends   json.RawMessage `json:"endDateTime"`
	}
	_ = json.Unmarshal(raw, &credential) // it is an object, and takes any members
	c.instant(pointer+"/startDateTime", credential.Starts)
	c.instant(pointer+"/endDateTime", credential.Ends)
}

func (c *checker) request(pointer string, raw json.RawMessage) {
	var request struct {
		Resource json.RawMessage `json:"resourceAppId"`
		Access   json.RawMessage `json:"resourceAccess"`
	}
	_ = json.Unmarshal(raw, &request)
	c.text(pointer+"/resourceAppId", request.Resource)
	c.objects(pointer+"/resourceAccess", request.Access, func(pointer string, raw json.RawMessage) {
		var access struct {
			ID   json.RawMessage `json:"id"`
			Type json.RawMessage `json:"type"`
		}
		_ = json.Unmarshal(raw, &access)
		c.text(pointer+"/id", access.ID)
		c.text(pointer+"/type", access.Type)
	})
}

// permission checks an app role or a scope. Its value may be null: a role can be
// defined without one.
func (c *checker) permission(pointer string, raw json.RawMessage) {
	var permission struct {
		ID    json.RawMessage `json:"id"`
		Value json.RawMessage `json:"value"`
	}
	_ = json.Unmarshal(raw, &permission)
	c.text(pointer+"/id", permission.ID)
	if shape(permission.Value) != aNull {
		c.text(pointer+"/value", permission.Value)
	}
}
