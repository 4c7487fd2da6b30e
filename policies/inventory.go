package policies

import (
	"cmp"
	"slices"

	"leastwise/policies/catalog"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// inventoryRows turns a subject into its rows of the inventory tables.
func inventoryRows(reasons map[string]string, value any, emit func(finding.Section, any) error) error {
	switch s := value.(type) {
	case *subject.Application:
		if err := emit(finding.Applications, applicationRow(s)); err != nil {
			return err
		}
		for _, row := range permissionRows(reasons, s) {
			if err := emit(finding.Permissions, row); err != nil {
				return err
			}
		}
		for _, row := range credentialRows(s) {
			if err := emit(finding.Credentials, row); err != nil {
				return err
			}
		}
		for _, row := range consentRows(s) {
			if err := emit(finding.Consents, row); err != nil {
				return err
			}
		}
	case *subject.ContainerType:
		return emit(finding.ContainerTypes, containerTypeRow(s))
	case *subject.Container:
		return emit(finding.Containers, containerRow(s))
	case *subject.DataConnectApp:
		return emit(finding.Approvals, approvalRow(s))
	case *subject.Pipeline:
		return emit(finding.Pipelines, pipelineRow(s))
	}
	return nil
}

func applicationRow(s *subject.Application) finding.Application {
	row := finding.Application{
		AppID: s.ID, Name: s.DisplayName, Origin: s.Origin, ObjectID: s.ObjectID,
		ServicePrincipalID: s.ServicePrincipalID, Enabled: s.Enabled, SignInAudience: s.SignInAudience,
		CreatedAt: s.CreatedAt, Owners: ownerNames(s.Owners), Requested: len(s.Requests), Granted: len(s.Grants),
		Credentials: len(s.Credentials), ContainerTypes: len(s.ContainerTypes),
	}
	for _, c := range s.Credentials {
		if c.DaysLeft != nil && *c.DaysLeft > 0 && c.Ends > row.CredentialEndsAt {
			row.CredentialEndsAt = c.Ends
		}
	}
	highest := -1
	consider := func(tier string) {
		if rank := catalog.Tier(tier).Rank(); tier != "" && rank > highest {
			highest, row.HighestTier = rank, tier
		}
	}
	for _, r := range s.Requests {
		consider(r.Tier)
	}
	for _, g := range s.Grants {
		consider(g.Tier)
	}
	for _, gap := range s.Incomplete {
		row.Incomplete = append(row.Incomplete, gap.Dataset+": "+gap.Reason)
	}
	return row
}

func ownerNames(owners []subject.Owner) []string {
	if owners == nil {
		return nil
	}
	names := make([]string, 0, len(owners))
	for _, o := range owners {
		names = append(names, cmp.Or(o.UPN, o.Name, o.ID))
	}
	return names
}

// ownersOf names the owners of a subject for its findings; nil when they were not read, or when its
// kind has none.
func ownersOf(value any) []string {
	switch s := value.(type) {
	case *subject.Application:
		return ownerNames(s.Owners)
	case *subject.ContainerType:
		return ownerNames(s.Owners)
	case *subject.Container:
		return containerRow(s).Owners
	case *subject.DataConnectApp:
		return ownerNames(s.Owners)
	}
	return nil
}

// permissionRows merges requests and grants: one row per grant, and one per
// request that was never granted.
func permissionRows(reasons map[string]string, s *subject.Application) []finding.Permission {
	var rows []finding.Permission
	for _, g := range s.Grants {
		rows = append(rows, finding.Permission{
			AppID: s.ID, AppName: s.DisplayName, ResourceID: g.ResourceAppID, ResourceName: g.ResourceName,
			Permission: cmp.Or(g.Permission, g.PermissionID), PermissionID: g.PermissionID, Kind: g.Kind,
			Requested: s.RequestedKeys[g.Key], Granted: true, Consent: g.Consent, Users: g.Users,
			Tier: cmp.Or(g.Tier, string(catalog.Unrated)), Why: reasons[g.Key],
			Narrower: g.Narrower, ResolvedBy: g.ResolvedBy, GrantedAt: g.GrantedAt, GrantedBy: name(g.GrantedBy),
			Used: g.Used, UsedBy: g.UsedBy, LastUsedAt: g.LastUsedAt, Least: leastOf(s, g.Key), Deprecated: g.Deprecated,
		})
	}
	for _, r := range s.Requests {
		if s.GrantedKeys[r.Key] && r.Key != "" {
			continue
		}
		rows = append(rows, finding.Permission{
			AppID: s.ID, AppName: s.DisplayName, ResourceID: r.ResourceAppID, ResourceName: r.ResourceName,
			Permission: cmp.Or(r.Permission, r.PermissionID), PermissionID: r.PermissionID, Kind: r.Kind,
			Requested: true, Tier: cmp.Or(r.Tier, string(catalog.Unrated)),
			Why: reasons[r.Key], Narrower: r.Narrower, ResolvedBy: r.ResolvedBy, Least: leastOf(s, r.Key), Deprecated: r.Deprecated,
		})
	}
	slices.SortStableFunc(rows, func(a, b finding.Permission) int {
		return cmp.Or(cmp.Compare(a.ResourceID, b.ResourceID), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Permission, b.Permission), cmp.Compare(a.Consent, b.Consent))
	})
	return rows
}

