package usage

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
)

// evidence is what kind of rows a file holds.
type evidence string

const (
	callRows       evidence = "calls of Microsoft Graph"
	signInRows     evidence = "sign-ins"
	governanceRows evidence = "permissions of App governance"
)

// form is how the rows of a file are written.
type form string

const (
	flat    form = "rows of their own"
	wrapped form = "records of diagnostic settings"
)

// part is one file that is being read.
type part struct {
	*intake
	name   string
	hour   time.Time // of the blob; zero where there is none
	budget *budget

	kind evidence // "" before the first row
	form form
	rows int
	call bool // there was one
	torn bool // the last line of a table may not be whole
	last time.Time
}

// wrong is an error with its place.
func (p *part) wrong(line int, reason, hint string) error {
	return fmt.Errorf("%s:%d: %s; hint: %s", p.name, line, reason, hint)
}

// failed is an error of reading.
func (p *part) failed(line int, err error) error {
	if stopped := p.budget.stopped(); stopped != nil {
		return stopped
	}
	hint := "export it again; nothing of it was taken over"
	if errors.Is(err, errLong) {
		hint = "it is no export, or a quote does not close; export it again"
	}
	return p.wrong(line, strings.TrimSpace(err.Error()), hint)
}

// categories are the names of the logs, as diagnostic settings and tables have them, in
// lower case.
func logNamed(name []byte) evidence {
	switch string(bytes.ToLower(name)) {
	case "microsoftgraphactivitylogs":
		return callRows
	case "signinlogs", "noninteractiveusersigninlogs", "serviceprincipalsigninlogs", "managedidentitysigninlogs",
		"aadnoninteractiveusersigninlogs", "aadserviceprincipalsigninlogs", "aadmanagedidentitysigninlogs":
		return signInRows
	case "oauthappinfo":
		return governanceRows
	}
	return ""
}

// object takes one JSON object as a row.
func (p *part) object(object []byte, line int) error {
	r := &p.record
	r.reset(line)
	if !r.members(object) {
		return p.wrong(line, "it is no JSON object", "an export has one object a row")
	}
	return p.row(r)
}

// row takes one row.
func (p *part) row(r *record) error {
	how := flat
	if r.has(properties) && (r.has(category) || r.has(writtenAt)) {
		how = wrapped
		if err := p.unwrap(r); err != nil {
			return err
		}
	}
	what, err := p.recognise(r, how)
	if err != nil {
		return err
	}
	switch {
	case p.form == "":
		p.form, p.kind = how, what
	case p.form != how:
		return p.wrong(r.line, fmt.Sprintf("the file holds %s, and here %s", p.form, how), "keep exports of different forms in files of their own")
	case p.kind != what && how == flat:
		return p.wrong(r.line, fmt.Sprintf("the file holds %s, and here %s", p.kind, what), "keep different exports in files of their own")
	}
	p.rows++
	p.read++
	p.budget.row()
	switch what {
	case callRows:
		return p.callRow(r, how)
	case signInRows:
		return p.signInRow(r, how)
	}
	return p.governanceRow(r)
}

// unwrap takes a record of diagnostic settings apart
// (https://learn.microsoft.com/azure/azure-monitor/essentials/resource-logs-schema).
func (p *part) unwrap(r *record) error {
	inner := r.text[properties]
	r.text[properties] = nil
	if len(inner) > 0 && inner[0] != '{' || len(inner) == 0 || !r.members(inner) {
		return p.wrong(r.line, "properties is no object", "save the records as diagnostic settings wrote them")
	}
	return nil
}

// recognise finds out what a row is evidence of: by the name of its log, where it has one,
// else by its members.
func (p *part) recognise(r *record, how form) (evidence, error) {
	if what := logNamed(r.text[category]); what != "" {
		return what, p.complete(r, what)
	}
	if name := r.text[category]; how == wrapped && len(name) > 0 {
		return "", p.wrong(r.line, fmt.Sprintf("a record of the log %.60q, which is not read", name), "save the categories MicrosoftGraphActivityLogs and the sign-in logs by themselves")
	}
	what := recognised(r)
	if what == "" {
		return "", p.wrong(r.line, "these are neither calls of Microsoft Graph, nor sign-ins, nor permissions of App governance"+p.lacking(r),
			"export MicrosoftGraphActivityLogs with its columns TimeGenerated, RequestId, AppId, UserId, ServicePrincipalId, RequestMethod, RequestUri, ResponseStatusCode, Roles and Scopes")
	}
	return what, p.complete(r, what)
}

func recognised(r *record) evidence {
	switch {
	case r.has(method) || r.has(uri):
		return callRows
	case r.has(permissions), r.has(permission, inUse):
		return governanceRows
	case r.has(appID) && (r.has(result) || r.has(signInStatus) || r.has(eventTypes)):
		return signInRows
	}
	return ""
}

// lacking names the column that would have told, when it is about one.
func (p *part) lacking(r *record) string {
	if r.has(requestID, status) || r.has(appID, status) {
		return ": there is no column RequestMethod"
	}
	return ""
}

// complete reports what a row lacks for what it is.
func (p *part) complete(r *record, what evidence) error {
	missing := ""
	switch what {
	case callRows:
		missing = lacks(r, [][]field{{at, writtenAt, createdAt}, {requestID}, {appID}, {method}, {uri}, {status}, {userID, scopes, principalID, roles, identityType}},
			"TimeGenerated", "RequestId", "AppId", "RequestMethod", "RequestUri", "ResponseStatusCode", "UserId")
	case signInRows:
		missing = lacks(r, [][]field{{at, writtenAt, createdAt}, {appID}, {result, signInStatus}}, "TimeGenerated", "AppId", "ResultType")
	case governanceRows:
		if r.has(permissions) {
			missing = lacks(r, [][]field{{appID}}, "AppId")
		} else {
			missing = lacks(r, [][]field{{appID}, {permission}, {inUse}}, "AppId", "Permission", "InUse")
		}
	}
	if missing == "" {
		return nil
	}
	return p.wrong(r.line, fmt.Sprintf("%s without %s", what, missing), "export the log with all of its columns")
}

// lacks names the first of some members of which none stands in the row.
func lacks(r *record, needs [][]field, names ...string) string {
	for i, any := range needs {
		found := false
		for _, f := range any {
			found = found || r.has(f)
		}
		if !found {
			return names[i]
		}
	}
	return ""
}

// end notes what a whole file tells.
func (p *part) end() {
	if p.call {
		p.hours.file(p.hour, p.last)
	}
	if p.torn {
		p.cutOff(p.name + " ends within a line and may be cut off (end its last line if it is whole)")
	}
	for _, limit := range exportLimits() {
		if p.rows == limit && p.form == flat {
			p.cutOff(fmt.Sprintf("%s has %d rows, which is where exports are cut off", p.name, limit))
		}
	}
}

// cutOff notes why rows of the file may be missing.
func (p *part) cutOff(why string) {
	p.cut = append(p.cut, why)
	p.cutCalls = p.cutCalls || p.kind == callRows
}

// exportLimits are the numbers of rows at which exports end without saying so
// (https://learn.microsoft.com/azure/azure-monitor/service-limits#log-analytics-workspaces,
// https://learn.microsoft.com/defender-xdr/advanced-hunting-query-results),
// those of a page of the portal and of a sheet of Excel with its line of names.
func exportLimits() []int {
	return []int{1_000, 10_000, 30_000, 100_000, 500_000, 1_048_575, 1_048_576}
}
