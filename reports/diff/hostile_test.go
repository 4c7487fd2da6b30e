package diff

import (
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// hostile are texts that tenants can hold, and reports of them.
func hostile() []string {
	return []string{
		"", "\x00", "\x00\x01", "a\x00b", "\ufffd", "\u202egnp.exe", "]]>", "<script>", "=cmd|' /C calc'!A0", "//", "/admin", "x/user", "*", ", ", "\n- x",
		strings.Repeat("long ", 8000), strings.Repeat("長", 40000), "2026-13-45T99:99:99Z", strings.ToUpper(id(1)), id(1),
	}
}

// Whatever names, ids and lists hold, and however often: the same is the same, and all of it can go and come.
func TestHostile(t *testing.T) {
	s := newSample()
	for _, name := range hostile() {
		list := []string{name, name, "other"}
		s.applications = append(s.applications, finding.Application{AppID: name, Name: name, Origin: name, ObjectID: name, ServicePrincipalID: name, SignInAudience: name, Owners: list, HighestTier: name})
		s.permissions = append(s.permissions, finding.Permission{AppID: name, AppName: name, ResourceID: name, Permission: name, PermissionID: name, Kind: name, Granted: true, Requested: true, Consent: name, Tier: name, GrantedBy: name, GrantedAt: name})
		s.credentials = append(s.credentials, finding.Credential{AppID: name, KeyID: name, Name: name, Type: name, Of: name, EndsAt: name, Issuer: name, Subject: name})
		s.types = append(s.types, finding.ContainerType{ID: name, Name: name, OwningAppID: name, Registered: true, Grants: []finding.ContainerTypeGrant{{AppID: name, ApplicationPermissions: list, DelegatedPermissions: list}}})
		s.approvals = append(s.approvals, finding.Approval{AppID: name, AppTenantID: name, Name: name, State: name, Approver: name, ExpiresAt: name, Sinks: list, Datasets: []finding.ApprovedDataset{{Name: name, Columns: list, Filter: name}, {Name: name}}})
		s.consents = append(s.consents, finding.ConsentEvent{AppID: name, At: name, Change: name, By: name, Permissions: list})
		s.findings = append(s.findings, newFinding("ENTRA-001", 1, `{"x":"\ud800"}`))
	}
	same := s.copied().later()
	if got, _ := compared(t, s, same); len(got) > 0 {
		t.Errorf("got %.300q, want nothing", got)
	}
	gone, all := compared(t, s, emptied())
	come, back := compared(t, emptied(), same)
	if len(gone) < 40 || len(come) < 40 || all.Len() != len(gone) || back.Len() != len(come) {
		t.Errorf("got %d gone and %d come", len(gone), len(come))
	}
}
