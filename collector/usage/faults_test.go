package usage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leastwise/collector/usage"
)

// What cannot be read is told with its place, and nothing of it is taken over.
func TestFaults(t *testing.T) {
	list := calls()
	flat, csv := lines(t, list), table(t, list, ',')
	one := string(lines(t, list[:1]))
	change := func(old, fresh string) []byte {
		if !strings.Contains(one, old) {
			t.Fatalf("%s is not in %s", old, one)
		}
		return append(lines(t, list[:2]), strings.Replace(one, old, fresh, 1)...)
	}
	rest := logAnalytics(t, list, "tables", "name", "name", "columns", "rows")
	for _, c := range []struct {
		name, file string
		text       []byte
		want       string
	}{
		{"empty", "a.json", nil, "a.json:1: the file is empty"},
		{"spaces", "a.csv", []byte(" \n\n"), "a.csv:1: the file is empty"},
		{"another table", "a.csv", []byte("Name,Size\nx,1\n"), "a.csv:1: these are neither calls"},
		{"another object", "a.json", []byte("{\"name\":1}\n"), "a.json:1: these are neither calls"},
		{"no method", "a.csv", bytes.Replace(csv, []byte("RequestMethod"), []byte("Verb"), 1), "a.csv:1: calls of Microsoft Graph without RequestMethod"},
		{"no status", "a.csv", bytes.Replace(csv, []byte("ResponseStatusCode"), []byte("Code"), 1), "a.csv:1: calls of Microsoft Graph without ResponseStatusCode"},
		{"no request id", "a.csv", bytes.Replace(csv, []byte("RequestId"), []byte("Request"), 1), "a.csv:1: calls of Microsoft Graph without RequestId"},
		{"no app", "a.ndjson", change(`"AppId"`, `"App"`), "a.ndjson:3: calls of Microsoft Graph without AppId"},
		{"no column in a table of Log Analytics", "a.json", bytes.Replace(rest, []byte(`"RequestUri"`), []byte(`"Uri"`), 1), "a.json:1: calls of Microsoft Graph without RequestUri"},
		{"nobody", "a.csv", []byte("TimeGenerated,RequestId,AppId,RequestMethod,RequestUri,ResponseStatusCode\n"), "a.csv:1: calls of Microsoft Graph without UserId"},
		{"a column twice", "a.csv", bytes.Replace(csv, []byte("Location"), []byte("APPID"), 1), "a.csv:1: two columns are called"},
		{"local time", "a.csv", bytes.Replace(csv, []byte("[UTC]"), []byte("[Local Time]"), 1), "a.csv:1: the column \"TimeGenerated [Local Time]\" is in a local time"},
		{"a row too short", "a.csv", append(bytes.Clone(csv), "x,2026-11-02T07:00:00Z,Jap"...), "a.csv:26: the row has 3 fields, and there are 16 columns"},
		{"a quote that does not end", "a.csv", csv[:len(csv)-len("agent\nof two lines\",MicrosoftGraphActivityLogs\n")], "a.csv:24: a quoted field does not end"},
		{"JSON broken off", "a.ndjson", flat[:len(flat)-20], "a.ndjson:12: the JSON breaks off"},
		{"JSON broken", "a.ndjson", change(`"AppId":`, `"AppId"`), "a.ndjson:3: "},
		{"a list broken off", "a.json", rest[:len(rest)/2], "a.json:"},
		{"rows of another length", "a.json", bytes.Replace(rest, []byte(`"Japan, East",`), nil, 1), "values, and there are 16 columns"},
		{"an answer cut off by its service", "a.json", append(rest[:len(rest)-1], `,"error":{"code":"PartialError"}}`...), "the answer is an error, or not whole"},
		{"a refusal", "a.json", []byte(`{"error":{"code":"Forbidden"}}`), "a.json:1: the answer is an error"},
		{"no rows before columns", "a.json", []byte(`{"tables":[{"rows":[[1]],"columns":[{"name":"AppId"}]}]}`), "a.json:1: the rows stand before the columns"},
		{"a number", "a.json", []byte("[1]"), "a.json:1: it is no JSON object"},
		{"a table after JSON", "a.ndjson", append(bytes.Clone(flat), csv...), "a.ndjson:13: "},
		{"two forms", "a.ndjson", append(bytes.Clone(flat), encode(t, diagnostic(list[0]))...), "a.ndjson:13: the file holds rows of their own, and here records of diagnostic settings"},
		{"two kinds", "a.ndjson", append(bytes.Clone(flat), `{"TimeGenerated":"2026-11-02T05:10:00Z","AppId":"`+sync+`","ResultType":"0"}`...), "a.ndjson:13: the file holds calls of Microsoft Graph, and here sign-ins"},
		{"another log", "a.json", []byte(`{"time":"2026-11-02T05:10:00Z","category":"AuditLogs","properties":{"id":"1"}}`), "a.json:1: a record of the log \"AuditLogs\""},
		{"no properties", "a.json", []byte(`{"time":"2026-11-02T05:10:00Z","category":"MicrosoftGraphActivityLogs","properties":"x"}`), "a.json:1: properties is no object"},
		{"no instant", "a.ndjson", change(list[0].at, "2/11/2026 05:10"), "a.ndjson:3: \"2/11/2026 05:10\" is no instant"},
		{"no status code", "a.ndjson", change(":200,", ":\"OK\","), "a.ndjson:3: \"OK\" is no status of HTTP"},
		{"no app id", "a.ndjson", change(sync, "sync"), "a.ndjson:3: what stands in AppId is no appId"},
		{"columns that have moved", "a.ndjson", change(sync, "ann@contoso.com"), "a.ndjson:3: what stands in AppId is no appId"},
		{"a word in place of an appId", "a.ndjson", change(sync, "GET"), "a.ndjson:3: \"GET\" is no appId"},
		{"yet to come", "a.ndjson", change(list[0].at, "2026-11-21T00:00:01Z"), "a.ndjson:3: \"2026-11-21T00:00:01Z\" is yet to come"},
		{"nobody knows for whom", "a.csv", []byte("TimeGenerated,RequestId,AppId,Roles,RequestMethod,RequestUri,ResponseStatusCode\n2026-11-02T05:10:00Z,1," + sync + ",,GET,/v1.0/users,200\n"), "a.csv:2: the row does not tell whether the call was made for a user"},
		{"foreign, of flat rows", "a.ndjson", []byte(`{"TimeGenerated":"2026-11-02T05:10:00Z","RequestId":"1","AppId":"` + sync + `","UserId":"","RequestMethod":"GET","RequestUri":"/v1.0/users","ResponseStatusCode":200,"_ResourceId":"/tenants/` + sync + `/providers/microsoft.aadiam"}`), "a.ndjson: every row is of another tenant"},
		{"no verb", "a.ndjson", change(`"GET"`, `"1"`), "a.ndjson:3: \"1\" is no method of HTTP"},
		{"no address", "a.ndjson", change("https://graph.microsoft.com/v1.0/users?$top=5", "users"), "a.ndjson:3: the RequestUri is none"},
		{"Azure AD Graph", "a.ndjson", change("graph.microsoft.com", "graph.windows.net"), "a.ndjson:3: a call of Azure AD Graph"},
		{"NUL", "a.ndjson", change("v1.0/users", "v1.0/us\x00ers"), "a.ndjson:3: "},
		{"an escaped NUL", "a.ndjson", change("v1.0/users", "v1.0/us\\u0000ers"), "a.ndjson:3: the RequestUri holds what is no text"},
		{"NUL in a table", "a.csv", bytes.Replace(csv, []byte("v1.0/users"), []byte("v1.0/us\x00ers"), 1), "a.csv:2: the RequestUri holds what is no text"},
		{"no UTF-8", "a.csv", bytes.Replace(csv, []byte("v1.0/users"), []byte("v1.0/us\xffers"), 1), "a.csv:2: the RequestUri holds what is no text"},
		{"gzip broken off", "a.csv.gz", zipped(t, csv)[:200], "a.csv.gz:"},
		{"foreign", "a.ndjson", bytes.ReplaceAll(flat, []byte(tenant), []byte(sync)), "a.ndjson: every row is of another tenant"},
		{"permissions that are none", "a.csv", []byte("AppId,Permission,InUse\n" + sync + ",,true\n"), "a.csv:2: \"\" is no permission"},
		{"permissions without use", "a.csv", []byte("AppId,Permissions\n" + sync + ",x\n"), "a.csv:2: Permissions is no JSON list"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := save(t, c.file, c.text)
			r, err := usage.Read(t.Context(), []string{path}, options())
			if err == nil || r != nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "; hint: ") {
				t.Errorf("got %v\nwant …%s…", err, c.want)
			}
		})
	}
}

