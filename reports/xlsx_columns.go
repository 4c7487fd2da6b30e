package reports

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// The sheets of the workbook, one function each, in the order of the workbook.

func findingSheet(d *finding.Document) sheet[finding.Finding] {
	titles := map[string]string{}
	for _, c := range d.Controls {
		titles[c.ID] = c.Title
	}
	waiver := func(f finding.Finding) finding.Waiver {
		if f.Waiver == nil {
			return finding.Waiver{}
		}
		return *f.Waiver
	}
	none := "No findings: nothing failed, and everything could be judged."
	if !judged(&d.Report) {
		none = "No findings: no control was run."
	}
	return sheet[finding.Finding]{
		name: "Findings", pinned: 3, printed: 8, none: none, rows: d.Findings(),
		columns: []column[finding.Finding]{
			{"Control", 13, plain, func(f finding.Finding) any { return f.Control }},
			{"Severity", 10, word, func(f finding.Finding) any { return string(f.Severity) }},
			{"Outcome", 10, word, func(f finding.Finding) any { return string(f.Outcome) }},
			{"Subject", 30, wrapped, func(f finding.Finding) any { return cmp.Or(f.Subject.Name, f.Subject.ID) }},
			{"What was found", 70, wrapped, func(f finding.Finding) any { return f.Message }},
			{"Subject ID", 38, plain, func(f finding.Finding) any { return f.Subject.ID }},
			{"Subject kind", 16, plain, func(f finding.Finding) any { return f.Subject.Kind }},
			{"Control title", 38, wrapped, func(f finding.Finding) any { return titles[f.Control] }},
			{"Evidence", 60, plain, func(f finding.Finding) any { return facts(f.Evidence) }},
			{"Waived", 9, word, func(f finding.Finding) any { return f.Waiver != nil }},
			{"Waived until (UTC)", 17, expiry, func(f finding.Finding) any { return waiver(f).Expires }},
			{"Waiver", 14, plain, func(f finding.Finding) any { return waiver(f).ID }},
			{"Reason for the waiver", 36, wrapped, func(f finding.Finding) any { return waiver(f).Reason }},
			{"Requested by", 26, plain, func(f finding.Finding) any { return waiver(f).Requester }},
			{"Approved by", 26, plain, func(f finding.Finding) any { return waiver(f).Approver }},
			{"Fingerprint", 36, plain, func(f finding.Finding) any { return f.Fingerprint }},
		},
	}
}

func applicationSheet(d *finding.Document) sheet[finding.Application] {
	return sheet[finding.Application]{
		name: "Applications", pinned: 1, printed: 10, none: "No applications: the directory holds none.", rows: d.Applications(),
		datasets: []string{"applications", "service_principals", "application_owners", "service_principal_owners"},
		columns: []column[finding.Application]{
			{"Display name", 34, wrapped, func(a finding.Application) any { return a.Name }},
			{"App ID", 37, plain, func(a finding.Application) any { return a.AppID }},
			{"Origin", 17, plain, func(a finding.Application) any { return a.Origin }},
			{"Enabled", 9, plain, func(a finding.Application) any { return pointed(a.Enabled) }},
			{"Highest tier", 10, word, func(a finding.Application) any { return a.HighestTier }},
			{"Granted permissions", 12, number, func(a finding.Application) any { return a.Granted }},
			{"Requested permissions", 12, number, func(a finding.Application) any { return a.Requested }},
			{"Owners", 36, word, func(a finding.Application) any { return list(a.Owners) }},
			{"Credentials", 11, number, func(a finding.Application) any { return a.Credentials }},
			{"Credential valid until (UTC)", 18, expiry, func(a finding.Application) any { return a.CredentialEndsAt }},
			{"Container types", 10, number, func(a finding.Application) any { return a.ContainerTypes }},
			{"Created (UTC)", 17, instant, func(a finding.Application) any { return a.CreatedAt }},
			{"Sign-in audience", 24, plain, func(a finding.Application) any { return a.SignInAudience }},
			{"Known to be missing", 34, wrapped, func(a finding.Application) any { return strings.Join(a.Incomplete, ", ") }},
			{"Application object ID", 37, plain, func(a finding.Application) any { return a.ObjectID }},
			{"Service principal ID", 37, plain, func(a finding.Application) any { return a.ServicePrincipalID }},
		},
	}
}

