package usage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// foreign reports whether a row is of another directory. TenantId is the directory in diagnostic form and the
// workspace in Log Analytics, where _ResourceId names the directory as the envelope does.
func (p *part) foreign(r *record, how form) bool {
	of := r.text[tenant]
	if len(of) == 0 && how == wrapped {
		of = r.text[tenantID]
	}
	if path := bytes.ToLower(r.text[resourceID]); len(of) == 0 && bytes.HasPrefix(path, []byte("/tenants/")) {
		of, _, _ = bytes.Cut(path[len("/tenants/"):], []byte("/"))
	}
	p.named = p.named || len(of) > 0
	return p.opts.Tenant != "" && len(of) > 0 && !strings.EqualFold(string(of), p.opts.Tenant)
}

// app is the appId of a row, in lower case; empty for none.
func (p *part) app(r *record) (string, error) {
	id := r.text[appID]
	if len(id) == 0 || isNil(id) {
		return "", nil
	}
	if !isGUID(id) {
		return "", p.wrong(r.line, shown("AppId", id)+" is no appId", "the columns may have moved; export the log again")
	}
	return p.intern(bytes.ToLower(id)), nil
}

// when is the instant of a row.
func (p *part) when(r *record) (time.Time, error) {
	text := r.first(at, writtenAt, createdAt)
	instant, ok := parseInstant(string(text))
	if !ok {
		return instant, p.wrong(r.line, shown("TimeGenerated", text)+" is no instant",
			"instants are read as Log Analytics writes them, 2026-08-01T10:00:00.123Z, or as its portal does in UTC and English, 8/1/2026, 10:00:00.123 AM")
	}
	if !p.opts.Now.IsZero() && instant.After(p.opts.Now.Add(ahead)) {
		return instant, p.wrong(r.line, fmt.Sprintf("%q is yet to come", text), "export the log again, and see to the clock of this machine")
	}
	return instant, nil
}

// ahead is how far the clock of this machine may be behind.
const ahead = 24 * time.Hour

// late is how long after its hour a blob may hold calls of. Those of before the hour are delivered late, and stand
// where they arrived.
const late = 10 * time.Minute

