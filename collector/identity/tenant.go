package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// domain is a name of two or more labels whose last one is no number, so that no
// address passes for it.
var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$`)

// Organizations stands in an address of the authority for whichever tenant a work
// account belongs to
// (https://learn.microsoft.com/entra/identity-platform/v2-admin-consent).
const Organizations = "organizations"

// IsTenantID reports whether text is a tenant id.
func IsTenantID(text string) bool { return guid.MatchString(text) }

// ParseTenant reads the name of one tenant: an id, or one of its domains, in lower
// case. What stands for any tenant, such as common, is refused: who consents would then
// decide which tenant it is.
func ParseTenant(text string) (string, error) {
	name := strings.ToLower(text)
	switch name {
	case "common", Organizations, "consumers":
		return "", fmt.Errorf("tenant %q stands for many tenants; hint: give the id of the one that shall consent, or one of its domains", text)
	}
	if !guid.MatchString(name) && (len(name) > 253 || !domain.MatchString(name)) {
		return "", fmt.Errorf("tenant %.100q is neither a tenant id nor a domain; hint: Entra admin center, Overview, Tenant ID", text)
	}
	return name, nil
}

// FindTenant asks the authority for the id of the tenant that a domain belongs to. An
// id is returned as it is, without a request
// (https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc).
func FindTenant(ctx context.Context, client *http.Client, cloud Cloud, name string) (string, error) {
	if guid.MatchString(name) {
		return strings.ToLower(name), nil
	}
	ctx, cancel := context.WithTimeout(ctx, keySetTimeout)
	defer cancel()
	address := cloud.Login + "/" + url.PathEscape(name) + "/v2.0/.well-known/openid-configuration"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fmt.Errorf("find tenant: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("find tenant: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("find tenant: the authority does not know %s (HTTP %d); hint: check the domain and the cloud, or give the tenant id", name, resp.StatusCode)
	}
	var document struct {
		Issuer string `json:"issuer"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxKeySet)).Decode(&document); err != nil {
		return "", errors.New("find tenant: what the authority answers cannot be read; hint: check the cloud")
	}
	for segment := range strings.SplitSeq(document.Issuer, "/") {
		if guid.MatchString(segment) {
			return strings.ToLower(segment), nil
		}
	}
	return "", fmt.Errorf("find tenant: the authority does not tell the id of %s; hint: give the tenant id", name)
}
