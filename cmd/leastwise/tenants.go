package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"leastwise/collector/identity"
	"leastwise/collector/onboarding"
)

// lookUpTenant finds the tenant of a flag among those that were onboarded, by id or
// name, and fills in what the configuration leaves out. It returns the tenant's id. An
// id that is not listed stands for itself.
func (c *config) lookUpTenant(name string, saved bool) (string, error) {
	if name == "" {
		return "", nil
	}
	path := c.tenantsFile("")
	listed, err := onboarding.ReadTenants(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.Tenants == "" && (saved || identity.IsTenantID(name)):
		return name, nil
	case errors.Is(err, fs.ErrNotExist) && c.Tenants == "":
		return "", fmt.Errorf("tenant %q is no tenant id, and there is no %s that could tell whose name it is; hint: give the id, or onboard the tenant first (leastwise onboard listen)", name, path)
	case err != nil:
		return "", withHint(err, "tenants in the configuration names a file that onboard listen has written")
	}
	tenant, found := onboarding.FindListed(listed, name)
	switch {
	case !found && (saved || identity.IsTenantID(name)):
		return name, nil
	case !found:
		return "", fmt.Errorf("tenant %q is not in %s, which knows %s; hint: give one of these, or a tenant id", name, path, listTenants(listed))
	}
	return tenant.ID, c.fill(tenant, path)
}

// listTenants names what --tenant takes.
func listTenants(listed []onboarding.Tenant) string {
	if len(listed) == 0 {
		return "none"
	}
	var names []string
	for _, t := range listed {
		name := t.ID
		if t.Name != "" {
			name = fmt.Sprintf("%s (%s)", t.Name, t.ID)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// fill takes over what the configuration does not say. What it says otherwise is an
// error: a tenant has consented to one application, in one cloud.
func (c *config) fill(tenant onboarding.Tenant, path string) error {
	if tenant.Cloud != "" && c.Cloud != "" && tenant.Cloud != c.Cloud {
		return fmt.Errorf("tenant %s is in cloud %s, as %s says, and the configuration says cloud: %s; hint: correct one of them", tenant.ID, tenant.Cloud, path, c.Cloud)
	}
	if c.Cloud == "" {
		c.Cloud = tenant.Cloud
	}
	switch app := &c.Credential; {
	case tenant.ClientID == "" || app.Kind == identity.KindManaged || app.Kind == identity.KindAzureCLI:
	case app.ClientID == "":
		app.ClientID = tenant.ClientID
	case !strings.EqualFold(app.ClientID, tenant.ClientID):
		return fmt.Errorf("tenant %s has consented to application %s, as %s says, and credential in the configuration has client_id: %s; hint: use that application's credential, or onboard the tenant for this one", tenant.ID, tenant.ClientID, path, app.ClientID)
	}
	return nil
}
