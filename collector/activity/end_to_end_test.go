package activity_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
	"leastwise/fixtures/simulator"
)

// live is a tenant behind the simulator, and what a run needs of it.
type live struct {
	t     *testing.T
	sim   *simulator.Simulator
	shift atomic.Int64
	cloud identity.Cloud
	// state is what runs have covered, as it is kept beside a snapshot.
	snapshot.State
}

func (l *live) now() time.Time { return time.Now().Add(time.Duration(l.shift.Load())) }

// later lets time pass, for both.
func (l *live) later(d time.Duration) {
	l.sim.AdvanceClock(d)
	l.shift.Add(int64(d))
}

// event is a decision of Data Connect, at an instant relative to the start.
func event(n int, at string) string {
	return fmt.Sprintf(`{"Id":"e0000000-0000-4000-8000-%012d","RecordType":219,"Workload":"MicrosoftGraphDataConnect","Operation":"Approve","CreationTime":%q}`, n, at)
}

// roleEvent is an entry of the directory's log.
func roleEvent(n int, at, operation string) string {
	return fmt.Sprintf(`{"Id":"e0000000-0000-4000-8000-%012d","RecordType":8,"Workload":"AzureActiveDirectory","Operation":%q,"CreationTime":%q}`, n, operation, at)
}

