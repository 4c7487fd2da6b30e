package graphapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/identity"
)

// retryOptions makes azcore as patient as Graph's throttling demands: with its own
// defaults it gives up when Retry-After exceeds one minute.
func retryOptions(opts Options) policy.RetryOptions {
	or := func(given, otherwise time.Duration) time.Duration {
		if given > 0 {
			return given
		}
		return otherwise
	}
	retries := opts.MaxRetries
	if retries == 0 {
		retries = 6
	}
	return policy.RetryOptions{
		MaxRetries:    int32(retries),
		RetryDelay:    or(opts.RetryDelay, time.Second),
		MaxRetryDelay: or(opts.MaxRetryDelay, 10*time.Minute),
		TryTimeout:    or(opts.TryTimeout, 10*time.Minute),
		ShouldRetry:   shouldRetry,
	}
}

// shouldRetry tells passing faults from lasting ones
// (https://learn.microsoft.com/graph/errors).
func shouldRetry(resp *http.Response, err error) bool {
	if err != nil {
		return !identity.Permanent(err)
	}
	return slices.Contains([]int{
		http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, 509, // bandwidth limit exceeded
	}, resp.StatusCode)
}

// headers identifies leastwise. Traffic that calls itself low priority is shed
// first, which is right for an auditor
// (https://learn.microsoft.com/graph/throttling,
// https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online).
type headers struct{ userAgent string }

// Do is part of policy.Policy.
func (h headers) Do(req *policy.Request) (*http.Response, error) {
	req.Raw().Header.Set("User-Agent", h.userAgent)
	req.Raw().Header.Set("x-ms-throttle-priority", "low")
	return req.Next()
}

// ownHost stands before the policy that adds the token: whatever address a caller
// got hold of, the token goes to the cloud's Graph only.
type ownHost struct{ base *url.URL }

// Do is part of policy.Policy.
func (h ownHost) Do(req *policy.Request) (*http.Response, error) {
	if err := h.check(req.Raw().URL); err != nil {
		return nil, err
	}
	return req.Next()
}

func (h ownHost) check(u *url.URL) error {
	if u.Scheme != h.base.Scheme || u.User != nil || !strings.EqualFold(hostPort(u), hostPort(h.base)) {
		return &identity.RefusedError{Reason: fmt.Sprintf("link to %s://%s instead of %s", u.Scheme, u.Host, h.base.Host)}
	}
	return nil
}

func hostPort(u *url.URL) string {
	if u.Port() == "" {
		return u.Hostname() + ":443"
	}
	return u.Hostname() + ":" + u.Port()
}

// Meter counts what reading something took. It is safe for concurrent use.
type Meter struct {
	mu       sync.Mutex
	requests int
	retries  int
	throttle time.Duration
}

// Usage is a reading of a Meter.
type Usage struct {
	Requests, Retries int
	ThrottleSeconds   float64
}

// Read returns the counts so far.
func (m *Meter) Read() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Usage{Requests: m.requests, Retries: m.retries, ThrottleSeconds: m.throttle.Seconds()}
}

func (m *Meter) add(retry bool, throttled time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests++
	if retry {
		m.retries++
	}
	m.throttle += max(throttled, 0)
}

// tries follows one call through its tries.
type tries struct {
	meter     *Meter
	count     int
	throttled time.Time // when the last try was turned away
}

// metering counts each try and makes the pauses that Graph asks for readable to
// azcore, which understands whole seconds only.
type metering struct {
	clock  func() time.Time
	logger *slog.Logger
}

// Do is part of policy.Policy.
func (p metering) Do(req *policy.Request) (*http.Response, error) {
	var t *tries
	if req.OperationValue(&t) {
		var waited time.Duration
		if !t.throttled.IsZero() {
			waited = p.clock().Sub(t.throttled)
		}
		t.meter.add(t.count > 0, waited)
		t.count++
		t.throttled = time.Time{}
	}
	resp, err := req.Next()
	if err != nil {
		return resp, err
	}
	readablePause(resp.Header)
	if t != nil && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) {
		t.throttled = p.clock()
		p.logger.WarnContext(req.Raw().Context(), "throttled", "url", bare(req.Raw().URL.String()), "status", resp.StatusCode,
			"retry_after", resp.Header.Get("Retry-After"))
	}
	return resp, nil
}

// readablePause rewrites a decimal Retry-After, such as 2.128, as milliseconds.
func readablePause(h http.Header) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds <= 0 || !strings.ContainsAny(text, ".eE") || seconds > 1e6 {
		return
	}
	h.Set("Retry-After-Ms", strconv.Itoa(int(seconds*1000)+1))
}

// logging tells of every request that is sent: never of headers or bodies, and of
// addresses without what follows the question mark.
type logging struct {
	clock  func() time.Time
	logger *slog.Logger
}

// Do is part of policy.Policy.
func (p logging) Do(req *policy.Request) (*http.Response, error) {
	ctx := req.Raw().Context()
	if !p.logger.Enabled(ctx, slog.LevelDebug) {
		return req.Next()
	}
	started := p.clock()
	resp, err := req.Next()
	about := []any{"method", req.Raw().Method, "url", bare(req.Raw().URL.String())}
	if err == nil {
		about = append(about, "status", resp.StatusCode)
	}
	var t *tries
	if req.OperationValue(&t) {
		about = append(about, "attempt", t.count)
	}
	about = append(about, "duration_ms", p.clock().Sub(started).Milliseconds())
	if err == nil {
		about = append(about, "request_id", requestID(resp))
	} else {
		about = append(about, "error", clean(withoutURL(err).Error()))
	}
	p.logger.DebugContext(ctx, "request", about...)
	return resp, err
}
