package dataconnect

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"leastwise/collector/snapshot"
)

const workload = "MicrosoftGraphDataConnect"

// Kinds of rows.
const (
	kindConsent   = "consent"
	kindOperation = "operation"
)

// record is an audit record as the Management Activity API documents it
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema).
// Every member is raw, because exports disagree about types. Names match whatever
// their case.
type record struct {
	ID                      json.RawMessage `json:"Id"`
	OrganizationID          json.RawMessage `json:"OrganizationId"`
	RecordType              json.RawMessage
	Workload                json.RawMessage
	CreationTime            json.RawMessage
	ApplicationID           json.RawMessage `json:"ApplicationId"`
	ApplicationName         json.RawMessage
	AppRegistrationTenantID json.RawMessage `json:"AppRegistrationTenantId"`
	Approver                json.RawMessage
	ApprovalUpdated         json.RawMessage `json:"ApprovalUpdatedDateInUTC"`
	ApprovalExpiry          json.RawMessage `json:"ApprovalExpiryDateInUTC"`
	ApprovalValidDays       json.RawMessage
	DestinationSinks        json.RawMessage
	DestinationTenantID     json.RawMessage `json:"DestinationTenantId"`
	State                   json.RawMessage
	Datasets                json.RawMessage
	PipelineName            json.RawMessage
	RunStartTime            json.RawMessage
	RunEndTime              json.RawMessage
	DatasetName             json.RawMessage
	DatasetColumns          json.RawMessage
	RowCount                json.RawMessage
	Status                  json.RawMessage
}

// envelope is what other feeds put around the record: Graph's audit query in
// auditData, Search-UnifiedAuditLog in AuditData as text
// (https://learn.microsoft.com/graph/api/resources/security-auditlogrecord).
type envelope struct {
	AuditData          json.RawMessage
	AuditLogRecordType json.RawMessage
	Service            json.RawMessage
	ID                 json.RawMessage `json:"id"`
	OrganizationID     json.RawMessage `json:"organizationId"`
	CreatedDateTime    json.RawMessage
}

// open unwraps a record. It returns false for something that is none.
func open(raw json.RawMessage) (record, bool) {
	var outer envelope
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &outer) != nil {
		return record{}, false
	}
	inner := raw
	if present(outer.AuditData) {
		inner = unquote(outer.AuditData)
	}
	var r record
	if len(inner) == 0 || inner[0] != '{' || json.Unmarshal(inner, &r) != nil {
		return record{}, false
	}
	for _, pair := range []struct {
		to   *json.RawMessage
		from json.RawMessage
	}{
		{&r.ID, outer.ID},
		{&r.RecordType, outer.AuditLogRecordType},
		{&r.Workload, outer.Service},
		{&r.CreationTime, outer.CreatedDateTime},
		{&r.OrganizationID, outer.OrganizationID},
	} {
		if !present(*pair.to) {
			*pair.to = pair.from
		}
	}
	return r, true
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// unquote returns JSON that is wrapped in a JSON string, or raw itself.
func unquote(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return json.RawMessage(strings.TrimSpace(text))
	}
	return raw
}

// kind tells decisions from runs. The number of a decision is 217 in one of
// Microsoft's lists and 219 in another, where 217 is something else; so the
// workload decides, then type or shape. known is false for a record of Data
// Connect that is neither.
func (r record) kind() (kind string, ours, known bool) {
	if !strings.EqualFold(text(r.Workload), workload) {
		return "", false, false
	}
	switch strings.ToLower(text(r.RecordType)) {
	case "217", "219", "microsoftgraphdataconnectconsent":
		return kindConsent, true, true
	case "183", "microsoftgraphdataconnectoperation":
		return kindOperation, true, true
	}
	switch {
	case present(r.State) && present(r.Approver):
		return kindConsent, true, true
	case present(r.DatasetName) && present(r.RunStartTime):
		return kindOperation, true, true
	}
	return "", true, false
}

// record stores one saved record when it is about Data Connect. position is where
// it stands, for complaints.
func (s *sink) record(raw json.RawMessage, position string) error {
	valid := utf8.Valid(raw)
	if !valid {
		raw = bytes.ToValidUTF8(raw, []byte(replacement))
	}
	r, ok := open(raw)
	if !ok {
		s.fault(position + ": not an audit record")
		return nil
	}
	s.read++
	kind, ours, known := r.kind()
	if !ours {
		if nested(r.Workload) || strings.Contains(text(r.Workload), replacement) {
			s.fault(position + ": a record whose Workload cannot be read")
		}
		return nil
	}
	organization := guid(r.OrganizationID)
	switch {
	case organization != "" && !strings.EqualFold(organization, s.tenant):
		s.fault(fmt.Sprintf("%s: a %s record of tenant %s, not of %s", position, workload, organization, s.tenant))
		return nil
	case !known:
		s.fault(fmt.Sprintf("%s: a %s record of the unknown type %s", position, workload, cmp.Or(text(r.RecordType), "(none)")))
		return nil
	}
	return s.store(newBuilder(kind, r), position, valid)
}

// replacement stands for what is not valid UTF-8.
const replacement = "\uFFFD"

// store adds a row. One that lacks an id of its own, or its application's, is kept
// as evidence, and policies hear that something is missing.
func (s *sink) store(b *builder, position string, valid bool) error {
	if b.row.AppID == "" {
		s.fault(fmt.Sprintf("%s: a %s record without ApplicationId", position, workload))
	}
	line, err := snapshot.Encode(b.row)
	if err == nil && b.row.ID == "" {
		sum := sha256.Sum256(line)
		b.row.ID = "without-id-" + hex.EncodeToString(sum[:8])
		s.fault(fmt.Sprintf("%s: a %s record without Id, kept as %s", position, workload, b.row.ID))
		line, err = snapshot.Encode(b.row)
	}
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if !valid || bytes.Contains(line, []byte(replacement)) {
		b.gaps = append(b.gaps, snapshot.Gap{Reason: "text is not valid UTF-8; unreadable bytes are shown as " + replacement})
	}
	for _, gap := range b.gaps {
		gap.Row = b.row.ID
		s.rows.AddGap(gap)
	}
	return s.rows.Add(line)
}
