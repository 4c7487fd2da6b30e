package graphapi

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// answer goes through a pace once.
func answer(t *testing.T, p *pace, refused, strained bool) {
	t.Helper()
	if err := p.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.leave(refused, strained)
}

func TestPaceAdapts(t *testing.T) {
	p := newPace()
	widths := func(times int, refused, strained bool, want ...int) {
		t.Helper()
		for i := range times {
			answer(t, p, refused, strained)
			if p.width != want[i] {
				t.Fatalf("width is %d after answer %d, want %d", p.width, i+1, want[i])
			}
		}
	}
	widths(1, true, false, 2) // halved
	widths(2, false, false, 2, 3)
	widths(3, false, false, 3, 3, 4)
	widths(2, false, true, 3, 2) // strained: one less
	widths(1, false, false, 2)   // and one good answer is not forgotten …
	widths(1, true, true, 1)     // … but by a refusal
	widths(2, true, false, 1, 1) // never less than one
	widths(1, false, false, 2)
	for range 1000 {
		answer(t, p, false, false)
	}
	if p.width != mostWidth {
		t.Errorf("width is %d after a thousand good answers, want %d", p.width, mostWidth)
	}
}

func TestPaceLetsInNoMoreThanItsWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		var in atomic.Int64
		leave := make(chan bool)
		for range 3 * mostWidth {
			go func() {
				if err := p.enter(t.Context()); err != nil {
					t.Error(err)
				}
				in.Add(1)
				p.leave(<-leave, false)
			}()
		}
		synctest.Wait()
		if got := in.Load(); got != startWidth {
			t.Errorf("%d are in at the start, want %d", got, startWidth)
		}
		leave <- true // the width is 2 now
		synctest.Wait()
		leave <- false
		synctest.Wait()
		if got := in.Load(); got != startWidth {
			t.Errorf("%d came in after a refusal, want %d still", got, startWidth)
		}
		leave <- false // two good answers: one leaves, and the width is 3
		synctest.Wait()
		if got := in.Load(); got != startWidth+2 {
			t.Errorf("%d came in, want %d", got, startWidth+2)
		}
		for range 3*mostWidth - 3 {
			leave <- false
		}
		synctest.Wait()
		if got := in.Load(); got != 3*mostWidth {
			t.Errorf("%d came in, want all %d", got, 3*mostWidth)
		}
	})
}

func TestWaitingForAPlaceEndsWithTheContext(t *testing.T) {
	p := newPace()
	for range startWidth {
		if err := p.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.enter(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	p.leave(false, false)
	answer(t, p, false, false) // the place is free for another
}

// Nobody waits for ever, whatever the answers are and whoever gives up.
func TestPaceLosesNoWakeUp(t *testing.T) {
	p := newPace()
	var active, most atomic.Int64
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			for j := range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+j)%7 == 0 {
					go cancel()
				}
				if p.enter(ctx) != nil {
					cancel()
					continue
				}
				now := active.Add(1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				active.Add(-1)
				p.leave((i*j)%97 == 0, (i+j)%31 == 0)
				cancel()
			}
		})
	}
	group.Wait()
	if got := most.Load(); got > mostWidth || got < 1 {
		t.Errorf("%d were under way at once, want 1 to %d", got, mostWidth)
	}
	if p.active != 0 {
		t.Errorf("%d are still counted as under way", p.active)
	}
}
