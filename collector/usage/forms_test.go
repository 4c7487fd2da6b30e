package usage_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/usage"
)

const (
	tenant  = "8c1f0000-0000-4000-8000-00000000000a"
	sync    = "11111111-aaaa-4000-8000-000000000001"
	portal  = "22222222-aaaa-4000-8000-000000000002"
	auditor = "33333333-aaaa-4000-8000-000000000003"
	user    = "44444444-aaaa-4000-8000-000000000004"
	account = "55555555-aaaa-4000-8000-000000000005"
)

// call is one call, to be written in any form.
type call struct {
	at, id, app, user, principal, method, uri string
	status                                    int
	roles, scopes                             string
}

func calls() []call {
	const graph = "https://graph.microsoft.com"
	return []call{
		{"2026-11-02T05:10:00.1234567Z", "r-1", sync, "", account, "GET", graph + "/v1.0/users?$top=5", 200, "User.Read.All", ""},
		{"2026-11-02T05:11:00Z", "r-2", sync, "", account, "GET", graph + "/v1.0//users/", 200, "User.Read.All", ""},
		{"2026-11-02T05:11:00Z", "R-2", sync, "", account, "GET", graph + "/v1.0//users/", 200, "User.Read.All", ""}, // delivered again
		{"2026-11-02T06:00:00Z", "r-3", sync, "", account, "POST", graph + "/beta/users", 201, "User.ReadWrite.All", ""},
		{"2026-11-02T06:01:00Z", "r-4", sync, "", account, "PATCH", graph + "/v1.0/users/ann@contoso.com", 204, "User.ReadWrite.All", ""},
		{"2026-11-02T06:02:00Z", "r-5", sync, "", account, "DELETE", graph + "/v1.0/users/" + user, 403, "User.Read.All", ""},
		{"2026-11-02T06:03:00Z", "r-6", portal, user, "", "GET", graph + "/v1.0/me/messages/AAMkAGI2=/attachments", 200, "", "Mail.Read"},
		{"2026-11-02T06:04:00Z", "r-7", portal, user, "", "GET", graph + "/v1.0/me/drive/items/01ABC/content", 302, "", "Files.Read"},
		{"2026-11-02T07:00:00Z", "r-8", portal, user, "", "POST", graph + "/v1.0/$batch", 200, "", "Mail.Read"},
		{"2026-11-02T07:00:00Z", "r-9", portal, user, "", "GET", graph + "/v1.0/me", 200, "", "User.Read"},
		{"2026-11-02T07:00:01Z", "r-10", portal, user, "", "GET", graph + "/v1.0/me", 304, "", "User.Read"},
		{"2026-11-02T07:05:00Z", "r-11", auditor, "", account, "GET", graph + "/v1.0/applications", 200, "Application.Read.All", ""},
	}
}

func (c call) columns() ([]string, []any) {
	names := []string{
		"TenantId", "TimeGenerated", "Location", "RequestId", "OperationId", "AppId", "UserId", "ServicePrincipalId", "RequestMethod", "ResponseStatusCode",
		"AadTenantId", "RequestUri", "Roles", "Scopes", "UserAgent", "Type",
	}
	return names, []any{
		"99999999-0000-4000-8000-000000000009", c.at, "Japan, East", c.id, "o-1", c.app, c.user, c.principal, c.method, c.status,
		tenant, c.uri, c.roles, c.scopes, "a \"quoted\", agent\nof two lines", "MicrosoftGraphActivityLogs",
	}
}

