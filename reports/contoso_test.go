package reports

import (
	"encoding/json"
	"fmt"
	"time"

	"leastwise/policies/finding"
)

// contosoSample is a made-up tenant with everything that a report can hold: findings
// of every severity and outcome, waivers, names in several scripts, datasets that
// could not be read, and texts that attack whoever draws them.
func contosoSample() sample {
	s := emptySample()
	s.report.Tenant.Name = "Contoso Büro & Handel GmbH"
	s.report.Snapshot.CollectedFrom = "2026-11-18"
	s.report.Snapshot.SHA256 = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
	s.report.Thresholds = map[string]any{
		"approval_warning_days": 30, "credential_max_days": 180, "leftover_grace_days": 7, "unused_days": 90,
	}
	s.report.Declared = &finding.Declared{
		Needs:       []finding.DeclaredNeed{{AppID: appID(3), Permissions: []string{"ActivityFeed.ReadDlp", "ServiceHealth.Read"}, Reason: "the archive of the works council, R-7"}},
		MultiTenant: []string{appID(4)},
	}
	s.report.Identities = []finding.Identity{
		{
			Kind: "certificate", ClientID: appID(900), AppOnly: true, Roles: []string{"Application.Read.All", "Directory.Read.All", "AuditLog.Read.All"},
			Needs: []finding.Need{
				{Dataset: "applications", Least: []string{"Application.Read.All"}, Accepted: []string{"Application.ReadWrite.All", "Directory.Read.All"}},
				{Dataset: "delegated_grants", Least: []string{"Directory.Read.All", "DelegatedPermissionGrant.Read.All"}},
				{Dataset: "organization", Least: []string{}},
				{Dataset: "service_principals", Least: []string{"Application.Read.All"}, Accepted: []string{"Application.ReadWrite.All", "Directory.Read.All"}},
			},
			Datasets: []string{"applications", "service_principals", "app_role_assignments", "delegated_grants"},
		},
		{
			Kind: "device-code", ClientID: appID(900), User: "spe-admin@contoso.example",
			Scopes:   []string{"FileStorageContainerType.Manage.All", "openid", "profile"},
			Datasets: []string{"container_types", "container_type_registrations"},
		},
		{Kind: "managed", Opaque: true, AppOnly: true, Needs: []finding.Need{{Dataset: "sign_in_activity", Least: []string{"AuditLog.Read.All"}}}},
		{Kind: "saved-events", Datasets: []string{"data_connect_events"}},
	}
	s.report.Coverage = contosoCoverage()
	s.report.Controls = contosoControls()
	s.applications, s.permissions = contosoApplications()
	s.containerTypes = contosoContainerTypes()
	s.containers, s.report.Totals.Subjects["container"] = contosoContainers(), 2
	s.approvals = contosoApprovals()
	s.pipelines = contosoPipelines()
	s.credentials, s.consents = contosoCredentials(), contosoConsents()
	s.findings = contosoFindings(s.report.Controls)
	contosoEarlier(&s)
	sumUp(&s)
	return s
}

func appID(n int) string { return fmt.Sprintf("%08x-7a1b-4c2d-9e3f-%012x", 0x3b1f0000+n, 0x5d4e00+n) }

func contosoNames() []string {
	return []string{
		"Projekte-Portal", "経費精算システム", "Größenprüfung Düsseldorf", "🚀 Rocket Sync", "Data Mover (Fabrikam)", "HR Onboarding",
		"人事データ連携アプリ（本番環境）", "Legacy Mailer", "=HYPERLINK(\"https://evil.example\",\"Click\")", "Vertragsverwaltung Süd",
	}
}

