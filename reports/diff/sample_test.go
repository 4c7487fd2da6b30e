package diff

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

const graph = "00000003-0000-0000-c000-000000000000"

// sample is a report in parts, to be edited before it is opened.
type sample struct {
	report       finding.Report
	applications []finding.Application
	permissions  []finding.Permission
	types        []finding.ContainerType
	containers   []finding.Container
	approvals    []finding.Approval
	credentials  []finding.Credential
	consents     []finding.ConsentEvent
	findings     []finding.Finding
}

func id(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }

// newSample is a tenant in which there are two applications, a container type and an approval, and in which
// everything was read.
func newSample() *sample {
	s := &sample{report: finding.Report{
		SchemaVersion: finding.SchemaVersion, Tool: finding.Tool{Name: "leastwise", Version: "1"}, Tenant: finding.Tenant{ID: id(99), Cloud: "global"},
		AsOf: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Snapshot: finding.Snapshot{SHA256: "old"}, Thresholds: map[string]any{},
		Controls: []finding.Control{{ID: "ENTRA-001", Subject: "application"}, {ID: "ENTRA-002", Subject: "application"}, {ID: "GDC-001", Subject: "data_connect_app"}, {ID: "SPE-001", Subject: "container_type"}},
		Totals:   finding.Totals{Subjects: map[string]int{}, Failed: map[finding.Severity]int{}, Unknown: map[finding.Severity]int{}},
	}}
	for _, name := range slices.DeleteFunc(snapshot.Names(), func(name string) bool { return name == snapshot.Manifests }) {
		s.report.Coverage = append(s.report.Coverage, finding.Coverage{Dataset: name, Status: "collected"})
	}
	s.applications = []finding.Application{
		{
			AppID: id(1), Name: "Ledger", Origin: "own", ObjectID: id(101), ServicePrincipalID: id(201), Enabled: new(true), SignInAudience: "AzureADMyOrg",
			Owners: []string{"ada@contoso.com", "bob@contoso.com"}, Requested: 1, Granted: 2, Credentials: 1, HighestTier: "high",
		},
		{AppID: id(2), Name: "Guest", Origin: "foreign", ServicePrincipalID: id(202), Enabled: new(true), Owners: []string{}, Granted: 1, HighestTier: "critical"},
	}
	s.permissions = []finding.Permission{
		permission(1, "application", "Mail.Read", "admin", "high"), permission(1, "delegated", "User.Read", "user", "low"),
		permission(2, "application", "Directory.ReadWrite.All", "admin", "critical"),
	}
	s.permissions[0].Requested, s.permissions[1].Users = true, 3
	s.credentials = []finding.Credential{{AppID: id(1), AppName: "Ledger", KeyID: id(301), Name: "deploy", Type: "secret", Of: "application", StartsAt: "2026-01-01T00:00:00Z", EndsAt: "2027-01-01T00:00:00Z", DaysLeft: new(61)}}
	s.types = []finding.ContainerType{{ID: id(401), Name: "Boxes", OwningAppID: id(1), Billing: "standard", Registered: true, Grants: []finding.ContainerTypeGrant{
		{AppID: id(1), AppName: "Ledger", ApplicationPermissions: []string{"full"}, DelegatedPermissions: []string{"full"}},
		{AppID: id(2), AppName: "Guest", ApplicationPermissions: []string{"none"}, DelegatedPermissions: []string{"readContent", "writeContent"}},
	}}}
	s.approvals = []finding.Approval{{
		AppID: id(1), AppTenantID: id(99), Name: "Ledger", State: "approved", Approver: "admin@contoso.com", ApprovedAt: "2026-06-01T00:00:00Z",
		ExpiresAt: "2026-11-28T00:00:00Z", DaysLeft: new(27), Sinks: []string{"https://a.blob", "https://b.blob"},
		Datasets: []finding.ApprovedDataset{{Name: "Message_v1", Columns: []string{"Subject", "Body"}, Scope: "list"}, {Name: "User_v1", Scope: "all"}},
	}}
	s.findings = []finding.Finding{newFinding("ENTRA-001", 1, `{"permission":"Mail.Read"}`), newFinding("ENTRA-002", 2, `{}`)}
	return s
}

