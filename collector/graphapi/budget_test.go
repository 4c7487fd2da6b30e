package graphapi

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestChargesAreThoseOfTheDocumentation(t *testing.T) {
	identity := func(units int) []charge { return []charge{{identityBucket, units}} }
	storage := func(units int) []charge { return []charge{{sharePointAppBucket, units}} }
	for _, c := range []struct {
		method, path, query string
		want                []charge
	}{
		{"GET", "/v1.0/applications", "", identity(2)},
		{"GET", "/v1.0/Applications/", "", identity(2)},
		{"GET", "/beta/applications", "", identity(2)},
		{"GET", "/v1.0/applications", "$select=id", identity(1)},
		{"GET", "/v1.0/applications", "$expand=owners&$top=999", identity(3)},
		{"GET", "/v1.0/applications", "$select=id&$expand=owners", identity(2)},
		{"GET", "/v1.0/applications", "$top=19", identity(1)},
		{"GET", "/v1.0/applications", "$top=20", identity(2)},
		{"GET", "/v1.0/applications", "$top=1&$select=id", identity(1)},
		{"GET", "/v1.0/applications/1", "", identity(1)},
		{"GET", "/v1.0/applications/1/owners", "$select=id", identity(1)},
		{"GET", "/v1.0/applications/$count", "", identity(1)},
		{"GET", "/v1.0/applications/delta", "$deltatoken=latest", identity(1)},
		{"GET", "/v1.0/servicePrincipals", "", identity(1)},
		{"GET", "/v1.0/servicePrincipals", "$expand=owners", identity(2)},
		{"GET", "/v1.0/servicePrincipals/1/appRoleAssignments", "", identity(2)},
		{"GET", "/v1.0/servicePrincipals/1/appRoleAssignedTo", "", identity(1)},
		{"GET", "/v1.0/oauth2PermissionGrants", "$top=999", identity(2)},
		{"GET", "/v1.0/oauth2PermissionGrants/1", "", identity(2)},
		{"GET", "/v1.0/policies/authorizationPolicy", "", identity(1)},
		{"POST", "/v1.0/directoryObjects/getByIds", "", identity(3)},
		{"POST", "/v1.0/directoryObjects/getByIds", "$select=id", identity(2)},
		{"GET", "/v1.0/applications/1", "$select=id,keyCredentials", []charge{{identityBucket, 1}, {keyCredentialsBucket, 1}}},
		{"GET", "/v1.0/servicePrincipals", "$select=keyCredentials", []charge{{identityBucket, 1}, {keyCredentialsBucket, 1}}},
		{"GET", "/beta/reports/servicePrincipalSignInActivities", "$top=999", []charge{{reportsBucket, 1}}},
		{"GET", "/v1.0/auditLogs/directoryAudits", "", []charge{{reportsBucket, 1}}},
		{"GET", "/v1.0/storage/fileStorage/containers", "$filter=containerTypeId eq 1", storage(2)},
		{"GET", "/v1.0/storage/fileStorage/containers/1", "", storage(1)},
		{"GET", "/v1.0/storage/fileStorage/containers/1", "$expand=permissions", storage(5)},
		{"GET", "/v1.0/storage/fileStorage/containers/1/permissions", "", storage(5)},
		{"GET", "/v1.0/storage/fileStorage/containers/1/permissions/2", "", storage(5)},
		{"GET", "/beta/storage/fileStorage/containerTypes/1/permissions", "", storage(5)},
		{"GET", "/v1.0/storage/fileStorage/containerTypeRegistrations/1/applicationPermissionGrants", "", storage(2)},
	} {
		values, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := charges(c.method, c.path, values, false); !slices.Equal(got, c.want) {
			t.Errorf("%s %s?%s costs %v, want %v", c.method, c.path, c.query, got, c.want)
		}
		want := c.want
		if want[0].bucket == sharePointAppBucket { // a person's own limit counts as well
			want = append(slices.Clone(want), charge{sharePointUserBucket, want[0].units})
		}
		if got := charges(c.method, c.path, values, true); !slices.Equal(got, want) {
			t.Errorf("for a person %s %s?%s costs %v, want %v", c.method, c.path, c.query, got, want)
		}
	}
}

func never() func() { return func() {} }

// Whether Graph counts in windows or lets a bucket leak: in no window is the limit
// passed, and most of it is used.
func TestBudgetStaysBelowTheLimits(t *testing.T) {
	for _, c := range []struct {
		of     bucket
		units  int // of one request
		limit  int
		window time.Duration
	}{
		{identityBucket, 2, 3500, 10 * time.Second},
		{identityBucket, 3 * batchSize, 3500, 10 * time.Second},
		{reportsBucket, 1, 5, 10 * time.Second},
		{keyCredentialsBucket, 1, 150, time.Minute},
		{keyCredentialsBucket, batchSize, 150, time.Minute},
		{sharePointAppBucket, 5 * batchSize, 1250, time.Minute},
		{sharePointUserBucket, 5, 600, time.Minute},
		{sharePointUserBucket, 5 * batchSize, 600, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBudget()
			start := time.Now()
			var at []time.Time
			var mu sync.Mutex
			var group sync.WaitGroup
			for range batchesAtOnce {
				group.Go(func() {
					for time.Since(start) < 5*c.window {
						if err := b.take(t.Context(), []charge{{c.of, c.units}}, never); err != nil {
							t.Error(err)
						}
						mu.Lock()
						at = append(at, time.Now())
						mu.Unlock()
					}
				})
			}
			group.Wait()
			for i := range at {
				spent := 0
				for _, when := range at[i:] {
					if when.Sub(at[i]) >= c.window {
						break
					}
					spent += c.units
				}
				if spent > c.limit {
					t.Fatalf("bucket %d: %d units within %v, the limit is %d", c.of, spent, c.window, c.limit)
				}
			}
			if total := len(at) * c.units; total < c.limit*5*2/3 {
				t.Errorf("bucket %d: %d units in %v use less than two thirds of the limit", c.of, total, 5*c.window)
			}
		})
	}
}

func TestMoreThanABucketHoldsIsTakenInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := <-passage(t, newBudget(), charge{keyCredentialsBucket, 43}); got < 10*time.Second || got > 12*time.Second {
			t.Errorf("43 requests for certificates were taken within %v", got)
		}
		if got := <-passage(t, newBudget(), charge{reportsBucket, 12}); got < 20*time.Second || got > 21*time.Second {
			t.Errorf("twelve reports were taken within %v", got)
		}
	})
}

// passage is when something got through a budget, counted from the start.
func passage(t *testing.T, b *budget, list ...charge) <-chan time.Duration {
	start, passed := time.Now(), make(chan time.Duration, 1)
	go func() {
		if err := b.take(t.Context(), list, never); err != nil {
			t.Error(err)
		}
		passed <- time.Since(start)
	}()
	return passed
}

func TestRefusalClosesTheGateOfItsBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		b.refused([]charge{{sharePointAppBucket, 1}, {sharePointUserBucket, 1}}, 30*time.Second)
		other, user := passage(t, b, charge{identityBucket, 1}), passage(t, b, charge{sharePointUserBucket, 5})
		both := passage(t, b, charge{sharePointAppBucket, 5}, charge{sharePointUserBucket, 5})
		if got := <-other; got != 0 {
			t.Errorf("another bucket waited %v", got)
		}
		if got := []time.Duration{<-user, <-both}; !slices.Equal(got, []time.Duration{30 * time.Second, 30 * time.Second}) {
			t.Errorf("waited %v, want 30 s each", got)
		}
		if got := <-passage(t, b, charge{sharePointUserBucket, 5}); got != 0 {
			t.Errorf("the gate is closed for %v after it opened", got)
		}
	})
}

func TestLaterRefusalsKeepTheGateClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, of := newBudget(), []charge{{identityBucket, 1}}
		b.refused(of, 30*time.Second)
		early := passage(t, b, of...)
		time.Sleep(10 * time.Second)
		b.refused(of, 40*time.Second) // until second 50
		b.refused(of, time.Second)    // shorter than what was said before
		late := passage(t, b, of...)
		if got := <-early; got != 50*time.Second {
			t.Errorf("who came before the second refusal waited %v, want 50 s", got)
		}
		if got := <-late; got != 40*time.Second {
			t.Errorf("who came after it waited %v, want 40 s", got)
		}
	})
}

func TestWaitingForTheBudgetEndsWithTheContext(t *testing.T) {
	for name, spend := range map[string]func(*budget){
		"at the gate": func(b *budget) { b.refused([]charge{{reportsBucket, 1}}, time.Hour) },
		"for units": func(b *budget) {
			if err := b.take(context.Background(), []charge{{reportsBucket, 5}}, never); err != nil {
				t.Error(err)
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBudget()
			spend(b)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			waits, ended, start := 0, 0, time.Now()
			err := b.take(ctx, []charge{{reportsBucket, 1}}, func() func() {
				waits++
				return func() { ended++ }
			})
			if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
				t.Errorf("%s: got %v after %v", name, err, time.Since(start))
			}
			if waits != 1 || ended != 1 {
				t.Errorf("%s: the wait was told %d times and ended %d times", name, waits, ended)
			}
		})
	}
}

func TestNoWaitIsToldWhereNoneIs(t *testing.T) {
	err := newBudget().take(t.Context(), []charge{{identityBucket, 3}, {keyCredentialsBucket, 1}}, func() func() {
		t.Error("a wait is told")
		return func() {}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestMeterCountsTimeOnce(t *testing.T) {
	at := time.Unix(0, 0)
	clock := func() time.Time { return at }
	pass := func(seconds int) { at = at.Add(time.Duration(seconds) * time.Second) }
	m := &Meter{}
	first := m.wait(clock)
	pass(2)
	second := m.wait(clock)
	pass(3)
	first()
	first() // changes nothing
	if usage := m.Read(); !usage.Waiting || usage.ThrottleSeconds != 5 {
		t.Errorf("one waits: %+v", usage)
	}
	pass(5)
	second()
	pass(7) // nobody waits
	m.wait(clock)()
	third := m.wait(clock)
	pass(-60) // the clock was set back
	third()
	if usage := m.Read(); usage.Waiting || usage.ThrottleSeconds != 10 {
		t.Errorf("waited for 10 s: %+v", usage)
	}
}