// leastOf says whether a permission is of the least set for what the application does, by any basis. One
// that is of none may go where each set that speaks of it is proven and covers every operation, and every
// call of the look-back was seen.
func leastOf(s *subject.Application, key string) string {
	removable, doubted := false, false
	for i := range s.Least {
		set := &s.Least[i]
		if key != "" && slices.Contains(set.Permissions, key) {
			return "needed"
		}
		if !slices.Contains(set.Removable, key) {
			continue
		}
		seen := set.Basis != "observed" || s.Activity != nil && s.Activity.Whole
		removable = true
		doubted = doubted || !seen || !set.Proven || len(set.Uncovered) > 0
	}
	if removable && !doubted {
		return "removable"
	}
	return ""
}

// tierReasons says by key why the catalogue rates a permission as it does.
func tierReasons(cat *catalog.Catalogue) map[string]string {
	reasons := map[string]string{}
	for p := range cat.All() {
		reasons[p.Resource+"/"+string(p.Kind)+"/"+p.Value] = p.Why
	}
	return reasons
}

func containerTypeRow(s *subject.ContainerType) finding.ContainerType {
	row := finding.ContainerType{
		ID: s.ID, Name: s.DisplayName, OwningAppID: s.OwningAppID, OwningAppName: s.OwningAppName,
		Billing: s.Billing, Registered: s.Registered, CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt,
	}
	if s.Grants == nil {
		return row
	}
	row.Grants = []finding.ContainerTypeGrant{}
	for _, g := range s.Grants {
		row.Grants = append(row.Grants, finding.ContainerTypeGrant(g))
	}
	return row
}

func containerRow(s *subject.Container) finding.Container {
	row := finding.Container{
		ID: s.ID, Name: s.DisplayName, TypeID: s.TypeID, TypeName: s.TypeName, OwningAppID: s.OwningAppID, OwningAppName: s.OwningAppName,
		CreatedAt: s.CreatedAt, Status: s.Status, LockState: s.LockState,
	}
	for _, gap := range s.Incomplete {
		row.Incomplete = append(row.Incomplete, gap.Dataset+": "+gap.Reason)
	}
	if s.Members == nil {
		return row
	}
	guests := 0
	row.Owners = []string{}
	for _, m := range s.Members {
		if m.Role == "owner" || m.Role == "principalOwner" {
			row.Owners = append(row.Owners, cmp.Or(m.UPN, m.Name, m.ID))
		}
		if m.Guest != nil && *m.Guest {
			guests++
		}
	}
	row.Members, row.Guests = new(len(s.Members)), &guests
	return row
}

func approvalRow(s *subject.DataConnectApp) finding.Approval {
	row := finding.Approval{
		AppID: s.AppID, AppTenantID: s.AppTenantID, Name: s.DisplayName, State: cmp.Or(s.State, "unknown"),
		SelfDeclared: s.SelfDeclared, Version: s.Version, Purpose: s.Purpose, MultiTenant: s.MultiTenant,
		Approver: name(s.Approver), Developer: name(s.Developer), Decisions: len(s.History),
		Owners: ownerNames(s.Owners), ApprovedAt: s.ApprovedAt, ExpiresAt: s.ExpiresAt, DaysLeft: s.DaysLeft,
		Sinks: s.Sinks, DestinationID: s.DestinationID, LastRunAt: s.LastRunAt,
	}
	for _, d := range s.Datasets {
		row.Datasets = append(row.Datasets, finding.ApprovedDataset{
			Name: d.Name, Columns: d.Columns, Scope: d.Scope, Groups: d.Groups, Filter: d.Filter,
		})
	}
	return row
}

func name(p *subject.Person) string {
	if p == nil {
		return ""
	}
	return cmp.Or(p.UPN, p.ObjectID)
}

func pipelineRow(s *subject.Pipeline) finding.Pipeline {
	row := finding.Pipeline{
		ID: s.ID, File: s.File, Line: s.Line, Pipeline: s.Pipeline, Activity: s.Activity, Product: s.Product,
		Inactive: s.Inactive, AppID: s.AppID, Dataset: s.Dataset, Scope: s.Scope, AllColumns: s.AllColumns,
	}
	if s.Columns != nil {
		row.Columns = new(len(s.Columns))
	}
	for _, u := range s.Unresolved {
		if !slices.Contains(row.Unresolved, u.Field) {
			row.Unresolved = append(row.Unresolved, u.Field)
		}
	}
	return row
}
