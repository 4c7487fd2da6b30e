package snapshot

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// event checks a row of Data Connect, which this program has made, or another one
// that wrote a folder.
func (c *checker) event(line []byte) {
	var row struct {
		Kind, AppID, AppTenantID, State, StateRaw, Approver, ValidDays, Sinks, Datasets, Columns json.RawMessage

		Version, Reason, RunID, Groups json.RawMessage

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
	c.text("/version", row.Version)
	c.text("/reason", row.Reason)
	c.text("/runId", row.RunID)
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
	c.texts("/groups", row.Groups)
	c.objects("/datasets", row.Datasets, c.extracted)
}

// entry checks a row of the register: an application, or the tenant itself.
func (c *checker) entry(line []byte) {
	var row struct{ Definition json.RawMessage }
	if json.Unmarshal(line, &row) != nil {
		return
	}
	c.members("", line, registerMembers)
	if shape(row.Definition) != anObject {
		return // found out already
	}
	var definition struct{ UpdatedAt, UpdatedAtRaw json.RawMessage }
	_ = json.Unmarshal(row.Definition, &definition) // it is an object, and takes any members
	if !isDay(definition.UpdatedAt) {
		c.date("definition/updatedAt", definition.UpdatedAt, definition.UpdatedAtRaw)
	}
}

// isDay reports whether a value is a bare day: 2026-01-31.
func isDay(raw json.RawMessage) bool {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return false
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

var registerMembers = []member{
	{"name", isText},
	{"developer", isText},
	{"state", isOneOf("pending", "approved", "denied", "expired", "update_available")},
	{"purpose", isText},
	{"multiTenant", isBoolean},
	{"crossTenantMovement", isBoolean},
	{"datasets", isListOf(extractedMembers)},
	{"definition", isObject(definitionMembers)},
	{"line", isWhole},
}

var definitionMembers = []member{
	{"version", isText},
	{"datasets", isListOf(extractedMembers)},
	{"sinks", isTexts},
	{"destinationTenantId", isText},
}

// One dataset that is approved, defined or asked for. What was approved may be of a
// scope that nobody knows, which its reader has found.
var extractedMembers = []member{
	{"name", isText},
	{"columns", isTexts},
	{"scope", isText},
	{"groups", isTexts},
	{"filter", isText},
	{"denyGroups", isTexts},
	{"privacyPolicy", isText},
}

// extracted checks one dataset that was approved.
func (c *checker) extracted(pointer string, raw json.RawMessage) {
	c.members(pointer, raw, extractedMembers)
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
		c.oneOf("state", raw, "approved", "denied", "pending", "expired", "update_available")
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