// permissionSheet keeps the column names of Export-MsIdAppConsentGrantReport of
// MSIdentityTools, which many auditors have formulas and habits for. Column names
// that it does not have are ours, in the same manner.
func permissionSheet(d *finding.Document) sheet[finding.Permission] {
	return sheet[finding.Permission]{
		name: "Permissions", pinned: 2, printed: 9, none: "No permissions: no application requests or holds any.", rows: d.Permissions(),
		datasets: []string{"applications", "service_principals", "app_role_assignments", "delegated_grants"},
		columns: []column[finding.Permission]{
			{"ClientDisplayName", 32, wrapped, func(p finding.Permission) any { return p.AppName }},
			{"Permission", 40, wrapped, func(p finding.Permission) any { return p.Permission }},
			{"PermissionType", 23, plain, func(p finding.Permission) any { return permissionType(p) }},
			{"Privilege", 10, word, func(p finding.Permission) any { return p.Tier }},
			{"State", 24, plain, func(p finding.Permission) any { return permissionState(p) }},
			{"ConsentType", 12, plain, func(p finding.Permission) any { return p.Consent }},
			{"Users", 8, number, func(p finding.Permission) any { return users(p) }},
			{"ResourceDisplayName", 28, wrapped, func(p finding.Permission) any { return p.ResourceName }},
			{"Why", 46, wrapped, func(p finding.Permission) any { return p.Why }},
			{"NarrowerAlternatives", 34, wrapped, func(p finding.Permission) any { return strings.Join(p.Narrower, ", ") }},
			{"Used", 14, plain, func(p finding.Permission) any { return usage(p) }},
			{"Least", 12, plain, func(p finding.Permission) any { return p.Least }},
			{"GrantedAt", 17, instant, func(p finding.Permission) any { return p.GrantedAt }},
			{"GrantedBy", 34, wrapped, func(p finding.Permission) any { return p.GrantedBy }},
			{"LastUsedAt", 17, instant, func(p finding.Permission) any { return p.LastUsedAt }},
			{"UsedBy", 22, plain, func(p finding.Permission) any { return strings.Join(p.UsedBy, ", ") }},
			{"Requested", 11, plain, func(p finding.Permission) any { return p.Requested }},
			{"Granted", 10, plain, func(p finding.Permission) any { return p.Granted }},
			{"AppId", 37, plain, func(p finding.Permission) any { return p.AppID }},
			{"ResourceAppId", 37, plain, func(p finding.Permission) any { return p.ResourceID }},
			{"PermissionId", 37, plain, func(p finding.Permission) any { return p.PermissionID }},
			{"Deprecated", 11, plain, func(p finding.Permission) any { return p.Deprecated }},
			{"ResolvedBy", 12, word, func(p finding.Permission) any { return cmp.Or(p.ResolvedBy, "unknown") }},
		},
	}
}

func permissionType(p finding.Permission) string {
	switch {
	case p.Kind == "application":
		return "Application"
	case p.Consent == "admin":
		return "Delegated-AllPrincipals"
	case p.Consent == "user":
		return "Delegated-Principal"
	}
	return "Delegated"
}

func permissionState(p finding.Permission) string {
	switch {
	case p.Granted && !p.Requested:
		return "granted, not requested"
	case p.Granted:
		return "granted"
	}
	return "requested, not granted"
}

// usage tells no evidence from what was not granted.
func usage(p finding.Permission) any {
	switch {
	case !p.Granted:
		return nil
	case p.Used == "":
		return "no evidence"
	}
	return strings.ReplaceAll(p.Used, "_", " ")
}

func users(p finding.Permission) any {
	if p.Consent != "user" {
		return nil
	}
	return p.Users
}

// containerGrant is one application's permissions on one container type; a type
// without any has one too, and says why.
type containerGrant struct {
	finding.ContainerType
	grant finding.ContainerTypeGrant
	none  string
}

