package reports

import (
	"strings"

	"leastwise/policies/finding"
)

func contosoCredentials() []finding.Credential {
	return []finding.Credential{
		{AppID: appID(1), AppName: contosoNames()[1], KeyID: appID(700), Name: "deploy", Type: "secret", Of: "application", StartsAt: "2026-01-01T00:00:00Z", EndsAt: "2027-01-01T00:00:00Z", DaysLeft: new(42)},
		{AppID: appID(2), AppName: contosoNames()[2], KeyID: appID(701), Type: "certificate", Of: "service_principal", Usage: "sign", StartsAt: "2025-01-01T00:00:00Z", EndsAt: "2026-11-01T00:00:00Z", DaysLeft: new(-18), Key: "RSA 1024, SHA1-RSA"},
		{AppID: appID(3), AppName: contosoNames()[3], KeyID: appID(702), Name: "github", Type: "federated", Issuer: "https://token.actions.githubusercontent.com", Subject: "repo:contoso/rocket:ref:refs/heads/main"},
	}
}

func contosoConsents() []finding.ConsentEvent {
	return []finding.ConsentEvent{
		{AppID: appID(1), AppName: contosoNames()[1], At: "2026-11-02T09:15:00Z", Operation: "Consent to application", Change: "added", By: "erika.mustermann@contoso.example", Admin: new(true), Permissions: []string{"00000003-0000-0000-c000-000000000000/delegated/Mail.ReadWrite"}},
		{AppID: appID(8), AppName: contosoNames()[8], At: "2026-11-03T10:00:00Z", Operation: "Remove app role assignment from service principal", Change: "removed", By: appID(900), Permissions: []string{"00000003-0000-0000-c000-000000000000/application/Mail.Read"}},
	}
}

// contosoEarlier adds what earlier reports and the waiver file bring.
func contosoEarlier(s *sample) {
	waiver := func(id, status, detail string, left, findings int) finding.WaiverStatus {
		return finding.WaiverStatus{
			Waiver: finding.Waiver{
				ID: id, Reason: "The vendor ships the fix with version 4.\nUntil then the account is watched.", Requester: "erika.mustermann@contoso.example",
				Approver: "ciso@contoso.example", Expires: "2027-03-31T00:00:00Z",
			},
			Control: "ENTRA-001", Subject: "application/" + appID(1), Fingerprint: strings.Repeat("ab", 16), Approved: "2026-04-01T00:00:00Z",
			Line: 3, Status: status, Detail: detail, DaysLeft: left, Findings: findings,
		}
	}
	r := &s.report
	r.Waivers = []finding.WaiverStatus{
		waiver("R-100", "applied", "", 131, 1),
		waiver("R-900", "expired", "it expired 12 days before this report", -12, 0),
		waiver("R-901", "stale", "the grant changed: ENTRA-001 now finds 00112233445566778899aabbccddeeff on this subject", 131, 0),
		waiver("R-902", "self_approved", "requester and approver are one person", 131, 0),
	}
	r.Baseline = &finding.Baseline{AsOf: "2026-08-20T00:00:00Z", SHA256: strings.Repeat("5f", 32), New: 9, Gone: 2}
	for _, f := range s.findings {
		if f.Known {
			r.Baseline.Known++
		}
	}
	r.Previous = &finding.Previous{AsOf: "2026-11-19T00:00:00Z", SHA256: strings.Repeat("6a", 32), NotCompared: []finding.NotCompared{
		{Dataset: "container_type_grants", Areas: []string{"container_type_permissions"}, Old: "collected", New: "denied", Reason: "403 accessDenied"},
	}}
	app := func(n int) finding.Subject {
		return finding.Subject{Kind: "application", ID: appID(n), Name: contosoNames()[n]}
	}
	s.differences = []finding.Difference{
		{Area: "applications", Action: "added", Subject: app(9)},
		{Area: "applications", Action: "changed", Subject: app(7), Fields: []finding.DifferentField{{Name: "enabled", Old: "yes", New: "no"}}},
		{
			Area: "permissions", Action: "added", Subject: app(1), Item: "Microsoft Graph/delegated/Mail.ReadWrite/admin", Tier: "high",
			Fields: []finding.DifferentField{{Name: "granted", New: "yes"}}, By: "erika.mustermann@contoso.example", At: "2026-11-19T09:15:00Z",
		},
		{Area: "permissions", Action: "removed", Subject: app(8), Item: "Microsoft Graph/application/Mail.Read/admin", Tier: "high"},
		{Area: "credentials", Action: "added", Subject: app(1), Item: appID(700), Fields: []finding.DifferentField{{Name: "ends", New: "2027-01-01T00:00:00Z"}}},
		{Area: "owners", Action: "removed", Subject: app(2), Item: "erika.mustermann@contoso.example"},
		{
			Area: "approvals", Action: "changed", Subject: finding.Subject{Kind: "data_connect_app", ID: appID(6), Name: contosoNames()[6]},
			Fields: []finding.DifferentField{{Name: "state", Old: "approved", New: "expired"}},
		},
		{Area: "findings", Action: "added", Subject: app(1), Item: "ENTRA-002 " + strings.Repeat("cd", 16), Fields: []finding.DifferentField{{Name: "severity", New: "high"}}},
	}
}
