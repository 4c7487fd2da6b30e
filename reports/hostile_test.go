package reports

import (
	"encoding/json"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// hostileNames attack whoever draws them: formulas, escape sequences, characters that
// XML cannot hold, that hide, that turn writing around, and too many of them.
func hostileNames() []string {
	return []string{
		`=cmd|' /C calc'!A0`, `@SUM(1)`, "+1", "-1", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "'=1+1", "＝1+1", "\x00nul", "bell\a\b\v\f",
		"\x1b[31mred\x1b[0m\x1b]0;owned\x07", "\u009b31m", "invoice\u202efdp.exe", "iso\u2066late\u2069", "zero\u200bwidth\ufeff", "tag\U000e0041s",
		"line\u2028para\u2029end", "\ufffe\uffff", "\ufffdreplaced", "_x0041__x005F_", "]]></t><f>1+1</f>", `<script>alert("&amp;")</script>`,
		`"quotes"`, "two\nlines", "  spaces  ", "", strings.Repeat("long ", 8000), strings.Repeat("長", 40000), strings.Repeat("🚀", 17000),
		"👩‍👩‍👧‍👦 family", "Größe", "アプリ", "עברית\u200f", "z" + strings.Repeat("\u0301", 500), "2024-01-01", "007", "TRUE", "#REF!",
	}
}

// hostileSample has a hostile name wherever a tenant can put text.
func hostileSample() sample {
	if underRace {
		return shortHostileSample()
	}
	return sampleOf(hostileNames())
}

// shortHostileSample leaves out the long ones, which take their time.
func shortHostileSample() sample { return sampleOf(shortHostileNames()) }

func shortHostileNames() []string {
	return slices.DeleteFunc(hostileNames(), func(name string) bool { return len(name) > 2000 })
}

func sampleOf(names []string) sample {
	s := emptySample()
	r := &s.report
	r.Tenant.Name = names[0]
	r.Snapshot.CollectedFrom, r.Snapshot.SHA256 = "=1+1", "=1+1"
	var needs []finding.DeclaredNeed
	for _, name := range names {
		list := []string{name, name}
		r.Identities = append(r.Identities, finding.Identity{
			Kind: name, User: name, Roles: list, Needs: []finding.Need{{Dataset: name, Least: list, Accepted: list}}, Datasets: list,
		})
		r.Coverage = append(r.Coverage, finding.Coverage{
			Dataset: name, Status: name, Reason: name, From: name, SHA256: name, Controls: list, Reconciled: &finding.Reconciled{Against: name, Want: 2, Got: 1},
		})
		r.Controls = append(r.Controls, finding.Control{
			ID: name, Title: name, Description: name, Severity: finding.High, Subject: name, Requires: list, Remediation: name, References: list,
			Disabled: name, Counts: finding.Counts{Fail: 1},
		})
		s.applications = append(s.applications, finding.Application{
			AppID: name, Name: name, Origin: name, ObjectID: name, ServicePrincipalID: name, SignInAudience: name, CreatedAt: name,
			Owners: list, CredentialEndsAt: name, HighestTier: name, Incomplete: list,
		})
		s.permissions = append(s.permissions, finding.Permission{
			AppID: name, AppName: name, ResourceID: name, ResourceName: name, Permission: name, PermissionID: name, Kind: name, Consent: name,
			Tier: name, Why: name, Narrower: list, ResolvedBy: name, GrantedAt: name, GrantedBy: name, Used: name, UsedBy: list,
			LastUsedAt: name, Least: name,
		})
		s.containers = append(s.containers, finding.Container{
			ID: name, Name: name, TypeID: name, TypeName: name, OwningAppID: name, OwningAppName: name, CreatedAt: name, Status: name,
			LockState: name, Owners: list, Incomplete: list,
		})
		s.containerTypes = append(s.containerTypes, finding.ContainerType{
			ID: name, Name: name, OwningAppID: name, OwningAppName: name, Billing: name, CreatedAt: name, ExpiresAt: name,
			Grants: []finding.ContainerTypeGrant{{AppID: name, AppName: name, ApplicationPermissions: list, DelegatedPermissions: list}},
		})
		s.approvals = append(s.approvals, finding.Approval{
			AppID: name, AppTenantID: name, Name: name, State: name, Approver: name, Developer: name, Owners: list, ApprovedAt: name, ExpiresAt: name,
			Sinks: list, DestinationID: name, Datasets: []finding.ApprovedDataset{{Name: name, Columns: list, Scope: name, Groups: list, Filter: name}},
		})
		s.pipelines = append(s.pipelines, finding.Pipeline{
			ID: name, File: name, Pipeline: name, Activity: name, Product: name, AppID: name, Dataset: name, Scope: name, Unresolved: list,
		})
		needs = append(needs, finding.DeclaredNeed{AppID: name, Permissions: list, Reason: name})
		s.findings = append(s.findings, finding.Finding{
			Control: name, Severity: finding.High, Outcome: finding.Fail, Subject: finding.Subject{Kind: name, ID: name, Name: name},
			Key: raw(`{}`), Evidence: raw(`{"name":%s,"list":[%s]}`, jsonString(name), jsonString(name)), Message: name, Fingerprint: name,
			Waiver: &finding.Waiver{ID: name, Reason: name, Requester: name, Approver: name, Expires: name},
		}, finding.Finding{
			Control: name, Severity: finding.Medium, Outcome: finding.Fail, Subject: finding.Subject{Kind: name, ID: name, Name: name},
			Key: raw(`{}`), Evidence: raw(`{}`), Message: name, Fingerprint: name, Owners: list, Since: name,
		})
	}
	hostileEarlier(&s, names)
	r.Declared = &finding.Declared{Needs: needs, CriticalAllowed: needs, MultiTenant: names, PreAuthorized: names}
	for _, name := range names {
		r.Declared.Operations = append(r.Declared.Operations, finding.DeclaredOperations{AppID: name, Kind: name, Operations: names, Reason: name})
		r.Declared.ContainerNeeds = append(r.Declared.ContainerNeeds, finding.DeclaredContainerNeed{AppID: name, DelegatedPermissions: names, ApplicationPermissions: names, Reason: name})
	}
	r.Choices = map[string]any{"trusted_issuers": names}
	r.Totals.Subjects["pipeline"], r.Totals.Subjects["container"] = len(names), len(names)
	r.Totals.Failed[finding.Medium] = len(names)
	r.Totals.Outcomes.Fail = 2 * len(names)
	r.Totals.Waived = len(names)
	return s
}

// hostileEarlier puts the names where earlier reports and the waiver file have texts.
func hostileEarlier(s *sample, names []string) {
	r := &s.report
	r.Baseline = &finding.Baseline{AsOf: names[0], SHA256: names[0]}
	r.Previous = &finding.Previous{AsOf: names[0], SHA256: names[0]}
	for _, name := range names {
		r.Waivers = append(r.Waivers, finding.WaiverStatus{
			Waiver:  finding.Waiver{ID: name, Reason: name, Requester: name, Approver: name, Expires: name},
			Control: name, Subject: name, Fingerprint: name, Approved: name, Status: name, Detail: name,
		})
		r.Previous.NotCompared = append(r.Previous.NotCompared, finding.NotCompared{Dataset: name, Areas: []string{name}, Old: name, New: name, Reason: name})
		s.credentials = append(s.credentials, finding.Credential{
			AppID: name, AppName: name, KeyID: name, Name: name, Type: name, Of: name, Usage: name, StartsAt: name, EndsAt: name, Key: name,
			Issuer: name, Subject: name, LastUsedAt: name,
		})
		s.consents = append(s.consents, finding.ConsentEvent{AppID: name, AppName: name, At: name, Operation: name, Change: name, By: name, Permissions: []string{name}})
		s.differences = append(s.differences, finding.Difference{
			Area: name, Action: name, Subject: finding.Subject{Kind: name, ID: name, Name: name}, Item: name, Tier: name, By: name, At: name,
			Fields: []finding.DifferentField{{Name: name, Old: name, New: name}},
		})
	}
}

func jsonString(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(encoded)
}
