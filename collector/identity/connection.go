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
				return err != nil && !Permanent(err) || err == nil && passing(resp.StatusCode)
			},
		},
	}
}

// passing tells answers that may be different next time.
func passing(status int) bool {
	return slices.Contains([]int{
		http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout,
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

// failure is what broke the last exchange with the authority, which azidentity
// tells as text only.
type failure struct {
	mu   sync.Mutex
	host string
	err  error
}

type failureKey struct{}

// watched makes a context in which a failure is noted.
func watched(ctx context.Context) (context.Context, *failure) {
	f := &failure{}
	return context.WithValue(ctx, failureKey{}, f), f
}

// note remembers how a request ended.
func note(req *http.Request, err error) {
	f, ok := req.Context().Value(failureKey{}).(*failure)
	if !ok {
		return
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.host, f.err = req.URL.Host, err
}

// last returns what broke the last exchange; nil when it was answered.
func (f *failure) last() (host string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.host, f.err
}
