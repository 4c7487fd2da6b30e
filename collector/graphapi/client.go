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
	logger   *slog.Logger
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
	c := &Client{base: base, account: opts.Account, logger: opts.Logger, meter: &Meter{}}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	c.pipeline = runtime.NewPipeline("leastwise", opts.Version, runtime.PipelineOptions{
		PerCall: []policy.Policy{headers{userAgent: "NONISV|leastwise|leastwise/" + opts.Version}},
		PerRetry: []policy.Policy{
			metering{clock: opts.Clock, logger: c.logger},
			ownHost{base},
			runtime.NewBearerTokenPolicy(opts.Account, []string{c.scope()}, nil),
			logging{clock: opts.Clock, logger: c.logger}, // last, so that it sees what is sent
		},
	}, &policy.ClientOptions{
		Transport: opts.HTTPClient,
		Telemetry: policy.TelemetryOptions{Disabled: true}, // the User-Agent is ours
		Retry:     retryOptions(opts),
	})
	return c, nil
}

func (c *Client) scope() string { return strings.TrimSuffix(c.base.String(), "/") + "/.default" }

// Account is who calls.
func (c *Client) Account() *identity.Account { return c.account }

// Claims signs in if need be and tells what the client's token carries. The second
// result is false when the token cannot be read.
func (c *Client) Claims(ctx context.Context) (identity.Claims, bool, error) {
	return c.account.Claims(ctx, c.scope())
}

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
	// Eventual asks for an advanced query: header ConsistencyLevel: eventual and
	// $count=true, on every page
	// (https://learn.microsoft.com/graph/aad-advanced-queries).
	Eventual bool
}

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
	if q.Eventual {
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
	call := call{method: http.MethodGet, url: c.url(path, query), eventual: query.Eventual}
	return c.exchange(ctx, call, func(body []byte) error { return json.Unmarshal(body, out) })
}

// Post sends body and reads the answer into out. It is repeated like a read, so it
// is for actions that only read.
func (c *Client) Post(ctx context.Context, path string, query Query, body, out any) error {
	call, err := c.post(path, query, body)
	if err != nil {
		return err
	}
	return c.exchange(ctx, call, func(body []byte) error { return json.Unmarshal(body, out) })
}

// Count asks how many objects the collection at path has
// (https://learn.microsoft.com/graph/aad-advanced-queries).
func (c *Client) Count(ctx context.Context, path string) (int, error) {
	call := call{method: http.MethodGet, url: c.url(path+"/$count", Query{}), eventual: true, accept: "text/plain"}
	var n int
	err := c.exchange(ctx, call, func(body []byte) (err error) {
		n, err = strconv.Atoi(string(bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))))
		return err
	})
	return n, err
}

func (c *Client) post(path string, query Query, body any) (call, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return call{}, fmt.Errorf("encode request: %w", err)
	}
	return call{method: http.MethodPost, url: c.url(path, query), body: data, eventual: query.Eventual}, nil
}

// exchange makes one call whose answer fits in memory.
func (c *Client) exchange(ctx context.Context, call call, decode func([]byte) error) error {
	resp, err := c.send(ctx, call, false)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := runtime.Payload(resp)
	if err == nil {
		err = decode(body)
	}
	if err != nil {
		return &Error{
			Method: call.method, URL: bare(call.url), Status: resp.StatusCode, RequestID: requestID(resp),
			Message: "the answer cannot be read: " + err.Error(),
		}
	}
	return nil
}

// call is one request to be made.
type call struct {
	method, url string
	accept      string
	body        []byte
	eventual    bool
}

// send makes a call and returns a successful answer, whose body the caller closes
// when stream is true. Any other answer is an *Error.
func (c *Client) send(ctx context.Context, call call, stream bool) (*http.Response, error) {
	req, err := runtime.NewRequest(ctx, call.method, call.url)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", call.method, bare(call.url), err)
	}
	req.Raw().Header.Set("Accept", "application/json")
	if call.accept != "" {
		req.Raw().Header.Set("Accept", call.accept)
	}
	if call.eventual {
		req.Raw().Header.Set("ConsistencyLevel", "eventual")
	}
	if call.body != nil {
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(call.body)), "application/json"); err != nil {
			return nil, fmt.Errorf("%s %s: %w", call.method, bare(call.url), err)
		}
	}
	if stream {
		runtime.SkipBodyDownload(req)
	}
	req.SetOperationValue(&tries{meter: c.meter})
	resp, err := c.pipeline.Do(req)
	if err != nil {
		return nil, transportError(ctx, call, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, newError(call, resp)
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
