package diff

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// Whatever dataset is not read, on either side or on both, is named.
func TestEveryDatasetIsNamed(t *testing.T) {
	for _, name := range snapshot.Names() {
		if name == snapshot.Manifests { // of a gate, which lists other applications
			continue
		}
		for sides, statuses := range map[string][2]string{"old": {"denied", "collected"}, "new": {"collected", "denied"}, "both": {"denied", "denied"}} {
			old, new := newSample(), newSample().later()
			old.status(name, statuses[0])
			new.status(name, statuses[1])
			got, result := compared(t, old, new)
			if len(got) > 0 || len(result.NotCompared) != 1 || result.NotCompared[0].Dataset != name || len(result.NotCompared[0].Areas) == 0 {
				t.Errorf("%s denied on %s: got %v and %v", name, sides, got, named(result))
			}
		}
	}
}

// What a dataset tells is not told as gone, or as something else, where it was not read.
func TestWithheld(t *testing.T) {
	leftover := "service-principal/" + id(7)
	second := func(app int) finding.Finding { return newFinding("ENTRA-001", app, `{"permission":"Mail.Send"}`) }
	for name, c := range map[string]struct {
		dataset  string
		old, new func(s *sample)
		want     []string
	}{
		"an application of which grants are left": {snapshot.AppRoleAssignments, func(s *sample) {
			s.applications = append(s.applications, finding.Application{AppID: leftover, Origin: "deleted", ServicePrincipalID: id(7), Owners: []string{}})
			f := newFinding("ENTRA-002", 1, `{}`)
			f.Subject.ID = leftover
			s.findings = append(s.findings, f)
		}, nil, nil},
		"whether an approved application is multi-tenant": {snapshot.Applications, func(s *sample) { s.approvals[0].MultiTenant = new(false) }, nil, nil},
		"what the register says": {snapshot.DataConnectRegister, func(s *sample) {
			s.approvals[0].Developer, s.approvals[0].Purpose = "dev@contoso.com", "analysis"
		}, nil, nil},
		"the name of a requested permission": {
			snapshot.ServicePrincipals,
			func(s *sample) { s.permissions[0].PermissionID = id(9) },
			func(s *sample) {
				s.permissions[0] = finding.Permission{AppID: id(1), AppName: "Ledger", ResourceID: graph, Permission: id(9), PermissionID: id(9), Kind: "application", Requested: true}
				s.permissions, s.applications = s.permissions[:1], s.applications[:1]
				s.applications[0].ServicePrincipalID, s.applications[0].Enabled = "", nil
			}, nil,
		},
		"one of two findings of a control": {snapshot.ApplicationOwners, func(s *sample) {
			s.report.Controls[0].Requires = []string{snapshot.ApplicationOwners}
			s.findings = append(s.findings, second(1))
		}, func(s *sample) { s.report.Controls[0].Requires = []string{snapshot.ApplicationOwners} }, nil},
		"but not what the control passes all the same": {snapshot.ApplicationOwners, func(s *sample) {
			s.findings = append(s.findings, second(2))
		}, func(s *sample) {
			s.report.Controls[0].Requires, s.report.Controls[0].Passed = []string{snapshot.ApplicationOwners}, []byte{0b10}
		}, []string{"- findings 00000002 ENTRA-001 " + printed(second(2)) + " outcome:fail> severity:high> message:It is so.>"}},
	} {
		old, new := newSample(), newSample().later()
		if c.old != nil {
			c.old(old)
		}
		if c.new != nil {
			c.new(new)
		}
		new.status(c.dataset, "denied")
		got, result := compared(t, old, new)
		if diff := cmp.Diff(append([]string{}, c.want...), got); diff != "" {
			t.Errorf("%s: differences (-want +got):\n%s", name, diff)
		}
		if len(result.NotCompared) != 1 || result.NotCompared[0].Dataset != c.dataset {
			t.Errorf("%s: got not compared %v", name, named(result))
		}
		// The other way round nothing is added; where it was read on both sides, it is told.
		old.report.AsOf, new.report.AsOf = new.report.AsOf, old.report.AsOf
		if got, _ := compared(t, new, old); len(got) != len(c.want) && len(c.want) == 0 {
			t.Errorf("%s, the other way round: got %v", name, got)
		}
		old.report.AsOf, new.report.AsOf = new.report.AsOf, old.report.AsOf
		new.status(c.dataset, "collected")
		if got, _ := compared(t, old, new); len(got) == 0 {
			t.Errorf("%s is not told though it was read", name)
		}
	}
}

