// Package dataconnect rebuilds the approvals of Microsoft Graph Data Connect.
//
// No public API lists them. What exists are audit events of decisions and of runs,
// which this package reads from saved exports, and the operator's own register for
// what no event tells: applications waiting for approval, and who develops them.
package dataconnect

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// Kind of the identity that saved events are recorded as.
const Kind = snapshot.IdentitySavedEvents

// Entry is one application in the operator's register.
type Entry struct {
	TenantID  string         `json:"tenantId"` // where the application is registered
	AppID     string         `json:"appId"`
	Name      string         `json:"name,omitzero"`
	Developer string         `json:"developer,omitzero"`
	State     string         `json:"state,omitzero"`
	Datasets  []EntryDataset `json:"datasets,omitzero"`
}

// EntryDataset is one dataset that an application asks for. Without columns it
// asks for all of them.
type EntryDataset struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns,omitzero"`
}

// Options of New.
type Options struct {
	// Events is a file of saved audit events or a folder of them; empty for none.
	Events string
	// EventsFrom is the instant from which the events are complete, when that is
	// known: before it, absence proves nothing.
	EventsFrom *time.Time
	Register   []Entry
	Logger     *slog.Logger // nil is silent
}

// Source reads approvals.
type Source struct {
	opts   Options
	logger *slog.Logger
}

// New makes the source.
func New(opts Options) *Source {
	s := &Source{opts: opts, logger: opts.Logger}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// Datasets lists what the source reads.
func (s *Source) Datasets() []snapshot.Name {
	return []snapshot.Name{snapshot.DataConnectEvents, snapshot.DataConnectRegister}
}

// Collect reads saved events and the register.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	if err := s.events(ctx, w); err != nil {
		return err
	}
	return s.register(w)
}

func (s *Source) register(w *snapshot.Writer) error {
	rows, err := w.Dataset(snapshot.DataConnectRegister)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Abort() }() // after Close it does nothing
	for _, entry := range s.opts.Register {
		entry.TenantID, entry.AppID = strings.ToLower(entry.TenantID), strings.ToLower(entry.AppID)
		row, err := json.Marshal(entry)
		if err != nil {
			return fmt.Errorf("encode register: %w", err)
		}
		if err := rows.Add(row); err != nil {
			return err
		}
	}
	return rows.Close(snapshot.Dataset{})
}

func (s *Source) events(ctx context.Context, w *snapshot.Writer) error {
	if s.opts.Events == "" {
		return w.Without(snapshot.DataConnectEvents, snapshot.Dataset{
			Status: snapshot.Skipped, Reason: "no saved audit events given",
		})
	}
	files, err := eventFiles(s.opts.Events)
	if err != nil {
		return w.Without(snapshot.DataConnectEvents, snapshot.Dataset{Status: snapshot.Failed, Reason: err.Error()})
	}
	rows, err := w.Dataset(snapshot.DataConnectEvents)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Abort() }()
	sink := &sink{rows: rows, tenant: w.Tenant().ID}
	for _, path := range files {
		if err := sink.file(ctx, path); err != nil {
			return err
		}
	}
	if sink.read == 0 && sink.problem != "" {
		return w.Without(snapshot.DataConnectEvents, snapshot.Dataset{Status: snapshot.Failed, Reason: sink.problem})
	}
	if err := rows.Close(snapshot.Dataset{From: s.opts.EventsFrom}); err != nil {
		return err
	}
	w.AddIdentity(snapshot.Identity{Kind: Kind, Datasets: []string{snapshot.DataConnectEvents}})
	closed, _ := w.Has(snapshot.DataConnectEvents)
	s.logger.InfoContext(ctx, "dataset read", "name", snapshot.DataConnectEvents, "status", closed.Status, "rows", closed.Rows,
		"records", sink.read, "reason", closed.Reason)
	return nil
}
