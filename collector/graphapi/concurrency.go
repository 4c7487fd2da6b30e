package graphapi

import (
	"context"
	"sync"
)

// concurrencyLimit bounds how many requests are under way at once. It grows while Graph keeps
// up and halves when Graph refuses, so that others who use the tenant are served,
// too. It is safe for concurrent use.
type concurrencyLimit struct {
	mu     sync.Mutex
	most   int // never more than this
	width  int // how many now
	active int
	good   int // answers since width last changed
	free   chan struct{}
}

// The bounds of a concurrencyLimit. More than these save nothing: a listing is read page after
// page, and there are only so many listings.
const (
	startWidth = 4
	mostWidth  = 8
)

func newConcurrencyLimit() *concurrencyLimit {
	return &concurrencyLimit{most: mostWidth, width: startWidth, free: make(chan struct{}, 1)}
}

// enter waits for a place; leave gives it back.
func (l *concurrencyLimit) enter(ctx context.Context) error {
	for {
		l.mu.Lock()
		if l.active < l.width {
			l.active++
			more := l.active < l.width
			l.mu.Unlock()
			if more {
				l.signal()
			}
			return nil
		}
		l.mu.Unlock()
		select {
		case <-l.free:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leave tells how the server bore it: refused, near its limit, or well.
func (l *concurrencyLimit) leave(refused, strained bool) {
	l.mu.Lock()
	l.active--
	switch {
	case refused:
		l.width, l.good = max(l.width/2, 1), 0
	case strained:
		l.width, l.good = max(l.width-1, 1), 0
	default:
		if l.good++; l.good >= l.width {
			l.width, l.good = min(l.width+1, l.most), 0
		}
	}
	l.mu.Unlock()
	l.signal()
}

// quit gives a place back that was not used.
func (l *concurrencyLimit) quit() {
	l.mu.Lock()
	l.active--
	l.mu.Unlock()
	l.signal()
}

// signal wakes one who waits.
func (l *concurrencyLimit) signal() {
	select {
	case l.free <- struct{}{}:
	default:
	}
}
