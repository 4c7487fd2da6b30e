package onboarding

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"leastwise/collector/identity"
)

// Flows by which a tenant was onboarded.
const (
	FlowAdminConsent = "admin-consent"
	FlowCode         = "code"
)

// Tenant is one that has consented.
type Tenant struct {
	ID        string `yaml:"id"`
	Name      string `yaml:"name,omitempty"` // what the operator calls it
	Cloud     string `yaml:"cloud"`
	ClientID  string `yaml:"client_id"` // the application that it has consented to
	Flow      string `yaml:"flow"`
	Onboarded string `yaml:"onboarded"` // RFC 3339, UTC
}

// tenantsFile is the file as a whole.
type tenantsFile struct {
	Tenants []Tenant `yaml:"tenants"`
}

// ReadTenants reads a file of tenants. Unknown keys, ids that are none, and ids or names
// that stand there twice are errors with their line. A file that is not there is
// fs.ErrNotExist.
func ReadTenants(path string) ([]Tenant, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read tenants: %w", err)
	}
	file, _, err := parseTenants(path, data)
	return file.Tenants, err
}

// parseTenants decodes strictly, and gives the document itself for changing it.
func parseTenants(path string, data []byte) (file tenantsFile, document *yaml.Node, err error) {
	fault := func(err error) error {
		text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
		text, _, _ = strings.Cut(text, "\n")
		if rest, ok := strings.CutPrefix(text, "line "); ok {
			return fmt.Errorf("read tenants: %s:%s; hint: it holds tenants: [{id, name, cloud, client_id, flow, onboarded}]", path, rest)
		}
		return fmt.Errorf("read tenants: %s: %s; hint: it holds tenants: [{id, name, cloud, client_id, flow, onboarded}]", path, text)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return file, nil, fault(err)
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return file, nil, fault(errors.New("more than one YAML document"))
	}
	document = &yaml.Node{}
	if err := yaml.Unmarshal(data, document); err != nil {
		return file, nil, fault(err)
	}
	if node := odd(document); node != nil {
		return file, nil, fmt.Errorf("read tenants: %s:%d: an alias, or an entry that is empty; hint: write each tenant out", path, node.Line)
	}
	entries := tenantEntries(document)
	for i := range file.Tenants {
		t := &file.Tenants[i]
		t.ID = strings.ToLower(t.ID)
		if err := t.check(file.Tenants[:i]); err != nil {
			return file, nil, fmt.Errorf("read tenants: %s:%d: %w", path, entries[i].Line, err)
		}
	}
	return file, document, nil
}

func (t Tenant) check(before []Tenant) error {
	clouds := []string{identity.CustomName}
	for _, cloud := range identity.Clouds() {
		clouds = append(clouds, cloud.Name)
	}
	switch {
	case !identity.IsTenantID(t.ID):
		return fmt.Errorf("id %.60q is no tenant id; hint: Entra admin center, Overview, Tenant ID", t.ID)
	case identity.IsTenantID(t.Name):
		return fmt.Errorf("name %s looks like a tenant id; hint: call it by a word", t.Name)
	case t.Cloud != "" && !slices.Contains(clouds, t.Cloud):
		return fmt.Errorf("unknown cloud %.60q; hint: one of %s", t.Cloud, strings.Join(clouds, ", "))
	case t.ClientID != "" && !identity.IsTenantID(t.ClientID): // both are GUIDs
		return fmt.Errorf("client_id %.60q is no application id; hint: App registrations, Application (client) ID", t.ClientID)
	case t.Flow != "" && t.Flow != FlowAdminConsent && t.Flow != FlowCode:
		return fmt.Errorf("unknown flow %.60q; hint: %s or %s", t.Flow, FlowAdminConsent, FlowCode)
	}
	if _, err := time.Parse(time.RFC3339, t.Onboarded); err != nil && t.Onboarded != "" {
		return fmt.Errorf("onboarded %.60q is no instant; hint: write it like 2026-11-20T09:00:00Z", t.Onboarded)
	}
	for _, other := range before {
		if strings.EqualFold(other.ID, t.ID) {
			return fmt.Errorf("tenant %s is there twice; hint: keep one of the entries", t.ID)
		}
		if t.Name != "" && strings.EqualFold(other.Name, t.Name) {
			return fmt.Errorf("the name %q is there twice; hint: names must tell tenants apart", t.Name)
		}
	}
	return nil
}

// FindListed finds a tenant by id or name, in any letter case.
func FindListed(tenants []Tenant, idOrName string) (Tenant, bool) {
	i := slices.IndexFunc(tenants, func(t Tenant) bool {
		return strings.EqualFold(t.ID, idOrName) || t.Name != "" && strings.EqualFold(t.Name, idOrName)
	})
	if i < 0 {
		return Tenant{}, false
	}
	return tenants[i], true
}

// NewTenant makes an entry of now.
func NewTenant(id, cloud, clientID, flow string, now time.Time) Tenant {
	return Tenant{
		ID: strings.ToLower(id), Cloud: cloud, ClientID: strings.ToLower(clientID), Flow: flow,
		Onboarded: now.UTC().Format(time.RFC3339),
	}
}

// CheckName tells whether a tenant could be stored by a name, before anybody is asked
// to consent. A file that is not there yet holds nothing against it.
func CheckName(path, id, name string) error {
	tenants, err := ReadTenants(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if identity.IsTenantID(name) {
		return fmt.Errorf("name %s looks like a tenant id; hint: call the tenant by a word", name)
	}
	listed, found := FindListed(tenants, name)
	if name != "" && found && id != "" && !strings.EqualFold(listed.ID, id) {
		return fmt.Errorf("%s calls tenant %s %q already; hint: choose another --name", path, listed.ID, listed.Name)
	}
	return nil
}
