package activity

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"leastwise/collector"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// row is one of dataset activity_subscriptions: a kind of content, with the subscription
// as it was before the run; or the audit log.
type row struct {
	ID string `json:"id"`
	// Status is enabled, disabled or missing; on or off of the audit log.
	Status   string `json:"status"`
	Started  bool   `json:"started"` // by this run
	Reason   string `json:"reason,omitzero"`
	ClientID string `json:"clientId,omitzero"` // each application has subscriptions of its own
}

// Subscriptions is the source of dataset activity_subscriptions.
func (c *Client) Subscriptions() collector.Source { return source{c} }

type source struct{ client *Client }

// Datasets is part of collector.Source.
func (s source) Datasets() []snapshot.Name { return []snapshot.Name{snapshot.ActivitySubscriptions} }

// Collect is part of collector.Source. It also tells the snapshot who reads the feeds,
// whether they are read before or after it.
func (s source) Collect(ctx context.Context, w *snapshot.Writer) error {
	c := s.client
	if want := w.Tenant().ID; !strings.EqualFold(c.opts.Tenant, want) {
		return &identity.WrongTenantError{Want: want, Got: c.opts.Tenant}
	}
	c.readers.attach(w)
	meter := &graphapi.Meter{}
	line := c.opts.Board.Begin(snapshot.ActivitySubscriptions, meter, c.opts.Clock())
	found, err := c.subscribe(ctx)
	if err != nil {
		return err
	}
	meter.Sent(found.usage.Requests, found.usage.Retries)
	c.mu.Lock() // a feed may still hear of the audit log
	closed, err := found.write(w)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	line.Tell(func(work *graphapi.Work) { work.Status, work.Rows = closed.Status, closed.Rows })
	if closed.Status.Readable() {
		c.readers.note(found.bearer.identity(nil, snapshot.ActivitySubscriptions))
	}
	c.logger.InfoContext(ctx, "dataset read", "name", snapshot.ActivitySubscriptions, "status", closed.Status, "rows", closed.Rows,
		"requests", closed.Requests, "reason", closed.Reason)
	return nil
}

// write records what was found.
func (s *subscriptions) write(w *snapshot.Writer) (snapshot.Dataset, error) {
	meta := snapshot.Dataset{}
	if s.missing != nil {
		meta = *s.missing
	}
	meta.Requests, meta.Retries, meta.ThrottleSeconds = s.usage.Requests, s.usage.Retries, s.usage.ThrottleSeconds
	if s.missing != nil && s.auditLog == "" {
		return meta, w.Without(snapshot.ActivitySubscriptions, meta)
	}
	if s.missing != nil { // that the audit log is off is known, and no more
		meta.Status = snapshot.Partial
	}
	rows, err := w.Dataset(snapshot.ActivitySubscriptions)
	if err != nil {
		return meta, err
	}
	for _, row := range s.rows() {
		line, err := json.Marshal(row)
		if err == nil {
			err = rows.Add(line)
		}
		if err != nil {
			return meta, errors.Join(err, rows.Abort())
		}
	}
	if err := rows.Close(meta); err != nil {
		return meta, err
	}
	closed, _ := w.Has(snapshot.ActivitySubscriptions)
	return closed, nil
}

func (s *subscriptions) rows() []row {
	clientID := strings.ToLower(s.bearer.clientID())
	var rows []row
	for _, sub := range s.of {
		r := row{ID: sub.contentType, Status: sub.status, Started: sub.started, ClientID: clientID}
		if sub.fault != nil {
			r.Reason = sub.fault.Reason
		}
		rows = append(rows, r)
	}
	if s.auditLog != "" {
		rows = append(rows, row{ID: snapshot.AuditLogRow, Status: s.auditLog, Reason: s.auditWhy})
	}
	return rows
}
