package reports

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// The sheets of the workbook, one function each, in the order of the workbook.

func findingSheet(b *book, d *finding.Document) sheet[finding.Finding] {
	titles, remedies := map[string]string{}, map[string]string{}
	for _, c := range d.Controls {
		titles[c.ID], remedies[c.ID] = c.Title, c.Remediation
	}
	none := "No findings: nothing failed, and everything could be judged."
	if !judged(&d.Report) {
		none = "No findings: no control was run."
	}
	columns := []column[finding.Finding]{
		{"Severity", 9, word, func(f finding.Finding) any { return string(f.Severity) }},
		{"Control", 12, plain, func(f finding.Finding) any { return f.Control }},
		{"Result", 10, word, func(f finding.Finding) any { return string(f.Outcome) }},
		{"Subject", 24, wrapped, func(f finding.Finding) any { return cmp.Or(f.Subject.Name, f.Subject.ID) }},
		{"Owner", 26, wrapped, func(f finding.Finding) any { return strings.Join(ownersOrNone(&f), ", ") }},
		{"What was found", 46, wrapped, func(f finding.Finding) any { return f.Message }},
		{"Evidence", 44, wrapped, func(f finding.Finding) any { return facts(f.Evidence) }},
		{"What to do", 56, wrapped, func(f finding.Finding) any { return remedies[f.Control] }},
		{"First reported (UTC)", 16, instant, func(f finding.Finding) any { return firstReported(&d.Report, &f) }},
		{"Counts", 9, word, func(f finding.Finding) any { return counting(&d.Report, &f) }},
		{"Waiver", 10, wrapped, func(f finding.Finding) any { return waiverOf(f).ID }},
		{"Portal", 8, linked, func(f finding.Finding) any { return portal(b.links.subject(f.Subject)) }},
	}
	columns = append(columns, findingDetails(titles)...)
	return sheet[finding.Finding]{
		name: "Findings", about: "What failed, could not be judged, or a person has to look at; worst first.",
		pinned: 4, printed: 12, none: none, columns: columns, rows: tallied(d.Findings(), b.tally),
		notes: countingNotes(&d.Report),
	}
}

// findingDetails are the columns that paper has no room for.
func findingDetails(titles map[string]string) []column[finding.Finding] {
	place := func(f finding.Finding) finding.Location {
		if f.Location == nil {
			return finding.Location{}
		}
		return *f.Location
	}
	return []column[finding.Finding]{
		{"Waived until (UTC)", 17, expiry, func(f finding.Finding) any { return waiverOf(f).Expires }},
		{"Reason for the waiver", 36, wrapped, func(f finding.Finding) any { return waiverOf(f).Reason }},
		{"Requested by", 26, plain, func(f finding.Finding) any { return waiverOf(f).Requester }},
		{"Approved by", 26, plain, func(f finding.Finding) any { return waiverOf(f).Approver }},
		{"Control title", 38, wrapped, func(f finding.Finding) any { return titles[f.Control] }},
		{"Subject kind", 17, plain, func(f finding.Finding) any { return f.Subject.Kind }},
		{"Subject ID", 38, plain, func(f finding.Finding) any { return f.Subject.ID }},
		{"File", 30, plain, func(f finding.Finding) any { return place(f).File }},
		{"Line", 8, number, func(f finding.Finding) any {
			if place(f).Line == 0 {
				return nil
			}
			return f.Location.Line
		}},
		{"Fingerprint", 36, plain, func(f finding.Finding) any { return f.Fingerprint }},
	}
}

func waiverOf(f finding.Finding) finding.Waiver {
	if f.Waiver == nil {
		return finding.Waiver{}
	}
	return *f.Waiver
}

// counting says whether a finding counts, and why it does not.
func counting(r *finding.Report, f *finding.Finding) string {
	switch s := standing(r, f); {
	case s == "waived" || s == "known":
		return s
	case f.Outcome == finding.Manual:
		return "no"
	case !f.Severity.AtLeast(r.FailOn):
		return "below " + string(r.FailOn)
	case s == "new":
		return s
	}
	return "yes"
}

// countingNotes say what the words of the column Counts mean in this report.
func countingNotes(r *finding.Report) []string {
	text := "Counts: waived findings are accepted risks; a finding that a person has to look at (manual) does not count"
	if r.Baseline != nil {
		text += "; known ones are in the baseline of " + baselineInstant(r) + " already, new ones are not"
	}
	return []string{text + ".", "First reported: the earliest report that is known to have shown the finding without a break; this one, where no earlier report was given."}
}