// shown is a text that is not what it should be, for an error: what stands in a wrong column may be the name or the
// address of somebody, so that only words of HTTP and what instants, numbers and statuses are written with is repeated.
func shown(column string, text []byte) string {
	word := len(text) <= 7 && bytes.Equal(bytes.ToUpper(text), text) && len(bytes.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == 0
	if word || len(text) <= 40 && len(bytes.Trim(text, "0123456789TZ /:.,-")) == 0 {
		return strconv.Quote(string(text))
	}
	return "what stands in " + column
}

// callRow takes a call of Microsoft Graph.
func (p *part) callRow(r *record, how form) error {
	app, err := p.app(r)
	if err != nil {
		return err
	}
	instant, err := p.when(r)
	if err != nil {
		return err
	}
	verb, path, code, err := p.request(r)
	if err != nil {
		return err
	}
	if p.foreign(r, how) {
		p.foreignRows++
		return nil
	}
	if !p.hour.IsZero() && instant.After(p.hour.Add(time.Hour+late)) {
		return p.wrong(r.line, fmt.Sprintf("a call of %s, after the hour of the blob", minute(instant)), "copy the blobs with the folders that they stand in")
	}
	p.saw(instant, app)
	if p.repeated(r.text[requestID], instant, r.text[method], r.text[uri], r.text[status]) {
		p.duplicates++
		return nil
	}
	switch {
	case app == "":
		p.nameless++
	case p.isOwn(app):
		p.ownRows++
	case !succeeded(code):
		p.failedRows++
	case strings.EqualFold(path, "/$batch"), strings.EqualFold(path, "/%24batch"):
		p.batches++
	default:
		kind := callKind(r)
		if kind == "" {
			return p.wrong(r.line, "the row does not tell whether the call was made for a user: there is neither UserId nor Scopes, and ServicePrincipalId and Roles are empty",
				"export the log with its columns UserId, ServicePrincipalId, Roles and Scopes")
		}
		p.count(app, kind, verb, path, instant)
	}
	return nil
}

// saw notes the instant of a call, and whose it was.
func (p *part) saw(instant time.Time, app string) {
	p.call = true
	p.calls++
	if app != "" {
		p.several = p.several || p.caller != "" && p.caller != app
		p.caller = app
	}
	if instant.After(p.last) {
		p.last = instant
	}
	if p.from.IsZero() || instant.Before(p.from) {
		p.from = instant
	}
	if instant.After(p.to) {
		p.to = instant
	}
}

// succeeded reports whether an answer shows that the caller was allowed to do what it
// asked for: it was done, it is to be fetched from elsewhere, as the content of a file
// (https://learn.microsoft.com/graph/api/driveitem-get-content), or it has not changed.
// What Graph refuses for want of a permission is 401 or 403.
func succeeded(code int) bool { return code >= 200 && code <= 299 || code == 302 || code == 304 }

// callKind tells app-only calls from those for a user; empty where nothing tells, since a column that is not there is
// no column that is empty. The object id of the service
// principal stands in UserPrincipalObjectID too, so that it tells nothing.
func callKind(r *record) string {
	switch {
	case strings.EqualFold(string(r.text[identityType]), "user"):
		return Delegated
	case strings.EqualFold(string(r.text[identityType]), "app"):
		return Application
	case len(r.text[userID]) > 0 && !isNil(r.text[userID]), len(bytes.TrimSpace(r.text[scopes])) > 0:
		return Delegated
	case r.has(userID), r.has(scopes), len(bytes.TrimSpace(r.text[roles])) > 0, len(r.text[principalID]) > 0 && !isNil(r.text[principalID]):
		return Application
	}
	return ""
}

// request is what was asked for, and how it was answered.
func (p *part) request(r *record) (verb, path string, code int, err error) {
	text := r.text[method]
	if len(text) == 0 || len(text) > 10 || bytes.ContainsFunc(text, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') }) {
		return "", "", 0, p.wrong(r.line, shown("RequestMethod", text)+" is no method of HTTP", "the columns may have moved; export the log again")
	}
	verb = p.intern(bytes.ToUpper(text))
	if verb == "HEAD" { // GET without the body takes the same permission
		verb = "GET"
	}
	for _, c := range r.text[status] {
		if c < '0' || c > '9' || code > 999 {
			code = 1000
			break
		}
		code = code*10 + int(c-'0')
	}
	if code < 100 || code > 599 {
		return "", "", 0, p.wrong(r.line, shown("ResponseStatusCode", r.text[status])+" is no status of HTTP", "the columns may have moved; export the log again")
	}
	link := r.text[uri]
	if !utf8.Valid(link) || bytes.ContainsFunc(link, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return "", "", 0, p.wrong(r.line, "the RequestUri holds what is no text", "export the log again, as UTF-8")
	}
	path, host, ok := pathOf(string(link))
	switch {
	case !ok:
		return "", "", 0, p.wrong(r.line, "the RequestUri is none", "the columns may have moved; export the log again")
	case strings.HasPrefix(host, "graph.windows.") || host == "graph.chinacloudapi.cn":
		return "", "", 0, p.wrong(r.line, "a call of Azure AD Graph, not of Microsoft Graph", "export MicrosoftGraphActivityLogs")
	}
	return verb, path, code, nil
}

// signInRow takes a sign-in.
func (p *part) signInRow(r *record, how form) error {
	app, err := p.app(r)
	if err != nil {
		return err
	}
	instant, err := p.when(r)
	if err != nil {
		return err
	}
	switch {
	case p.foreign(r, how):
		p.foreignRows++
	case p.repeated(r.first(rowID, requestID), instant, r.text[appID], r.first(result, signInStatus), nil):
		p.duplicates++
	case app == "":
		p.nameless++
	case p.isOwn(app):
		p.ownRows++
	case !signedIn(r):
		p.failedRows++
	default:
		key := signInKey{app, signInKind(r)}
		if instant.After(p.signIns[key]) {
			p.signIns[key] = instant
		}
	}
	return nil
}

// signedIn reports whether a sign-in succeeded.
func signedIn(r *record) bool {
	if text := r.text[result]; len(text) > 0 {
		return string(text) == "0"
	}
	text := r.text[signInStatus]
	if len(text) > 0 && text[0] == '{' {
		var told struct {
			ErrorCode *int `json:"errorCode"`
		}
		return json.Unmarshal(text, &told) == nil && told.ErrorCode != nil && *told.ErrorCode == 0
	}
	return strings.EqualFold(string(text), "Success") || string(text) == "0"
}

func signInKind(r *record) string {
	log := strings.ToLower(string(r.text[category]) + string(r.text[eventTypes]))
	switch {
	case strings.Contains(log, "serviceprincipal"), strings.Contains(log, "managedidentity"):
		return Application
	case strings.Contains(log, "signinlogs"), strings.Contains(log, "interactive"):
		return Delegated
	case len(r.text[userID]) > 0 && !isNil(r.text[userID]):
		return Delegated
	}
	return Application
}

// governanceRow takes what App governance says of one permission, or of all those of an
// application.
func (p *part) governanceRow(r *record) error {
	app, err := p.app(r)
	if err != nil {
		return err
	}
	dated, err := p.governed(r)
	if err != nil {
		return err
	}
	switch {
	case p.foreign(r, flat):
		p.foreignRows++
		return nil
	case app == "":
		p.nameless++
		return nil
	case !r.has(permissions):
		return p.permission(app, r, dated)
	}
	list := bytes.TrimSpace(r.text[permissions])
	var several []json.RawMessage
	if len(list) > 0 && json.Unmarshal(list, &several) != nil {
		return p.wrong(r.line, "Permissions is no JSON list", "export the table OAuthAppInfo as it is")
	}
	for _, one := range several {
		inner := &record{line: r.line}
		if !inner.members(one) || len(inner.text[permission]) == 0 {
			return p.wrong(r.line, "Permissions holds what is no permission", "export the table OAuthAppInfo as it is")
		}
		if err := p.permission(app, inner, dated); err != nil {
			return err
		}
	}
	return nil
}

// governed is of when a row of App governance is; zero where it does not say.
func (p *part) governed(r *record) (time.Time, error) {
	if len(r.first(at, writtenAt, createdAt)) > 0 {
		return p.when(r)
	}
	return time.Time{}, nil
}

// permission takes what is said of one permission. What is said last counts, and of the same instant a yes; that it
// cannot be told takes nothing back.
func (p *part) permission(app string, r *record, dated time.Time) error {
	name := strings.TrimSpace(string(r.text[permission]))
	if name == "" || len(name) > 200 || !utf8.ValidString(name) {
		return p.wrong(r.line, shown("Permission", r.text[permission])+" is no permission", "the columns may have moved; export it again")
	}
	resource := ""
	if id := r.text[targetAppID]; len(id) > 0 {
		if !isGUID(id) {
			return p.wrong(r.line, shown("TargetAppId", id)+" is no appId", "the columns may have moved; export it again")
		}
		resource = strings.ToLower(string(id))
	}
	key := useKey{app, resource, name, governedKind(r.text[permissionType])}
	told, known := governance{saysUse(r.text[inUse]), dated}, p.inUse[key]
	switch newer := told.at.Compare(known.at); {
	case known.told == "", told.told != "" && newer > 0, told.told == "true" && newer == 0:
		p.inUse[key] = told
	}
	return nil
}

func governedKind(text []byte) string {
	switch plain := strings.ToLower(string(text)); {
	case strings.Contains(plain, "delegated"):
		return Delegated
	case strings.Contains(plain, "app"):
		return Application
	}
	return ""
}

// saysUse reads what App governance says of the last 90 days
// (https://learn.microsoft.com/defender-cloud-apps/app-governance-visibility-insights-view-apps).
// Only yes and no are evidence.
func saysUse(text []byte) string {
	var plain []byte
	for _, c := range bytes.ToLower(text) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			plain = append(plain, c)
		}
	}
	switch string(plain) {
	case "true", "yes", "inuse", "used", "1":
		return "true"
	case "false", "no", "notinuse", "unused", "notused", "0":
		return "false"
	}
	return ""
}
