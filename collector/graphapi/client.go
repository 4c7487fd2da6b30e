// Package graphapi is one client for Microsoft Graph: it pages, waits when it is
// throttled, retries, and never takes a failure for the end of a list.
//
// Rows stay raw JSON. The typed SDK drops members and enum values that it does not
// know, which evidence must not.
package graphapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"

	"leastwise/collector/identity"
)

// Options of New.
type Options struct {
	URL        string // base of the cloud's Graph, such as https://graph.microsoft.com
	Account    *identity.Account
	HTTPClient *http.Client // from identity.NewHTTPClient
	Version    string       // of leastwise, for the User-Agent
	Clock      func() time.Time
	Logger     *slog.Logger // nil is silent
	Board      *Board       // is told what is being read; may be nil
	Journal    Journal      // keeps answers for a run that is taken up again; may be nil

	// How patient to be; zero values are meant for real tenants.
	MaxRetries    int           // 6
	RetryDelay    time.Duration // first pause when Graph names none: 1 s, then doubling
	MaxRetryDelay time.Duration // longest pause that is waited for: 10 min
	TryTimeout    time.Duration // for one request, body included: 10 min
}

// Client calls one tenant's Microsoft Graph. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	account  *identity.Account
	pipeline runtime.Pipeline
	retry    policy.RetryOptions
	budget   *budget
	clock    func() time.Time
	logger   *slog.Logger
	board    *Board
	journal  Journal
	bearer   *bearer
	meter    *Meter
}

// New makes a client. Nothing is sent yet.
func New(opts Options) (*Client, error) {
	base, err := url.Parse(opts.URL)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("graph client: %q is not an https:// URL", opts.URL)
	}
	if opts.Account == nil || opts.HTTPClient == nil || opts.Clock == nil {
		return nil, errors.New("graph client: Account, HTTPClient and Clock are required")
	}
	c := &Client{
		base: base, account: opts.Account, clock: opts.Clock, logger: opts.Logger, board: opts.Board, journal: opts.Journal,
		bearer: newBearer(), meter: &Meter{}, retry: retryOptions(opts), budget: newBudget(),
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	if c.journal == nil {
		c.journal = noJournal{}
	}
	c.pipeline = runtime.NewPipeline("leastwise", opts.Version, runtime.PipelineOptions{
		PerCall: []policy.Policy{headers{userAgent: "NONISV|leastwise|leastwise/" + opts.Version}},
		PerRetry: []policy.Policy{
			ownHost{base},
			authorize{account: opts.Account, scope: c.scope()},
			metering{account: opts.Account, clock: opts.Clock, logger: c.logger, budget: c.budget, concurrency: newConcurrencyLimit()},
			logging{account: opts.Account, clock: opts.Clock, logger: c.logger}, // last, so that it sees what is sent
		},
	}, &policy.ClientOptions{
		Transport: opts.HTTPClient,
		Telemetry: policy.TelemetryOptions{Disabled: true}, // the User-Agent is ours
		Retry:     c.retry,
	})
	return c, nil
}

func (c *Client) scope() string { return strings.TrimSuffix(c.base.String(), "/") + "/.default" }

// Account is who calls.
func (c *Client) Account() *identity.Account { return c.account }

// Claims signs in if need be and tells what the client's token carries. The second
// result is false when the token cannot be read. What the journal holds of earlier
// runs is replayed only after it, since only then it is known whose answers are wanted.
func (c *Client) Claims(ctx context.Context) (identity.Claims, bool, error) {
	claims, readable, err := c.account.Claims(ctx, c.scope())
	if err == nil && readable {
		c.bearer.learn(c.account, claims, c.history())
	}
	return claims, readable, err
}

// history is what the client's tokens have allowed.
func (c *Client) history() []identity.Permissions { return c.account.History(c.scope()) }

// Metered returns a client that counts what it does into m.
func (c *Client) Metered(m *Meter) *Client {
	clone := *c
	clone.meter = m
	return &clone
}

