package subject

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"leastwise/collector/snapshot"
)

// tenant makes the document of the tenant. Its datasets have a few rows each, and nothing else
// needs them: they are read when it is asked for.
func (j *Join) tenant() (Document, error) {
	manifest := j.snap.Manifest.Tenant
	t := &Tenant{Kind: KindTenant, ID: j.tenantID, DisplayName: manifest.Name, Cloud: manifest.Cloud}
	for _, add := range []func(*Tenant) error{j.addUserRights, j.addConsentWorkflow, j.addAppManagement} {
		if err := add(t); err != nil {
			return Document{}, err
		}
	}
	return Document{Kind: KindTenant, ID: t.ID, Name: t.DisplayName, Value: t, Incomplete: t.Incomplete}, nil
}

// lacks records that something of the tenant was not read.
func (t *Tenant) lacks(dataset snapshot.Name, reason, field string) {
	t.Incomplete = append(t.Incomplete, Gap{Dataset: dataset, Reason: reason, Field: field})
}

// only reads a dataset that holds one row, and says what is wrong with it.
func only[T any](j *Join, t *Tenant, name snapshot.Name, id func(*T) string) (*T, error) {
	var row *T
	n := 0
	err := eachRow(j, name, func(read *T, fault string) {
		if n++; n == 1 {
			row = read
		}
		if reason := j.gap(name, id(read), fault); reason != "" {
			t.lacks(name, reason, "")
		}
	})
	switch {
	case err != nil || !j.readable(name):
		return nil, err
	case n == 0:
		t.lacks(name, "the policy was not in the answer", "")
	case n > 1:
		t.lacks(name, "there is more than one such policy", "")
	}
	return row, nil
}

// addUserRights adds what members may do by default.
func (j *Join) addUserRights(t *Tenant) error {
	row, err := only(j, t, snapshot.AuthorizationPolicy, func(w *wireAuthorizationPolicy) string { return cmp.Or(w.ID, "authorizationPolicy") })
	if err != nil || row == nil {
		return err
	}
	t.RiskyConsent, t.RiskyConsentRead = row.risky()
	assigned, told := slices.Clone(row.AssignedAtTheTop), row.AssignedAtTheTop != nil
	if rights := row.DefaultUserRights; rights != nil {
		t.CreateApps = rights.CreateApps.value
		assigned, told = append(assigned, rights.Assigned...), told || rights.Assigned != nil
	}
	if !told || !j.readable(snapshot.PermissionGrantPolicies) {
		return nil
	}
	return j.addConsentPolicies(t, assigned)
}

// The prefixes of permission grant policies say whose consent they govern. Their case differs
// between pages (https://learn.microsoft.com/graph/api/resources/defaultuserrolepermissions).
const (
	forSelf  = "managepermissiongrantsforself."
	forOwned = "managepermissiongrantsforownedresource."
)

func (j *Join) addConsentPolicies(t *Tenant, assigned []string) error {
	policies := map[string]*wireGrantPolicy{}
	faults := map[string]string{}
	err := eachRow(j, snapshot.PermissionGrantPolicies, func(row *wireGrantPolicy, fault string) {
		id := strings.ToLower(row.ID)
		policies[id] = row
		faults[id] = j.gap(snapshot.PermissionGrantPolicies, row.ID, fault)
	})
	if err != nil {
		return err
	}
	t.UserConsent, t.OwnerConsent = []ConsentPolicy{}, []ConsentPolicy{}
	slices.Sort(assigned)
	for _, written := range slices.Compact(assigned) {
		// A bare id, as one documented answer has it, governs the user's own consent.
		to, field := &t.UserConsent, "user_consent"
		id, owned := strings.CutPrefix(strings.ToLower(strings.TrimSpace(written)), forOwned)
		if owned {
			to, field = &t.OwnerConsent, "owner_consent"
		}
		id = strings.TrimPrefix(id, forSelf)
		if slices.ContainsFunc(*to, func(p ConsentPolicy) bool { return p.ID == id }) {
			continue
		}
		if faults[id] != "" {
			t.lacks(snapshot.PermissionGrantPolicies, faults[id], field)
		}
		*to = append(*to, consentPolicy(id, policies[id]))
	}
	byID := func(a, b ConsentPolicy) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(t.UserConsent, byID)
	slices.SortFunc(t.OwnerConsent, byID)
	return nil
}

func consentPolicy(id string, row *wireGrantPolicy) ConsentPolicy {
	p := ConsentPolicy{ID: id, BuiltIn: strings.HasPrefix(id, "microsoft-")}
	if row == nil {
		return p
	}
	p.Found, p.Name = true, row.DisplayName
	p.Includes, p.Excludes = conditions(row.Includes), conditions(row.Excludes)
	return p
}