func contosoCoverage() []finding.Coverage {
	sum := "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	return []finding.Coverage{
		{
			Dataset: "applications", Status: "collected", Rows: 412, SHA256: sum, Controls: []string{"ENTRA-001", "ENTRA-004", "SPE-001"},
			Reconciled: &finding.Reconciled{Against: "applications/$count", Want: 412, Got: 412},
		},
		{
			Dataset: "service_principals", Status: "partial", Rows: 2981, SHA256: sum, Controls: []string{"ENTRA-001", "ENTRA-002"},
			Reason:     "page 30 failed five times with 503 Service Unavailable",
			Reconciled: &finding.Reconciled{Against: "servicePrincipals/$count", Want: 3004, Got: 2981},
		},
		{Dataset: "delegated_grants", Status: "collected", Rows: 8840, SHA256: sum, Controls: []string{"SPE-001"}},
		{Dataset: "app_role_assignments", Status: "collected", Rows: 1206, SHA256: sum, Controls: []string{"ENTRA-001"}},
		{
			Dataset: "sign_in_activity", Status: "unlicensed", Controls: []string{"ENTRA-007"},
			Reason: "403 Authentication_RequestFromNonPremiumTenantOrB2CTenant: the tenant has no Microsoft Entra ID P1 licence",
		},
		{
			Dataset: "container_type_grants", Status: "denied", Controls: []string{"SPE-001", "SPE-002", "SPE-003"},
			Reason: "403 accessDenied: the app is not the owning application of these container types, and no account with the SharePoint " +
				"Embedded Administrator role was used",
		},
		{Dataset: "container_types", Status: "collected", Rows: 4, SHA256: sum, Controls: []string{"SPE-001"}},
		{Dataset: "data_connect_events", Status: "collected", Rows: 77, SHA256: sum, From: "2026-05-24T00:00:00Z", To: "2026-11-18T21:40:07Z", Controls: []string{"MGDC-001"}},
		{Dataset: "graph_activity", Status: "skipped", Reason: "not asked for"},
	}
}

func contosoControls() []finding.Control {
	control := func(id string, severity finding.Severity, subject, title string, counts finding.Counts) finding.Control {
		return finding.Control{
			ID: id, Title: title, Severity: severity, Subject: subject, Counts: counts,
			Description: title + ". What an application no longer needs is what an attacker finds useful.",
			Requires:    []string{"applications", "service_principals"},
			Remediation: "Remove the permission from the application's registration and revoke the grant. Revoking alone is undone by the next consent.",
			References:  []string{"https://learn.microsoft.com/graph/permissions-reference", "https://learn.microsoft.com/sharepoint/dev/embedded"},
		}
	}
	controls := []finding.Control{
		control("ENTRA-001", finding.Critical, "application", "No application can make itself Global Administrator", finding.Counts{Pass: 2970}),
		control("ENTRA-002", finding.High, "application", "Credentials of applications end within half a year", finding.Counts{Pass: 380}),
		control("ENTRA-004", finding.Medium, "application", "Every application has an owner who can be asked", finding.Counts{Pass: 391}),
		control("ENTRA-007", finding.Low, "application", "Applications that nobody signs in to are removed", finding.Counts{}),
		control("ENTRA-010", finding.Info, "application", "Display names tell applications apart", finding.Counts{Pass: 398}),
		control("MGDC-001", finding.High, "data_connect_app", "Data Connect approvals are renewed before they expire", finding.Counts{Pass: 2}),
		control("SPE-001", finding.Critical, "application", "Container type management is dropped after provisioning", finding.Counts{NotApplicable: 405}),
		control("SPE-002", finding.High, "container_type", "Guest applications hold no full access to container types", finding.Counts{Pass: 1}),
		control("SPE-003", finding.Medium, "container_type", "コンテナーの種類の所有者が確認されている", finding.Counts{}),
		control("TEN-001", finding.High, "tenant", "Users cannot consent to applications on their own", finding.Counts{Pass: 1}),
		control("TEN-003", finding.Medium, "tenant", "Members cannot register applications", finding.Counts{}),
	}
	controls[len(controls)-1].Disabled = "members build apps on purpose; risk accepted in R-114"
	return controls
}

