package fakegraph

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
)

// Offline is Start without a network: for tests that go through hours in no time,
// with testing/synctest, which cannot tell that a connection is idle.
func Offline(t testing.TB) *Graph {
	t.Helper()
	g := &Graph{t: t, answers: map[string][]Answer{}, Clock: Now, Server: &httptest.Server{URL: "https://graph.test"}}
	g.transport = offline{g}
	return g
}

// offline calls the server without a connection.
type offline struct{ graph *Graph }

// RoundTrip is part of http.RoundTripper.
func (o offline) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	defer func() {
		cut := recover()
		if e, ok := cut.(error); cut != nil && (!ok || !errors.Is(e, http.ErrAbortHandler)) {
			panic(cut)
		}
		if cut != nil && !recorder.Flushed {
			err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
			return
		}
		resp = recorder.Result()
		resp.Request = r
		if cut != nil {
			resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(recorder.Body.Bytes()), broken{}))
		}
	}()
	o.graph.ServeHTTP(recorder, r)
	return nil, nil
}

// broken is the end of an answer that was cut.
type broken struct{}

// Read is part of io.Reader.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
