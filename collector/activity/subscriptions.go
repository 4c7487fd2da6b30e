package activity

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// How a subscription can be.
const (
	enabled  = "enabled"
	disabled = "disabled"
	absent   = "missing"
)

// subscription is one to a kind of content.
type subscription struct {
	contentType string
	status      string // before the run
	started     bool   // by this run
	since       time.Time
	// fault is why there is none, though it was to be started.
	fault *snapshot.Dataset
}

// subscriptions are those of our application, found and completed once in a run. Reading
// several feeds takes no second look, and none is started twice: the API wants 15
// minutes between two starts.
type subscriptions struct {
	bearer   bearer
	of       map[string]*subscription // by content type
	missing  *snapshot.Dataset        // why they are not known
	auditLog string                   // on, off, or "" when that is not known
	auditWhy string
	usage    graphapi.Usage
}

// subscribe lists the subscriptions and starts those that are needed and not there. It
// never stops one: what is created meanwhile would be lost for good. The error is about
// what ends the run.
func (c *Client) subscribe(ctx context.Context) (*subscriptions, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known != nil {
		return c.known, nil
	}
	s := &subscriptions{of: map[string]*subscription{}, bearer: bearer{account: c.opts.Account, readable: true}}
	if c.opts.URL == "" {
		s.missing = &snapshot.Dataset{
			Status: snapshot.Skipped, Reason: strings.TrimSpace("cloud "+c.opts.Cloud) + ": no Office 365 Management API is documented for it",
		}
		c.known = s
		return s, nil
	}
	var err error
	if s.bearer, s.missing, err = c.signIn(ctx); err != nil {
		return nil, err
	}
	names := []snapshot.Name{snapshot.ActivitySubscriptions}
	for _, contentType := range c.opts.ContentTypes {
		names = append(names, datasetsOf(contentType)...)
	}
	c.readers.note(s.bearer.identity(needs(feedPermission, names...)))
	if s.missing == nil {
		meter := &graphapi.Meter{}
		err = c.complete(ctx, meter, s)
		s.usage = meter.Read()
	}
	if err != nil {
		return nil, err
	}
	c.known = s
	return s, nil
}

// complete finds what is there, and starts the rest.
func (c *Client) complete(ctx context.Context, meter *graphapi.Meter, s *subscriptions) error {
	there, err := c.listSubscriptions(ctx, meter)
	if graphapi.Fatal(ctx, err) {
		return err
	}
	if err != nil {
		gone := missing(err)
		s.missing = &gone
		s.heard(err)
		return nil
	}
	for _, contentType := range c.opts.ContentTypes {
		sub := &subscription{contentType: contentType, status: absent}
		if status, ok := there[strings.ToLower(contentType)]; ok {
			sub.status = status
		}
		s.of[contentType] = sub
		if sub.status == enabled {
			s.heard(nil)
			continue
		}
		if err := c.start(ctx, meter, s, sub); err != nil {
			return err
		}
	}
	return nil
}

// heard notes what the API tells of the tenant's audit log: that it answers for the
// tenant, or that it knows no such tenant.
func (s *subscriptions) heard(err error) {
	switch {
	case err == nil && s.auditLog == "":
		s.auditLog = "on"
	case is(err, codeAuditOff):
		s.auditLog, s.auditWhy = "off", missing(err).Reason
	}
}

// listSubscriptions returns the status of each subscription, by content type in lower
// case.
func (c *Client) listSubscriptions(ctx context.Context, meter *graphapi.Meter) (map[string]string, error) {
	var list []struct {
		ContentType string `json:"contentType"`
		Status      string `json:"status"`
	}
	if _, err := c.get(ctx, meter, c.address("subscriptions/list"), &list); err != nil {
		return nil, err
	}
	status := map[string]string{}
	for _, one := range list {
		status[strings.ToLower(one.ContentType)] = disabled
		if strings.EqualFold(one.Status, enabled) {
			status[strings.ToLower(one.ContentType)] = enabled
		}
	}
	return status, nil
}

// start starts a subscription without a webhook. A start of which it is not known
// whether it was carried out is not made again: a look at the list tells.
func (c *Client) start(ctx context.Context, meter *graphapi.Meter, s *subscriptions, sub *subscription) error {
	var answer struct {
		Status string `json:"status"`
	}
	err := c.ask(ctx, meter, call{
		method: http.MethodPost, url: c.address("subscriptions/start", "contentType", sub.contentType), once: true,
	}, func(resp *http.Response) error { return decode(resp.Body, &answer) })
	switch {
	case graphapi.Fatal(ctx, err):
		return err
	case err == nil && !strings.EqualFold(answer.Status, disabled):
		sub.started, sub.since = true, c.now()
		s.heard(nil)
		c.logger.InfoContext(ctx, "subscription started", "content", sub.contentType, "was", sub.status)
		return nil
	case is(err, codeAlreadyEnabled): // the list was behind
		sub.status = enabled
		s.heard(nil)
		return nil
	case err == nil:
		err = &graphapi.Error{
			Method: http.MethodPost, URL: c.root + "subscriptions/start", Status: http.StatusOK,
			Message: "the subscription was started and is still disabled",
		}
	case codeOf(err) == "": // no answer that tells
		there, again := c.listSubscriptions(ctx, meter)
		if graphapi.Fatal(ctx, again) {
			return again
		}
		if again == nil && there[strings.ToLower(sub.contentType)] == enabled {
			sub.started, sub.since = true, c.now()
			s.heard(nil)
			return nil
		}
	}
	s.heard(err)
	fault := missing(err)
	fault.Reason = "the subscription to " + sub.contentType + " cannot be started: " + fault.Reason
	sub.fault = &fault
	c.logger.WarnContext(ctx, "subscription not started", "content", sub.contentType, "was", sub.status, "error", err.Error())
	return nil
}

// now is the present second, since the API knows no smaller ones: by its own clock where
// ours is ahead, so that nothing is called read that it has not made yet.
func (c *Client) now() time.Time {
	return c.opts.Clock().Add(-c.skew.ahead()).UTC().Truncate(time.Second)
}

// subscribedBefore reports whether there was a subscription after the last run, of our
// application: then content since then is complete.
func (c *Client) subscribedBefore(clientID, contentType string) bool {
	previous := c.opts.Previous
	if previous == nil {
		return true
	}
	if !previous.Manifest.Datasets[snapshot.ActivitySubscriptions].Status.Readable() {
		return false
	}
	for line, err := range previous.Rows(snapshot.ActivitySubscriptions) {
		var row row
		if err != nil || json.Unmarshal(line, &row) != nil {
			return false
		}
		if strings.EqualFold(row.ID, contentType) {
			return strings.EqualFold(row.ClientID, clientID) && (row.Started || row.Status == enabled)
		}
	}
	return false
}