// The name and the address of somebody that stand in a wrong column are in no error.
func TestFaultsNameNobody(t *testing.T) {
	one := string(lines(t, calls()[:1]))
	for _, old := range []string{sync, calls()[0].at, `"GET"`, ":200,"} {
		for _, name := range []string{"ann@contoso.com", "Ann O'Hara", "Ann"} {
			fresh := name
			if strings.ContainsAny(old, `":`) && old != calls()[0].at {
				fresh = `"` + name + `"`
			}
			if old == `"GET"` && name == "Ann" {
				continue // a method like any other
			}
			if old == ":200," {
				fresh = ":" + fresh + ","
			}
			_, err := usage.Read(t.Context(), []string{save(t, "a.ndjson", []byte(strings.Replace(one, old, fresh, 1)))}, options())
			if err == nil || strings.Contains(err.Error(), name) {
				t.Errorf("%s: got %v", old, err)
			}
		}
	}
}

// A table of which the last line has no end may be cut off within it, unless its last field is seen to be whole.
func TestTornTables(t *testing.T) {
	head := "TimeGenerated,RequestId,AppId,UserId,RequestMethod,RequestUri,ResponseStatusCode"
	row := "2026-11-02T05:1%d:00Z,r-%[1]d," + sync + ",,GET,/v1.0/users,200"
	for _, c := range []struct {
		name, text string
		cut        bool
	}{
		{"an end", head + ",UserAgent\n" + fmt.Sprintf(row, 1) + ",Mozilla\n", false},
		{"none", head + ",UserAgent\n" + fmt.Sprintf(row, 1) + ",Mozi", true},
		{"none, and nothing in the last field", head + ",UserAgent\n" + fmt.Sprintf(row, 1) + ",", true},
		{"a quote", head + ",UserAgent\n" + fmt.Sprintf(row, 1) + ",\"Mozilla\"", false},
		{"as in the line before", head + ",UserAgent\n" + fmt.Sprintf(row, 1) + ",Mozilla\n" + fmt.Sprintf(row, 2) + ",Mozilla", false},
		{"a status", head + "\n" + fmt.Sprintf(row, 1), false},
	} {
		r, err := usage.Read(t.Context(), []string{save(t, "a.csv", []byte(c.text))}, options())
		if err != nil || (len(r.Cut) > 0) != c.cut {
			t.Errorf("%s: got %v, %v", c.name, r, err)
		}
	}
}

