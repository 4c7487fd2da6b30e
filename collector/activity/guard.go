package activity

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
)

// guard lets requests pass that go to the feed of the tenant. The API hands out
// addresses of pages and of content; whatever they say, the token goes nowhere else.
type guard struct {
	base string // https://HOST
	path string // /api/v1.0/{tenant}/activity/feed/
}

// Do is part of policy.Policy.
func (g guard) Do(req *policy.Request) (*http.Response, error) {
	if err := g.check(req.Raw().URL, "request"); err != nil {
		return nil, err
	}
	return req.Next()
}

// check refuses an address outside of the feed. what says where it comes from.
func (g guard) check(u *url.URL, what string) error {
	if !graphapi.SameHost(g.base, u.String()) {
		return &identity.RefusedError{Reason: fmt.Sprintf("%s to %s://%s instead of %s", what, u.Scheme, u.Host, g.base)}
	}
	if len(u.Path) < len(g.path) || !strings.EqualFold(u.Path[:len(g.path)], g.path) || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") ||
		strings.Contains(u.Path, `\`) {
		return &identity.RefusedError{Reason: fmt.Sprintf("%s to %s, which is not below %s", what, u.Path, g.path)}
	}
	return nil
}

// link reads an address that the API has handed out, and adds the publisher where it
// is missing.
func (c *Client) link(address, what string) (string, error) {
	base, err := url.Parse(c.root)
	if err != nil {
		return "", err
	}
	u, err := base.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", &identity.RefusedError{Reason: what + " cannot be read"}
	}
	if err := c.guard.check(u, what); err != nil {
		return "", err
	}
	for name := range u.Query() {
		if strings.EqualFold(name, publisherParameter) {
			return u.String(), nil
		}
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += publisherParameter + "=" + c.opts.Publisher
	return u.String(), nil
}

const publisherParameter = "PublisherIdentifier"

// address makes the address of an operation. Parameters come in pairs of name and
// value.
func (c *Client) address(operation string, parameters ...string) string {
	var query strings.Builder
	for i := 0; i < len(parameters); i += 2 {
		query.WriteString(parameters[i] + "=" + url.QueryEscape(parameters[i+1]) + "&")
	}
	return c.root + operation + "?" + query.String() + publisherParameter + "=" + c.opts.Publisher
}
