package snapshot

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

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

// check finds members that judgements rest on and that cannot be read: a date that
// is no instant, null where a list is expected. A member that is absent is not one
// of them, since Graph leaves out what was not asked for. Row is left for the
// caller to fill in.
func check(dataset Name, line []byte) []Gap {
	var c checker
	switch dataset {
	case Applications, ServicePrincipals, AppRoleAssignments, DelegatedGrants, ContainerTypes,
		ContainerTypeRegistrations, ContainerTypeGrants, Containers:
		c.object(dataset, line)
	case DataConnectEvents:
		c.whole = true
		c.event(line)
	case DataConnectRegister:
		c.whole = true
		c.entry(line)
	}
	return c.gaps
}

// checker collects what it finds wrong with a row.
type checker struct {
	// whole is set for rows where policies fall back on something else when a member
	// is absent: then no gap is confined to its member.
	whole bool
	gaps  []Gap
}

func (c *checker) found(pointer, reason string) {
	if c.whole {
		c.doubt(strings.TrimPrefix(pointer, "/"), reason)
		return
	}
	c.gaps = append(c.gaps, Gap{Field: pointer, Reason: reason})
}

// doubt puts the whole row in doubt because of one member.
func (c *checker) doubt(member, reason string) {
	c.gaps = append(c.gaps, Gap{Reason: member + ": " + reason})
}

