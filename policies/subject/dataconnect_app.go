package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// dataConnectApp makes the document of one application.
func (j *Join) dataConnectApp(key string) Document {
	facts := j.connect.apps[key]
	app := &DataConnectApp{
		Kind: KindDataConnectApp, ID: key, AppID: facts.appID, AppTenantID: facts.tenantID,
		Own:                 facts.tenantID == j.tenantID && facts.tenantID != "",
		CrossTenantMovement: j.connect.movement,
		Coverage:            j.coverage(snapshot.DataConnectEvents),
		Incomplete:          slices.Concat(facts.gaps, j.connect.gaps[facts.appID], j.connect.movementGaps),
	}
	if j.readable(snapshot.DataConnectEvents) {
		app.History = j.history(facts)
	}
	latest := facts.latest()
	if latest != nil {
		j.addDecision(app, latest)
	}
	j.addRegister(app, facts.register, latest)
	j.addUnseen(app, latest)
	j.addRegistration(app)
	app.DisplayName = cmp.Or(app.DisplayName, j.appName(app.AppID), j.connect.runs.names[app.AppID])
	if j.readable(snapshot.DataConnectEvents) {
		j.addRuns(app, facts)
	}
	j.addApproverRoles(app, latest)
	return Document{Kind: KindDataConnectApp, ID: key, Name: app.DisplayName, Value: app, Incomplete: app.Incomplete}
}

// addDecision fills in the latest decision.
func (j *Join) addDecision(app *DataConnectApp, latest *decision) {
	app.DisplayName, app.State, app.Version = latest.AppName, latest.State, latest.Version
	app.Approver = j.approver(latest.Approver)
	if latest.dated {
		app.ApprovedAt, app.ApprovedDays = formatInstant(latest.decided), ageDays(j.asOf, latest.decided)
	}
	app.ValidDays, app.Sinks = latest.ValidDays, latest.Sinks
	app.DestinationID = strings.ToLower(latest.DestinationTenantID)
	app.SinkLocations, app.SinksUnclear = sinkLocations(latest.Sinks)
	app.Datasets = j.approvedDatasets(latest.Datasets)
	app.Incomplete = append(app.Incomplete, columnGaps(latest.Datasets)...)
	end := latest.expiry()
	app.ExpiresAt, app.DaysLeft = end.in(j.asOf)
	app.ExpiryConflict = end.conflict
	if end.doubt != "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DataConnectEvents, Reason: end.doubt})
	}
	if end.far {
		reason := fmt.Sprintf("the approval is said to last longer than %d days", standardValidity)
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DataConnectEvents, Reason: reason, Field: "days_left"})
	}
}

// addRegister adds what the operator declares.
func (j *Join) addRegister(app *DataConnectApp, entry *wireRegisterEntry, latest *decision) {
	if entry == nil {
		return
	}
	app.DisplayName, app.Purpose = cmp.Or(entry.Name, app.DisplayName), entry.Purpose
	app.MultiTenant = entry.MultiTenant.value
	if entry.Developer != "" {
		app.Developer = j.approver(entry.Developer)
	}
	state, over := declaredState(entry, latest)
	// A declaration must not switch off the controls of an approval that an event tells.
	if state != "" && (state != stateDenied || latest == nil || latest.State == "" || latest.State == statePending) {
		app.State, app.SelfDeclared = state, true
		if over {
			app.DaysLeft = new(int)
		}
	}
	for _, dataset := range entry.Datasets {
		app.Expected = append(app.Expected, ExpectedDataset{Name: dataset.Name, Columns: dataset.Columns})
	}
	if app.Expected == nil && entry.Datasets != nil {
		app.Expected = []ExpectedDataset{}
	}
	app.Definition = j.definition(entry.Definition, latest)
}

// declaredState is the state that the register declares, where it counts: only what no
// event can tell is taken. An application that was changed goes on under the decision
// that was taken on it before, so what is pending or denied stays so
// (https://learn.microsoft.com/graph/app-authorization). A declared denial holds for
// pipelines whatever events tell: the approval may have been revoked since, and judging is
// strict; the approval that events tell goes on being judged. A declared
// approval is taken from nobody: it would be no proof, so without an event the state is not
// known. over is true for an approval that is declared to have ended.
func declaredState(entry *wireRegisterEntry, latest *decision) (state string, over bool) {
	declared := strings.ToLower(entry.State)
	switch {
	case declared == stateUpdated && (latest == nil || latest.State == stateApproved):
		return declared, false
	case declared == statePending && latest == nil:
		return declared, false
	case declared == stateDenied && (latest == nil || latest.State != stateDenied):
		return declared, false
	case declared == stateExpired && latest == nil:
		return stateApproved, true
	}
	return "", false
}

