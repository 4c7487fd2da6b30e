package reports

import (
	"cmp"
	"strconv"
	"strings"

	"leastwise/policies/finding"
)

// The tables of the inventory, one function each, in the order of the page.

func applicationTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "applications", Title: "Applications", None: "No applications: the directory holds none.",
		Gaps: incompleteness(&d.Report, "applications service_principals application_owners service_principal_owners"),
	}, d.Applications(), links, []htmlColumn[finding.Application]{
		{"Application", appColumn, func(a finding.Application) any { return appRef{a.AppID, a.Name} }, false},
		{"Origin", wordColumn, func(a finding.Application) any { return words(a.Origin) }, false},
		{"Enabled", wordColumn, func(a finding.Application) any { return pointed(a.Enabled) }, false},
		{"Highest tier", tierColumn, func(a finding.Application) any { return a.HighestTier }, false},
		{"Granted", numberColumn, func(a finding.Application) any { return a.Granted }, false},
		{"Requested", numberColumn, func(a finding.Application) any { return a.Requested }, false},
		{"Owners", wordColumn, func(a finding.Application) any { return list(a.Owners) }, false},
		{"Credentials", numberColumn, func(a finding.Application) any { return a.Credentials }, false},
		{"Credential valid until", instantColumn, func(a finding.Application) any { return a.CredentialEndsAt }, false},
		{"Container types", numberColumn, func(a finding.Application) any { return a.ContainerTypes }, true},
		{"Created", instantColumn, func(a finding.Application) any { return a.CreatedAt }, true},
		{"Sign-in audience", wordColumn, func(a finding.Application) any { return a.SignInAudience }, true},
		{"Known to be missing", wordColumn, func(a finding.Application) any { return strings.Join(a.Incomplete, ", ") }, true},
		{"Application object ID", textColumn, func(a finding.Application) any { return a.ObjectID }, true},
		{"Service principal ID", textColumn, func(a finding.Application) any { return a.ServicePrincipalID }, true},
	})
}

func permissionTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "permissions", Title: "Permissions", None: "No permissions: no application requests or holds any.",
		Intro: "What each application asks for and holds, whether it was seen to use it, and whether it is of the least that would do. “No evidence” and “not used” are two things.",
		Gaps:  incompleteness(&d.Report, "applications service_principals app_role_assignments delegated_grants"),
	}, d.Permissions(), links, []htmlColumn[finding.Permission]{
		{"Application", appColumn, func(p finding.Permission) any { return appRef{p.AppID, p.AppName} }, false},
		{"Permission", wordColumn, func(p finding.Permission) any { return p.Permission }, false},
		{"Resource", wordColumn, func(p finding.Permission) any { return cmp.Or(p.ResourceName, p.ResourceID) }, false},
		{"Kind", wordColumn, func(p finding.Permission) any { return permissionType(p) }, false},
		{"Tier", tierColumn, func(p finding.Permission) any { return p.Tier }, false},
		{"State", wordColumn, func(p finding.Permission) any { return permissionState(p) }, false},
		{"Used", wordColumn, func(p finding.Permission) any { return usage(p) }, false},
		{"Least", wordColumn, func(p finding.Permission) any { return cmp.Or(p.Least, "not known") }, false},
		{"Granted at", instantColumn, func(p finding.Permission) any { return p.GrantedAt }, false},
		{"Granted by", wordColumn, func(p finding.Permission) any { return p.GrantedBy }, true},
		{"Consent", wordColumn, func(p finding.Permission) any { return p.Consent }, true},
		{"Users who consented", numberColumn, func(p finding.Permission) any { return users(p) }, true},
		{"Last used", instantColumn, func(p finding.Permission) any { return p.LastUsedAt }, true},
		{"Evidence of use", wordColumn, func(p finding.Permission) any { return words(strings.Join(p.UsedBy, ", ")) }, true},
		{"What it can do", wordColumn, func(p finding.Permission) any { return p.Why }, true},
		{"Narrower alternatives", wordColumn, func(p finding.Permission) any { return strings.Join(p.Narrower, ", ") }, true},
		{"Deprecated", wordColumn, func(p finding.Permission) any { return p.Deprecated }, true},
		{"Resolved by", wordColumn, func(p finding.Permission) any { return cmp.Or(p.ResolvedBy, "unknown") }, true},
		{"Resource app ID", wordColumn, func(p finding.Permission) any { return p.ResourceID }, true},
		{"Permission ID", wordColumn, func(p finding.Permission) any { return p.PermissionID }, true},
	})
}

func credentialTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "credentials", Title: "Credentials", None: "No credentials: no application has any.",
		Gaps: notInReport(d, finding.Credentials, "applications service_principals federated_credentials"),
	}, d.Credentials(), links, []htmlColumn[finding.Credential]{
		{"Application", appColumn, func(c finding.Credential) any { return appRef{c.AppID, c.AppName} }, false},
		{"Type", wordColumn, func(c finding.Credential) any { return c.Type }, false},
		{"Name", wordColumn, func(c finding.Credential) any { return c.Name }, false},
		{"Ends", instantColumn, func(c finding.Credential) any { return c.EndsAt }, false},
		{"Days left", numberColumn, func(c finding.Credential) any { return pointed(c.DaysLeft) }, false},
		{"Last used", instantColumn, func(c finding.Credential) any { return c.LastUsedAt }, false},
		{"Key", wordColumn, func(c finding.Credential) any { return c.Key }, false},
		{"Of", wordColumn, func(c finding.Credential) any { return words(c.Of) }, true},
		{"Starts", instantColumn, func(c finding.Credential) any { return c.StartsAt }, true},
		{"Usage", wordColumn, func(c finding.Credential) any { return c.Usage }, true},
		{"Issuer", wordColumn, func(c finding.Credential) any { return c.Issuer }, true},
		{"Subject", wordColumn, func(c finding.Credential) any { return c.Subject }, true},
		{"Key ID", textColumn, func(c finding.Credential) any { return c.KeyID }, true},
	})
}

func consentTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "consents", Title: "Consents", None: "No consents: no event that grants or takes away a permission was seen.",
		Gaps: notInReport(d, finding.Consents, "consent_events"),
	}, d.Consents(), links, []htmlColumn[finding.ConsentEvent]{
		{"When", instantColumn, func(c finding.ConsentEvent) any { return c.At }, false},
		{"Application", appColumn, func(c finding.ConsentEvent) any { return appRef{c.AppID, c.AppName} }, false},
		{"Change", wordColumn, func(c finding.ConsentEvent) any { return c.Change }, false},
		{"Permissions", wordColumn, func(c finding.ConsentEvent) any { return strings.Join(c.Permissions, ", ") }, false},
		{"By", wordColumn, func(c finding.ConsentEvent) any { return c.By }, false},
		{"For everybody", wordColumn, func(c finding.ConsentEvent) any { return pointed(c.Admin) }, false},
		{"Operation", wordColumn, func(c finding.ConsentEvent) any { return c.Operation }, true},
	})
}

func containerTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "containers", Title: "Containers", None: "No containers were found.",
		Gaps: notInReport(d, finding.Containers, "containers container_permissions"),
	}, d.Containers(), links, []htmlColumn[finding.Container]{
		{"Container", textColumn, func(c finding.Container) any { return cmp.Or(c.Name, c.ID) }, false},
		{"Container type", wordColumn, func(c finding.Container) any { return cmp.Or(c.TypeName, c.TypeID) }, false},
		{"Owning application", appColumn, func(c finding.Container) any { return appRef{c.OwningAppID, c.OwningAppName} }, false},
		{"Owners", wordColumn, func(c finding.Container) any { return list(c.Owners) }, false},
		{"Members", numberColumn, func(c finding.Container) any { return pointed(c.Members) }, false},
		{"Guests", numberColumn, func(c finding.Container) any { return pointed(c.Guests) }, false},
		{"Status", wordColumn, func(c finding.Container) any { return c.Status }, false},
		{"Created", instantColumn, func(c finding.Container) any { return c.CreatedAt }, false},
		{"Lock state", wordColumn, func(c finding.Container) any { return c.LockState }, true},
		{"Known to be missing", wordColumn, func(c finding.Container) any { return strings.Join(c.Incomplete, ", ") }, true},
		{"Container type ID", wordColumn, func(c finding.Container) any { return c.TypeID }, true},
		{"Container ID", textColumn, func(c finding.Container) any { return c.ID }, true},
	})
}

func approvalTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "approvals", Title: "Data Connect approvals", None: "No approvals of Microsoft Graph Data Connect are known.",
		Intro: "Approvals are rebuilt from audit events, because no interface lists them; what the operator declares is said to be self-declared.",
		Gaps:  incompleteness(&d.Report, "data_connect_events data_connect_register"),
	}, d.Approvals(), links, []htmlColumn[finding.Approval]{
		{"Application", appColumn, func(a finding.Approval) any { return appRef{a.AppID, a.Name} }, false},
		{"State", wordColumn, func(a finding.Approval) any { return approvalState(a) }, false},
		{"Days left", numberColumn, func(a finding.Approval) any { return daysLeft(approvedDataset{Approval: a}) }, false},
		{"Expires", instantColumn, func(a finding.Approval) any { return a.ExpiresAt }, false},
		{"Approver", wordColumn, func(a finding.Approval) any { return a.Approver }, false},
		{"Owners", wordColumn, func(a finding.Approval) any { return list(a.Owners) }, false},
		{"Datasets, columns and scope", textColumn, func(a finding.Approval) any { return approvedData(a) }, false},
		{"Sinks", wordColumn, func(a finding.Approval) any { return strings.Join(a.Sinks, ", ") }, false},
		{"Approved", instantColumn, func(a finding.Approval) any { return a.ApprovedAt }, true},
		{"Last run", instantColumn, func(a finding.Approval) any { return a.LastRunAt }, true},
		{"Decisions known", numberColumn, func(a finding.Approval) any { return a.Decisions }, true},
		{"Version", wordColumn, func(a finding.Approval) any { return a.Version }, true},
		{"Developer (self-declared)", wordColumn, func(a finding.Approval) any { return a.Developer }, true},
		{"Purpose (self-declared)", wordColumn, func(a finding.Approval) any { return a.Purpose }, true},
		{"Multi-tenant", wordColumn, func(a finding.Approval) any { return pointed(a.MultiTenant) }, true},
		{"App tenant ID", wordColumn, func(a finding.Approval) any { return a.AppTenantID }, true},
		{"Destination tenant ID", wordColumn, func(a finding.Approval) any { return a.DestinationID }, true},
	})
}

// approvedData lists the datasets of an approval, a line each.
func approvedData(a finding.Approval) string {
	var lines []string
	for _, d := range a.Datasets {
		line := d.Name
		if len(d.Columns) > 0 {
			line += " (" + strings.Join(d.Columns, ", ") + ")"
		}
		if d.Scope != "" {
			line += "; scope " + d.Scope
		}
		if len(d.Groups) > 0 {
			line += ": " + strings.Join(d.Groups, ", ")
		}
		if d.Filter != "" {
			line += ": " + d.Filter
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func approvalState(a finding.Approval) string {
	if a.SelfDeclared {
		return words(a.State) + " (self-declared)"
	}
	return words(a.State)
}

func pipelineTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "pipelines", Title: "Pipelines", None: "No pipeline of a repository reads Microsoft Graph Data Connect.",
		Gaps: notInReport(d, finding.Pipelines, "pipelines"),
	}, d.Pipelines(), links, []htmlColumn[finding.Pipeline]{
		{"Place", textColumn, func(p finding.Pipeline) any { return htmlPlace(p.File, p.Line) }, false},
		{"Pipeline", wordColumn, func(p finding.Pipeline) any { return p.Pipeline }, false},
		{"Activity", wordColumn, func(p finding.Pipeline) any { return p.Activity }, false},
		{"Dataset", wordColumn, func(p finding.Pipeline) any { return p.Dataset }, false},
		{"Scope", wordColumn, func(p finding.Pipeline) any { return p.Scope }, false},
		{"Columns", wordColumn, func(p finding.Pipeline) any { return askedColumns(p) }, false},
		{"Switched off", wordColumn, func(p finding.Pipeline) any { return p.Inactive }, false},
		{"Not told by the files", wordColumn, func(p finding.Pipeline) any { return strings.Join(p.Unresolved, ", ") }, false},
		{"Product", wordColumn, func(p finding.Pipeline) any { return words(p.Product) }, true},
		{"App ID", wordColumn, func(p finding.Pipeline) any { return p.AppID }, true},
	})
}

func askedColumns(p finding.Pipeline) string {
	switch {
	case p.AllColumns:
		return "all"
	case p.Columns == nil:
		return "not known"
	}
	return strconv.Itoa(*p.Columns)
}

func htmlPlace(file string, line int) string {
	if line == 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}

// notInReport is incompleteness, which a report from before a table came to be has too.
func notInReport(d *finding.Document, section finding.Section, datasets string) []string {
	if !d.Has(section) {
		return []string{"This report was made by an earlier version, which did not list them"}
	}
	return incompleteness(&d.Report, datasets)
}

// words are the words of a name such as managed_identity.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }
