package dataconnect

import (
	"fmt"
	"strings"

	"leastwise/collector/snapshot"
)

// Register is what the operator declares of Data Connect, because no event tells it.
// ReadRegister lists the keys of the file.
type Register struct {
	// CrossTenantMovement is the tenant's switch for data that leaves it; nil when it is
	// not declared.
	CrossTenantMovement *bool
	Apps                []Entry
}

// Entry is one application in the operator's register.
type Entry struct {
	TenantID    string         `json:"tenantId"` // where the application is registered
	AppID       string         `json:"appId"`
	Name        string         `json:"name,omitzero"`
	Developer   string         `json:"developer,omitzero"`
	State       string         `json:"state,omitzero"` // one of States
	Purpose     string         `json:"purpose,omitzero"`
	MultiTenant *bool          `json:"multiTenant,omitzero"`
	Datasets    []EntryDataset `json:"datasets,omitzero"` // that it is expected to ask for
	Definition  *Definition    `json:"definition,omitzero"`
	Line        int            `json:"line,omitzero"` // in the register's file, from 1
}

// EntryDataset is one dataset that an application asks for. Without columns it
// asks for all of them.
type EntryDataset struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns,omitzero"`
}

// Definition is the registration for Data Connect as it is now, which may have been
// changed after it was approved
// (https://learn.microsoft.com/graph/app-registration).
type Definition struct {
	Version             string              `json:"version,omitzero"`
	UpdatedAt           string              `json:"updatedAt,omitzero"` // RFC 3339, UTC, or a bare day
	Datasets            []DefinitionDataset `json:"datasets,omitzero"`
	Sinks               []string            `json:"sinks,omitzero"`
	DestinationTenantID string              `json:"destinationTenantId,omitzero"`
}

// DefinitionDataset is one dataset of a definition.
type DefinitionDataset struct {
	Name       string   `json:"name"`
	Columns    []string `json:"columns,omitzero"` // without them, all
	Scope      string   `json:"scope"`            // all, list or filter
	Groups     []string `json:"groups,omitzero"`  // object ids
	Filter     string   `json:"filter,omitzero"`
	DenyGroups []string `json:"denyGroups,omitzero"`
}

// States lists what an application's state may be declared as
// (https://learn.microsoft.com/graph/app-authorization). Events go before what is declared,
// but for "denied", which always holds, and "update_available" of an approved application.
// "approved" is for the record: without an event that proves it the state is not known.
func States() []string {
	return []string{"pending", "approved", "denied", "expired", "update_available"}
}

// tenantRow is the row of the register that is about the tenant.
type tenantRow struct {
	TenantID            string `json:"tenantId"`
	AppID               string `json:"appId"` // snapshot.TenantRow
	CrossTenantMovement bool   `json:"crossTenantMovement"`
}

func (s *Source) register(w *snapshot.Writer) error {
	rows, err := w.Dataset(snapshot.DataConnectRegister)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Abort() }() // after Close it does nothing
	var declared []any
	if register := s.opts.Register; register != nil {
		for _, entry := range register.Apps {
			entry.TenantID, entry.AppID = strings.ToLower(entry.TenantID), strings.ToLower(entry.AppID)
			declared = append(declared, entry)
		}
		if movement := register.CrossTenantMovement; movement != nil {
			declared = append(declared, tenantRow{TenantID: strings.ToLower(w.Tenant().ID), AppID: snapshot.TenantRow, CrossTenantMovement: *movement})
		}
	}
	for _, entry := range declared {
		row, err := snapshot.Encode(entry)
		if err != nil {
			return fmt.Errorf("encode register: %w", err)
		}
		if err := rows.Add(row); err != nil {
			return err
		}
	}
	return rows.Close(snapshot.Dataset{})
}