func (j *Join) definition(written *wireDefinition, latest *decision) *Definition {
	if written == nil {
		return nil
	}
	d := &Definition{
		Version: written.Version, UpdatedAt: written.UpdatedAt, Datasets: j.approvedDatasets(written.Datasets),
		Sinks: written.Sinks, DestinationID: strings.ToLower(written.DestinationTenantID),
	}
	d.SinkLocations, d.SinksUnclear = sinkLocations(written.Sinks)
	if from, to, ok := instants(written.UpdatedAt); ok && latest != nil {
		d.AfterDecision = latest.beforeAny(from, to)
	}
	return d
}

// addRegistration adds what the directory tells of the application.
func (j *Join) addRegistration(app *DataConnectApp) {
	j.mu.Lock()
	known, registered := j.known[app.AppID]
	listed := j.listed
	j.mu.Unlock()
	if registered && app.AppTenantID == "" {
		app.Own, app.AppTenantID = true, j.tenantID
	}
	if known.gap != "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.ApplicationOwners, Reason: known.gap})
	}
	if p := j.byApp(app.AppID); p != nil || j.whole(snapshot.ServicePrincipals) && !j.unnamed {
		has := p != nil
		app.HasPrincipal = &has
	}
	if !app.Own {
		if app.AppTenantID != "" {
			foreign := true
			app.MultiTenant = &foreign
		}
		return
	}
	if registered || listed && j.whole(snapshot.Applications) {
		app.Registered = &registered
	}
	if app.MultiTenant == nil && registered && !known.twin {
		app.MultiTenant = multiTenant(known.audience)
	}
	if registered && known.objectID != "" && j.readable(snapshot.ApplicationOwners) {
		app.Owners = mergeOwners(j.owners.of(newRowKey(strings.ToLower(known.objectID))))
		if reason := j.gaps[snapshot.ApplicationOwners][strings.ToLower(known.objectID)]; reason != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.ApplicationOwners, Reason: reason})
		}
	}
}

// multiTenant reads a signInAudience
// (https://learn.microsoft.com/graph/api/resources/application); nil when it is none that is
// known.
func multiTenant(audience string) *bool {
	var several bool
	switch strings.ToLower(audience) {
	case "azureadmyorg":
	case "azureadmultipleorgs", "azureadandpersonalmicrosoftaccount", "personalmicrosoftaccount":
		several = true
	default:
		return nil
	}
	return &several
}

// approvedDatasets adds to datasets what the catalogue knows of them, and sorts them.
func (j *Join) approvedDatasets(written []wireDataset) []ApprovedDataset {
	if written == nil {
		return nil
	}
	datasets := make([]ApprovedDataset, 0, len(written))
	for _, d := range written {
		approved := ApprovedDataset{
			Name: d.Name, Columns: d.Columns, Scope: d.Scope, Groups: d.Groups, Filter: d.Filter, DenyGroups: d.DenyGroups,
		}
		if allInWords(d.Columns) {
			approved.Columns = nil
		}
		if known, ok := j.resolver.catalogue.Dataset(d.Name); ok {
			approved.Catalogued = true
			if columns := approved.Columns; columns != nil {
				approved.Sensitive, approved.Unrated = known.SensitiveOf(columns), known.UnratedOf(columns)
			}
		}
		datasets = append(datasets, approved)
	}
	slices.SortStableFunc(datasets, func(a, b ApprovedDataset) int { return cmp.Compare(a.Name, b.Name) })
	return datasets
}

// allInWords reports whether columns are one word that may mean all of them, and is no name
// of a column. How an event writes all columns is not documented
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema).
func allInWords(columns []string) bool {
	if len(columns) != 1 {
		return false
	}
	word := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(columns[0]))
	return word == "all" || word == "allcolumns"
}

// columnGaps says of which datasets it is not clear what columns mean.
func columnGaps(written []wireDataset) []Gap {
	var gaps []Gap
	for _, d := range written {
		if allInWords(d.Columns) {
			reason := fmt.Sprintf("columns of %s are written %q: whether that means all of them is not known", d.Name, d.Columns[0])
			gaps = append(gaps, Gap{Dataset: snapshot.DataConnectEvents, Reason: reason, Field: "datasets"})
		}
	}
	return gaps
}

// person reads a user principal name or an object id.
func person(written string) *Person {
	written = strings.TrimSpace(written)
	if isGUID(written) {
		return &Person{ObjectID: strings.ToLower(written)}
	}
	return &Person{UPN: written}
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (r == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}
