package folder_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leastwise/collector"
	"leastwise/collector/folder"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// write makes a folder of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func collect(t *testing.T, files map[string]string) *snapshot.Snapshot {
	t.Helper()
	source, err := folder.New(folder.Options{Path: write(t, files)})
	if err != nil {
		t.Fatal(err)
	}
	return fakegraph.Snapshot(t, func(w *snapshot.Writer) error { return collector.Collect(t.Context(), w, source) })
}

func TestFolderReadsOneFilePerDataset(t *testing.T) {
	s := collect(t, map[string]string{
		"organization.json":     `{"value":[{"id":"` + strings.ToUpper(fakegraph.TenantID) + `","displayName":"Testco"}]}`,
		"applications.json":     `[{"id":"b","appId":"x","passwordCredentials":[{"hint":"abc","secretText":"s3cret","keyId":"k"}]},{"id":"a","appId":"y"}]`,
		".DS_Store":             "x",
		"delegated_grants.json": "[]",
	})
	want := []string{`{"id":"a","appId":"y"}`, `{"appId":"x","id":"b","passwordCredentials":[{"keyId":"k"}]}`}
	if got := fakegraph.Rows(t, s, snapshot.Applications); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, d := range s.Manifest.Datasets {
		switch name {
		case snapshot.Organization, snapshot.Applications, snapshot.DelegatedGrants:
			if d.Status != snapshot.Collected {
				t.Errorf("%s: %s %s", name, d.Status, d.Reason)
			}
		default:
			if d.Status != snapshot.Skipped || d.Reason != "no file "+name+".json" {
				t.Errorf("%s: %s %s", name, d.Status, d.Reason)
			}
		}
	}
	if got, want := len(s.Manifest.Datasets), len(snapshot.Names()); got != want {
		t.Errorf("%d datasets are accounted for, want %d", got, want)
	}
	id := s.Manifest.Identities
	if s.Manifest.Tenant.Name != "Testco" || len(id) != 1 || id[0].Kind != "folder" ||
		!slices.Equal(id[0].Datasets, []string{"applications", "delegated_grants", "organization"}) {
		t.Errorf("tenant %+v, identities %+v", s.Manifest.Tenant, id)
	}
}

