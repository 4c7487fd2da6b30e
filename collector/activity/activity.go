// Package activity reads the audit records of a tenant: those of the last seven days
// from the Office 365 Management Activity API, and older ones with audit queries of
// Microsoft Graph. It hands records on as they come and knows nothing of what is in
// them.
//
// The API tells by what time content became available, not when its events took
// place. So what is covered is a matter of windows that were read to their end, and
// whatever was not is a hole, with its interval and its reason.
package activity

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// The kinds of content that leastwise reads
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference).
const (
	General   = "Audit.General"
	Directory = "Audit.AzureActiveDirectory"
)

// Options of New.
type Options struct {
	// URL is the base of the cloud's Management API, such as https://manage.office.com;
	// empty where none is documented. Cloud is the name of the cloud.
	URL, Cloud string
	Account    *identity.Account
	HTTPClient *http.Client // from identity.NewHTTPClient
	Version    string       // of leastwise, for the User-Agent
	// Tenant is the tenant that is audited; that of the account when it is empty.
	Tenant string
	// Publisher is sent as PublisherIdentifier: the id of the tenant of whoever wrote the
	// code, by which the API tells whose quota a request draws on; requests without one
	// share a single quota with everybody else's. Empty means the audited tenant: leastwise
	// has no vendor with a tenant, so the nearest there is is who runs it.
	Publisher string
	// ContentTypes are those to be subscribed to: both when empty.
	ContentTypes []string
	// Previous is the snapshot that the state of the feeds comes from. What it says of the
	// subscriptions tells whether there was one for all of the time since; without it that is taken
	// for granted.
	Previous *snapshot.Snapshot
	Clock    func() time.Time
	Logger   *slog.Logger    // nil is silent
	Board    *graphapi.Board // is told what is being read; may be nil

	// How patient to be; zero values are meant for real tenants.
	MaxRetries    int           // of one request: 8
	RetryDelay    time.Duration // first pause when the API names none: 1 s, then doubling
	MaxRetryDelay time.Duration // longest of these pauses: 1 min
	Patience      time.Duration // for pauses in a row, until the API is given up: 2 min
	TryTimeout    time.Duration // for one request, body included: 10 min
}

// Client calls one tenant's Management Activity API. It is safe for concurrent use.
type Client struct {
	opts     Options
	root     string // …/api/v1.0/{tenant}/activity/feed/
	guard    guard
	pipeline runtime.Pipeline
	width    *graphapi.Width
	storm    *storm
	logger   *slog.Logger
	readers  readers
	skew     skew

	mu    sync.Mutex
	known *subscriptions
}

// mostRequests are under way at once.
const mostRequests = 8

var guid = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// New makes a client. Nothing is sent yet. Without a URL it reads nothing, and says so
// of everything.
func New(opts Options) (*Client, error) {
	if opts.Account == nil || opts.HTTPClient == nil || opts.Clock == nil {
		return nil, errors.New("management API client: Account, HTTPClient and Clock are required")
	}
	opts.Tenant = strings.ToLower(cmp.Or(opts.Tenant, opts.Account.Tenant))
	opts.Publisher = strings.ToLower(cmp.Or(opts.Publisher, opts.Tenant))
	switch {
	case !strings.EqualFold(opts.Tenant, opts.Account.Tenant):
		return nil, &identity.WrongTenantError{Want: opts.Tenant, Got: opts.Account.Tenant}
	case !guid.MatchString(opts.Tenant):
		return nil, fmt.Errorf("management API client: tenant %q is not a tenant id", opts.Tenant)
	case !guid.MatchString(opts.Publisher):
		return nil, fmt.Errorf("management API client: publisher %q is not the id of a tenant", opts.Publisher)
	}
	if len(opts.ContentTypes) == 0 {
		opts.ContentTypes = []string{General, Directory}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	opts.patient()
	c := &Client{
		opts: opts, logger: opts.Logger, width: graphapi.NewWidth(mostRequests),
		storm: &storm{first: opts.RetryDelay, longest: opts.MaxRetryDelay, patience: opts.Patience},
	}
	if opts.URL == "" {
		return c, nil
	}
	return c, c.connect()
}

func (o *Options) patient() {
	o.MaxRetries = cmp.Or(o.MaxRetries, 8)
	o.RetryDelay = cmp.Or(o.RetryDelay, time.Second)
	o.MaxRetryDelay = cmp.Or(o.MaxRetryDelay, time.Minute)
	o.Patience = cmp.Or(o.Patience, 2*time.Minute)
	o.TryTimeout = cmp.Or(o.TryTimeout, 10*time.Minute)
}

// connect makes the pipeline. The guard stands before the policy that adds the token,
// and is asked about redirects, too: package net/http sends the token along to another
// path of the same host.
func (c *Client) connect() error {
	base, err := url.Parse(c.opts.URL)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return fmt.Errorf("management API client: %q is not an https:// URL", c.opts.URL)
	}
	c.opts.URL = "https://" + base.Host
	c.guard = guard{base: c.opts.URL, path: "/api/v1.0/" + c.opts.Tenant + "/activity/feed/"}
	c.root = c.guard.base + c.guard.path
	client := *c.opts.HTTPClient
	former := client.CheckRedirect
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if former != nil {
			if err := former(req, via); err != nil {
				return err
			}
		}
		return c.guard.check(req.URL, "redirect")
	}
	c.pipeline = runtime.NewPipeline("leastwise", c.opts.Version, runtime.PipelineOptions{
		PerRetry: []policy.Policy{
			userAgent("NONISV|leastwise|leastwise/" + c.opts.Version),
			c.guard,
			graphapi.Authorize(c.opts.Account, c.scope()),
			graphapi.Logging(c.opts.Account, c.opts.Clock, c.logger), // last, so that it sees what is sent
		},
	}, &policy.ClientOptions{
		Transport: &client,
		Telemetry: policy.TelemetryOptions{Disabled: true},                            // the User-Agent is ours
		Retry:     policy.RetryOptions{MaxRetries: -1, TryTimeout: c.opts.TryTimeout}, // Client.ask tries again
	})
	return nil
}

func (c *Client) scope() string { return c.opts.URL + "/.default" }

// userAgent identifies leastwise.
type userAgent string

// Do is part of policy.Policy.
func (u userAgent) Do(req *policy.Request) (*http.Response, error) {
	req.Raw().Header.Set("User-Agent", string(u))
	return req.Next()
}
