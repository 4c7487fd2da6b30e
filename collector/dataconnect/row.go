package dataconnect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"leastwise/collector/snapshot"
)

// row is one row of data_connect_events: what policies read, and nothing else of
// the record.
type row struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"` // consent or operation
	At      string `json:"at,omitzero"`
	AtRaw   string `json:"atRaw,omitzero"` // when it is no instant
	AppID   string `json:"appId,omitzero"`
	AppName string `json:"appName,omitzero"`

	// Of a decision.
	AppTenantID         string       `json:"appTenantId,omitzero"`
	Version             string       `json:"version,omitzero"` // of the definition that was decided on
	State               *string      `json:"state,omitzero"`   // approved, denied, pending, expired, update_available, or "" when unknown
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
	Groups       []string `json:"groups,omitzero"` // absent when they are not told
	StartedAt    string   `json:"startedAt,omitzero"`
	StartedAtRaw string   `json:"startedAtRaw,omitzero"`
	EndedAt      string   `json:"endedAt,omitzero"`
	EndedAtRaw   string   `json:"endedAtRaw,omitzero"`
	Pipeline     string   `json:"pipeline,omitzero"`
	RunID        string   `json:"runId,omitzero"`
	Status       string   `json:"status,omitzero"`
	Rows         *int64   `json:"rows,omitzero"`

	Reason string `json:"reason,omitzero"` // of either
}

// rowDataset is one dataset of a decision.
type rowDataset struct {
	Name       string          `json:"name,omitzero"`
	Columns    []string        `json:"columns,omitzero"`
	ColumnsRaw json.RawMessage `json:"columnsRaw,omitzero"` // when they are no list
	Scope      string          `json:"scope,omitzero"`      // all, list or filter; as written if other
	Groups     []string        `json:"groups,omitzero"`
	Filter     string          `json:"filter,omitzero"`
	// DenyGroups are groups whose members' data is left out. PrivacyPolicy is None or
	// DenyList, as written.
	DenyGroups    []string `json:"denyGroups,omitzero"`
	PrivacyPolicy string   `json:"privacyPolicy,omitzero"`
}

// builder makes a row and collects what could not be read of it.
type builder struct {
	row  row
	gaps []snapshot.Gap
}

func newBuilder(kind string, r record) *builder {
	b := &builder{row: row{ID: text(r.ID), Kind: kind, AppID: guid(r.ApplicationID)}}
	b.row.AppName = b.text("/appName", r.ApplicationName)
	b.row.At, b.row.AtRaw = date(r.CreationTime)
	b.row.Reason = b.text("/reason", r.Reason)
	if kind == kindConsent {
		b.consent(r)
	} else {
		b.operation(r)
	}
	return b
}

// gap records a member that could not be read, and that is therefore absent.
func (b *builder) gap(field, format string, args ...any) {
	b.gaps = append(b.gaps, snapshot.Gap{Field: field, Reason: fmt.Sprintf(format, args...)})
}

// doubt records what puts the whole row in doubt: a member that is there in part,
// or in whose absence policies go by something else.
func (b *builder) doubt(field, format string, args ...any) {
	reason := strings.TrimPrefix(field, "/") + ": " + fmt.Sprintf(format, args...)
	b.gaps = append(b.gaps, snapshot.Gap{Reason: reason})
}

// consent reads a decision. What is wrong with its state the snapshot finds.
func (b *builder) consent(r record) {
	b.row.AppTenantID = b.guid("/appTenantId", r.AppRegistrationTenantID)
	if b.row.AppTenantID == "" && !nested(r.AppRegistrationTenantID) {
		b.gap("/appTenantId", "AppRegistrationTenantId is missing")
	}
	b.row.Version = b.text("/version", r.ApplicationVersion)
	written := text(r.State)
	if nested(r.State) {
		written = shorten(r.State)
	}
	state := parseState(written)
	b.row.State, b.row.StateRaw = &state, written
	b.row.Approver = b.text("/approver", r.Approver)
	b.row.ApprovedAt, b.row.ApprovedAtRaw = date(r.ApprovalUpdated)
	b.row.ExpiresAt, b.row.ExpiresAtRaw = date(r.ApprovalExpiry)
	if n, problem := number(r.ApprovalValidDays); problem != "" {
		b.doubt("/validDays", "%s", problem)
	} else if text(r.ApprovalValidDays) != "" {
		days := int(n)
		b.row.ValidDays = &days
	}
	b.row.DestinationTenantID = b.guid("/destinationTenantId", r.DestinationTenantID)
	b.row.Sinks = b.list("/sinks", r.DestinationSinks)
	b.row.Datasets = b.datasets(r.Datasets)
}

