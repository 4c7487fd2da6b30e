package dataconnect

import (
	"bytes"
	"encoding/json"
	"fmt"

	"leastwise/collector/snapshot"
)

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

func newBuilder(kind string, r record) *builder {
	b := &builder{row: row{
		ID: text(r.ID), Kind: kind, AppID: guid(r.ApplicationID), AppTenantID: guid(r.AppRegistrationTenantID),
		AppName: text(r.ApplicationName),
	}}
	b.row.At, b.row.AtRaw = b.date("/at", r.CreationTime)
	if kind == kindConsent {
		b.consent(r)
	} else {
		b.operation(r)
	}
	return b
}

func (b *builder) gap(field, format string, args ...any) {
	b.gaps = append(b.gaps, snapshot.Gap{Field: field, Reason: fmt.Sprintf(format, args...)})
}

// consent reads a decision.
func (b *builder) consent(r record) {
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
