package graphapi

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// answer goes through a limit once.
func answer(t *testing.T, l *concurrencyLimit, refused, strained bool) {
	t.Helper()
	if err := l.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.leave(refused, strained)
}

func TestConcurrencyLimitAdapts(t *testing.T) {
	l := newConcurrencyLimit()
	widths := func(times int, refused, strained bool, want ...int) {
		t.Helper()
		for i := range times {
			answer(t, l, refused, strained)
			if l.width != want[i] {
				t.Fatalf("width is %d after answer %d, want %d", l.width, i+1, want[i])
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
		answer(t, l, false, false)
	}
	if l.width != mostWidth {
		t.Errorf("width is %d after a thousand good answers, want %d", l.width, mostWidth)
	}
}

func TestConcurrencyLimitLetsInNoMoreThanItsWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newConcurrencyLimit()
		var in atomic.Int64
		leave := make(chan bool)
		for range 3 * mostWidth {
			go func() {
				if err := l.enter(t.Context()); err != nil {
					t.Error(err)
				}
				in.Add(1)
				l.leave(<-leave, false)
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
	l := newConcurrencyLimit()
	for range startWidth {
		if err := l.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.enter(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	l.leave(false, false)
	answer(t, l, false, false) // the place is free for another
}

// Nobody waits for ever, whatever the answers are and whoever gives up.
func TestConcurrencyLimitLosesNoWakeUp(t *testing.T) {
	l := newConcurrencyLimit()
	var active, most atomic.Int64
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			for j := range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+j)%7 == 0 {
					go cancel()
				}
				if l.enter(ctx) != nil {
					cancel()
					continue
				}
				now := active.Add(1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				active.Add(-1)
				l.leave((i*j)%97 == 0, (i+j)%31 == 0)
				cancel()
			}
		})
	}
	group.Wait()
	if got := most.Load(); got > mostWidth || got < 1 {
		t.Errorf("%d were under way at once, want 1 to %d", got, mostWidth)
	}
	if l.active != 0 {
		t.Errorf("%d are still counted as under way", l.active)
	}
}
