package identity

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// newManagedCredential signs in as an identity of the Azure host that leastwise runs
// on. Where the host hands out tokens, azidentity learns from the environment
// (IDENTITY_ENDPOINT and others), which cannot be handed in. These endpoints speak
// plain HTTP, so it is made sure that they are on this host or right beside it
// (https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token).
func newManagedCredential(opts Options) (azcore.TokenCredential, error) {
	client := loginOptions(opts)
	// Service Fabric takes no other transport than one of net/http, to pin a certificate.
	client.Transport = nearbyClient()
	client.PerRetryPolicies = append(client.PerRetryPolicies, noting{})
	options := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: client}
	if id := opts.Credential.ClientID; id != "" {
		options.ID = azidentity.ClientID(id)
	}
	return azidentity.NewManagedIdentityCredential(options)
}

func nearbyClient() *http.Client {
	dialer := &net.Dialer{
		Timeout: 5 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !nearby(to.Addr().Unmap()) {
				return &RefusedError{fmt.Sprintf("the endpoint of a managed identity at %s, which is not this host's", address)}
			}
			return nil
		},
	}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, ResponseHeaderTimeout: 30 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// nearby reports whether an address is of this host, its link, or a private network,
// as container hosts use.
func nearby(to netip.Addr) bool { return to.IsLoopback() || to.IsLinkLocalUnicast() || to.IsPrivate() }

// noting remembers how requests to the endpoint of a managed identity end, and the
// secret of the host that they carry.
type noting struct{}

// Do is part of policy.Policy.
func (noting) Do(req *policy.Request) (*http.Response, error) {
	resp, err := req.Next()
	note(req.Raw(), resp, err)
	if x, ok := exchangeOf(req.Raw().Context()); ok {
		for _, name := range []string{"X-Identity-Header", "Secret", "Authorization"} {
			x.hide(req.Raw().Header.Get(name))
		}
	}
	return resp, err
}
