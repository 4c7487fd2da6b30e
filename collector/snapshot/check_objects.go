package snapshot

import "encoding/json"

// checked are the members of a row that judgements rest on. Everything else may be
// of any shape.
type checked struct {
	AppID              json.RawMessage `json:"appId"`
	OwningAppID        json.RawMessage `json:"owningAppId"`
	PrincipalID        json.RawMessage `json:"principalId"`
	ClientID           json.RawMessage `json:"clientId"`
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
	if dataset == Applications || dataset == ServicePrincipals {
		c.required("appId", row.AppID)
	}
	c.key("owningAppId", row.OwningAppID)
	c.key("clientId", row.ClientID)
	c.key("resourceId", row.ResourceID)
	c.key("appRoleId", row.AppRoleID)
	if dataset == AppRoleAssignments { // in a delegated grant, null means everybody
		c.key("principalId", row.PrincipalID)
	}
	c.instant("/createdDateTime", row.Created)
	c.instant("/registeredDateTime", row.Registered)
	c.instant("/registredDateTime", row.RegisteredMisspelt)
	c.instant("/expirationDateTime", row.Expires)
	c.objects("/passwordCredentials", row.Secrets, c.credential)
	c.objects("/keyCredentials", row.Certificates, c.credential)
	c.objects("/requiredResourceAccess", row.Requests, c.request)
	c.objects("/appRoles", row.AppRoles, c.permission)
	c.objects("/oauth2PermissionScopes", row.Scopes, c.permission)
	c.text("/scope", row.Scope)
	c.texts("/applicationPermissions", row.AppPermissions)
	c.texts("/delegatedPermissions", row.UserPermissions)
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
