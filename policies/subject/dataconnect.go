package subject

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// The states of a decision.
const (
	stateApproved  = "approved"
	stateDenied    = "denied"
	statePending   = "pending"
	stateUpdated   = "update_available"
	stateExpired   = "expired" // of events and the register only; subjects have a date instead
	stateUndecided = "none"    // of extractions only
)

// connectFacts are the Data Connect events and register entries, by application.
type connectFacts struct {
	apps map[string]*connectApp // by <registration tenant>/<appId>
	// candidates counts the registration tenants that an appId is known in.
	candidates map[string]int
	// runs are the operation events by appId: they do not name the tenant that the
	// application is registered in.
	runs runs
	// gaps are faults of operation events by appId.
	gaps map[string][]Gap
	// movement is the tenant's toggle for cross-tenant data movement, as declared.
	movement     *bool
	movementGaps []Gap
}

// connectApp is what is known of one (registration tenant, appId).
type connectApp struct {
	tenantID, appID string     // the tenant is "" when only runs name the application
	decisions       []decision // in the order of their events, those without a date before all others
	told            int        // how many of them were reported by the instant that is judged for
	register        *wireRegisterEntry
	gaps            []Gap
}

// decision is one consent event.
type decision struct {
	wireDataConnectEvent
	decided  time.Time
	dated    bool      // decided is known
	reported time.Time // of the event: the decision itself may be dated by the day alone
	placed   bool      // reported is known
	expired  bool      // the event says that an approval is over; State is then approved
}

// latest is the instant by which the decision was taken. It is later than decided
// for one that is dated by the day alone
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema).
func (d *decision) latest() time.Time {
	if !d.decided.Equal(d.decided.Truncate(day)) || d.placed && !d.reported.After(d.decided) {
		return d.decided
	}
	if end := d.decided.Add(day); !d.placed || end.Before(d.reported) {
		return end
	}
	return d.reported
}

func (j *Join) loadDataConnect() error {
	j.connect = connectFacts{
		apps: map[string]*connectApp{}, candidates: map[string]int{}, runs: newRuns(), gaps: map[string][]Gap{},
	}
	if err := eachRow(j, snapshot.DataConnectEvents, j.addConnectEvent); err != nil {
		return err
	}
	if err := eachRow(j, snapshot.DataConnectRegister, j.addRegisterEntry); err != nil {
		return err
	}
	for _, app := range j.connect.apps {
		app.sort(j.asOf)
		if doubt := app.doubt(j.asOf); doubt != "" {
			app.gaps = append(app.gaps, Gap{Dataset: snapshot.DataConnectEvents, Reason: doubt})
		}
	}
	j.findUndecided()
	return nil
}

// findUndecided makes subjects of applications that ran and of which no decision is
// known: a run that nobody approved must not go unseen. Where the application is
// registered, its service principal tells.
func (j *Join) findUndecided() {
	for _, appID := range sortedKeys(j.connect.runs.of) {
		if j.connect.candidates[appID] > 0 {
			continue
		}
		tenantID := ""
		if p := j.byApp(appID); p != nil {
			tenantID = p.ownerTenant
		}
		j.connectApp(tenantID, appID)
	}
}

func (j *Join) connectApp(tenantID, appID string) *connectApp {
	tenantID, appID = strings.ToLower(tenantID), strings.ToLower(appID)
	key := cmp.Or(tenantID, "unknown") + "/" + appID
	app := j.connect.apps[key]
	if app == nil {
		app = &connectApp{tenantID: tenantID, appID: appID}
		j.connect.apps[key] = app
		j.connect.candidates[appID]++
		j.want(appID)
	}
	return app
}

func (j *Join) addConnectEvent(row *wireDataConnectEvent, fault string) {
	reason := j.gap(snapshot.DataConnectEvents, row.ID, fault)
	appID := strings.ToLower(row.AppID)
	switch {
	case row.Kind == "operation" && appID != "":
		j.connect.runs.add(appID, row)
		if reason != "" {
			j.connect.gaps[appID] = append(j.connect.gaps[appID], Gap{Dataset: snapshot.DataConnectEvents, Reason: reason})
		}
	case row.Kind == "consent" && appID != "" && row.AppTenantID != "":
		app := j.connectApp(row.AppTenantID, appID)
		d := newDecision(row)
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

func newDecision(row *wireDataConnectEvent) decision {
	d := decision{wireDataConnectEvent: *row}
	if row.State == stateExpired {
		d.State, d.expired = stateApproved, true
	}
	d.reported, d.placed = parseInstant(row.At)
	d.decided, d.dated = d.reported, d.placed
	if at, ok := parseInstant(row.ApprovedAt); ok && (d.approves() || !d.placed) {
		d.decided, d.dated = at, true
	}
	return d
}

func (j *Join) addRegisterEntry(row *wireRegisterEntry, fault string) {
	var gaps []Gap
	if reason := j.gap(snapshot.DataConnectRegister, row.TenantID+"/"+row.AppID, fault); reason != "" {
		gaps = append(gaps, Gap{Dataset: snapshot.DataConnectRegister, Reason: reason})
	}
	switch {
	case row.AppID == snapshot.TenantRow:
		if strings.EqualFold(row.TenantID, j.tenantID) {
			j.connect.movement = row.CrossTenantMovement.value
		}
		for _, gap := range gaps {
			gap.Field = "cross_tenant_movement"
			j.connect.movementGaps = append(j.connect.movementGaps, gap)
		}
	case row.AppID == "" || row.TenantID == "":
		j.setLoose(snapshot.DataConnectRegister, "an entry of the register lacks app or tenant")
	default:
		app := j.connectApp(row.TenantID, row.AppID)
		app.register, app.gaps = row, append(app.gaps, gaps...)
	}
}