func printed(f finding.Finding) string { return f.Print() }

// Changes that leave numbers and names as they are.
func TestQuietChanges(t *testing.T) {
	covered := &finding.Waiver{ID: "R-1", Reason: "x", Requester: "ann@contoso.com", Approver: "bob@contoso.com", Expires: "2027-01-01T00:00:00Z"}
	for _, c := range []struct {
		old, new func(s *sample)
		want     string
	}{
		{
			func(s *sample) {
				s.credentials[0].Type, s.credentials[0].Audiences = "federated", []string{"api://AzureADTokenExchange"}
			},
			func(s *sample) {
				s.credentials[0].Type, s.credentials[0].Audiences = "federated", []string{"https://evil.example"}
			},
			"~ credentials 00000001 " + id(301) + " audiences:api://AzureADTokenExchange>https://evil.example",
		},
		{
			func(s *sample) {
				s.permissions[0].GrantedBy, s.permissions[0].GrantedAt = "ann@contoso.com", "2026-01-01T00:00:00Z"
			},
			func(s *sample) {
				s.permissions[0].GrantedBy, s.permissions[0].GrantedAt = "bob@contoso.com", "2026-11-10T00:00:00Z"
			},
			"~ permissions 00000001 graph/application/Mail.Read/admin granted at:2026-01-01T00:00:00Z>2026-11-10T00:00:00Z granted by:ann@contoso.com>bob@contoso.com",
		},
		{func(s *sample) { s.permissions[0].GrantedBy = "ann@contoso.com" }, func(*sample) {}, ""}, // not known any more
		{
			func(s *sample) { s.findings[0].Waiver = covered },
			func(s *sample) {
				longer := *covered
				longer.Expires, longer.Approver = "2027-08-01T00:00:00Z", "eve@contoso.com"
				s.findings[0].Waiver = &longer
			},
			"~ findings 00000001 ENTRA-001 " + newSample().findings[0].Fingerprint + " waived until:2027-01-01T00:00:00Z>2027-08-01T00:00:00Z waiver approved by:bob@contoso.com>eve@contoso.com",
		},
	} {
		old, new := newSample(), newSample().later()
		c.old(old)
		c.new(new)
		got, _ := compared(t, old, new)
		if want := slices.DeleteFunc([]string{c.want}, func(s string) bool { return s == "" }); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// Without a waiver file nothing is wrong with waivers: their controls are not missing from the other report.
func TestFirstWaiverFile(t *testing.T) {
	old, new := newSample(), newSample().later()
	new.report.Controls = append(new.report.Controls, finding.Control{ID: "WAV-001", Subject: "waiver"}, finding.Control{ID: "WAV-002", Subject: "waiver", Disabled: "not ours"})
	f := finding.Finding{
		Control: "WAV-001", Severity: finding.Medium, Outcome: finding.Fail, Subject: finding.Subject{Kind: "waiver", ID: "R-1"},
		Key: json.RawMessage(`{}`), Evidence: json.RawMessage(`{}`), Message: "It is so.",
	}
	f.Fingerprint = f.Print()
	new.findings = append(new.findings, f)
	got, result := compared(t, old, new)
	if want := []string{"+ findings R-1 WAV-001 " + f.Fingerprint + " outcome:>fail severity:>medium message:>It is so."}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if want := []string{"controls run>disabled: not ours findings"}; !slices.Equal(named(result), want) {
		t.Errorf("got not compared %v, want %v", named(result), want)
	}
}