// A blob holds what arrived in its hour: nothing of later.
func TestBlobsOfAnotherHour(t *testing.T) {
	for at, ok := range map[string]bool{"2026-11-02T05:10:00Z": true, "2026-11-02T02:10:00Z": true, "2026-11-02T06:09:00Z": true, "2026-11-02T06:11:00Z": false} {
		c := calls()[0]
		c.at = at
		_, err := usage.Read(t.Context(), []string{save(t, "y=2026/m=11/d=02/h=05/m=00/PT1H.json", encode(t, diagnostic(c)))}, options())
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "PT1H.json:1: a call of 2026-11-02T06:11Z, after the hour of the blob") {
			t.Errorf("%s: got %v", at, err)
		}
	}
}

// A line that does not end is not taken into memory.
func TestEndless(t *testing.T) {
	for name, head := range map[string]string{
		"object": `{"AppId":"`, "list": `[{"AppId":"`, "table": "AppId,Permission,InUse\n\"", "header": "AppId", "rows": `{"tables":[{"columns":[{"name":"`,
	} {
		t.Run(name, func(t *testing.T) {
			endless := &endless{head: head}
			opts := options()
			opts.Stdin = endless
			_, err := usage.Read(t.Context(), []string{"-"}, opts)
			if err == nil || !strings.Contains(err.Error(), "longer than") || !strings.HasPrefix(err.Error(), "standard input:") {
				t.Errorf("got %v", err)
			}
			if endless.read > 32<<20 {
				t.Errorf("%d bytes were read", endless.read)
			}
		})
	}
}

type endless struct {
	head string
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	for i := range p[n:] {
		p[n+i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, text []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func() error {
		_, err := usage.Read(t.Context(), []string{dir}, options())
		return err
	}
	if err := read(); err == nil || !strings.Contains(err.Error(), "holds no *.csv") {
		t.Errorf("got %v", err)
	}
	put("a/b/one.ndjson", lines(t, calls()[:1]))
	put(".hidden", []byte("x"))
	put(".folder/x.exe", []byte("x"))
	if err := read(); err != nil {
		t.Error(err)
	}
	put("notes.docx", []byte("x"))
	if err := read(); err == nil || !strings.Contains(err.Error(), "notes.docx is no export") {
		t.Errorf("got %v", err)
	}
	if _, err := usage.Read(t.Context(), []string{filepath.Join(dir, "none.csv")}, options()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := usage.Read(ctx, []string{filepath.Join(dir, "a")}, options()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	opts := options()
	opts.Stdin = io.MultiReader(strings.NewReader("{"), broken{})
	if _, err := usage.Read(t.Context(), []string{"-"}, opts); err == nil || !strings.Contains(err.Error(), "disk") {
		t.Errorf("got %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk") }

// An application that calls too many different paths does not take all memory.
func TestManyPaths(t *testing.T) {
	var text bytes.Buffer
	for i := range 5000 {
		c := calls()[0]
		c.id = fmt.Sprint(i)
		c.uri = fmt.Sprintf("https://graph.microsoft.com/v1.0/things%s/deep/er", letters(i))
		if i%2 == 0 {
			c.uri = fmt.Sprintf("https://graph.microsoft.com/v1.0/users/%s/deep", letters(i))
		}
		text.Write(lines(t, []call{c}))
	}
	opts := options()
	opts.Normal = func(path string) string { return path } // that of somebody who makes no templates
	r, err := usage.Read(t.Context(), []string{save(t, "a.ndjson", text.Bytes())}, opts)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, o := range r.Operations {
		total += o.Calls
	}
	if len(r.Operations) > 2100 || total != 5000 || len(r.Folded) != 1 || r.Folded[0] != sync {
		t.Errorf("%d operations, %d calls, folded %v", len(r.Operations), total, r.Folded)
	}
}

func letters(n int) string {
	text := ""
	for range 4 {
		text, n = text+string(rune('a'+n%26)), n/26
	}
	return text
}
