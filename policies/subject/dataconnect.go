package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// The states of a decision.
const (
	stateApproved = "approved"
	stateDenied   = "denied"
)

// standardValidity is how many days an approval lasts when its event does not say
// (https://learn.microsoft.com/graph/app-authorization).
const standardValidity = 180

// mostDays keeps the end of an approval within years of four digits.
const mostDays = 1_000_000

// connectFacts are the Data Connect events and register entries, by application.
type connectFacts struct {
	apps map[string]*connectApp
	// runs are the operation events by appId: they do not name the tenant that the
	// application is registered in.
	runs map[string][]wireDataConnectEvent
	// gaps are faults of operation events by appId.
	gaps map[string][]Gap
}

// connectApp is what is known of one (registration tenant, appId).
type connectApp struct {
	tenantID, appID string
	decisions       []decision // oldest first
	register        *wireRegisterEntry
	gaps            []Gap
}

// decision is one consent event.
type decision struct {
	wireDataConnectEvent
	decided  time.Time
	dated    bool      // decided is known
	reported time.Time // of the event: the decision itself may be dated by the day alone
}

func (j *Join) loadDataConnect() error {
	j.connect = connectFacts{apps: map[string]*connectApp{}, runs: map[string][]wireDataConnectEvent{}, gaps: map[string][]Gap{}}
	if err := eachRow(j, snapshot.DataConnectEvents, j.addConnectEvent); err != nil {
		return err
	}
	err := eachRow(j, snapshot.DataConnectRegister, func(row *wireRegisterEntry, fault string) {
		if row.AppID == "" || row.TenantID == "" {
			j.setLoose(snapshot.DataConnectRegister, "an entry of the register lacks app or tenant")
			return
		}
		app := j.connectApp(row.TenantID, row.AppID)
		app.register = row
		if reason := j.gap(snapshot.DataConnectRegister, row.TenantID+"/"+row.AppID, fault); reason != "" {
			app.gaps = append(app.gaps, Gap{Dataset: snapshot.DataConnectRegister, Reason: reason})
		}
	})
	for _, app := range j.connect.apps {
		slices.SortStableFunc(app.decisions, func(a, b decision) int {
			return cmp.Or(a.decided.Compare(b.decided), a.reported.Compare(b.reported), cmp.Compare(a.ID, b.ID))
		})
	}
	return err
}

func (j *Join) connectApp(tenantID, appID string) *connectApp {
	tenantID, appID = strings.ToLower(tenantID), strings.ToLower(appID)
	key := tenantID + "/" + appID
	app := j.connect.apps[key]
	if app == nil {
		app = &connectApp{tenantID: tenantID, appID: appID}
		j.connect.apps[key] = app
		j.want(appID)
	}
	return app
}

func (j *Join) addConnectEvent(row *wireDataConnectEvent, fault string) {
	reason := j.gap(snapshot.DataConnectEvents, row.ID, fault)
	appID := strings.ToLower(row.AppID)
	switch {
	case row.Kind == "operation" && appID != "":
		j.connect.runs[appID] = append(j.connect.runs[appID], *row)
		if reason != "" {
			j.connect.gaps[appID] = append(j.connect.gaps[appID], Gap{Dataset: snapshot.DataConnectEvents, Reason: reason})
		}
	case row.Kind == "consent" && appID != "" && row.AppTenantID != "":
		app := j.connectApp(row.AppTenantID, appID)
		d := decision{wireDataConnectEvent: *row}
		d.decided, d.dated = parseInstant(cmp.Or(row.ApprovedAt, row.At))
		d.reported, _ = parseInstant(row.At)
		if !d.dated {
			d.decided, d.dated = parseInstant(row.At)
		}
		if !d.dated {
			reason = cmp.Or(reason, fmt.Sprintf("event %s has no readable date: which decision is the latest is not known", row.ID))
		}
		app.decisions = append(app.decisions, d)
		if reason != "" {
			app.gaps = append(app.gaps, Gap{Dataset: snapshot.DataConnectEvents, Reason: reason})
		}
	default:
		j.setLoose(snapshot.DataConnectEvents, fmt.Sprintf("event %s names no application", row.ID))
	}
}

func (j *Join) dataConnectApp(key string) Document {
	facts := j.connect.apps[key]
	app := &DataConnectApp{
		Kind: KindDataConnectApp, ID: key, AppID: facts.appID, AppTenantID: facts.tenantID,
		Own: facts.tenantID == j.tenantID, Incomplete: slices.Concat(facts.gaps, j.connect.gaps[facts.appID]),
	}
	if n := len(facts.decisions); n > 0 {
		j.addDecision(app, facts.decisions[n-1])
	}
	j.addRegister(app, facts.register, len(facts.decisions) > 0)
	app.DisplayName = cmp.Or(app.DisplayName, j.appName(app.AppID))
	j.mu.Lock()
	known, registered := j.known[app.AppID]
	j.mu.Unlock()
	if known.gap != "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.ApplicationOwners, Reason: known.gap})
	}
	if app.Own && registered && known.objectID != "" && j.readable(snapshot.ApplicationOwners) {
		app.Owners = mergeOwners(j.owners[strings.ToLower(known.objectID)])
		if reason := j.gaps[snapshot.ApplicationOwners][strings.ToLower(known.objectID)]; reason != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.ApplicationOwners, Reason: reason})
		}
	}
	if j.readable(snapshot.DataConnectEvents) {
		app.Extractions = j.extractions(facts)
	}
	return Document{Kind: KindDataConnectApp, ID: key, Name: app.DisplayName, Value: app, Incomplete: app.Incomplete}
}

