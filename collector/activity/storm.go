package activity

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// storm keeps all requests back while the API refuses some of them: its quota is the
// tenant's, and it says neither how much is left nor when to come again. Pauses double
// from refusal to refusal. When those in a row are longer than the patience, the API
// is given up for the rest of the run. It is safe for concurrent use.
type storm struct {
	first, longest, patience time.Duration

	mu       sync.Mutex
	opens    chan struct{} // nil when requests may go
	refusals int           // without a success in between
	waited   time.Duration
	over     error // why it was given up
}

// pass waits until requests may go; waiting is called when that takes time, and what it
// returns afterwards. The error is that the API was given up, or that of ctx.
func (s *storm) pass(ctx context.Context, waiting func() (done func())) error {
	for {
		s.mu.Lock()
		opens, over := s.opens, s.over
		s.mu.Unlock()
		if over != nil || opens == nil {
			return over
		}
		done := waiting()
		select {
		case <-opens:
			done()
		case <-ctx.Done():
			done()
			return ctx.Err()
		}
	}
}

// raging reports whether no request may go at the moment.
func (s *storm) raging() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opens != nil || s.over != nil
}

// refuse begins a pause because of err, as long as the API has asked for, if it has.
// A refusal during a pause belongs to the one before.
func (s *storm) refuse(asked time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opens != nil || s.over != nil {
		return
	}
	pause := asked
	if pause <= 0 {
		pause = min(s.first<<min(s.refusals, 20), s.longest)
		pause += rand.N(pause/4 + 1) // so that those who were refused together do not come together
	}
	s.refusals++
	if s.waited += pause; s.waited > s.patience {
		s.over = &exhaustedError{err}
		return
	}
	opens := make(chan struct{})
	s.opens = opens
	time.AfterFunc(pause, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.opens = nil
		close(opens)
	})
}

// calm ends the row of refusals.
func (s *storm) calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals, s.waited = 0, 0
}

// exhaustedError is a fault that may pass, and has not in all the time that there was.
type exhaustedError struct{ cause error }

// Error says what was met last.
func (e *exhaustedError) Error() string { return "given up after many tries: " + e.cause.Error() }

// Unwrap returns it.
func (e *exhaustedError) Unwrap() error { return e.cause }
