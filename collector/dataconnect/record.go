package dataconnect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

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
	ApplicationVersion      json.RawMessage
	AppRegistrationTenantID json.RawMessage `json:"AppRegistrationTenantId"`
	Approver                json.RawMessage
	ApprovalUpdated         json.RawMessage `json:"ApprovalUpdatedDateInUTC"`
	ApprovalExpiry          json.RawMessage `json:"ApprovalExpiryDateInUTC"`
	ApprovalValidDays       json.RawMessage
	DestinationSinks        json.RawMessage
	DestinationTenantID     json.RawMessage `json:"DestinationTenantId"`
	State                   json.RawMessage
	Reason                  json.RawMessage
	Datasets                json.RawMessage
	PipelineName            json.RawMessage
	PipelineRunID           json.RawMessage `json:"PipelineRunId"`
	RunStartTime            json.RawMessage
	RunEndTime              json.RawMessage
	DatasetName             json.RawMessage
	DatasetColumns          json.RawMessage
	ScopeList               json.RawMessage
	RowCount                json.RawMessage
	Status                  json.RawMessage
}

// kind tells decisions from runs. The number of a decision is 217 in one of
// Microsoft's lists and 219 in another, where 217 is something else; so the
// workload decides, then type or shape. It is empty for a record that is neither.
func (r record) kind() string {
	switch strings.ToLower(text(r.RecordType)) {
	case "217", "219", consentType:
		return kindConsent
	case "183", operationType:
		return kindOperation
	}
	switch {
	case present(r.State) && present(r.Approver):
		return kindConsent
	case present(r.DatasetName) && present(r.RunStartTime):
		return kindOperation
	}
	return ""
}

// The types as Graph and Search-UnifiedAuditLog name them, in lower case.
const (
	consentType   = "microsoftgraphdataconnectconsent"
	operationType = "microsoftgraphdataconnectoperation"
)

func isConnectType(written string) bool {
	return strings.EqualFold(written, consentType) || strings.EqualFold(written, operationType)
}

// homeless reports whether a record without Workload is one of Data Connect but for
// that: it is named so, or looks so. What it says is not used, since the same numbers
// and members may be another workload's; but something of Data Connect was not read.
func (r record) homeless() bool {
	return isConnectType(text(r.RecordType)) || present(r.AppRegistrationTenantID) || present(r.State) && present(r.Approver) ||
		present(r.DatasetName) && present(r.RunStartTime)
}

// connectRecord stores a record that is, or may be, of Data Connect. valid is false
// when bytes of it were replaced.
func (l *ledger) connectRecord(raw json.RawMessage, g glance, position string, valid bool) error {
	var r record
	outer, twice, ok := g.open(raw, &r, recordMembers)
	if !ok {
		l.lose(position+": not an audit record", g.created)
		return nil
	}
	outer.fill(&r.ID, &r.RecordType, &r.Workload, &r.CreationTime, &r.OrganizationID)
	workload, kind := text(r.Workload), r.kind()
	switch {
	case workload != "" && !same(workload, dataConnectWorkload):
		if l.ours(r.OrganizationID, dataConnectWorkload, position) {
			l.lose(fmt.Sprintf("%s: a record that is of Data Connect by its type or members, of the workload %q", position, workload), r.CreationTime)
		}
		return nil
	case workload == "":
		if r.homeless() {
			l.lose(position+": a record that is of Data Connect by its type or members, without Workload", r.CreationTime)
		}
		return nil
	case !l.ours(r.OrganizationID, dataConnectWorkload, position):
		return nil
	case kind == "" || slices.Contains(twice, "RecordType"):
		l.lose(fmt.Sprintf("%s: a %s record of the unknown type %s", position, dataConnectWorkload, cmp.Or(text(r.RecordType), "(none, or two)")), r.CreationTime)
		return nil
	}
	b := newBuilder(kind, r)
	b.gaps = append(b.gaps, doubts(twice)...)
	what := fmt.Sprintf("%s: a %s record", position, dataConnectWorkload)
	if b.row.AppID == "" {
		l.fault(what + " without ApplicationId")
	}
	return l.store(&b.row.ID, &b.row, b.gaps, what, valid)
}
