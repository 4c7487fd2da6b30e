package dataconnect

import (
	"bytes"
	"encoding/json"
	"strings"

	"leastwise/collector/saved"
)

// The workloads of which records are kept.
const (
	dataConnectWorkload = "MicrosoftGraphDataConnect"
	directoryWorkload   = "AzureActiveDirectory"
)

// envelope is what other feeds put around the record: Graph's audit query in
// auditData, Search-UnifiedAuditLog in AuditData as text
// (https://learn.microsoft.com/graph/api/resources/security-auditlogrecord,
// https://learn.microsoft.com/powershell/module/exchangepowershell/search-unifiedauditlog).
// What the record says itself counts more, so that one event gives one row whatever
// it came in.
type envelope struct {
	AuditData          json.RawMessage
	AuditLogRecordType json.RawMessage
	RecordType         json.RawMessage
	Service            json.RawMessage
	ID                 json.RawMessage `json:"id"`
	Identity           json.RawMessage // the id, in Search-UnifiedAuditLog
	RecordID           json.RawMessage `json:"RecordId"` // and in what the portal exports
	OrganizationID     json.RawMessage `json:"organizationId"`
	CreatedDateTime    json.RawMessage
	CreationDate       json.RawMessage
}

// fill fills in what the record lacks.
func (e envelope) fill(id, recordType, workload, created, organization *json.RawMessage) {
	for _, pair := range []struct {
		to   *json.RawMessage
		from []json.RawMessage
	}{
		{id, []json.RawMessage{e.ID, e.Identity, e.RecordID}},
		{recordType, []json.RawMessage{e.AuditLogRecordType, e.RecordType}},
		{workload, []json.RawMessage{e.Service}},
		{created, []json.RawMessage{e.CreatedDateTime, e.CreationDate}},
		{organization, []json.RawMessage{e.OrganizationID}},
	} {
		for _, from := range pair.from {
			if !present(*pair.to) {
				*pair.to = from
			}
		}
	}
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// unquote returns JSON that is wrapped in a JSON string, or raw itself.
func unquote(raw json.RawMessage) json.RawMessage {
	var text string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		return json.RawMessage(strings.TrimSpace(text))
	}
	return raw
}

// glance is what a look at a record shows, without decoding it: most records of a
// feed are about something else.
type glance struct {
	noted
	outerType json.RawMessage // RecordType of the envelope
	wrapped   bool            // there is an envelope
	inner     json.RawMessage // the record without its envelope

	index, count json.RawMessage // ResultIndex and ResultCount of the envelope
}

// noted are members of a record, as written.
type noted struct {
	workload   json.RawMessage // of the record or else of the envelope
	created    json.RawMessage // CreationTime
	recordType json.RawMessage
	operation  json.RawMessage // whatever it is called
	state      json.RawMessage
	publisher  json.RawMessage // AppRegistrationTenantId
	torn       bool            // there are two workloads
	former     json.RawMessage // an operation that another one follows
	entra      bool            // the directory's own audit log names operations so
	happened   json.RawMessage // when, as that log names it
}

// look looks at a record. It returns false for something that is none.
func look(raw json.RawMessage) (g glance, ok bool) {
	var service, wrapped json.RawMessage
	torn, many := false, false
	ok = saved.Members(raw, func(name, value []byte) {
		switch {
		case g.note(name, value):
		case is(name, "AuditData"):
			torn = torn || wrapped != nil && !bytes.Equal(wrapped, value)
			g.wrapped, wrapped = true, value
		case is(name, "AuditLogRecordType"):
			g.wrapped, g.outerType = true, value
		case is(name, "Service"):
			service = value
		case is(name, "records"): // as event hubs have them
			many = nested(value)
		case is(name, "ResultIndex"):
			g.index = value
		case is(name, "ResultCount"):
			g.count = value
		}
	})
	g.inner = raw
	if ok && present(wrapped) {
		if g.outerType == nil {
			g.outerType = g.recordType
		}
		g.noted, g.inner = noted{}, unquote(wrapped)
		ok = (wrapped[0] != '"' || json.Valid(g.inner)) && saved.Members(g.inner, func(name, value []byte) { g.note(name, value) })
	}
	if !present(g.workload) {
		g.workload = service
	}
	g.torn = g.torn || torn
	return g, ok && (!many || present(g.workload))
}

// note notes a member of the record, and returns whether it is one to note.
func (n *noted) note(name, value []byte) bool {
	switch {
	case is(name, "Workload"):
		n.torn = n.torn || n.workload != nil && !bytes.Equal(n.workload, value)
		n.workload = value
	case is(name, "CreationTime"):
		n.created = value
	case is(name, "RecordType"):
		n.recordType = value
	case is(name, "State"):
		n.state = value
	case is(name, "AppRegistrationTenantId"):
		n.publisher = value
	case is(name, "Operation"):
		if n.operation != nil && !bytes.Equal(n.operation, value) {
			n.former = n.operation
		}
		n.operation = value
	case is(name, "OperationName"), is(name, "ActivityDisplayName"):
		n.entra, n.operation = true, value
	case is(name, "ActivityDateTime"), is(name, "time"), is(name, "TimeGenerated"):
		n.happened = value
	default:
		return false
	}
	return true
}

// named reports whether the record, or its envelope, is called one of Data Connect.
func (g *glance) named() bool {
	for _, written := range []json.RawMessage{g.recordType, g.outerType} {
		if len(written) > 2 && written[0] == '"' && isConnectType(text(written)) {
			return true
		}
	}
	return false
}

// strayed reports whether a record that has another workload is of Data Connect all the
// same: it is named so, or looks so, or its workload is called almost so.
func (g *glance) strayed(workload string) bool {
	return g.named() || present(g.state) && present(g.publisher) || strings.Contains(unspaced(workload), "dataconnect")
}

// same reports whether a workload is the wanted one, however it is spaced.
func same(workload, want string) bool {
	return strings.EqualFold(workload, want) || strings.ContainsAny(workload, " \u00a0-_") && strings.EqualFold(unspaced(workload), want)
}

// is reports whether a member has a name, whatever its case.
func is(name []byte, want string) bool {
	return len(name) == len(want) && strings.EqualFold(string(name), want)
}

// open decodes the record into to, and the envelope if there is one. names are the
// members of to, twice those of which the record does not tell which value counts. It
// returns false for something that cannot be decoded.
func (g *glance) open(raw json.RawMessage, to any, names []string) (outer envelope, twice []string, ok bool) {
	if g.wrapped && json.Unmarshal(raw, &outer) != nil {
		return outer, nil, false
	}
	twice, ok = decode(g.inner, to, names)
	return outer, twice, ok
}