func containerTypeSheet(d *finding.Document) sheet[containerGrant] {
	permissions := func(g containerGrant, names []string) any {
		if g.none != "" {
			return g.none
		}
		return list(names)
	}
	return sheet[containerGrant]{
		name: "Container types", pinned: 1, printed: 10, none: "No SharePoint Embedded container types in this tenant.",
		datasets: []string{"container_types", "container_type_registrations", "container_type_grants"},
		rows: flatten(d.ContainerTypes(), func(t finding.ContainerType) []containerGrant {
			switch {
			case t.Grants == nil:
				return []containerGrant{{ContainerType: t, none: "not read"}}
			case len(t.Grants) == 0:
				return []containerGrant{{ContainerType: t, none: "no application"}}
			}
			rows := make([]containerGrant, 0, len(t.Grants))
			for _, g := range t.Grants {
				rows = append(rows, containerGrant{ContainerType: t, grant: g})
			}
			return rows
		}),
		columns: []column[containerGrant]{
			{"Container type", 28, wrapped, func(g containerGrant) any { return g.Name }},
			{"Application with access", 30, word, func(g containerGrant) any { return cmp.Or(g.none, g.grant.AppName, g.grant.AppID) }},
			{"Owns the type", 9, plain, func(g containerGrant) any { return ownsType(g) }},
			{"Application permissions", 32, word, func(g containerGrant) any { return permissions(g, g.grant.ApplicationPermissions) }},
			{"Delegated permissions", 32, word, func(g containerGrant) any { return permissions(g, g.grant.DelegatedPermissions) }},
			{"Owning application", 28, wrapped, func(g containerGrant) any { return g.OwningAppName }},
			{"Billing", 18, plain, func(g containerGrant) any { return g.Billing }},
			{"Registered here", 11, plain, func(g containerGrant) any { return g.Registered }},
			{"Created (UTC)", 17, instant, func(g containerGrant) any { return g.CreatedAt }},
			{"Expires (UTC)", 17, expiry, func(g containerGrant) any { return g.ExpiresAt }},
			{"Container type ID", 37, plain, func(g containerGrant) any { return g.ID }},
			{"App ID", 37, plain, func(g containerGrant) any { return g.grant.AppID }},
			{"Owning app ID", 37, plain, func(g containerGrant) any { return g.OwningAppID }},
		},
	}
}

func ownsType(g containerGrant) any {
	if g.none != "" || g.OwningAppID == "" {
		return nil
	}
	return strings.EqualFold(g.grant.AppID, g.OwningAppID)
}

// approvedDataset is one dataset of one approval; an approval without any has one too.
type approvedDataset struct {
	finding.Approval
	dataset finding.ApprovedDataset
}

func approvalSheet(d *finding.Document) sheet[approvedDataset] {
	return sheet[approvedDataset]{
		name: "Data Connect approvals", pinned: 1, printed: 10, none: "No approvals of Microsoft Graph Data Connect are known.",
		datasets: []string{"data_connect_events", "data_connect_register"},
		rows: flatten(d.Approvals(), func(a finding.Approval) []approvedDataset {
			rows := make([]approvedDataset, 0, len(a.Datasets)+1)
			for _, dataset := range a.Datasets {
				rows = append(rows, approvedDataset{a, dataset})
			}
			if len(rows) == 0 {
				rows = append(rows, approvedDataset{a, finding.ApprovedDataset{Name: "none known"}})
			}
			return rows
		}),
		columns: []column[approvedDataset]{
			{"Application", 30, wrapped, func(a approvedDataset) any { return cmp.Or(a.Name, a.AppID) }},
			{"State", 11, word, func(a approvedDataset) any { return a.State }},
			{"Self-declared", 10, plain, func(a approvedDataset) any { return a.SelfDeclared }},
			{"Days left", 8, days, func(a approvedDataset) any { return daysLeft(a) }},
			{"Expires (UTC)", 17, expiry, func(a approvedDataset) any { return a.ExpiresAt }},
			{"Dataset", 34, wrapped, func(a approvedDataset) any { return a.dataset.Name }},
			{"Columns", 50, wrapped, func(a approvedDataset) any { return strings.Join(a.dataset.Columns, ", ") }},
			{"Scope", 9, plain, func(a approvedDataset) any { return a.dataset.Scope }},
			{"Approver", 30, wrapped, func(a approvedDataset) any { return a.Approver }},
			{"Owners", 32, word, func(a approvedDataset) any { return list(a.Owners) }},
			{"Approved (UTC)", 17, instant, func(a approvedDataset) any { return a.ApprovedAt }},
			{"Last run (UTC)", 17, instant, func(a approvedDataset) any { return a.LastRunAt }},
			{"Decisions known", 10, number, func(a approvedDataset) any { return a.Decisions }},
			{"Version", 9, plain, func(a approvedDataset) any { return a.Version }},
			{"Developer (self-declared)", 30, wrapped, func(a approvedDataset) any { return a.Developer }},
			{"Purpose (self-declared)", 36, wrapped, func(a approvedDataset) any { return a.Purpose }},
			{"Groups", 32, wrapped, func(a approvedDataset) any { return strings.Join(a.dataset.Groups, ", ") }},
			{"Filter", 24, wrapped, func(a approvedDataset) any { return a.dataset.Filter }},
			{"Sinks", 34, wrapped, func(a approvedDataset) any { return strings.Join(a.Sinks, ", ") }},
			{"Multi-tenant", 10, plain, func(a approvedDataset) any { return pointed(a.MultiTenant) }},
			{"App ID", 37, plain, func(a approvedDataset) any { return a.AppID }},
			{"App tenant ID", 37, plain, func(a approvedDataset) any { return a.AppTenantID }},
			{"Destination tenant ID", 37, plain, func(a approvedDataset) any { return a.DestinationID }},
		},
	}
}

