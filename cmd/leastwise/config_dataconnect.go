package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"leastwise/collector/dataconnect"
	"leastwise/collector/identity"
	"leastwise/policies"
)

// dataConnect is what the configuration says of Microsoft Graph Data Connect: where its
// events come from, and what no event tells.
type dataConnect struct {
	// Activity is whether the Management Activity API is read; nil is yes where somebody
	// signs in.
	Activity  *bool  `yaml:"activity"`
	Publisher string `yaml:"publisher"` // PublisherIdentifier, a tenant id
	Backfill  string `yaml:"backfill"`  // look-back of the audit query, such as 180d
	Events    string `yaml:"events"`    // saved audit events, file or folder
	// EventsFrom is the instant from which the saved events are complete.
	EventsFrom string   `yaml:"events_from"`
	Register   string   `yaml:"register"`  // file of the register, where it is not written here
	Pipelines  []string `yaml:"pipelines"` // files and folders of definitions

	// The register itself, which collector/dataconnect reads.
	CrossTenantMovement yaml.Node `yaml:"cross_tenant_movement"`
	Apps                yaml.Node `yaml:"apps"`
}

// managementAPI is what the operator declares of applications that use the Office 365
// Management API.
type managementAPI struct {
	DeclaredNeeds     []declaredNeed `yaml:"declared_needs"`
	MultiTenantNeeded []string       `yaml:"multi_tenant_needed"` // appIds
}

// declaredNeed says that an application has permissions for a reason.
type declaredNeed struct {
	AppID       string   `yaml:"app_id"`
	Permissions []string `yaml:"permissions"`
	Reason      string   `yaml:"reason"`
}

// written is the register as the configuration holds it.
func (d *dataConnect) written() *yaml.Node {
	register := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, part := range []struct {
		key  string
		node *yaml.Node
	}{{"cross_tenant_movement", &d.CrossTenantMovement}, {"apps", &d.Apps}} {
		if part.node.Kind != 0 {
			key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: part.key, Line: part.node.Line, Column: 1}
			register.Content = append(register.Content, key, part.node)
			if register.Line == 0 {
				register.Line = part.node.Line
			}
		}
	}
	return register
}

// register reads the register of a tenant.
func (c *config) register(tenant string) (*dataconnect.Register, error) {
	d := &c.DataConnect
	written := d.written()
	switch {
	case d.Register != "" && len(written.Content) > 0:
		return nil, fmt.Errorf("%s:%d: the register stands here and in %s; hint: keep it in one place", c.path, written.Line, d.Register)
	case d.Register != "":
		return dataconnect.ReadRegister(c.file(d.Register), tenant)
	case len(written.Content) > 0:
		return dataconnect.ParseRegister(written, c.path, tenant)
	}
	return nil, nil
}

// check checks what can be checked of Data Connect without a tenant. at says where in the
// file a key stands.
func (d *dataConnect) check(at func(path ...string) string) error {
	if _, err := d.parseEventsFrom(); err != nil {
		return fmt.Errorf("%s: %w", at("data_connect", "events_from"), err)
	}
	if d.Backfill != "" {
		if _, err := parseDays(d.Backfill); err != nil {
			return fmt.Errorf("%s: backfill %w", at("data_connect", "backfill"), err)
		}
	}
	if d.Publisher != "" && !identity.IsTenantID(d.Publisher) {
		return fmt.Errorf("%s: publisher %q is not a tenant id; hint: it is the id of the tenant of whoever wrote the program; leave it out for the audited one",
			at("data_connect", "publisher"), d.Publisher)
	}
	return nil
}

// checkDeclared checks what is declared of applications.
func (c *config) checkDeclared(data []byte) error {
	at := fmt.Sprintf("%s:%d: management_api", c.path, line(data, "management_api"))
	for _, need := range c.ManagementAPI.DeclaredNeeds {
		switch {
		case !identity.IsTenantID(need.AppID): // both are GUIDs
			return fmt.Errorf("%s: %q is not an application id; hint: app_id is the client id of the registration", at, need.AppID)
		case len(need.Permissions) == 0:
			return fmt.Errorf("%s: the need of %s names no permission; hint: permissions: [ActivityFeed.ReadDlp]", at, need.AppID)
		case strings.TrimSpace(need.Reason) == "":
			return fmt.Errorf("%s: the need of %s has no reason; hint: say why, the reason stands in every report", at, need.AppID)
		}
	}
	for _, id := range c.ManagementAPI.MultiTenantNeeded {
		if !identity.IsTenantID(id) {
			return fmt.Errorf("%s: %q is not an application id; hint: multi_tenant_needed lists client ids", at, id)
		}
	}
	return nil
}

// declared is what controls read of it, beside the thresholds.
func (c *config) declared() policies.Declared {
	declared := policies.Declared{MultiTenant: c.ManagementAPI.MultiTenantNeeded}
	for _, need := range c.ManagementAPI.DeclaredNeeds {
		declared.Needs = append(declared.Needs, policies.DeclaredNeed{
			AppID: strings.ToLower(need.AppID), Permissions: need.Permissions, Reason: strings.TrimSpace(need.Reason),
		})
	}
	c.addDeclared(&declared)
	return declared
}

// mostBackfill is how many days back the audit log goes
// (https://learn.microsoft.com/purview/audit-log-retention-policies).
const mostBackfill = 180

// parseDays reads a look-back such as 180d.
func parseDays(text string) (time.Duration, error) {
	days, ok := strings.CutSuffix(strings.TrimSpace(text), "d")
	n, err := strconv.Atoi(days)
	if !ok || err != nil || n < 1 || n > mostBackfill {
		return 0, fmt.Errorf("%q is not a number of days up to %d; hint: write 180d, which is as far back as audit events are kept", text, mostBackfill)
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

// parseEventsFrom reads the instant that saved events are complete from.
func (d *dataConnect) parseEventsFrom() (*time.Time, error) {
	if d.EventsFrom == "" {
		return nil, nil
	}
	if d.Events == "" {
		return nil, errors.New("events_from without events; hint: name the saved events, or take events_from out")
	}
	at, ok := instant(d.EventsFrom)
	if !ok {
		return nil, fmt.Errorf("events_from %q is not an instant; hint: write 2026-05-24 or 2026-05-24T00:00:00Z", d.EventsFrom)
	}
	return &at, nil
}
