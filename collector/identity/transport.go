package identity

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// HTTPOptions say how leastwise reaches the network.
type HTTPOptions struct {
	// CA holds PEM certificates that are trusted beside the system's.
	CA []byte
	// Proxy chooses a proxy, as http.ProxyFromEnvironment does; nil means none.
	Proxy func(*http.Request) (*url.URL, error)
	// RoundTripper replaces the network, for tests; CA and Proxy are then unused.
	RoundTripper http.RoundTripper
}

// NewHTTPClient makes the client that credentials and Graph share: HTTPS only, and
// no redirect to another host, so that what was meant for one host is not sent to
// another.
func NewHTTPClient(opts HTTPOptions) (*http.Client, error) {
	transport := opts.RoundTripper
	if transport == nil {
		pool, err := trusted(opts.CA)
		if err != nil {
			return nil, err
		}
		transport = &http.Transport{
			Proxy:                 opts.Proxy,
			TLSClientConfig:       &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   15 * time.Second,
			ResponseHeaderTimeout: 2 * time.Minute,
		}
	}
	return &http.Client{Transport: httpsOnly{transport}, CheckRedirect: sameHost}, nil
}

func trusted(extra []byte) (*x509.CertPool, error) {
	if len(extra) == 0 {
		return nil, nil // the system's
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(extra) {
		return nil, errors.New("CA file holds no PEM certificate")
	}
	return pool, nil
}

// RefusedError is a request that was not made, because it would have gone where it
// must not.
type RefusedError struct{ Reason string }

// Error says what was refused.
func (e *RefusedError) Error() string { return "refused: " + e.Reason }

// NonRetriable tells azcore that trying again changes nothing.
func (e *RefusedError) NonRetriable() {}

type httpsOnly struct{ next http.RoundTripper }

// RoundTrip refuses anything but HTTPS.
func (t httpsOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		return nil, &RefusedError{"request to " + req.URL.Scheme + "://" + req.URL.Host + ": HTTPS only"}
	}
	return t.next.RoundTrip(req)
}

func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if req.URL.Scheme != first.Scheme || !strings.EqualFold(req.URL.Host, first.Host) {
		return &RefusedError{fmt.Sprintf("redirect from %s to %s://%s", first.Host, req.URL.Scheme, req.URL.Host)}
	}
	if len(via) >= 5 {
		return &RefusedError{"more than five redirects in a row at " + first.Host}
	}
	return nil
}

// loginTransport sends credentials to the authority's own hosts only. The token
// endpoint comes from a document that the authority serves and MSAL does not check
// its host.
type loginTransport struct {
	client *http.Client
	hosts  []string
}

// Do is part of azcore's policy.Transporter.
func (t loginTransport) Do(req *http.Request) (*http.Response, error) {
	resp, err := t.send(req)
	note(req, resp, err)
	return resp, err
}

func (t loginTransport) send(req *http.Request) (*http.Response, error) {
	own := func(host string) bool { return strings.EqualFold(host, req.URL.Host) }
	if req.URL.Scheme != "https" || !slices.ContainsFunc(t.hosts, own) {
		return nil, &RefusedError{"sign-in at " + req.URL.Scheme + "://" + req.URL.Host + ", which is not the cloud's authority"}
	}
	if err := hideSent(req); err != nil {
		return nil, err
	}
	return t.client.Do(req)
}

// hideSent remembers the secrets of a token request, so that no answer that repeats
// them brings them into an error.
func hideSent(req *http.Request) error {
	x, ok := exchangeOf(req.Context())
	if !ok || req.Body == nil {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil //nolint:nilerr // what is no form holds no parameters
	}
	for _, name := range secretParameters {
		x.hide(form.Get(name))
	}
	return nil
}
