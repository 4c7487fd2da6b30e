package dataconnect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

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
	CreatedDateTime    json.RawMessage
}

// open unwraps a record. It returns false for something that is none.
func open(raw json.RawMessage) (record, bool) {
	var outer envelope
	if json.Unmarshal(raw, &outer) != nil {
		return record{}, false
	}
	inner := raw
	if present(outer.AuditData) {
		inner = unquote(outer.AuditData)
	}
	var r record
	if json.Unmarshal(inner, &r) != nil {
		return record{}, false
	}
	for _, pair := range []struct {
		to   *json.RawMessage
		from json.RawMessage
	}{
		{&r.ID, outer.ID}, {&r.RecordType, outer.AuditLogRecordType}, {&r.Workload, outer.Service}, {&r.CreationTime, outer.CreatedDateTime},
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
func (s *sink) record(raw json.RawMessage, position func() string) error {
	r, ok := open(raw)
	if !ok {
		s.rows.Fault(position() + ": not an audit record")
		return nil
	}
	kind, ours, known := r.kind()
	if !ours {
		return nil
	}
	if !known {
		s.rows.Fault(fmt.Sprintf("%s: a %s record of the unknown type %s", position(), workload, r.RecordType))
		return nil
	}
	id, app := text(r.ID), guid(r.ApplicationID)
	if id == "" || app == "" {
		s.rows.Fault(fmt.Sprintf("%s: a %s record without %s", position(), workload, map[bool]string{true: "Id", false: "ApplicationId"}[id == ""]))
		return nil
	}
	b := &builder{row: row{ID: id, Kind: kind, AppID: app, AppName: text(r.ApplicationName)}}
	b.row.At, b.row.AtRaw = b.date("/at", r.CreationTime)
	if kind == kindConsent {
		b.consent(r)
	} else {
		b.operation(r)
	}
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

func encode(value any) (json.RawMessage, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return out.Bytes(), err
}

// row is one row of data_connect_events: what policies read, and nothing else of
// the record.
type row struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"` // consent or operation
	At      string `json:"at,omitzero"`
	AtRaw   string `json:"atRaw,omitzero"` // when it is no instant
	AppID   string `json:"appId"`
	AppName string `json:"appName,omitzero"`

	// Of a decision.
	AppTenantID         string       `json:"appTenantId,omitzero"`
	State               *string      `json:"state,omitzero"` // approved, denied, pending, update_available, or "" when unknown
	StateRaw            string       `json:"stateRaw,omitzero"`
	Approver            string       `json:"approver,omitzero"`
	ApprovedAt          string       `json:"approvedAt,omitzero"`
	ApprovedAtRaw       string       `json:"approvedAtRaw,omitzero"`
	ExpiresAt           string       `json:"expiresAt,omitzero"`
	ExpiresAtRaw        string       `json:"expiresAtRaw,omitzero"`
	ValidDays           *int         `json:"validDays,omitzero"`
	DestinationTenantID string       `json:"destinationTenantId,omitzero"`
	Sinks               []string     `json:"sinks,omitzero"`
	Datasets            []rowDataset `json:"datasets,omitzero"`

	// Of a run.
	Dataset      string   `json:"dataset,omitzero"`
	Columns      []string `json:"columns,omitzero"`
	StartedAt    string   `json:"startedAt,omitzero"`
	StartedAtRaw string   `json:"startedAtRaw,omitzero"`
	EndedAt      string   `json:"endedAt,omitzero"`
	EndedAtRaw   string   `json:"endedAtRaw,omitzero"`
	Pipeline     string   `json:"pipeline,omitzero"`
	Status       string   `json:"status,omitzero"`
	Rows         *int64   `json:"rows,omitzero"`
}

// rowDataset is one dataset of a decision.
type rowDataset struct {
	Name    string   `json:"name,omitzero"`
	Columns []string `json:"columns,omitzero"`
	Scope   string   `json:"scope,omitzero"` // all, list or filter; as written if other
	Groups  []string `json:"groups,omitzero"`
	Filter  string   `json:"filter,omitzero"`
}

// builder makes a row and collects what could not be read of it.
type builder struct {
	row  row
	gaps []snapshot.Gap
}

func (b *builder) gap(field, format string, args ...any) {
	b.gaps = append(b.gaps, snapshot.Gap{Field: field, Reason: fmt.Sprintf(format, args...)})
}

// consent reads a decision.
func (b *builder) consent(r record) {
	b.row.AppTenantID = guid(r.AppRegistrationTenantID)
	if b.row.AppTenantID == "" {
		b.gap("/appTenantId", "AppRegistrationTenantId is missing")
	}
	written := text(r.State)
	state, known := parseState(written)
	b.row.State, b.row.StateRaw = &state, written
	if !known {
		b.gap("/state", "%q is not a known state", written)
	}
	b.row.Approver = text(r.Approver)
	b.row.ApprovedAt, b.row.ApprovedAtRaw = b.date("/approvedAt", r.ApprovalUpdated)
	b.row.ExpiresAt, b.row.ExpiresAtRaw = b.date("/expiresAt", r.ApprovalExpiry)
	if n, ok := b.number("/validDays", r.ApprovalValidDays); ok {
		days := int(n)
		b.row.ValidDays = &days
	}
	b.row.DestinationTenantID = guid(r.DestinationTenantID)
	b.row.Sinks = parseList(r.DestinationSinks)
	b.row.Datasets = b.datasets(r.Datasets)
}

// operation reads a run.
func (b *builder) operation(r record) {
	b.row.AppTenantID = guid(r.AppRegistrationTenantID)
	b.row.Dataset = text(r.DatasetName)
	b.row.Columns = parseList(r.DatasetColumns)
	b.row.StartedAt, b.row.StartedAtRaw = b.date("/startedAt", r.RunStartTime)
	b.row.EndedAt, b.row.EndedAtRaw = b.date("/endedAt", r.RunEndTime)
	b.row.Pipeline = text(r.PipelineName)
	b.row.Status = text(r.Status)
	if n, ok := b.number("/rows", r.RowCount); ok {
		b.row.Rows = &n
	}
}

// mgdcDataset is one dataset of a decision, as the schema has it.
type mgdcDataset struct {
	DatasetName      json.RawMessage
	DatasetColumns   json.RawMessage
	Scope            json.RawMessage
	ScopeList        json.RawMessage
	ScopeFiltersUris json.RawMessage
}

// datasets reads a list that arrives as an array, a single object, or either of
// them as text.
func (b *builder) datasets(raw json.RawMessage) []rowDataset {
	raw = unquote(raw)
	var list []mgdcDataset
	if !present(raw) {
		b.gap("/datasets", "Datasets is missing")
		return nil
	}
	if json.Unmarshal(raw, &list) != nil {
		var single mgdcDataset
		if json.Unmarshal(raw, &single) != nil {
			b.gap("/datasets", "Datasets cannot be read")
			return nil
		}
		list = []mgdcDataset{single}
	}
	rows := make([]rowDataset, 0, len(list))
	for i, d := range list {
		row := rowDataset{Name: text(d.DatasetName), Columns: parseList(d.DatasetColumns), Groups: parseList(d.ScopeList)}
		row.Filter = text(d.ScopeFiltersUris) // verbatim: it may contain commas
		if row.Name == "" {
			b.gap(fmt.Sprintf("/datasets/%d/name", i), "DatasetName is missing")
		}
		scope, known := parseScope(text(d.Scope))
		if row.Scope = scope; !known {
			b.gap(fmt.Sprintf("/datasets/%d/scope", i), "%q is not a known scope", scope)
		}
		rows = append(rows, row)
	}
	return rows
}
