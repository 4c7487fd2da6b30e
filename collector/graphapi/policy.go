package graphapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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

// shouldRetry tells passing faults from lasting ones.
func shouldRetry(resp *http.Response, err error) bool {
	if err != nil {
		return !identity.Permanent(err)
	}
	return identity.Passing(resp.StatusCode)
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

// authorize adds the token. A token that is refused, be it that it was revoked or
// that it ran out on the way, is replaced: more than once, since requests that are
// under way side by side may all have had one that was revoked meanwhile.
type authorize struct {
	account *identity.Account
	scope   string
}

// maxReplacements of a token for one request.
const maxReplacements = 3

// Do is part of policy.Policy.
func (p authorize) Do(req *policy.Request) (*http.Response, error) {
	ctx := req.Raw().Context()
	token, err := p.account.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{p.scope}, EnableCAE: true})
	if err != nil {
		return nil, err
	}
	for replaced := 0; ; replaced++ {
		req.Raw().Header.Set("Authorization", "Bearer "+token.Token)
		resp, err := req.Next()
		if err != nil || resp.StatusCode != http.StatusUnauthorized || replaced == maxReplacements {
			return resp, err
		}
		token, err = p.account.Replace(ctx, p.scope, resp.Header.Get("WWW-Authenticate"), token.Token)
		if identity.WrongIdentity(err) {
			_ = resp.Body.Close() // whatever the server said, the run ends
			return nil, err
		}
		if err != nil {
			return resp, nil //nolint:nilerr // what the server said is the better explanation
		}
		_ = resp.Body.Close() // the answer is not wanted any more
		if err := req.RewindBody(); err != nil {
			return nil, err
		}
	}
}

// tries follows one call through its tries.
type tries struct {
	meter   *Meter
	charges []charge
	count   int
	waited  func() // ends the pause after a refusal
}

// metering counts each try, keeps to the budget, and makes the pauses that Graph
// asks for readable to azcore, which understands whole seconds only.
type metering struct {
	account     *identity.Account
	clock       func() time.Time
	logger      *slog.Logger
	budget      *budget
	concurrency *concurrencyLimit
}

// Do is part of policy.Policy.
func (p metering) Do(req *policy.Request) (*http.Response, error) {
	var t *tries
	if !req.OperationValue(&t) {
		return nil, errors.New("a request that nobody counts")
	}
	ctx := req.Raw().Context()
	t.resume()
	if err := p.turn(ctx, t); err != nil {
		return nil, err
	}
	t.meter.sent(1, min(t.count, 1))
	t.count++
	resp, err := req.Next()
	if err != nil {
		p.concurrency.leave(false, true)
		return resp, err
	}
	readablePause(resp.Header, p.clock())
	turnedAway := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable
	p.concurrency.leave(turnedAway, strained(resp.Header))
	if turnedAway {
		t.waited = t.meter.wait(p.clock)
		if resp.StatusCode == http.StatusTooManyRequests {
			p.budget.refused(t.charges, pauseOf(resp.Header))
		}
		p.logger.InfoContext(ctx, "refused, waiting", "url", bare(p.account, req.Raw().URL.String()), "status", resp.StatusCode,
			"retry_after", clean(p.account, resp.Header.Get("Retry-After")))
	}
	return resp, nil
}

// turn waits until a request may go: there is budget for it, no other one of its kind
// has just been refused, and there is a place.
func (p metering) turn(ctx context.Context, t *tries) error {
	waiting := func() func() { return t.meter.wait(p.clock) }
	if err := p.budget.take(ctx, t.charges, waiting); err != nil {
		return err
	}
	for {
		if err := p.concurrency.enter(ctx); err != nil {
			return err
		}
		if !p.budget.closed(t.charges) {
			return nil
		}
		p.concurrency.quit()
		if err := p.budget.reopen(ctx, t.charges, waiting); err != nil {
			return err
		}
	}
}

// resume ends the pause after a refusal.
func (t *tries) resume() {
	if t.waited != nil {
		t.waited()
		t.waited = nil
	}
}

// strained reports whether Graph is near a limit, of which it tells from four
// fifths on (https://learn.microsoft.com/graph/throttling-limits).
func strained(h http.Header) bool {
	used, err := strconv.ParseFloat(h.Get("x-ms-throttle-limit-percentage"), 64)
	return err == nil && used >= 0.8
}

// unspokenPause is waited for where Graph refuses without saying for how long, as
// the reports do.
const unspokenPause = 2 * time.Second

// pauseOf reads what readablePause made readable.
func pauseOf(h http.Header) time.Duration {
	ms, err := strconv.Atoi(h.Get("Retry-After-Ms"))
	if err != nil {
		return unspokenPause
	}
	return time.Duration(ms) * time.Millisecond
}

// maxPause bounds what is believed of a Retry-After.
const maxPause = 10 * time.Minute

// readablePause rewrites Retry-After, which Graph sends as an integer, as a decimal
// such as 2.128, or as a date, as milliseconds. SharePoint's RateLimit-Reset counts
// as well: of the two the longer one
// (https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online).
func readablePause(h http.Header, now time.Time) {
	pause := max(seconds(h.Get("Retry-After")), time.Duration(0))
	if date, err := http.ParseTime(strings.TrimSpace(h.Get("Retry-After"))); err == nil {
		pause = date.Sub(now)
	}
	if remaining := strings.TrimSpace(h.Get("RateLimit-Remaining")); remaining == "0" || strings.HasPrefix(remaining, "-") {
		pause = max(pause, seconds(h.Get("RateLimit-Reset")))
	}
	if pause <= 0 {
		return
	}
	h.Set("Retry-After-Ms", strconv.FormatInt(min(pause, maxPause).Milliseconds()+1, 10))
}

// seconds reads a decimal number of seconds; what is none counts nothing.
func seconds(text string) time.Duration {
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(value > 0 && value < 1e6) {
		return 0
	}
	return time.Duration(value * float64(time.Second))
}

// logging tells of every request that is sent: never of headers or bodies, and of
// addresses without what follows the question mark.
type logging struct {
	account *identity.Account
	clock   func() time.Time
	logger  *slog.Logger
}

// Do is part of policy.Policy.
func (p logging) Do(req *policy.Request) (*http.Response, error) {
	ctx := req.Raw().Context()
	if !p.logger.Enabled(ctx, slog.LevelDebug) {
		return req.Next()
	}
	started := p.clock()
	resp, err := req.Next()
	about := []any{"method", req.Raw().Method, "url", bare(p.account, req.Raw().URL.String())}
	if err == nil {
		about = append(about, "status", resp.StatusCode)
	}
	var t *tries
	if req.OperationValue(&t) {
		about = append(about, "attempt", t.count)
	}
	about = append(about, "duration_ms", p.clock().Sub(started).Milliseconds())
	if err == nil {
		about = append(about, "request_id", requestID(p.account, resp.Header))
	} else {
		about = append(about, "error", clean(p.account, withoutURL(err).Error()))
	}
	p.logger.DebugContext(ctx, "request", about...)
	return resp, err
}