// addDecision fills in the latest decision.
func (j *Join) addDecision(app *DataConnectApp, latest decision) {
	app.DisplayName, app.State = latest.AppName, latest.State
	if latest.Approver != "" {
		app.Approver = person(latest.Approver)
	}
	if latest.dated {
		app.ApprovedAt = formatInstant(latest.decided)
	}
	app.ValidDays, app.Sinks, app.DestinationID = latest.ValidDays, latest.Sinks, latest.DestinationTenantID
	app.Datasets = approvedDatasets(latest.Datasets)
	j.addExpiry(app, latest)
}

// addExpiry takes the event's own expiry, else counts from the decision. When the
// event states both and they disagree, the earlier one holds: judging is strict
// where the facts are not clear.
func (j *Join) addExpiry(app *DataConnectApp, latest decision) {
	validity := standardValidity
	if latest.ValidDays != nil {
		validity = min(max(*latest.ValidDays, 0), mostDays)
	}
	computed := latest.decided.AddDate(0, 0, validity)
	stated, isStated := parseInstant(latest.ExpiresAt)
	if unreadable := cmp.Or(latest.ExpiresAtRaw, latest.ExpiresAt); unreadable != "" && !isStated {
		// What is computed instead may prove that an approval is over, not that it holds.
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DataConnectEvents, Reason: fmt.Sprintf("expiry %q is not an instant", unreadable)})
	}
	var end time.Time
	switch {
	case isStated && latest.dated && latest.ValidDays != nil:
		end = stated
		app.ExpiryConflict = stated.Sub(computed).Abs() > day
		if app.ExpiryConflict && computed.Before(stated) {
			end = computed
		}
	case isStated:
		end = stated
	case latest.dated:
		end = computed
	default:
		return
	}
	app.ExpiresAt = formatInstant(end)
	app.DaysLeft = daysLeft(j.asOf, end)
}

// addRegister adds what the operator declares. Only what no event can tell is
// taken as a state: pending, and updated after the decision.
func (j *Join) addRegister(app *DataConnectApp, entry *wireRegisterEntry, decided bool) {
	if entry == nil {
		return
	}
	app.DisplayName = cmp.Or(entry.Name, app.DisplayName)
	if entry.Developer != "" {
		app.Developer = person(entry.Developer)
	}
	declared := strings.ToLower(entry.State)
	if declared == "update_available" || !decided && declared == "pending" {
		app.State, app.SelfDeclared = declared, true
	}
	for _, dataset := range entry.Datasets {
		app.Expected = append(app.Expected, ExpectedDataset{Name: dataset.Name, Columns: dataset.Columns})
	}
	if app.Expected == nil && entry.Datasets != nil {
		app.Expected = []ExpectedDataset{}
	}
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

func approvedDatasets(written []wireDataset) []ApprovedDataset {
	if written == nil {
		return nil
	}
	datasets := make([]ApprovedDataset, 0, len(written))
	for _, d := range written {
		datasets = append(datasets, ApprovedDataset(d))
	}
	slices.SortStableFunc(datasets, func(a, b ApprovedDataset) int { return cmp.Compare(a.Name, b.Name) })
	return datasets
}

// extractions lists the runs of an application, those of the same dataset and
// columns under the same approval as one.
func (j *Join) extractions(facts *connectApp) []Extraction {
	rows := map[string]*Extraction{}
	for _, run := range j.connect.runs[facts.appID] {
		started, dated := parseInstant(run.StartedAt)
		inForce, since := facts.inForce(started, dated)
		key := runKey(run, since)
		if row, ok := rows[key]; ok {
			row.Runs++
			row.StartedAt = min(row.StartedAt, run.StartedAt)
			continue
		}
		columns := slices.Clone(run.Columns)
		slices.Sort(columns)
		rows[key] = &Extraction{
			Dataset: run.Dataset, Columns: columns, StartedAt: run.StartedAt, Pipeline: run.Pipeline,
			Runs: 1, Approved: inForce,
		}
	}
	extractions := make([]Extraction, 0, len(rows))
	for _, key := range sortedKeys(rows) {
		extractions = append(extractions, *rows[key])
	}
	return extractions
}

// runKey is one for runs of the same dataset and columns under the same approval,
// whatever the case of the names. Columns that were not told are not the same as
// none.
func runKey(run wireDataConnectEvent, since string) string {
	columns := []string{}
	for _, column := range run.Columns {
		columns = append(columns, strings.ToLower(column))
	}
	slices.Sort(columns)
	return fmt.Sprintf("%q %t %q %s", strings.ToLower(run.Dataset), run.Columns == nil, columns, since)
}

// inForce is what was approved at an instant: nil when no decision from before it
// is known, empty when the latest one before it was a refusal.
func (c *connectApp) inForce(at time.Time, dated bool) (approved []ApprovedDataset, since string) {
	if !dated {
		return nil, "undated"
	}
	for _, d := range slices.Backward(c.decisions) {
		if !d.dated || d.decided.After(at) {
			continue
		}
		switch d.State {
		case stateApproved:
			return approvedDatasets(d.Datasets), formatInstant(d.decided)
		case stateDenied:
			return []ApprovedDataset{}, formatInstant(d.decided)
		default:
			return nil, formatInstant(d.decided)
		}
	}
	return nil, "before"
}
