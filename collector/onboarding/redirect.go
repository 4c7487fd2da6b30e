package onboarding

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Redirect is an address that an answer is sent to, in the parts that are compared. The
// zero value matches nothing.
type Redirect struct {
	text         string
	scheme, host string   // lower case
	port         string   // never empty
	segments     []string // of the path, as written; none for the root
	open         bool     // the path ends with a slash, or is none
	query        string
}

// String is the address as it was written.
func (r Redirect) String() string { return r.text }

// hostName is a name of labels, or one label such as localhost. A trailing dot would name
// the same host in other words, and is not taken.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// ParseRedirect reads a redirect address. It refuses whatever two programs may read in
// two ways, and what Microsoft Entra does not register: schemes other than https (http
// for loopback only), user names, fragments, wildcards, dot segments, empty segments,
// encoded separators, and characters that are special
// (https://learn.microsoft.com/entra/identity-platform/reply-url).
func ParseRedirect(text string) (Redirect, error) {
	fault := func(format string, args ...any) (Redirect, error) {
		return Redirect{}, fmt.Errorf("redirect address %.200q: %s; hint: write it as it is registered, such as https://app.example.com/callback or http://localhost:8400/callback",
			text, fmt.Sprintf(format, args...))
	}
	if err := plainAddress(text); err != nil {
		return fault("%v", err)
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Host == "" {
		return fault("not an address with scheme and host")
	}
	r := Redirect{text: text, scheme: u.Scheme, host: strings.ToLower(u.Hostname()), query: u.RawQuery}
	if u.User != nil || !hostName.MatchString(r.host) && net.ParseIP(r.host) == nil {
		return fault("its host is not plainly a host")
	}
	switch {
	case r.scheme != "https" && r.scheme != "http":
		return fault("its scheme is neither https nor http")
	case r.scheme == "http" && !r.Loopback():
		return fault("http is for loopback addresses only: localhost, 127.0.0.1 and [::1]")
	}
	if r.port, err = portOf(u); err != nil {
		return fault("%v", err)
	}
	if r.segments, r.open, err = segmentsOf(u.EscapedPath()); err != nil {
		return fault("%v", err)
	}
	return r, nil
}

// plainAddress refuses characters that have no place in an address, or a special one.
func plainAddress(text string) error {
	if text == "" || len(text) > 2048 {
		return errors.New("it is empty, or too long")
	}
	for _, c := range text {
		if c <= ' ' || c > '~' || strings.ContainsRune(`\"<>^`+"`{|}", c) {
			return errors.New("it holds characters that no address has")
		}
	}
	address, _, _ := strings.Cut(text, "?")
	switch {
	case strings.ContainsRune(text, '#'):
		return errors.New("it has a fragment")
	case strings.ContainsRune(address, '@'):
		return errors.New("it has a user name, or what looks like one")
	case strings.ContainsRune(text, '*'):
		return errors.New("it has a wildcard")
	case strings.ContainsAny(address, "!$'(),;"):
		return errors.New("it has one of ! $ ' ( ) , ;")
	}
	return nil
}

func portOf(u *url.URL) (string, error) {
	if strings.HasSuffix(u.Host, ":") {
		return "", errors.New("its port is empty")
	}
	text := u.Port()
	if text == "" {
		return map[string]string{"https": "443", "http": "80"}[u.Scheme], nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port > 65535 || strconv.Itoa(port) != text {
		return "", errors.New("its port is not one")
	}
	if port == 0 && u.Scheme != "http" {
		return "", errors.New("its port is 0")
	}
	return text, nil
}

// segmentsOf splits a path, as written. What decodes to a separator, a dot or a percent
// sign is refused, wherever it stands.
func segmentsOf(path string) (segments []string, open bool, err error) {
	folded := strings.ToLower(path)
	for _, code := range []string{"%2f", "%5c", "%2e", "%25", "%00"} {
		if strings.Contains(folded, code) {
			return nil, false, fmt.Errorf("its path holds %s", code)
		}
	}
	if path == "" || path == "/" {
		return nil, true, nil
	}
	segments = strings.Split(strings.TrimPrefix(path, "/"), "/")
	if segments[len(segments)-1] == "" {
		open, segments = true, segments[:len(segments)-1]
	}
	for _, segment := range segments {
		switch segment {
		case "":
			return nil, false, errors.New("its path has an empty segment")
		case ".", "..":
			return nil, false, errors.New("its path has dot segments")
		}
	}
	return segments, open, nil
}

// Loopback reports whether the address leads to this machine and nowhere else.
func (r Redirect) Loopback() bool {
	return r.host == "localhost" || r.host == "127.0.0.1" || r.host == "::1"
}

// anyPort reports whether the port does not count: Microsoft Entra ignores it for http
// on localhost and 127.0.0.1
// (https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions).
func (r Redirect) anyPort() bool {
	return r.scheme == "http" && (r.host == "localhost" || r.host == "127.0.0.1")
}

// Match tells how an address stands to one that is registered.
type Match int

// The ways to match.
const (
	Apart Match = iota // another host, scheme, port or path
	Under              // the path lies below that of the registered one
	Equal
)

// Against compares an address with one that is registered. Scheme and host compare
// without case, the path with it and by whole segments. A query must be the same.
func (r Redirect) Against(registered Redirect) Match {
	if r.host == "" || r.scheme != registered.scheme || r.host != registered.host || r.query != registered.query {
		return Apart
	}
	if r.port != registered.port && !r.anyPort() {
		return Apart
	}
	n := len(registered.segments)
	if len(r.segments) < n || !slices.Equal(r.segments[:n], registered.segments) {
		return Apart
	}
	switch {
	case len(r.segments) == n && (r.open == registered.open || n == 0):
		return Equal
	case r.query != "": // of which nobody has said that it may go further down
		return Apart
	case len(r.segments) > n || r.open:
		return Under
	}
	return Apart // /a is not below /a/
}
