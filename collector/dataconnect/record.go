package dataconnect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
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
	r, ok := open(raw)
	if !ok {
		s.fault(position + ": not an audit record")
		return nil
	}
	s.read++
	kind, ours, known := r.kind()
	if !ours {
		return nil
	}
	complaint := ""
	id, app, organization := text(r.ID), guid(r.ApplicationID), guid(r.OrganizationID)
	switch {
	case organization != "" && !strings.EqualFold(organization, s.tenant):
		complaint = "of tenant " + organization + ", not of " + s.tenant
	case !known:
		complaint = "of the unknown type " + cmp.Or(text(r.RecordType), "(none)")
	case id == "":
		complaint = "without Id"
	case app == "":
		complaint = "without ApplicationId"
	}
	if complaint != "" {
		s.fault(fmt.Sprintf("%s: a %s record %s", position, workload, complaint))
		return nil
	}
	b := newBuilder(kind, r)
	line, err := encode(b.row)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	for _, gap := range b.gaps {
		gap.Row = id
		s.rows.AddGap(gap)
	}
	return s.rows.Add(line)
}