// operation reads a run.
func (b *builder) operation(r record) {
	b.row.Dataset = b.text("/dataset", r.DatasetName)
	b.row.Columns = b.list("/columns", r.DatasetColumns)
	b.row.Groups = b.ids("/groups", r.ScopeList)
	b.row.StartedAt, b.row.StartedAtRaw = date(r.RunStartTime)
	b.row.EndedAt, b.row.EndedAtRaw = date(r.RunEndTime)
	b.row.Pipeline = b.text("/pipeline", r.PipelineName)
	b.row.RunID = b.guid("/runId", r.PipelineRunID)
	b.row.Status = b.text("/status", r.Status)
	if n, problem := number(r.RowCount); problem != "" {
		b.gap("/rows", "%s", problem)
	} else if text(r.RowCount) != "" {
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

	DenyGroups        json.RawMessage
	PrivacyPolicyType json.RawMessage
}

// datasets reads a list that arrives as an array, a single object, or either of
// them as text; so may each element.
func (b *builder) datasets(raw json.RawMessage) []rowDataset {
	raw = unquote(raw)
	if !present(raw) {
		b.gap("/datasets", "Datasets is missing")
		return nil
	}
	elements := []json.RawMessage{raw}
	if raw[0] == '[' {
		elements = nil
		if json.Unmarshal(raw, &elements) != nil {
			b.gap("/datasets", "Datasets cannot be read")
			return nil
		}
	}
	rows, damaged := make([]rowDataset, 0, len(elements)), ""
	for i, element := range elements {
		var d mgdcDataset
		element = unquote(element)
		twice, ok := decode(element, &d, datasetMembers)
		if !ok || len(element) == 0 || element[0] != '{' {
			damaged = cmp.Or(damaged, fmt.Sprintf("expected an object at %d, found %s", i, shorten(element)))
			continue
		}
		b.gaps = append(b.gaps, doubts(twice)...)
		rows = append(rows, b.dataset(fmt.Sprintf("/datasets/%d", len(rows)), d))
	}
	switch {
	case damaged == "":
	case len(rows) == 0:
		b.gap("/datasets", "Datasets cannot be read")
		return nil
	default:
		b.doubt("/datasets", "%s", damaged)
	}
	return rows
}

func (b *builder) dataset(at string, d mgdcDataset) rowDataset {
	row := rowDataset{Name: b.text(at+"/name", d.DatasetName), Groups: b.ids(at+"/groups", d.ScopeList)}
	row.Columns, row.ColumnsRaw = b.wholeList(at+"/columns", d.DatasetColumns)
	row.Filter = b.filter(at+"/filter", d.ScopeFiltersUris)
	row.DenyGroups = b.ids(at+"/denyGroups", d.DenyGroups)
	row.PrivacyPolicy = b.text(at+"/privacyPolicy", d.PrivacyPolicyType)
	if row.Name == "" && !nested(d.DatasetName) {
		b.gap(at+"/name", "DatasetName is missing")
	}
	known := false
	row.Scope, known = parseScope(b.text(at+"/scope", d.Scope))
	switch {
	case known || nested(d.Scope):
	case row.Scope == "":
		b.gap(at+"/scope", "Scope is missing")
	default:
		b.doubt(at+"/scope", "%q is not a known scope", row.Scope)
	}
	return row
}
