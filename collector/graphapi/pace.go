package graphapi

import (
	"context"
	"sync"
)

// pace bounds how many requests are under way at once. It grows while Graph keeps
// up and halves when Graph refuses, so that others who use the tenant are served,
// too. It is safe for concurrent use.
type pace struct {
	mu     sync.Mutex
	most   int // never more than this
	width  int // how many now
	active int
	good   int // answers since width last changed
	free   chan struct{}
}

// The bounds of a pace. More than these save nothing: a listing is read page after
// page, and there are only so many listings.
const (
	startWidth = 4
	mostWidth  = 8
)

func newPace() *pace {
	return &pace{most: mostWidth, width: startWidth, free: make(chan struct{}, 1)}
}

// enter waits for a place; leave gives it back.
func (p *pace) enter(ctx context.Context) error {
	for {
		p.mu.Lock()
		if p.active < p.width {
			p.active++
			more := p.active < p.width
			p.mu.Unlock()
			if more {
				p.signal()
			}
			return nil
		}
		p.mu.Unlock()
		select {
		case <-p.free:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leave tells how the server bore it: refused, near its limit, or well.
func (p *pace) leave(refused, strained bool) {
	p.mu.Lock()
	p.active--
	switch {
	case refused:
		p.width, p.good = max(p.width/2, 1), 0
	case strained:
		p.width, p.good = max(p.width-1, 1), 0
	default:
		if p.good++; p.good >= p.width {
			p.width, p.good = min(p.width+1, p.most), 0
		}
	}
	p.mu.Unlock()
	p.signal()
}

// quit gives a place back that was not used.
func (p *pace) quit() {
	p.mu.Lock()
	p.active--
	p.mu.Unlock()
	p.signal()
}

// signal wakes one who waits.
func (p *pace) signal() {
	select {
	case p.free <- struct{}{}:
	default:
	}
}