func permission(app int, kind, value, consent, tier string) finding.Permission {
	names := map[int]string{1: "Ledger", 2: "Guest"}
	return finding.Permission{
		AppID: id(app), AppName: names[app], ResourceID: graph, ResourceName: "Microsoft Graph", Permission: value, Kind: kind,
		Granted: true, Consent: consent, Tier: tier, ResolvedBy: "tenant",
	}
}

func newFinding(control string, app int, key string) finding.Finding {
	f := finding.Finding{
		Control: control, Severity: finding.High, Outcome: finding.Fail, Subject: finding.Subject{Kind: "application", ID: id(app)},
		Key: json.RawMessage(key), Evidence: json.RawMessage(`{}`), Message: "It is so.",
	}
	f.Fingerprint = f.Print()
	return f
}

// later is what the same tenant looks like three weeks on, judged then.
func (s *sample) later() *sample {
	s.report.AsOf = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	s.report.Snapshot.SHA256 = "new"
	return s
}

func (s *sample) status(dataset, status string) {
	i := slices.IndexFunc(s.report.Coverage, func(c finding.Coverage) bool { return c.Dataset == dataset })
	if i < 0 {
		i, s.report.Coverage = len(s.report.Coverage), append(s.report.Coverage, finding.Coverage{Dataset: dataset})
	}
	s.report.Coverage[i].Status, s.report.Coverage[i].Reason = status, "403 "+status
}

func (s *sample) open(t testing.TB) *finding.Document {
	t.Helper()
	writer, err := finding.NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	s.addTo(t, writer)
	path := filepath.Join(t.TempDir(), "report.json")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := writer.WriteReport(file, &s.report); err != nil {
		t.Fatal(err)
	}
	document, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func (s *sample) addTo(t testing.TB, writer *finding.Writer) {
	t.Helper()
	addAll(t, writer, finding.Applications, s.applications)
	addAll(t, writer, finding.Permissions, s.permissions)
	addAll(t, writer, finding.ContainerTypes, s.types)
	addAll(t, writer, finding.Containers, s.containers)
	addAll(t, writer, finding.Approvals, s.approvals)
	addAll(t, writer, finding.Credentials, s.credentials)
	addAll(t, writer, finding.Consents, s.consents)
	for _, f := range s.findings {
		line, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.AddFinding(f.Severity, f.Control, f.Outcome, line); err != nil {
			t.Fatal(err)
		}
	}
}

func addAll[T any](t testing.TB, writer *finding.Writer, section finding.Section, rows []T) {
	t.Helper()
	for _, row := range rows {
		line, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Add(section, line); err != nil {
			t.Fatal(err)
		}
	}
}

// compared are the differences of two samples, one line each, sorted, and the result they are of.
func compared(t testing.TB, old, new *sample) ([]string, *Result) {
	t.Helper()
	result, err := Compare(old.open(t), new.open(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := result.Close(); err != nil {
			t.Error(err)
		}
	})
	lines := []string{}
	for d, err := range result.Differences() {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line(d))
	}
	slices.Sort(lines)
	return lines, result
}

// line is a difference in short: sign, area, subject, item, fields, who and when.
func line(d finding.Difference) string {
	sign := map[string]string{added: "+", removed: "-", changed: "~"}[d.Action]
	words := []string{sign, d.Area, strings.TrimRight(strings.TrimSuffix(d.Subject.ID, "-0000-4000-8000-000000000000"), "")}
	if d.Item != "" {
		words = append(words, strings.ReplaceAll(d.Item, graph, "graph"))
	}
	for _, f := range d.Fields {
		words = append(words, fmt.Sprintf("%s:%s>%s", f.Name, f.Old, f.New))
	}
	if d.By+d.At != "" {
		words = append(words, "by "+d.By+" at "+d.At)
	}
	return strings.Join(words, " ")
}