func TestFolderKeepsWhatCanBeRead(t *testing.T) {
	long := strings.Repeat("長", 1<<20/3)
	for _, c := range []struct {
		name, text string
		status     snapshot.Status
		rows       int
		reasons    []string
		gaps       []string // row field reason
	}{
		{"cut", "[\n{\"appId\":\"a\",\"id\":\"1\"},\n{\"appId\":\"a\",\"id\":\"2\"},\n{\"id\":", snapshot.Partial, 2, []string{"applications.json:4: the JSON breaks off"}, nil},
		{"invalid", "[\n{\"appId\":\"a\",\"id\":\"1\"},\n{\"appId\":\"a\",\"id\":\"2\",,}]", snapshot.Partial, 1, []string{"applications.json:3: invalid character ','"}, nil},
		{"nothing readable", "{\"id\"", snapshot.Failed, 0, []string{"applications.json:1: the JSON breaks off"}, nil},
		{"empty file", "", snapshot.Failed, 0, []string{"applications.json:1: the file is empty"}, nil},
		{"a page of several", `{"value":[{"appId":"a","id":"1"}],"@odata.nextLink":"https://x"}`, snapshot.Partial, 1, []string{"applications.json:1: the response has an @odata.nextLink"}, nil},
		{"a saved refusal", `{"error":{"code":"Authorization_RequestDenied","message":"no"}}`, snapshot.Denied, 0, []string{"Authorization_RequestDenied: no"}, nil},
		{"a saved failure", `{"error":{"code":"UnknownError","message":"oops"}}`, snapshot.Failed, 0, []string{"UnknownError: oops"}, nil},
		{"invalid UTF-8", "[{\"appId\":\"a\",\"id\":\"1\",\"displayName\":\"caf\xe9\"}]", snapshot.Partial, 1, []string{"not valid UTF-8"}, []string{"1  text is not valid UTF-8; unreadable bytes are shown as \uFFFD"}},
		{"row without id", `[{"appId":"a","displayName":"x"},{"appId":"a","id":"1"}]`, snapshot.Partial, 2, []string{"row has no id"}, nil},
		{"null row", `[{"appId":"a","id":"1"},null]`, snapshot.Partial, 1, []string{"found null"}, nil},
		{"row that is text", `["1",{"appId":"a","id":"1"}]`, snapshot.Partial, 1, []string{"found text"}, nil},
		{"the same row twice", `[{"appId":"a","id":"1"},{ "appId":"a","id": "1" }]`, snapshot.Collected, 1, nil, nil},
		{"two rows of one id", `[{"appId":"a","id":"1","x":1},{"appId":"a","id":"1","x":2}]`, snapshot.Partial, 2, nil, []string{"1  two different rows have this id"}},
		{"long name", `[{"appId":"a","id":"1","displayName":"` + long + `"}]`, snapshot.Collected, 1, nil, nil},
		{"American date", `[{"appId":"a","id":"1","createdDateTime":"01/20/2025"},{"appId":"a","id":"2"}]`, snapshot.Partial, 2, nil, []string{`1 /createdDateTime "01/20/2025" is not an instant`}},
		{"long fraction", `[{"appId":"a","id":"1","createdDateTime":"2025-01-20T01:02:03.1234567z"}]`, snapshot.Collected, 1, nil, nil},
		{"day alone", `[{"appId":"a","id":"1","keyCredentials":[{"endDateTime":"2025-01-20"}]}]`, snapshot.Partial, 1, nil, []string{`1 /keyCredentials/0/endDateTime "2025-01-20" is not an instant`}},
		{"list that is none", `[{"appId":"a","id":"1","requiredResourceAccess":{}}]`, snapshot.Partial, 1, nil, []string{`1 /requiredResourceAccess expected an array, found an object`}},
		{
			"null where an object is expected", `[{"appId":"a","id":"1","requiredResourceAccess":[null],"keyCredentials":null}]`, snapshot.Partial, 1, nil,
			[]string{"1 /keyCredentials expected an array, found null", "1 /requiredResourceAccess/0 expected an object, found null"},
		},
		{"application without appId", `[{"id":"1","appId":null},{"appId":"a","id":"2"}]`, snapshot.Partial, 2, nil, []string{"1  appId: expected an id, found null"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, map[string]string{"applications.json": c.text})
			d := s.Manifest.Datasets[snapshot.Applications]
			if d.Status != c.status || d.Rows != c.rows {
				t.Errorf("%s with %d rows, want %s with %d; reason: %s", d.Status, d.Rows, c.status, c.rows, d.Reason)
			}
			for _, reason := range c.reasons {
				if !strings.Contains(d.Reason, reason) {
					t.Errorf("reason %q does not say %q", d.Reason, reason)
				}
			}
			var gaps []string
			for _, g := range d.Gaps {
				gaps = append(gaps, g.Row+" "+g.Field+" "+g.Reason)
			}
			if !slices.Equal(gaps, c.gaps) || d.Confined != (c.gaps != nil) {
				t.Errorf("gaps %q, want %q; confined %v", gaps, c.gaps, d.Confined)
			}
			if got := len(fakegraph.Rows(t, s, snapshot.Applications)); got != c.rows {
				t.Errorf("%d rows can be read back", got)
			}
		})
	}
}