// Query holds the OData options of a request. Zero values are left out.
type Query struct {
	Select string
	Expand string
	Filter string
	Top    int
	// ConsistencyLevel is the header of that name, on every page: Eventual, or empty.
	// Advanced queries take it together with Count, $count in a path takes it alone
	// (https://learn.microsoft.com/graph/aad-advanced-queries).
	ConsistencyLevel string
	Count            bool // $count=true
	// FixedPages says that Top is never to be lowered, not even when large pages fail:
	// appRoleAssignedTo leaves out managed identities in pages of less than 999
	// (https://github.com/microsoftgraph/microsoft-graph-docs/issues/12243).
	FixedPages bool
}

// Eventual is the only ConsistencyLevel that there is.
const Eventual = "eventual"

func (q Query) encode() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
		}
	}
	add("$select", q.Select)
	add("$expand", q.Expand)
	add("$filter", q.Filter)
	if q.Top > 0 {
		add("$top", strconv.Itoa(q.Top))
	}
	if q.Count {
		add("$count", "true")
	}
	return strings.Join(parts, "&")
}

// url makes the address of path, which begins with the API version.
func (c *Client) url(path string, query Query) string {
	u := strings.TrimSuffix(c.base.String(), "/") + "/" + strings.TrimPrefix(path, "/")
	if encoded := query.encode(); encoded != "" {
		u += "?" + encoded
	}
	return u
}

// Get reads one resource into out.
func (c *Client) Get(ctx context.Context, path string, query Query, out any) error {
	call := call{method: http.MethodGet, url: c.url(path, query), consistency: query.ConsistencyLevel}
	return c.exchange(ctx, call, func(body []byte) error { return json.Unmarshal(body, out) })
}

// Count asks how many objects the collection at path has, now: the answer is not
// kept for a run that is taken up again
// (https://learn.microsoft.com/graph/aad-advanced-queries).
func (c *Client) Count(ctx context.Context, path string) (int, error) {
	call := call{method: http.MethodGet, url: c.url(path+"/$count", Query{}), consistency: Eventual, accept: "text/plain"}
	var n int
	_, err := c.ask(c.impatient(ctx), call, func(body []byte) (err error) {
		n, err = strconv.Atoi(string(bytes.TrimSpace(body)))
		return err
	})
	return n, err
}

// impatient gives up soon on what is only good to know.
func (c *Client) impatient(ctx context.Context) context.Context {
	retry := c.retry
	retry.MaxRetries = min(retry.MaxRetries, 2)
	return policy.WithRetryOptions(ctx, retry)
}

// CountListing asks how many rows a listing has, where a collection has no $count of
// its own, or not all of it is to be counted. filter may be empty.
func (c *Client) CountListing(ctx context.Context, path, filter string) (int, error) {
	var page struct {
		Count *int `json:"@odata.count"`
	}
	query := Query{Filter: filter, Top: 1, ConsistencyLevel: Eventual, Count: true}
	call := call{method: http.MethodGet, url: c.url(path, query), consistency: Eventual}
	if _, err := c.ask(c.impatient(ctx), call, func(body []byte) error { return json.Unmarshal(body, &page) }); err != nil {
		return 0, err
	}
	if page.Count == nil {
		return 0, errors.New("the listing of " + path + " is not counted")
	}
	return *page.Count, nil
}

func (c *Client) post(path string, query Query, body any) (call, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return call{}, fmt.Errorf("encode request: %w", err)
	}
	return call{method: http.MethodPost, url: c.url(path, query), body: data, consistency: query.ConsistencyLevel, fixedPages: query.FixedPages}, nil
}

// exchange makes one call whose answer fits in memory, and keeps the answer.
func (c *Client) exchange(ctx context.Context, call call, decode func([]byte) error) error {
	key := c.wholeKey(call)
	body, ok, err := c.recallOne(key)
	if err != nil {
		return err
	}
	if ok {
		return decode(body)
	}
	if body, err = c.ask(ctx, call, decode); err != nil {
		return err
	}
	return c.recordOne(key, body, 1)
}

// ask makes one call whose answer fits in memory. An answer that breaks off, or that
// says in its body that it is none, is asked for again.
func (c *Client) ask(ctx context.Context, call call, decode func([]byte) error) ([]byte, error) {
	for again := 0; ; again++ {
		body, resp, err := c.fetch(ctx, call) //nolint:bodyclose // fetch has closed it
		if err == nil {
			err = errorWithin(body)
		}
		if err == nil {
			err = decode(body)
		}
		if err == nil || resp == nil || ctx.Err() != nil {
			return body, err
		}
		if again == maxRereads {
			return nil, c.unreadable(call, resp, "the answer cannot be read: ", err)
		}
		c.logger.WarnContext(ctx, "answer broke off, asking again", "url", bare(c.account, call.url), "error", clean(c.account, err.Error()))
	}
}

// fetch returns the body of a successful answer. With the answer, an error is about
// its body.
func (c *Client) fetch(ctx context.Context, call call) ([]byte, *http.Response, error) {
	resp, err := c.send(ctx, call, true)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("it is longer than %d bytes", maxAnswer)
	}
	return bytes.TrimPrefix(body, []byte(byteOrderMark)), resp, err
}

// byteOrderMark may stand before JSON, though it should not.
const byteOrderMark = "\xef\xbb\xbf"

// maxAnswer bounds an answer that is read at once; a batch may carry twenty pages.
const maxAnswer = 256 << 20

// call is one request to be made.
type call struct {
	method, url string
	accept      string
	body        []byte
	consistency string   // header ConsistencyLevel
	fixedPages  bool     // as in Query
	charges     []charge // when the address does not tell the cost, as for a batch
}

// chargesOf is what a call costs.
func (c *Client) chargesOf(call call) []charge {
	if call.charges != nil {
		return call.charges
	}
	u, err := url.Parse(call.url)
	if err != nil { // then there will be no request either
		return nil
	}
	return charges(call.method, u.Path, u.Query(), c.account.Delegated)
}

// send makes a call and returns a successful answer, whose body the caller closes
// when stream is true. Any other answer is an *Error.
func (c *Client) send(ctx context.Context, call call, stream bool) (*http.Response, error) {
	req, err := runtime.NewRequest(ctx, call.method, call.url)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", call.method, bare(c.account, call.url), err)
	}
	req.Raw().Header.Set("Accept", "application/json")
	if call.accept != "" {
		req.Raw().Header.Set("Accept", call.accept)
	}
	if call.consistency != "" {
		req.Raw().Header.Set("ConsistencyLevel", call.consistency)
	}
	if call.body != nil {
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(call.body)), "application/json"); err != nil {
			return nil, fmt.Errorf("%s %s: %w", call.method, bare(c.account, call.url), err)
		}
	}
	if stream {
		runtime.SkipBodyDownload(req)
	}
	t := &tries{meter: c.meter, charges: c.chargesOf(call)}
	defer t.resume()
	req.SetOperationValue(t)
	resp, err := c.pipeline.Do(req)
	if err != nil {
		return nil, c.transportError(ctx, call, err)
	}
	if identity.Passing(resp.StatusCode) {
		c.logger.WarnContext(ctx, "gave up", "url", bare(c.account, call.url), "status", resp.StatusCode, "attempts", t.count)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, c.newError(call, resp)
	}
	return resp, nil
}

// readBody reads at most limit bytes of an answer.
func readBody(resp *http.Response, limit int64) []byte {
	body, err := runtime.Payload(resp)
	if err != nil {
		body, _ = io.ReadAll(io.LimitReader(resp.Body, limit))
	}
	return body[:min(int64(len(body)), limit)]
}
