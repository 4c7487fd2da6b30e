package subject

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"leastwise/collector/snapshot"
)

// standardValidity is how many days an approval lasts when its event does not say
// (https://learn.microsoft.com/graph/app-authorization).
const standardValidity = 180

// mostDays keeps the end of an approval within years of four digits.
const mostDays = 1_000_000

// expiry is when an approval ends.
type expiry struct {
	at       time.Time
	known    bool
	over     bool // it has ended, even when it is not known when
	conflict bool // the event's date and its days disagree
	// far is true when it is later than an approval lasts; sure is then as long as one lasts.
	far   bool
	sure  time.Time
	doubt string
}

// in gives the expiry as documents state it, seen from asOf. That an approval holds longer
// than approvals last is not taken for known.
func (e expiry) in(asOf time.Time) (at string, left *int) {
	switch {
	case e.known && e.far && e.at.After(asOf):
		return formatInstant(e.at), nil
	case e.known:
		return formatInstant(e.at), daysLeft(asOf, e.at)
	case e.over:
		return "", new(int)
	}
	return "", nil
}

// expiry takes the event's own expiry, else counts from the decision: a day has 24
// hours, whatever a clock on some wall does. When the event states both and they
// disagree, the earlier one holds: judging is strict where the facts are not clear. An
// event that says that an approval has expired is no later than that.
func (d *decision) expiry() expiry {
	validity := standardValidity
	if d.ValidDays != nil {
		validity = min(max(*d.ValidDays, 0), mostDays)
	}
	computed := d.decided.UTC().AddDate(0, 0, validity)
	stated, isStated := parseInstant(d.ExpiresAt)
	e := expiry{over: d.expired}
	if unreadable := cmp.Or(d.ExpiresAtRaw, d.ExpiresAt); unreadable != "" && !isStated {
		// What is computed instead may prove that an approval is over, not that it holds.
		e.doubt = fmt.Sprintf("expiry %q is not an instant", unreadable)
	}
	switch {
	case isStated && d.dated && d.ValidDays != nil:
		e.at, e.known = stated, true
		e.conflict = stated.Sub(computed).Abs() > day
		if e.conflict && computed.Before(stated) {
			e.at = computed
		}
	case isStated:
		e.at, e.known = stated, true
	case d.dated:
		e.at, e.known = computed, true
	}
	if said := d.reported; d.expired && !said.IsZero() && (!e.known || said.Before(e.at)) {
		e.at, e.known = said, true
	}
	e.sure = d.decided.UTC().AddDate(0, 0, standardValidity+1)
	e.far = d.dated && (validity > standardValidity+1 || e.known && e.at.After(e.sure))
	return e
}

// latest is the decision that holds; nil when none is known.
func (c *connectApp) latest() *decision {
	if c.told == 0 {
		return nil
	}
	return c.effective(c.told - 1)
}

// effective is what a decision comes to. One that says that the application was changed
// since is no decision by itself: the one before it goes on
// (https://learn.microsoft.com/graph/app-authorization). Without that one it is known who
// decided and until when, not what.
func (c *connectApp) effective(i int) *decision {
	of, at := c.decisions[i], c.standing(i)
	switch {
	case at < 0:
		of.Datasets, of.Sinks, of.DestinationTenantID = nil, nil, ""
		return &of
	case at < i:
		of = c.decisions[at]
		if of.State == stateApproved {
			of.State = stateUpdated
		}
	}
	return &of
}

// standing is the index of the decision that one comes to; -1 when it is not known.
func (c *connectApp) standing(i int) int {
	for i >= 0 && c.decisions[i].State == stateUpdated {
		i--
	}
	return i
}

// history lists the decisions on an application, the latest first.
func (j *Join) history(c *connectApp) []Decision {
	history := make([]Decision, 0, len(c.decisions))
	for _, d := range slices.Backward(c.decisions) {
		row := Decision{EventID: d.ID, State: d.State, Approver: j.approver(d.Approver), Version: d.Version}
		if d.dated {
			row.At = formatInstant(d.decided)
		}
		if d.State == stateApproved || d.State == stateUpdated {
			row.ExpiresAt, _ = d.expiry().in(j.asOf)
		}
		history = append(history, row)
	}
	return history
}

// force is what was in force at an instant.
type force struct {
	decision string    // as in Extraction
	of       *decision // nil when it is not known
	key      string    // tells apart what runs are counted under
}

// inForce is what was in force when a run started. Where events are missing between the
// decision and the run, another decision may be among them. (Without coverage, the events
// that there are must do, as for the state.)
func (j *Join) inForce(c *connectApp, r *run) force {
	if !r.dated {
		return force{key: "undated"}
	}
	at := -1
	for i := range c.decisions {
		if d := &c.decisions[i]; d.dated && !d.since().After(r.started) {
			at = i
		}
	}
	if at < 0 {
		undated := slices.ContainsFunc(c.decisions, func(d decision) bool { return !d.dated })
		if !undated && j.seen(snapshot.DataConnectEvents, r.started.UTC().AddDate(0, 0, -standardValidity), r.started) {
			return force{decision: stateUndecided, key: stateUndecided}
		}
		return force{key: "before"}
	}
	d := &c.decisions[at]
	covered := j.snap.Dataset(snapshot.DataConnectEvents).From != nil
	of := c.effective(at)
	from := of.when()
	if from.After(r.started) {
		from = of.since()
	}
	if r.started.Before(d.settled()) || c.rival(c.decisions, at) != nil || covered && !j.seen(snapshot.DataConnectEvents, from, r.started) {
		return force{key: "unclear since " + d.ID}
	}
	return under(of, r.started)
}

// under is what a decision meant at an instant.
func under(d *decision, at time.Time) force {
	f := force{of: d, decision: d.State}
	if d.State == stateUpdated {
		f.decision = stateApproved
	}
	if f.decision == stateApproved {
		switch end := d.expiry(); {
		case end.known && !at.Before(end.at) || !end.known && end.over:
			f.decision = stateExpired
		case end.far && !at.Before(end.sure):
			return force{key: "unclear since " + d.ID}
		}
	}
	f.key = formatInstant(d.decided) + " " + d.ID + " " + f.decision
	return f
}

// approved lists the datasets that were approved, also of an approval that had expired:
// none under a refusal, nil when it is not known.
func (j *Join) approved(f force) []ApprovedDataset {
	switch f.decision {
	case stateApproved, stateExpired:
		return j.approvedDatasets(f.of.Datasets)
	case stateDenied, statePending:
		return []ApprovedDataset{}
	}
	return nil
}

// since is the instant of the decision that was in force; "" when it is not known.
func (f force) since() string {
	if f.decision == "" || f.of == nil {
		return ""
	}
	return formatInstant(f.of.decided)
}
