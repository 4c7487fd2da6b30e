package graphapi

import (
	"sync"
	"time"
)

// Meter counts what reading something took. It is safe for concurrent use.
type Meter struct {
	mu       sync.Mutex
	requests int
	retries  int
	waiting  int
	expected int
	throttle time.Duration
	since    time.Time // until when waiting has been counted, while somebody waits
}

// Usage is a reading of a Meter.
type Usage struct {
	Requests, Retries int
	ThrottleSeconds   float64
	// Waiting is true while a request waits for its turn.
	Waiting bool
	// Expected is how many rows Graph announced; 0 when it did not.
	Expected int
}

// Read returns the counts so far.
func (m *Meter) Read() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Usage{
		Requests: m.requests, Retries: m.retries, ThrottleSeconds: m.throttle.Seconds(), Waiting: m.waiting > 0,
		Expected: m.expected,
	}
}

// sent counts requests, of which some are retries.
func (m *Meter) sent(requests, retries int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests += requests
	m.retries += retries
}

// expect notes how many rows will come; 0 tells nothing.
func (m *Meter) expect(rows int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expected = max(m.expected, rows)
}

// retract takes back how many rows a listing announced that begins again; former is
// what was expected before it.
func (m *Meter) retract(rows, former int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.expected == rows {
		m.expected = former
	}
}

// wait notes that somebody begins to wait; the function that it returns ends that.
// Time in which several wait counts once.
func (m *Meter) wait(clock func() time.Time) (done func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting == 0 {
		m.since = clock()
	}
	m.waiting++
	return sync.OnceFunc(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		now := clock()
		m.throttle += max(now.Sub(m.since), 0)
		m.since = now
		m.waiting--
	})
}