// tallied counts the findings as they pass.
func tallied(rows iter.Seq2[finding.Finding, error], t *tally) iter.Seq2[finding.Finding, error] {
	return func(yield func(finding.Finding, error) bool) {
		for f, err := range rows {
			if err == nil {
				t.add(&f)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

func applicationSheet(b *book, d *finding.Document) sheet[finding.Application] {
	return sheet[finding.Application]{
		name: "Applications", about: "Every application that is registered here or may act here.",
		pinned: 1, printed: 11, none: "No applications: the directory holds none.", rows: d.Applications(),
		datasets: []string{"applications", "service_principals", "application_owners", "service_principal_owners"},
		columns: []column[finding.Application]{
			{"Display name", 34, wrapped, func(a finding.Application) any { return a.Name }},
			{"App ID", 37, plain, func(a finding.Application) any { return a.AppID }},
			{"Origin", 17, plain, func(a finding.Application) any { return a.Origin }},
			{"Enabled", 9, plain, func(a finding.Application) any { return pointed(a.Enabled) }},
			{"Highest tier", 10, word, func(a finding.Application) any { return a.HighestTier }},
			{"Granted permissions", 12, amount, func(a finding.Application) any { return a.Granted }},
			{"Requested permissions", 12, amount, func(a finding.Application) any { return a.Requested }},
			{"Owners", 36, word, func(a finding.Application) any { return list(a.Owners) }},
			{"Credentials", 11, amount, func(a finding.Application) any { return a.Credentials }},
			{"Credential valid until (UTC)", 18, expiry, func(a finding.Application) any { return a.CredentialEndsAt }},
			{"Portal", 8, linked, func(a finding.Application) any { return portal(b.links.application(a.AppID)) }},
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
func permissionSheet(b *book, d *finding.Document) sheet[finding.Permission] {
	return sheet[finding.Permission]{
		name: "Permissions", about: "What each application asks for, holds, was seen to use, and needs at least.",
		pinned: 2, printed: 14, none: "No permissions: no application requests or holds any.", rows: d.Permissions(),
		datasets: []string{"applications", "service_principals", "app_role_assignments", "delegated_grants"},
		columns: []column[finding.Permission]{
			{"ClientDisplayName", 30, wrapped, func(p finding.Permission) any { return p.AppName }},
			{"Permission", 38, wrapped, func(p finding.Permission) any { return p.Permission }},
			{"PermissionType", 23, plain, func(p finding.Permission) any { return permissionType(p) }},
			{"Privilege", 10, word, func(p finding.Permission) any { return p.Tier }},
			{"Requested", 11, plain, func(p finding.Permission) any { return p.Requested }},
			{"Granted", 10, plain, func(p finding.Permission) any { return p.Granted }},
			{"Used", 12, plain, func(p finding.Permission) any { return usage(p) }},
			{"Least", 12, word, func(p finding.Permission) any { return cmp.Or(p.Least, "not known") }},
			{"ConsentType", 12, plain, func(p finding.Permission) any { return p.Consent }},
			{"Users", 9, amount, func(p finding.Permission) any { return users(p) }},
			{"GrantedAt", 17, instant, func(p finding.Permission) any { return p.GrantedAt }},
			{"GrantedBy", 30, wrapped, func(p finding.Permission) any { return p.GrantedBy }},
			{"ResourceDisplayName", 26, wrapped, func(p finding.Permission) any { return p.ResourceName }},
			{"Portal", 8, linked, func(p finding.Permission) any { return portal(b.links.application(p.AppID)) }},
			{"Why", 46, wrapped, func(p finding.Permission) any { return p.Why }},
			{"NarrowerAlternatives", 34, wrapped, func(p finding.Permission) any { return strings.Join(p.Narrower, ", ") }},
			{"LastUsedAt", 17, instant, func(p finding.Permission) any { return p.LastUsedAt }},
			{"UsedBy", 22, plain, func(p finding.Permission) any { return strings.Join(p.UsedBy, ", ") }},
			{"State", 24, plain, func(p finding.Permission) any { return permissionState(p) }},
			{"AppId", 37, plain, func(p finding.Permission) any { return p.AppID }},
			{"ResourceAppId", 37, plain, func(p finding.Permission) any { return p.ResourceID }},
			{"PermissionId", 37, plain, func(p finding.Permission) any { return p.PermissionID }},
			{"Deprecated", 11, plain, func(p finding.Permission) any { return p.Deprecated }},
			{"ResolvedBy", 12, word, func(p finding.Permission) any { return cmp.Or(p.ResolvedBy, "unknown") }},
		},
		notes: []string{
			"Used: “no evidence” is not “not used”, which means that every call of the look-back was seen and none needs the permission. " +
				"Least: “needed” or “removable” for what the application was seen or is declared to do.",
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