func expected(what string, raw json.RawMessage) string {
	return "expected " + what + ", found " + shape(raw)
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

// required is for a member without which a row belongs to nothing.
func (c *checker) required(member string, raw json.RawMessage) {
	var text string
	if json.Unmarshal(raw, &text) != nil || strings.TrimSpace(text) == "" {
		c.doubt(member, expected("an id", raw))
	}
}

// key is for a member that says what a row belongs to.
func (c *checker) key(member string, raw json.RawMessage) {
	if raw != nil && shape(raw) != aText {
		c.doubt(member, expected(aText, raw))
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

// event checks a row of Data Connect, which this program has made, or another one
// that wrote a folder.
func (c *checker) event(line []byte) {
	var row struct {
		Kind, AppID, AppTenantID, State, StateRaw, Approver, ValidDays, Sinks, Datasets, Columns json.RawMessage

		At, ApprovedAt, ExpiresAt, StartedAt, EndedAt                json.RawMessage
		AtRaw, ApprovedAtRaw, ExpiresAtRaw, StartedAtRaw, EndedAtRaw json.RawMessage
	}
	if json.Unmarshal(line, &row) != nil {
		return
	}
	kind := c.oneOf("kind", row.Kind, "consent", "operation")
	if kind == "consent" {
		c.state(row.State, row.StateRaw)
	}
	c.key("appId", row.AppID)
	c.key("appTenantId", row.AppTenantID)
	c.text("/approver", row.Approver)
	c.date("at", row.At, row.AtRaw)
	c.date("approvedAt", row.ApprovedAt, row.ApprovedAtRaw)
	c.date("expiresAt", row.ExpiresAt, row.ExpiresAtRaw)
	c.date("startedAt", row.StartedAt, row.StartedAtRaw)
	c.date("endedAt", row.EndedAt, row.EndedAtRaw)
	if days := shape(row.ValidDays); row.ValidDays != nil && json.Unmarshal(row.ValidDays, new(int)) != nil || days == aNull {
		c.found("/validDays", expected("a whole number", row.ValidDays))
	}
	c.texts("/sinks", row.Sinks)
	c.texts("/columns", row.Columns)
	c.objects("/datasets", row.Datasets, c.extracted)
}

// entry checks a row of the register.
func (c *checker) entry(line []byte) {
	var row struct{ Developer, State, Datasets json.RawMessage }
	if json.Unmarshal(line, &row) != nil {
		return
	}
	c.text("/developer", row.Developer)
	c.text("/state", row.State)
	c.objects("/datasets", row.Datasets, c.extracted)
}

// extracted checks one dataset that is approved or asked for.
func (c *checker) extracted(pointer string, raw json.RawMessage) {
	var dataset struct{ Name, Columns, Scope, Groups, Filter json.RawMessage }
	_ = json.Unmarshal(raw, &dataset)
	c.text(pointer+"/name", dataset.Name)
	c.text(pointer+"/scope", dataset.Scope)
	c.text(pointer+"/filter", dataset.Filter)
	c.texts(pointer+"/columns", dataset.Columns)
	c.texts(pointer+"/groups", dataset.Groups)
}

// state checks what was decided. An event that nobody understood has the state "",
// which policies take for absent, and beside it what it says.
func (c *checker) state(raw, written json.RawMessage) {
	var state, says string
	_ = json.Unmarshal(raw, &state) // what is no text stays empty
	_ = json.Unmarshal(written, &says)
	switch {
	case raw == nil || shape(raw) == aText && state == "":
		c.gaps = append(c.gaps, Gap{Field: "/state", Reason: fmt.Sprintf("%q is not a known state", says)})
	default:
		c.oneOf("state", raw, "approved", "denied", "pending", "update_available")
	}
}

// oneOf checks a member that has a few values only, and returns it.
func (c *checker) oneOf(member string, raw json.RawMessage, values ...string) string {
	var text string
	switch {
	case shape(raw) != aText:
		c.doubt(member, expected(aText, raw))
	case json.Unmarshal(raw, &text) != nil || !slices.Contains(values, text):
		c.doubt(member, fmt.Sprintf("%s is not a known %s", shorten(raw), member))
	}
	return text
}

// date checks an instant of an event. Beside one that could not be read stands
// what was written. Where policies would fall back on another instant or on the
// standard validity, that puts the row in doubt; an event without the others is
// undated, which policies notice.
func (c *checker) date(member string, raw, written json.RawMessage) {
	var text string
	switch {
	case raw != nil && shape(raw) != aText:
		c.doubt(member, expected("an instant", raw))
	case raw != nil && (json.Unmarshal(raw, &text) != nil || !IsInstant(text)):
		c.doubt(member, shorten(raw)+" is not an instant")
	case raw != nil || written == nil:
	case member == "approvedAt" || member == "expiresAt":
		c.doubt(member, shorten(written)+" is not an instant")
	default:
		c.gaps = append(c.gaps, Gap{Field: "/" + member, Reason: shorten(written) + " is not an instant"})
	}
}

// objects hands the elements of a list to each, and finds those that are no
// objects.
func (c *checker) objects(pointer string, raw json.RawMessage, each func(pointer string, element json.RawMessage)) {
	for i, element := range c.array(pointer, raw) {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if shape(element) != anObject {
			c.found(at, expected(anObject, element))
			continue
		}
		each(at, element)
	}
}

func (c *checker) texts(pointer string, raw json.RawMessage) {
	for i, element := range c.array(pointer, raw) {
		c.text(fmt.Sprintf("%s/%d", pointer, i), element)
	}
}

func (c *checker) array(pointer string, raw json.RawMessage) []json.RawMessage {
	if raw == nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || list == nil {
		c.found(pointer, expected(anArray, raw))
	}
	return list
}

func (c *checker) text(pointer string, raw json.RawMessage) {
	if raw != nil && shape(raw) != aText {
		c.found(pointer, expected(aText, raw))
	}
}

func (c *checker) instant(pointer string, raw json.RawMessage) {
	if raw == nil || shape(raw) == aNull {
		return
	}
	var text string
	if json.Unmarshal(raw, &text) != nil || !IsInstant(text) {
		c.found(pointer, shorten(raw)+" is not an instant")
	}
}

// IsInstant reports whether text is a date with time and zone exactly as RFC 3339
// has it, whatever the case of its letters and the length of its fraction.
func IsInstant(text string) bool {
	upper := strings.ToUpper(text)
	_, err := time.Parse(time.RFC3339, upper)
	return err == nil && rfc3339.MatchString(upper)
}

// rfc3339 is what time.Parse does not check: it also takes a comma before the
// fraction, hours of one digit, and any zone (https://go.dev/issue/54580).
var rfc3339 = regexp.MustCompile(`^[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// The shapes of JSON, as sentences name them.
const (
	aNull    = "null"
	aText    = "text"
	anArray  = "an array"
	anObject = "an object"
)

// shape says what raw is: one value, without space around it, or nothing.
func shape(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case 'n':
		return aNull
	case '"':
		return aText
	case '[':
		return anArray
	case '{':
		return anObject
	case 't', 'f':
		return string(raw)
	}
	return "a number"
}

// shorten makes a value fit for a sentence.
func shorten(raw json.RawMessage) string {
	const most = 60
	if runes := []rune(string(raw)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(raw)
}