func startLive(t *testing.T, opts simulator.Options, events ...string) *live {
	t.Helper()
	opts.Clock = time.Now
	if opts.Subscriptions == nil {
		opts.Subscriptions = []simulator.Subscription{}
	}
	opts.AuditFiles = fstest.MapFS{"events.json": &fstest.MapFile{Data: []byte("[" + strings.Join(events, ",") + "]")}}
	sim, err := simulator.New(os.DirFS(filepath.Join("..", "..", "fixtures", "tenants", "contoso")), opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	l := &live{t: t, sim: sim}
	if l.cloud, err = identity.CustomCloud(sim.LoginURL(), sim.GraphURL(), sim.ManagementURL()); err != nil {
		t.Fatal(err)
	}
	return l
}

// sources makes what one collection reads with.
func (l *live) sources() (*activity.Client, *activity.Queries) {
	l.t.Helper()
	client, err := identity.NewHTTPClient(identity.HTTPOptions{CA: l.sim.CAPEM()})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(client.CloseIdleConnections)
	all := l.sim.Clients()
	i := slices.IndexFunc(all, func(c simulator.Client) bool {
		return slices.Contains(c.ManagementRoles, "ActivityFeed.Read") && slices.Contains(c.Roles, "AuditLogsQuery.Read.All")
	})
	if i < 0 {
		l.t.Fatal("no client of the tenant may read audit records")
	}
	known := all[i]
	account, err := identity.New(identity.Options{
		Cloud: l.cloud, Tenant: l.sim.TenantID(), HTTPClient: client, Clock: l.now,
		Credential: identity.Credential{Kind: identity.KindSecret, ClientID: known.ID, Secret: known.Secret},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	graph, err := graphapi.New(graphapi.Options{
		URL: l.cloud.Graph, Account: account, HTTPClient: client, Version: "test", Clock: l.now, RetryDelay: time.Millisecond,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	feed, err := activity.New(activity.Options{
		URL: l.cloud.Management, Account: account, HTTPClient: client, Version: "test", Clock: l.now,
		RetryDelay: time.Millisecond, MaxRetryDelay: 20 * time.Millisecond, Patience: 2 * time.Second,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	queries, err := activity.NewQueries(activity.QueryOptions{Graph: graph, Activity: feed, Clock: l.now, FirstPause: time.Millisecond})
	if err != nil {
		l.t.Fatal(err)
	}
	return feed, queries
}

// run is one collection: both feeds, in the order in which they are configured. It
// returns the numbers of the events of the test that were read, and what each feed covered.
func (l *live) run(lookBack time.Duration) ([]string, [2]snapshot.Covered) {
	l.t.Helper()
	feed, queries := l.sources()
	met, covered := map[string]bool{}, [2]snapshot.Covered{}
	var err error
	take := func(record json.RawMessage, _ string) error {
		note(met, record)
		return nil
	}
	if covered[0], err = feed.Content(activity.General).Read(l.t.Context(), l.State, take); err != nil {
		l.t.Fatal(err)
	}
	l.State = snapshot.Settle(l.State, covered[0])
	if lookBack > 0 {
		if covered[1], err = queries.Records(activity.DataConnect(), lookBack).Read(l.t.Context(), l.State, take); err != nil {
			l.t.Fatal(err)
		}
		l.State = snapshot.Settle(l.State, covered[1])
	}
	if use := l.sim.Statistics().Activity; use.WithoutPublisher > 0 || use.Stops > 0 {
		l.t.Errorf("the API saw %+v", use)
	}
	return slices.Sorted(maps.Keys(met)), covered
}

// note takes down the number of an event, when it is one of the test's.
func note(met map[string]bool, record json.RawMessage) {
	var r struct{ ID string }
	_ = json.Unmarshal(record, &r)
	if number, ok := strings.CutPrefix(r.ID, "e0000000-0000-4000-8000-"); ok {
		met[strings.TrimLeft(number, "0")] = true
	}
}

// roles finds the events of the test among the changes of directory roles.
func (l *live) roles(lookBack time.Duration) []string {
	l.t.Helper()
	_, queries := l.sources()
	met := map[string]bool{}
	covered, err := queries.Records(activity.RoleChanges(), lookBack).Read(l.t.Context(), snapshot.State{}, func(record json.RawMessage, _ string) error {
		note(met, record)
		return nil
	})
	if err != nil || covered.Missing != nil {
		l.t.Errorf("%v %+v", err, covered.Missing)
	}
	return slices.Sorted(maps.Keys(met))
}

// holds checks that everything since `since` is covered, without a hole.
func (l *live) holds(since time.Duration) {
	l.t.Helper()
	sameHoles(l.t, l.Holes)
	now := l.now()
	for _, open := range snapshot.Uncovered(l.Windows, now.Add(-since), now) {
		if open.To.Sub(open.From) > 5*time.Second { // runs look at the clock one after the other
			l.t.Errorf("%v is not covered by %v", open, l.Windows)
		}
	}
}

func TestRunsWithoutAHole(t *testing.T) {
	l := startLive(t, simulator.Options{}, event(1, "-179d"), event(2, "-20d"), event(3, "-30h"), event(4, "+6h"), event(5, "+26h"))
	ids, covered := l.run(180 * day)
	sameIDs(t, ids, "1", "2", "3")
	l.holds(179 * day)
	if !strings.Contains(covered[0].Reason, "did not exist and was started") || covered[1].Requests == 0 {
		t.Errorf("%+v", covered)
	}
	l.later(day)
	ids, covered = l.run(180 * day)
	sameIDs(t, ids, "3", "4") // the last day before the feed began is searched again
	l.holds(180 * day)
	if covered[1].Requests == 0 || covered[0].Retries != 0 || len(l.Provisional) > 0 {
		t.Errorf("the second run: %+v", covered)
	}
	_, covered = l.run(180 * day)
	if covered[1].Requests != 0 {
		t.Errorf("the third run: %+v", covered)
	}
	l.later(day)
	ids, _ = l.run(0)
	sameIDs(t, ids, "5")
	l.holds(180 * day)
	if n := l.sim.Statistics().Activity.Starts; n != 2 {
		t.Errorf("subscriptions were started %d times", n)
	}
}

func TestRunAfterNineDaysBehindTheSimulator(t *testing.T) {
	l := startLive(t, simulator.Options{}, event(1, "-20d"), event(2, "+20h"), event(3, "+6d"),
		roleEvent(11, "-100d", "Add member to role."), roleEvent(12, "-90d", "Remove member from role."), roleEvent(13, "-80d", "Update user."))
	l.run(180 * day)
	began := l.now()
	l.later(9 * day)
	ids, covered := l.run(0)
	sameIDs(t, ids, "3")
	if len(covered[0].Holes) != 1 || len(l.Holes) != 1 {
		t.Fatalf("holes %v", l.Holes)
	}
	hole := l.Holes[0]
	if length := hole.To.Sub(hole.From); length < 2*day || length > 2*day+10*time.Minute || hole.From.Sub(began).Abs() > time.Minute || !strings.Contains(hole.Reason, "7 days") {
		t.Errorf("hole %+v", hole)
	}
	// A backfill finds what the API does not have any more.
	ids, _ = l.run(180 * day)
	if !slices.Contains(ids, "2") {
		t.Errorf("read %v", ids)
	}
	sameIDs(t, l.roles(180*day), "11", "12")
	l.holds(180 * day)
}

func TestFaultsBehindTheSimulator(t *testing.T) {
	for _, c := range []struct {
		faults []string
		hole   string
		status snapshot.Status // of a feed that was not read at all
	}{
		{[]string{"af429:1:6", "af50000:2:4", "blob-truncated:1:1", "blob-html:1:1"}, "", ""},
		{[]string{"af20051:1:1"}, "AF20051", ""},
		{[]string{"af429!"}, "AF429", snapshot.Failed},
	} {
		t.Run(strings.Join(c.faults, ","), func(t *testing.T) {
			subscriptions := []simulator.Subscription{{ContentType: activity.General, Status: simulator.SubscriptionEnabled, Since: time.Now().Add(-30 * day)}}
			l := startLive(t, simulator.Options{Faults: c.faults, ForeignHost: "https://manage.example", Subscriptions: subscriptions}, event(1, "-30h"), event(2, "-5h"))
			now := l.now()
			l.Windows = []snapshot.Window{window(now.Add(-100*day), now.Add(-2*day))}
			ids, covered := l.run(0)
			missing := covered[0].Missing
			switch {
			case c.hole == "":
				sameIDs(t, ids, "1", "2")
				l.holds(50 * day)
			case len(l.Holes) != 1 || !strings.Contains(l.Holes[0].Reason, c.hole):
				t.Errorf("holes %+v", l.Holes)
			case (missing != nil) != (c.status != "") || missing != nil && missing.Status != c.status:
				t.Errorf("missing %+v", missing)
			}
		})
	}
}