func contosoApplications() ([]finding.Application, []finding.Permission) {
	var applications []finding.Application
	var permissions []finding.Permission
	tiers := []string{"critical", "high", "medium", "low", "unrated"}
	held := []string{"RoleManagement.ReadWrite.Directory", "Mail.ReadWrite", "Sites.FullControl.All", "User.Read", "Custom.Thing.Do"}
	for i, name := range contosoNames() {
		a := finding.Application{
			AppID: appID(i), Name: name, Origin: []string{"own", "foreign", "microsoft", "managed_identity"}[i%4], ObjectID: appID(100 + i),
			ServicePrincipalID: appID(200 + i), Enabled: new(i != 7), SignInAudience: "AzureADMyOrg", CreatedAt: fmt.Sprintf("2024-0%d-11T09:30:15Z", 1+i%9),
			Owners: []string{"erika.mustermann@contoso.example", "山田太郎@contoso.example"}[:i%3%3], Requested: i + 1, Granted: i, Credentials: i % 3,
			HighestTier: tiers[i%5],
		}
		if i%3 > 0 {
			a.CredentialEndsAt = fmt.Sprintf("2027-0%d-01T00:00:00Z", 1+i%9)
		}
		if i == 4 {
			a.Owners, a.Incomplete = nil, []string{"owners"}
		}
		applications = append(applications, a)
		permissions = append(permissions, finding.Permission{
			AppID: a.AppID, AppName: name, ResourceID: "00000003-0000-0000-c000-000000000000", ResourceName: "Microsoft Graph", Permission: held[i%5],
			PermissionID: appID(300 + i), Kind: []string{"application", "delegated"}[i%2], Requested: i%4 != 3, Granted: i%3 != 2,
			Consent: []string{"admin", "user", ""}[i%3], Users: []int{0, 17, 0}[i%3], Tier: tiers[i%5],
			Why:      "Can read and change what belongs to everybody in the organisation, without a signed-in user.",
			Narrower: []string{"Sites.Selected", "Mail.ReadBasic"}[:i%3], ResolvedBy: []string{"tenant", "catalogue", ""}[i%3], GrantedAt: "2025-03-02T17:45:00.123Z",
			GrantedBy: []string{"erika.mustermann@contoso.example", ""}[i%2], Used: []string{"used", "not_used", ""}[i%3],
			UsedBy: []string{"activity", "app_governance"}[:(i+2)%3%3], LastUsedAt: []string{"2026-11-02T17:45:00Z", "", ""}[i%3],
			Least: []string{"needed", "removable", ""}[i%3], Deprecated: i == 5,
		})
	}
	return applications, permissions
}

func contosoContainerTypes() []finding.ContainerType {
	return []finding.ContainerType{
		{
			ID: appID(400), Name: "Contoso Dokumente", OwningAppID: appID(0), OwningAppName: "Projekte-Portal", Billing: "standard", Registered: true,
			CreatedAt: "2026-02-01T08:00:00Z", Grants: []finding.ContainerTypeGrant{
				{AppID: appID(0), AppName: "Projekte-Portal", ApplicationPermissions: []string{"full"}, DelegatedPermissions: []string{"full"}},
				{AppID: appID(3), AppName: "🚀 Rocket Sync", ApplicationPermissions: []string{"readContent", "writeContent"}, DelegatedPermissions: []string{}},
			},
		},
		{
			ID: appID(401), Name: "経費コンテナー", OwningAppID: appID(1), OwningAppName: "経費精算システム", Billing: "trial", Registered: true,
			CreatedAt: "2026-10-01T08:00:00Z", ExpiresAt: "2026-10-31T08:00:00Z", Grants: []finding.ContainerTypeGrant{},
		},
		{ID: appID(402), Name: "Fabrikam Vault", Billing: "direct_to_customer", CreatedAt: "2026-11-01T08:00:00Z"},
	}
}

func contosoContainers() []finding.Container {
	return []finding.Container{
		{
			ID: "b!one", Name: "Projekt 17", TypeID: appID(400), TypeName: "Contoso Dokumente", OwningAppID: appID(0), OwningAppName: "Projekte-Portal",
			CreatedAt: "2026-03-01T08:00:00Z", Status: "active", LockState: "unlocked", Owners: []string{"erika.mustermann@contoso.example"},
			Members: new(3), Guests: new(1),
		},
		{ID: "b!two", Name: "経費", TypeID: appID(401), Status: "inactive", Incomplete: []string{"container_permissions: HTTP 500"}},
	}
}

func contosoPipelines() []finding.Pipeline {
	return []finding.Pipeline{
		{
			ID: "factory/pipeline/Mail.json#Mail/Copy", File: "factory/pipeline/Mail.json", Line: 12, Pipeline: "Mail", Activity: "Copy", Product: "data_factory",
			AppID: appID(4), Dataset: "BasicDataSet_v0.Message_v1", Scope: "list", Columns: new(3),
		},
		{
			ID: "日報.json#日報/複製", File: "日報.json", Line: 7, Pipeline: "日報", Activity: "複製", Product: "synapse", Inactive: true,
			Scope: "all", AllColumns: true, Unresolved: []string{"app_id", "dataset"},
		},
	}
}

