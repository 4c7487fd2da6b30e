package snapshot

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// checked are the members of a row that judgements rest on. Everything else may be
// of any shape.
type checked struct {
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

// check finds members that judgements rest on and that cannot be read: a date that
// is no instant, a list that is none. A member that is absent or null is not one
// of them. Row is left for the caller to fill in.
func check(dataset Name, line []byte) []Gap {
	switch dataset {
	case Applications, ServicePrincipals, AppRoleAssignments, DelegatedGrants, ContainerTypes,
		ContainerTypeRegistrations, ContainerTypeGrants, Containers:
	default:
		return nil
	}
	var row checked
	if json.Unmarshal(line, &row) != nil {
		return nil
	}
	var gaps []Gap
	gaps = append(gaps, instant("/createdDateTime", row.Created)...)
	gaps = append(gaps, instant("/registeredDateTime", row.Registered)...)
	gaps = append(gaps, instant("/registredDateTime", row.RegisteredMisspelt)...)
	gaps = append(gaps, instant("/expirationDateTime", row.Expires)...)
	gaps = append(gaps, credentials("/passwordCredentials", row.Secrets)...)
	gaps = append(gaps, credentials("/keyCredentials", row.Certificates)...)
	gaps = append(gaps, objects("/requiredResourceAccess", row.Requests)...)
	gaps = append(gaps, objects("/appRoles", row.AppRoles)...)
	gaps = append(gaps, objects("/oauth2PermissionScopes", row.Scopes)...)
	gaps = append(gaps, typed[string]("/scope", "text", row.Scope)...)
	gaps = append(gaps, typed[[]string]("/applicationPermissions", "a list of names", row.AppPermissions)...)
	return append(gaps, typed[[]string]("/delegatedPermissions", "a list of names", row.UserPermissions)...)
}

func objects(pointer string, raw json.RawMessage) []Gap {
	return typed[[]map[string]json.RawMessage](pointer, "a list of objects", raw)
}

func typed[T any](pointer, what string, raw json.RawMessage) []Gap {
	var value T
	if raw == nil || json.Unmarshal(raw, &value) == nil {
		return nil
	}
	return []Gap{{Field: pointer, Reason: shorten(raw) + " is not " + what}}
}

func credentials(pointer string, raw json.RawMessage) []Gap {
	if raw == nil {
		return nil
	}
	var list []struct {
		Starts json.RawMessage `json:"startDateTime"`
		Ends   json.RawMessage `json:"endDateTime"`
	}
	if json.Unmarshal(raw, &list) != nil {
		return []Gap{{Field: pointer, Reason: "not a list of credentials"}}
	}
	var gaps []Gap
	for i, credential := range list {
		at := fmt.Sprintf("%s/%d/", pointer, i)
		gaps = append(gaps, instant(at+"startDateTime", credential.Starts)...)
		gaps = append(gaps, instant(at+"endDateTime", credential.Ends)...)
	}
	return gaps
}

func instant(pointer string, raw json.RawMessage) []Gap {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && IsInstant(text) {
		return nil
	}
	return []Gap{{Field: pointer, Reason: shorten(raw) + " is not an instant"}}
}

// IsInstant reports whether text is a date with time and zone as RFC 3339 has it,
// whatever the case of its letters and the length of its fraction.
func IsInstant(text string) bool {
	_, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	return err == nil
}

// shorten makes a value fit for a sentence.
func shorten(raw json.RawMessage) string {
	const most = 60
	if runes := []rune(string(raw)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(raw)
}