func flatRows(list []call) (rows []map[string]any) {
	for _, c := range list {
		names, values := c.columns()
		row := map[string]any{}
		for i, name := range names {
			row[name] = values[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func lines(t *testing.T, list []call) []byte {
	t.Helper()
	var text []byte
	for _, row := range flatRows(list) {
		text = append(text, encode(t, row)...)
	}
	return text
}

// diagnostic is the form of storage accounts and event hubs.
func diagnostic(c call) map[string]any {
	kind := "app"
	if c.user != "" {
		kind = "user"
	}
	return map[string]any{
		"time": c.at, "resourceId": "/TENANTS/" + strings.ToUpper(tenant) + "/PROVIDERS/MICROSOFT.AADIAM", "category": "MicrosoftGraphActivityLogs",
		"operationName": "Microsoft Graph Activity", "resultSignature": fmt.Sprint(c.status), "durationMs": "12", "tenantId": tenant,
		"properties": map[string]any{
			"timeGenerated": c.at, "requestId": c.id, "operationId": "o-1", "appId": c.app, "userId": c.user, "servicePrincipalId": c.principal,
			"UserPrincipalObjectID": c.user + c.principal, "C_Idtyp": kind, "requestMethod": c.method, "requestUri": c.uri, "responseStatusCode": c.status,
			"roles": c.roles, "scopes": c.scopes, "durationMs": 12, "isReplay": false, "tenantId": tenant,
		},
	}
}

func table(t *testing.T, list []call, comma rune) []byte {
	t.Helper()
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.Comma = comma
	names, _ := list[0].columns()
	for i, name := range names {
		if name == "TimeGenerated" {
			names[i] = "TimeGenerated [UTC]"
		}
	}
	rows := [][]string{names}
	for _, c := range list {
		_, values := c.columns()
		row := make([]string, len(values))
		for i, value := range values {
			row[i] = fmt.Sprint(value)
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func logAnalytics(t *testing.T, list []call, tables, name, columnName, columns, rows string) []byte {
	t.Helper()
	var head []map[string]any
	names, _ := list[0].columns()
	for _, column := range names {
		head = append(head, map[string]any{columnName: column, "type": "string"})
	}
	var values [][]any
	for _, c := range list {
		_, row := c.columns()
		values = append(values, row)
	}
	// In this order, whatever a map would make of it.
	return fmt.Appendf(nil, `{%q:[{%q:"PrimaryResult",%q:%s,%q:%s},{%q:"QueryStatus",%q:[{%q:"Severity"}],%q:[[4]]}]}`,
		tables, name, columns, encode(t, head), rows, encode(t, values), name, columns, columnName, rows)
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func utf16Text(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(text))) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

// allForms writes the same calls in every form.
func allForms(t *testing.T) map[string][]byte {
	t.Helper()
	list := calls()
	flat := flatRows(list)
	var records []map[string]any
	var blob []byte
	for _, c := range list {
		records = append(records, diagnostic(c))
		blob = append(blob, encode(t, diagnostic(c))...)
	}
	pretty, err := json.MarshalIndent(flat, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	inPortal := slices.Clone(list)
	for i, c := range list {
		inPortal[i].at = portalForm(c.at)
	}
	return map[string][]byte{
		"lines.ndjson": lines(t, list), "blob.json": blob, "blob.json.gz": zipped(t, blob), "hub.json": encode(t, map[string]any{"records": records}),
		"array.json": pretty, "results.json": encode(t, map[string]any{"Results": flat, "Statistics": nil}), "graph.json": encode(t, map[string]any{"value": flat}),
		"rest.json": logAnalytics(t, list, "tables", "name", "name", "columns", "rows"), "old.json": logAnalytics(t, list, "Tables", "TableName", "ColumnName", "Columns", "Rows"),
		"portal.csv": append([]byte("\xef\xbb\xbf"), table(t, inPortal, ',')...), "semicolon.csv": append([]byte("sep=;\r\n"), table(t, list, ';')...),
		"tabs.csv": table(t, list, '\t'), "crlf.csv": bytes.ReplaceAll(table(t, list, ','), []byte("\n"), []byte("\r\n")),
		"powershell.csv": utf16Text(table(t, list, ',')), "table.csv.gz": zipped(t, table(t, list, ',')), "utf16.json": utf16Text(pretty),
	}
}

func portalForm(at string) string {
	var y, m, d, h, minute int
	var seconds string
	if _, err := fmt.Sscanf(strings.TrimSuffix(at, "Z"), "%d-%d-%dT%d:%d:%s", &y, &m, &d, &h, &minute, &seconds); err != nil {
		panic(err)
	}
	return fmt.Sprintf("%d/%d/%d, %d:%02d:%s AM", m, d, y, h, minute, seconds)
}

func save(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// brief lists operations in a form that a test can hold against another.
func brief(r *usage.Result) (list []string) {
	for _, o := range r.Operations {
		list = append(list, fmt.Sprintf("%s %s %s %s %d %s %s", o.AppID[:4], o.Kind, o.Method, o.Path, o.Calls, o.FirstAt.Format("15:04:05"), o.LastAt.Format("15:04:05")))
	}
	return list
}

func options() usage.Options {
	return usage.Options{Tenant: tenant, Own: []string{strings.ToUpper(auditor)}, Now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
}

// Every form of the same calls comes to the same.
func TestForms(t *testing.T) {
	want := []string{
		"1111 application GET /users 2 05:10:00 05:11:00",
		"1111 application PATCH /users/{id} 1 06:01:00 06:01:00",
		"1111 application POST /users 1 06:00:00 06:00:00",
		"2222 delegated GET /me 2 07:00:00 07:00:01",
		"2222 delegated GET /me/drive/items/{id}/content 1 06:04:00 06:04:00",
		"2222 delegated GET /me/messages/{id}/attachments 1 06:03:00 06:03:00",
	}
	for name, text := range allForms(t) {
		t.Run(name, func(t *testing.T) {
			r, err := usage.Read(t.Context(), []string{save(t, name, text)}, options())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, brief(r)); diff != "" {
				t.Error(diff)
			}
			got := fmt.Sprint(r.Read, r.Duplicates, r.Failed, r.OwnLeftOut, r.Foreign, r.Batches, r.LeftOut, r.From.Format("15:04"), r.To.Format("15:04"))
			if want := fmt.Sprint(12, 1, 1, 1, 0, 1, []string{auditor}, "05:10", "07:05"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// The same calls in all files at once are the same calls.
func TestAllFormsAtOnce(t *testing.T) {
	dir := t.TempDir()
	forms := allForms(t)
	for name, text := range forms {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	one, err := usage.Read(t.Context(), []string{filepath.Join(dir, "lines.ndjson")}, options())
	if err != nil {
		t.Fatal(err)
	}
	all, err := usage.Read(t.Context(), []string{dir, filepath.Join(dir, "lines.ndjson")}, options())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one.Operations, all.Operations); diff != "" {
		t.Error(diff)
	}
	if want := len(forms)*12 - 11; all.Duplicates != want {
		t.Errorf("%d duplicates, want %d", all.Duplicates, want)
	}
}

// Rows are the same that have the same id and say the same: after a refusal there may be a success, and whoever
// exports may have masked the ids.
func TestSameID(t *testing.T) {
	one := calls()[0]
	other := func(change func(*call)) []call {
		c := one
		change(&c)
		return []call{one, c}
	}
	for name, c := range map[string]struct {
		list []call
		want int // calls, of all operations
	}{
		"the same":                     {[]call{one, one}, 1},
		"with fewer digits":            {other(func(c *call) { c.at = "2026-11-02T05:10:00.123Z" }), 1},
		"in other case":                {other(func(c *call) { c.id = "R-1" }), 1},
		"of another instant":           {other(func(c *call) { c.at = "2026-11-02T05:10:01Z" }), 2},
		"of another method":            {other(func(c *call) { c.method = "POST" }), 2},
		"of something else":            {other(func(c *call) { c.uri = "https://graph.microsoft.com/v1.0/groups" }), 2},
		"refused, and then allowed":    {slices.Insert(other(func(c *call) { c.status = 403 })[1:], 1, one), 1},
		"of other things, with no ids": {[]call{{at: one.at, app: sync, method: "GET", uri: one.uri, status: 200}, {at: one.at, app: sync, method: "GET", uri: one.uri, status: 200}}, 2},
	} {
		r, err := usage.Read(t.Context(), []string{save(t, "a.ndjson", lines(t, c.list))}, options())
		got := 0
		for _, o := range r.Operations {
			got += o.Calls
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %d calls, %v, want %d", name, got, err, c.want)
		}
	}
}

// What is read from standard input is what is read from a file.
func TestStandardInput(t *testing.T) {
	opts := options()
	opts.Stdin = bytes.NewReader(lines(t, calls()))
	r, err := usage.Read(t.Context(), []string{"-"}, opts)
	if err != nil || len(r.Operations) != 6 {
		t.Errorf("got %v, %v", r, err)
	}
	if _, err := usage.Read(t.Context(), []string{"-"}, options()); err == nil || !strings.Contains(err.Error(), "standard input") {
		t.Errorf("got %v", err)
	}
	if _, err := usage.Read(t.Context(), nil, options()); err == nil {
		t.Error("nothing to read is no error")
	}
}