func conditions(rows []wireConditionSet) []ConsentCondition {
	if rows == nil {
		return nil
	}
	list := make([]ConsentCondition, len(rows))
	for i, row := range rows {
		list[i] = ConsentCondition{
			Classification: row.Classification, PermissionType: row.PermissionType, Resource: strings.ToLower(row.Resource),
			Permissions: row.Permissions, ClientApps: row.ClientApps, ClientTenants: row.ClientTenants,
			ClientPublishers: row.ClientPublishers, VerifiedPublisherOnly: row.VerifiedPublisherOnly.value,
		}
	}
	return list
}

func (j *Join) addConsentWorkflow(t *Tenant) error {
	row, err := only(j, t, snapshot.AdminConsentPolicy, func(w *wireConsentWorkflow) string { return cmp.Or(w.ID, "adminConsentRequestPolicy") })
	if err != nil || row == nil {
		return err
	}
	t.ConsentWorkflow = &ConsentWorkflow{Enabled: row.IsEnabled.value, RequestDays: row.RequestDays, NotifiesThem: row.NotifyReviewers.value}
	if row.Reviewers != nil {
		named := 0
		for _, reviewer := range row.Reviewers {
			if reviewer != nil && strings.TrimSpace(reviewer.Query) != "" {
				named++
			}
		}
		t.ConsentWorkflow.Reviewers = &named
	}
	return nil
}

// tenantPolicy is the id of the tenant's app management policy
// (https://learn.microsoft.com/graph/api/tenantappmanagementpolicy-get).
const tenantPolicy = "00000000-0000-0000-0000-000000000000"

func (j *Join) addAppManagement(t *Tenant) error {
	var list []AppManagementPolicy
	err := eachRow(j, snapshot.AppManagementPolicies, func(row *wireAppManagement, fault string) {
		if reason := j.gap(snapshot.AppManagementPolicies, row.ID, fault); reason != "" {
			t.lacks(snapshot.AppManagementPolicies, reason, "")
		}
		list = append(list, j.appManagement(row))
	})
	if err != nil || !j.readable(snapshot.AppManagementPolicies) {
		return err
	}
	tenants := slices.ContainsFunc(list, func(p AppManagementPolicy) bool { return p.Default })
	if !tenants && !j.whole(snapshot.AppManagementPolicies) {
		return nil // it may be what was not read
	}
	t.AppManagement = append([]AppManagementPolicy{}, list...)
	slices.SortFunc(t.AppManagement, func(a, b AppManagementPolicy) int {
		if a.Default != b.Default {
			if a.Default {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return nil
}

func (j *Join) appManagement(row *wireAppManagement) AppManagementPolicy {
	p := AppManagementPolicy{ID: strings.ToLower(row.ID), Name: row.DisplayName, Enabled: row.IsEnabled.value}
	if row.IsDefault.value != nil {
		p.Default = *row.IsDefault.value
	} else {
		p.Default = p.ID == tenantPolicy || row.Applications != nil || row.ServicePrincipals != nil
	}
	if !p.Default {
		if rules, ok := j.restrictions(kindApplication, row.Restrictions); ok {
			p.Restrictions = rules
		}
		return p
	}
	applications, ok := j.restrictions(kindApplication, row.Applications)
	principals, okToo := j.restrictions("service_principal", row.ServicePrincipals)
	if ok && okToo {
		p.Restrictions = append(applications, principals...)
	}
	return p
}

// restrictions lists the rules on secrets and on certificates; false when either was not read.
func (j *Join) restrictions(of string, rows *wireRestrictions) ([]AppRestriction, bool) {
	if rows == nil || rows.Secrets == nil || rows.Certificates == nil {
		return nil, false
	}
	list := []AppRestriction{}
	for _, row := range slices.Concat(rows.Secrets, rows.Certificates) {
		rule := AppRestriction{Of: of, Type: row.Type, State: row.state(), MaxDays: durationDays(row.MaxLifetime), Exempts: row.exempts()}
		if after, ok := parseInstant(row.After); !ok || !noExpiry(after) { // the year 1 exempts nobody
			rule.After = row.After
			if ok {
				rule.AfterDays = ageDays(j.asOf, after)
			}
		}
		list = append(list, rule)
	}
	return list, true
}

var iso8601 = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// durationDays turns an ISO 8601 duration into days, rounded up; nil when it is none. A year counts
// 365 days and a month 30.
func durationDays(text string) *int {
	parts := iso8601.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text)))
	if parts == nil || strings.HasSuffix(parts[0], "P") || strings.HasSuffix(parts[0], "T") {
		return nil
	}
	days := 0.0
	for i, unit := range []float64{365, 30, 7, 1, 1. / 24, 1. / (24 * 60), 1. / (24 * 60 * 60)} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseFloat(parts[i+1], 64)
		if err != nil {
			return nil
		}
		days += n * unit
	}
	if days > 1e6 { // longer than any calendar: whatever wrote it, no limit
		return nil
	}
	return new(int(math.Ceil(days - 1e-9)))
}