func coverageSheet(r *finding.Report) sheet[finding.Coverage] {
	second := func(c finding.Coverage) finding.Reconciled {
		if c.Reconciled == nil {
			return finding.Reconciled{}
		}
		return *c.Reconciled
	}
	countOf := func(c finding.Coverage, n int) any {
		if c.Reconciled == nil {
			return nil
		}
		return n
	}
	return sheet[finding.Coverage]{
		name: "Coverage", pinned: 1, printed: 11, none: "This report names no datasets.", rows: each(r.Coverage),
		columns: []column[finding.Coverage]{
			{"Dataset", 32, plain, func(c finding.Coverage) any { return c.Dataset }},
			{"Status", 12, word, func(c finding.Coverage) any { return c.Status }},
			{"Rows", 10, number, func(c finding.Coverage) any { return c.Rows }},
			{"Reason", 50, wrapped, func(c finding.Coverage) any { return c.Reason }},
			{"Events known from (UTC)", 17, instant, func(c finding.Coverage) any { return c.From }},
			{"Events known to (UTC)", 17, instant, func(c finding.Coverage) any { return c.To }},
			{"Events missing", 36, wrapped, func(c finding.Coverage) any { return strings.Join(holes(c), "\n") }},
			{"Needed by controls", 36, wrapped, func(c finding.Coverage) any { return strings.Join(c.Controls, ", ") }},
			{"Reconciled", 12, word, func(c finding.Coverage) any { return reconciled(c) }},
			{"Rows expected", 10, number, func(c finding.Coverage) any { return countOf(c, second(c).Want) }},
			{"Rows found", 10, number, func(c finding.Coverage) any { return countOf(c, second(c).Got) }},
			{"Second count by", 34, wrapped, func(c finding.Coverage) any { return second(c).Against }},
			{"SHA-256", 66, plain, func(c finding.Coverage) any { return c.SHA256 }},
		},
	}
}

// daysLeft is blank for what is not in force: a refusal does not run out.
func daysLeft(a approvedDataset) any {
	if a.State != "approved" && a.State != "update_available" {
		return nil
	}
	return pointed(a.DaysLeft)
}

func controlSheet(r *finding.Report) sheet[finding.Control] {
	return sheet[finding.Control]{
		name: "Controls", pinned: 1, printed: 11, none: "This report names no controls.", rows: each(r.Controls),
		columns: []column[finding.Control]{
			{"Control", 13, plain, func(c finding.Control) any { return c.ID }},
			{"Severity", 10, word, func(c finding.Control) any { return string(c.Severity) }},
			{"Title", 40, wrapped, func(c finding.Control) any { return c.Title }},
			{"Fail", 9, number, func(c finding.Control) any { return c.Counts.Fail }},
			{"Unknown", 9, number, func(c finding.Control) any { return c.Counts.Unknown }},
			{"Manual", 9, number, func(c finding.Control) any { return c.Counts.Manual }},
			{"Pass", 9, number, func(c finding.Control) any { return c.Counts.Pass }},
			{"Not applicable", 10, number, func(c finding.Control) any { return c.Counts.NotApplicable }},
			{"Not run because", 30, wrapped, func(c finding.Control) any { return notRun(c) }},
			{"Description", 50, wrapped, func(c finding.Control) any { return c.Description }},
			{"What to do", 50, wrapped, func(c finding.Control) any { return c.Remediation }},
			{"Subject kind", 17, plain, func(c finding.Control) any { return c.Subject }},
			{"Datasets needed", 36, wrapped, func(c finding.Control) any { return strings.Join(c.Requires, ", ") }},
			{"Frameworks", 44, wrapped, func(c finding.Control) any { return mapped(c) }},
			{"References", 60, wrapped, func(c finding.Control) any { return strings.Join(c.References, "\n") }},
		},
	}
}

// each yields the items of a slice, as a Document yields its rows.
func each[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item := range slices.Values(items) {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// flatten yields the parts of each row.
func flatten[T, P any](rows iter.Seq2[T, error], parts func(T) []P) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		for row, err := range rows {
			if err != nil {
				var none P
				yield(none, err)
				return
			}
			for _, p := range parts(row) {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}
