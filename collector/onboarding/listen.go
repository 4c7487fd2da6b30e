package onboarding

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Listener receives one answer on a loopback address. Everybody who can reach that
// address can send one, pages in the person's browser included, so an answer counts
// with the right state only, and a second one makes the first doubtful.
type Listener struct {
	redirect Redirect
	state    string
	server   *http.Server
	sockets  []net.Listener
	running  sync.WaitGroup
	answers  chan url.Values // holds the first answer

	mu     sync.Mutex
	count  int   // answers that came
	broken error // what made the first answer one that does not count
}

// Listen opens the loopback address of a redirect. Port 0 takes a free one, which
// Redirect then tells. localhost stands for 127.0.0.1 and [::1], and is served on both,
// so that no other program of this machine gets the answer on one of them.
func Listen(ctx context.Context, redirect Redirect, state string) (*Listener, error) {
	if !redirect.Loopback() || redirect.scheme != "http" {
		return nil, fmt.Errorf("redirect address %s does not lead to this machine over http; hint: write http://localhost:PORT/PATH", redirect)
	}
	l := &Listener{state: state, answers: make(chan url.Values, 1)}
	var err error
	l.sockets, redirect.port, err = open(ctx, redirect)
	for range 4 { // a port that is free on one address need not be so on the other
		if err == nil || redirect.port != "0" {
			break
		}
		l.sockets, redirect.port, err = open(ctx, redirect)
	}
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w; hint: another program may have the port: name another one with --redirect, or port 0 for a free one", redirect, err)
	}
	l.redirect = redirect.withPort()
	l.server = &http.Server{
		Handler: http.HandlerFunc(l.serve), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 20 * time.Second, MaxHeaderBytes: 64 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
	for _, socket := range l.sockets {
		l.running.Go(func() {
			// It always ends with an error, and Close is the only reason here.
			_ = l.server.Serve(socket)
		})
	}
	return l, nil
}

// open listens on the addresses that a loopback name stands for. A machine without
// IPv6 has one less; a port that is taken on one of them is an error.
func open(ctx context.Context, redirect Redirect) (sockets []net.Listener, port string, err error) {
	hosts := []string{redirect.host}
	if redirect.host == "localhost" {
		hosts = []string{"127.0.0.1", "::1"}
	}
	port = redirect.port
	for i, host := range hosts {
		socket, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
		if err != nil && i > 0 && !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, syscall.EACCES) {
			break
		}
		if err != nil {
			for _, other := range sockets {
				_ = other.Close()
			}
			return nil, redirect.port, err
		}
		sockets = append(sockets, socket)
		if _, port, err = net.SplitHostPort(socket.Addr().String()); err != nil {
			return nil, redirect.port, err
		}
	}
	return sockets, port, nil
}

// withPort writes the port that was taken into an address.
func (r Redirect) withPort() Redirect {
	u, err := url.Parse(r.text)
	if err == nil && u.Port() != "" && u.Port() != r.port {
		u.Host = net.JoinHostPort(u.Hostname(), r.port)
		r.text = u.String()
	}
	return r
}

// Redirect is the address that answers are received at.
func (l *Listener) Redirect() Redirect { return l.redirect }

// page is what the person sees. Nothing that came with the request is in it.
var page = template.Must(template.New("answer").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>leastwise</title></head>
<body><h1>{{.Title}}</h1><p>{{.Text}}</p></body></html>
`))

type words struct{ Title, Text string }

func (l *Listener) serve(w http.ResponseWriter, r *http.Request) {
	status, says := l.receive(r)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer") // the address holds state and code
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Connection", "close")
	w.WriteHeader(status)
	// The browser has gone away when this fails, and nobody is left to tell.
	_ = page.Execute(w, says)
}

// receive takes a request for an answer or turns it away. Only what is sent to the
// redirect address itself counts: browsers ask for icons, too.
func (l *Listener) receive(r *http.Request) (int, words) {
	switch {
	case !l.own(r.Host):
		return http.StatusMisdirectedRequest, words{"Not here", "This address answers to its own name only."}
	case !samePath(r.URL.EscapedPath(), l.redirect):
		return http.StatusNotFound, words{"Not here", "There is nothing at this address."}
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, words{"Not this way", "The answer is expected as a redirect."}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	if l.count > 1 {
		return http.StatusConflict, words{"Answered already", "An answer has come before this one. Nothing is stored; see the terminal."}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil {
		err = l.check(query)
	} else {
		err = errors.New("the answer cannot be read")
	}
	l.broken = err
	l.answers <- query
	if err != nil {
		return http.StatusBadRequest, words{"Not accepted", "The answer was not accepted, and nothing is stored. The terminal says why. You may close this window."}
	}
	return http.StatusOK, words{"Received", "The answer has arrived and is being checked. The terminal says whether the tenant was stored. You may close this window."}
}

// own reports whether a Host header names the redirect's host: a page of the web whose
// name was pointed here (DNS rebinding) says another one.
func (l *Listener) own(host string) bool {
	u, err := url.Parse("http://" + host)
	if err != nil {
		return false
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return strings.EqualFold(u.Hostname(), l.redirect.host) && port == l.redirect.port
}

// samePath compares the path of a request with the redirect's; a slash is appended to
// an address without path.
func samePath(path string, redirect Redirect) bool {
	got, open, err := segmentsOf(path)
	return err == nil && strings.Join(got, "/") == strings.Join(redirect.segments, "/") && (open == redirect.open || len(got) == 0)
}

// check tells an answer to what was asked from any other. A refusal may come without a
// state, since the authority does not always return it with an error; it stores nothing.
func (l *Listener) check(query url.Values) error {
	for _, name := range []string{"state", "code", "tenant", "admin_consent", "error", "error_description"} {
		if len(query[name]) > 1 {
			return fmt.Errorf("the answer holds %s more than once; nothing is stored; hint: begin again", name)
		}
	}
	state := query.Get("state")
	switch {
	case state != "" && subtle.ConstantTimeCompare([]byte(state), []byte(l.state)) != 1:
		return errors.New("the answer belongs to another request: its state is not the one that was sent; nothing is stored; hint: begin again, and use the address that is printed, once")
	case query.Get("error") != "":
		return &DeniedError{Code: query.Get("error"), Text: query.Get("error_description")}
	case state == "":
		return errors.New("the answer has no state, so that nobody can tell what it answers; nothing is stored; hint: begin again")
	}
	return nil
}

// Wait returns the first answer, which has the right state. Any other first answer is
// an error, and so is the end of ctx.
func (l *Listener) Wait(ctx context.Context) (url.Values, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case query := <-l.answers:
		l.mu.Lock()
		defer l.mu.Unlock()
		return query, l.broken
	}
}

// Doubt is an error when more than one answer has come: a state is used once, so
// somebody else has it.
func (l *Listener) Doubt() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count > 1 {
		return fmt.Errorf("a second answer came to %s, so that somebody else may have the state; nothing is stored; hint: begin again, and let nobody see the address", l.redirect)
	}
	return nil
}

// Close ends the listener.
func (l *Listener) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := l.server.Shutdown(ctx) // lets the page get out
	if errors.Is(err, context.DeadlineExceeded) {
		err = l.server.Close()
	}
	l.running.Wait()
	return err
}