func contosoApprovals() []finding.Approval {
	return []finding.Approval{
		{
			AppID: appID(4), AppTenantID: appID(500), Name: "Data Mover (Fabrikam)", State: "approved", Approver: "admin@contoso.example",
			Developer: "dev@fabrikam.example", Owners: []string{"dev@fabrikam.example"}, ApprovedAt: "2026-06-01T10:00:00Z", ExpiresAt: "2026-11-28T10:00:00Z",
			DaysLeft: new(9), Datasets: []finding.ApprovedDataset{
				{Name: "BasicDataSet_v0.Message_v1", Columns: []string{"Subject", "Sender", "ToRecipients", "UniqueBody"}, Scope: "all"},
				{Name: "BasicDataSet_v0.Event_v1", Columns: []string{"Subject"}, Scope: "list", Groups: []string{appID(600)}},
			},
			Sinks: []string{"https://fabrikamlake.dfs.core.windows.net/raw"}, DestinationID: appID(501),
		},
		{
			AppID: appID(6), AppTenantID: appID(500), Name: "人事データ連携アプリ（本番環境）", State: "expired", Approver: "kenji@contoso.example",
			ApprovedAt: "2026-01-01T10:00:00Z", ExpiresAt: "2026-07-01T10:00:00Z", DaysLeft: new(-141), Datasets: []finding.ApprovedDataset{
				{Name: "BasicDataSet_v0.User_v1", Columns: []string{"displayName", "jobTitle"}, Scope: "filter", Filter: "department eq 'HR'"},
			},
		},
		{AppID: appID(5), AppTenantID: appID(500), Name: "HR Onboarding", State: "pending", SelfDeclared: true, Developer: "hr-it@contoso.example"},
	}
}

// contosoFindings gives each control a few findings, so that every outcome and every
// severity occurs.
func contosoFindings(controls []finding.Control) []finding.Finding {
	var findings []finding.Finding
	for i, c := range controls {
		if c.Disabled != "" || c.Subject == "tenant" {
			continue
		}
		for j := range 1 + (i*7)%5 {
			name := contosoNames()[(i*3+j)%10]
			f := finding.Finding{
				Control: c.ID, Severity: c.Severity, Outcome: finding.Fail, Subject: finding.Subject{Kind: c.Subject, ID: appID((i*3 + j) % 10), Name: name},
				Key: raw(`{"permission":"p%d"}`, j), Evidence: raw(`{"days":%d,"permission":"FileStorageContainerType.Manage.All","users":["a@b.example","c@d.example"]}`, 30+j),
				Message: fmt.Sprintf("%s still holds FileStorageContainerType.Manage.All, %d days after its container type was created", name, 30+j),
			}
			switch {
			case c.ID == "ENTRA-007" || j == 3:
				f.Outcome, f.Key, f.Evidence, f.Message = finding.Unknown, raw(`{}`), raw(`{}`), name+" could not be judged: sign_in_activity was not read (unlicensed)"
			case j == 2 && i%2 == 1:
				f.Outcome = finding.Manual
			case j == 1 && i%2 == 0:
				f.Waiver = &finding.Waiver{
					ID: fmt.Sprintf("R-%d", 100+i), Reason: "The vendor ships the fix with version 4.\nUntil then the account is watched.", Requester: "erika.mustermann@contoso.example",
					Approver: "ciso@contoso.example", Expires: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC).Format(time.RFC3339),
				}
			}
			f.Fingerprint = f.Print()
			if c.Subject == "application" && j != 3 { // else the owners were not read
				f.Owners = []string{"erika.mustermann@contoso.example", "山田太郎@contoso.example"}[:(i+j)%3]
			}
			if j < 2 {
				f.Since = "2026-08-20T00:00:00Z"
			}
			f.Known = j == 0 && i%3 == 2
			findings = append(findings, f)
		}
	}
	return findings
}

func raw(format string, args ...any) json.RawMessage { return fmt.Appendf(nil, format, args...) }

// sumUp counts findings into the controls and totals of a sample.
func sumUp(s *sample) {
	r := &s.report
	r.Totals.Subjects = map[string]int{"application": 412, "container_type": 4, "data_connect_app": 3, "pipeline": 2, "tenant": 1}
	for _, f := range s.findings {
		for i := range r.Controls {
			if r.Controls[i].ID == f.Control {
				count(&r.Controls[i].Counts, f.Outcome)
			}
		}
		count(&r.Totals.Outcomes, f.Outcome)
		switch {
		case f.Waiver != nil:
			r.Totals.Waived++
		case f.Known:
			r.Totals.Known++
		case f.Outcome == finding.Fail:
			r.Totals.Failed[f.Severity]++
		case f.Outcome == finding.Unknown:
			r.Totals.Unknown[f.Severity]++
		}
	}
	for _, c := range r.Controls {
		r.Totals.Outcomes.Pass += c.Counts.Pass
		r.Totals.Outcomes.NotApplicable += c.Counts.NotApplicable
	}
}

func count(c *finding.Counts, outcome finding.Outcome) {
	switch outcome {
	case finding.Fail:
		c.Fail++
	case finding.Manual:
		c.Manual++
	case finding.Unknown:
		c.Unknown++
	}
}
