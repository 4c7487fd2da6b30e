package graphapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// bucket is one of the limits that Microsoft Graph keeps for an application in a
// tenant.
type bucket int

// The buckets that leastwise draws on
// (https://learn.microsoft.com/graph/throttling-limits,
// https://learn.microsoft.com/sharepoint/dev/embedded/plan/limits-calling-patterns).
const (
	identityBucket bucket = iota
	reportsBucket
	keyCredentialsBucket
	sharePointAppBucket
	sharePointUserBucket
	bucketCount
)

// newLimiter makes what keeps a bucket within its limit: what it holds at first and
// what flows in, per second, stay together below the limit within any window of it, so
// that it does not matter whether Graph counts a window or a bucket. It holds what one
// $batch may cost, which is spent at once. Limits that depend on the tenant's size
// are taken to be the smallest, and a part is left to others.
func newLimiter(of bucket) limiter {
	switch of {
	case identityBucket: // 3,500 units per 10 s in the smallest tenants
		return rate.NewLimiter(245, 1000)
	case reportsBucket: // 5 requests per 10 s: too few to leave a part of them unused
		return newWindow(5, 10*time.Second)
	case keyCredentialsBucket: // 150 requests per minute and tenant
		return rate.NewLimiter(2.1, 20)
	case sharePointUserBucket: // 600 units per minute
		return rate.NewLimiter(8.3, 100)
	default: // sharePointAppBucket: 1,250 units per minute
		return rate.NewLimiter(17, 200)
	}
}

// charge is what a request costs in one bucket: resource units, or requests where
// the limit counts those.
type charge struct {
	bucket bucket
	units  int
}

// charges tells what a request will cost
// (https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits).
// path begins with the API version.
func charges(method, path string, values url.Values, delegated bool) []charge {
	_, path, _ = strings.Cut(strings.ToLower(strings.Trim(path, "/")), "/")
	segments := strings.Split(path, "/")
	switch segments[0] {
	case "reports", "auditlogs":
		return []charge{{reportsBucket, 1}}
	case "storage":
		units := storageUnits(segments, values)
		list := []charge{{sharePointAppBucket, units}}
		if delegated {
			list = append(list, charge{sharePointUserBucket, units})
		}
		return list
	}
	list := []charge{{identityBucket, identityUnits(method, segments, values)}}
	if method == http.MethodGet && strings.Contains(values.Get("$select"), "keyCredentials") {
		list = append(list, charge{keyCredentialsBucket, 1})
	}
	return list
}

func identityUnits(method string, segments []string, values url.Values) int {
	units := 1
	switch {
	case segments[len(segments)-1] == "getbyids":
		units = 3
	case method == http.MethodGet && (len(segments) == 1 && segments[0] == "applications" || segments[0] == "oauth2permissiongrants" ||
		segments[len(segments)-1] == "approleassignments"):
		units = 2
	}
	if values.Has("$select") {
		units--
	}
	if values.Has("$expand") {
		units++
	}
	if top, err := strconv.Atoi(values.Get("$top")); err == nil && top < 20 {
		units--
	}
	return max(units, 1)
}

// storageUnits are those of SharePoint: any look at permissions costs five
// (https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online).
func storageUnits(segments []string, values url.Values) int {
	switch {
	case slices.Contains(segments, "permissions") || strings.Contains(values.Get("$expand"), "permissions"):
		return 5
	case len(segments)%2 == 0: // storage/fileStorage/<collection>/<id>: one item
		return 1
	default:
		return 2
	}
}

// budget keeps a client within the limits, so that other workloads of the tenant
// are not starved and Graph seldom has to refuse. It is safe for concurrent use.
type budget struct {
	limits [bucketCount]limiter

	mu    sync.Mutex
	gates [bucketCount]gate
}

// gate is closed while Graph, which has refused a request, wants no other one of
// the same kind.
type gate struct {
	opens chan struct{} // nil when it is open
}

func newBudget() *budget {
	b := &budget{}
	for i := range b.limits {
		b.limits[i] = newLimiter(bucket(i))
	}
	return b
}

// limiter is the part of rate.Limiter that budgets use.
type limiter interface {
	Burst() int
	Tokens() float64
	WaitN(ctx context.Context, n int) error
}

// window lets so many pass in any stretch of time of a given length, and no more.
type window struct {
	places chan struct{}
	length time.Duration
}

// margin is added to a window: requests do not arrive as regularly as they are sent.
const margin = 100 * time.Millisecond

func newWindow(most int, length time.Duration) *window {
	return &window{places: make(chan struct{}, most), length: length + margin}
}

// Burst is how many may pass at once.
func (w *window) Burst() int { return cap(w.places) }

// Tokens is how many may pass now.
func (w *window) Tokens() float64 { return float64(cap(w.places) - len(w.places)) }

// WaitN waits until n more may pass.
func (w *window) WaitN(ctx context.Context, n int) error {
	for range n {
		select {
		case w.places <- struct{}{}:
			time.AfterFunc(w.length, func() { <-w.places })
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// take waits until all of list may be spent; waiting is called when that takes time,
// and what it returns afterwards.
func (b *budget) take(ctx context.Context, list []charge, waiting func() (done func())) error {
	return b.each(ctx, list, waiting, func(c charge, wait func()) error {
		limit := b.limits[c.bucket]
		for left := c.units; left > 0; {
			n := min(left, limit.Burst())
			left -= n
			if limit.Tokens() < float64(n) {
				wait()
			}
			if err := limit.WaitN(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// reopen waits until no gate of list is closed.
func (b *budget) reopen(ctx context.Context, list []charge, waiting func() (done func())) error {
	return b.each(ctx, list, waiting, func(charge, func()) error { return nil })
}

// each does something for each charge of list once its gate is open.
func (b *budget) each(ctx context.Context, list []charge, waiting func() (done func()), then func(c charge, wait func()) error) error {
	done := func() {}
	defer func() { done() }()
	wait := sync.OnceFunc(func() { done = waiting() })
	for _, c := range list {
		if err := b.pass(ctx, c.bucket, wait); err != nil {
			return err
		}
		if err := then(c, wait); err != nil {
			return err
		}
	}
	return nil
}

// pass waits at the gate of a bucket, which may close again meanwhile.
func (b *budget) pass(ctx context.Context, of bucket, wait func()) error {
	for opens := b.gate(of); opens != nil; opens = b.gate(of) {
		wait()
		select {
		case <-opens:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// closed reports whether Graph wants none of list at the moment.
func (b *budget) closed(list []charge) bool {
	return slices.ContainsFunc(list, func(c charge) bool { return b.gate(c.bucket) != nil })
}

func (b *budget) gate(of bucket) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gates[of].opens
}

// refused closes the gates of list for a while.
func (b *budget) refused(list []charge, pause time.Duration) {
	for _, c := range list {
		b.mu.Lock()
		opens := make(chan struct{})
		former := b.gates[c.bucket].opens
		b.gates[c.bucket].opens = opens
		b.mu.Unlock()
		time.AfterFunc(pause, func() {
			if former != nil { // never before those who refused earlier
				<-former
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.gates[c.bucket].opens == opens {
				b.gates[c.bucket].opens = nil
			}
			close(opens)
		})
	}
}
