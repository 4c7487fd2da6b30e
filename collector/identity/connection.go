package identity

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Permanent reports whether a request failed in a way that time does not heal, so
// that trying again is no use. A refused connection is not one of them: servers
// come back.
func Permanent(err error) bool {
	if _, ok := errors.AsType[*RefusedError](err); ok {
		return true
	}
	return untrusted(err) || noTLS(err) || errors.Is(err, context.Canceled)
}

// Advice says what to do about a connection that failed; it is empty for an error
// of another kind.
func Advice(err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is another host's: check the addresses of the cloud"
	}
	if untrusted(err) {
		return "the certificate's issuer is not trusted: if the cloud or a proxy has a CA of its own, name its PEM file as ca_file"
	}
	if noTLS(err) {
		return "what answers there does not speak HTTPS: check the addresses of the cloud"
	}
	if _, ok := errors.AsType[*RefusedError](err); ok {
		return "check the addresses of the cloud: leastwise sends credentials to these only"
	}
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, context.DeadlineExceeded) {
		return "check network, HTTPS_PROXY and the addresses of the cloud"
	}
	return ""
}

// untrusted reports whether the server's certificate was turned down.
func untrusted(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.HostnameError](err)
	return ok
}

// noTLS reports whether the server, or one of the two, cannot do TLS with the
// other.
func noTLS(err error) bool {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	return errors.Is(err, http.ErrSchemeMismatch)
}

// defaultPatience is how long one exchange with the authority may take. A run that
// cannot sign in should say so while somebody is looking; one that is signed in
// renews its token minutes before it has to.
const defaultPatience = 5 * time.Second

// loginOptions make azcore give up in time. Its own defaults try again for ten
// seconds, whatever went wrong.
func loginOptions(opts Options) azcore.ClientOptions {
	longest := opts.Patience
	if longest <= 0 {
		longest = defaultPatience
	}
	return azcore.ClientOptions{
		Transport:       loginTransport{client: opts.HTTPClient, hosts: opts.Cloud.loginHosts()},
		PerCallPolicies: []policy.Policy{patience{longest}},
		Retry: policy.RetryOptions{
			MaxRetries: 3, RetryDelay: longest / 16, MaxRetryDelay: longest / 2, // 1/16, 3/16 and 7/16, a third more at most
			ShouldRetry: func(resp *http.Response, err error) bool {
				return err != nil && !Permanent(err) || err == nil && Passing(resp.StatusCode)
			},
		},
	}
}

// Passing tells HTTP statuses that may be different next time from lasting ones
// (https://learn.microsoft.com/graph/errors).
func Passing(status int) bool {
	return slices.Contains([]int{
		http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, 509, // bandwidth limit exceeded
	}, status)
}

// patience bounds one exchange, its repetitions included. Answers are read to their
// end inside of it.
type patience struct{ longest time.Duration }

// Do is part of policy.Policy.
func (p patience) Do(req *policy.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Raw().Context(), p.longest)
	defer cancel()
	return req.Clone(ctx).Next()
}

// exchange is what must be known of the talk with the authority and azidentity tells
// as text only: what broke it, and the secrets that were sent.
type exchange struct {
	mu      sync.Mutex
	host    string
	status  int // of the last answer; 0 when there was none
	err     error
	secrets []string
}

type exchangeKey struct{}

// quiet is a context without values: those of a request to an API, such as its
// retry options, are not meant for the sign-in.
type quiet struct{ context.Context }

// Value returns nothing.
func (quiet) Value(any) any { return nil }

// watched makes a context in which the exchange is noted.
func watched(ctx context.Context) (context.Context, *exchange) {
	x := &exchange{}
	return context.WithValue(quiet{ctx}, exchangeKey{}, x), x
}

func exchangeOf(ctx context.Context) (*exchange, bool) {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	return x, ok
}

// note remembers how a request ended.
func note(req *http.Request, resp *http.Response, err error) {
	x, ok := exchangeOf(req.Context())
	if !ok {
		return
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.host, x.status, x.err = req.URL.Host, 0, err
	if err == nil {
		x.status = resp.StatusCode
	}
}

// hide remembers a secret that was sent or received.
func (x *exchange) hide(secret string) {
	if len(secret) < 4 {
		return // it would blot out words
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !slices.Contains(x.secrets, secret) {
		x.secrets = append(x.secrets, secret)
	}
}

// hidden are the secrets of the exchange.
func (x *exchange) hidden() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.secrets)
}

// last returns what broke the last request, or the status of its answer.
func (x *exchange) last() (host string, status int, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.host, x.status, x.err
}