func TestFolderRefusesFilesThatWouldGoUnread(t *testing.T) {
	for name, want := range map[string]string{
		"aplications.json":           "is it applications.json?",
		"servicePrincipals.json":     "is it service_principals.json?",
		"app-role-assignments.json":  "is it app_role_assignments.json?",
		"applications.json.gz":       "is not named after a dataset",
		"Applications.JSON":          "is it applications.json?",
		"something_else_entirely.md": "hint: <dataset>.json with one of organization, applications",
	} {
		_, err := folder.New(folder.Options{Path: write(t, map[string]string{name: "[]", "organization.json": "[]"})})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	for name, files := range map[string]map[string]string{"nothing": {}, "hidden": {".x.json": "[]"}} {
		if _, err := folder.New(folder.Options{Path: write(t, files)}); err == nil {
			t.Errorf("%s: a folder without datasets is taken", name)
		}
	}
	if _, err := folder.New(folder.Options{Path: filepath.Join(t.TempDir(), "absent")}); err == nil {
		t.Error("a folder that is not there is taken")
	}
}

func TestFolderKnowsItsTenant(t *testing.T) {
	for text, want := range map[string]string{
		`[{"id":"` + strings.ToUpper(fakegraph.TenantID) + `","displayName":"T"}]`: fakegraph.TenantID,
		`{"id":"` + fakegraph.TenantID + `","displayName":"T"}`:                    fakegraph.TenantID,
	} {
		source, err := folder.New(folder.Options{Path: write(t, map[string]string{"organization.json": text})})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := source.Tenant(); err != nil || got.ID != want || got.Name != "T" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	source, err := folder.New(folder.Options{Path: write(t, map[string]string{"applications.json": "[]"})})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := source.Tenant(); err != nil || got.ID != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFolderOfAnotherTenantEndsTheRun(t *testing.T) {
	source, err := folder.New(folder.Options{Path: write(t, map[string]string{"organization.json": `[{"id":"99999999-0000-4000-8000-000000000009"}]`})})
	if err != nil {
		t.Fatal(err)
	}
	w, err := snapshot.Create(t.TempDir()+"/s", snapshot.Tenant{ID: fakegraph.TenantID}, snapshot.Tool{}, fakegraph.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Abort() }()
	if err := collector.Collect(t.Context(), w, source); err == nil || !strings.Contains(err.Error(), "organization.json:1: is of tenant") {
		t.Errorf("got %v", err)
	}
}

func TestFolderDoubtsEventsThatCannotBeRead(t *testing.T) {
	const sound = `{"id":"1","kind":"consent","appId":"a","appTenantId":"t","state":"approved","approvedAt":"2026-01-02T03:04:05Z"}`
	for _, c := range []struct{ name, text, want string }{
		{"sound", sound, ""},
		{"American date", strings.Replace(sound, `"2026-01-02T03:04:05Z"`, `"01/20/2025"`, 1), `1  approvedAt: "01/20/2025" is not an instant`},
		{"no zone", strings.Replace(sound, `05Z"`, `05"`, 1), `1  approvedAt: "2026-01-02T03:04:05" is not an instant`},
		{"no such day", strings.Replace(sound, `01-02T`, `02-30T`, 1), `1  approvedAt: "2026-02-30T03:04:05Z" is not an instant`},
		{"null", strings.Replace(sound, `"2026-01-02T03:04:05Z"`, `null`, 1), `1  approvedAt: expected an instant, found null`},
		{"unknown state", strings.Replace(sound, `"approved"`, `"frozen"`, 1), `1  state: "frozen" is not a known state`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, map[string]string{"data_connect_events.json": "[" + c.text + "]"})
			d := s.Manifest.Datasets[snapshot.DataConnectEvents]
			var gaps []string
			for _, g := range d.Gaps {
				gaps = append(gaps, g.Row+" "+g.Field+" "+g.Reason)
			}
			if got := strings.Join(gaps, "|"); got != c.want || (d.Status == snapshot.Partial) != (c.want != "") || d.Rows != 1 {
				t.Errorf("%s with %d rows, gaps %q, want %q", d.Status, d.Rows, got, c.want)
			}
		})
	}
}

func TestFolderPointsRawAuditRecordsElsewhere(t *testing.T) {
	s := collect(t, map[string]string{"data_connect_events.json": `[{"id":"1","Workload":"MicrosoftGraphDataConnect"}]`})
	d := s.Manifest.Datasets[snapshot.DataConnectEvents]
	if d.Status != snapshot.Partial || !strings.Contains(d.Reason, "data-connect source") {
		t.Errorf("got %+v", d)
	}
	if got := slices.Sorted(maps.Keys(s.Manifest.Datasets)); len(got) != len(snapshot.Names()) {
		t.Errorf("datasets %v", got)
	}
}
