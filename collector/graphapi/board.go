package graphapi

import (
	"sync"
	"time"

	"leastwise/collector/snapshot"
)

// Work is how far the reading of one dataset has come.
type Work struct {
	Dataset snapshot.Name
	Started time.Time
	Rows    int
	// Expected is how many rows Graph says there are; 0 when it does not say.
	Expected          int
	Requests, Retries int
	// Throttled is how long the dataset has waited because Graph, or the budget kept
	// so that Graph need not, asked it to.
	Throttled time.Duration
	// Waiting is true while it does.
	Waiting bool
	// Status is empty until the dataset is closed.
	Status snapshot.Status
}

// Board tells what a collection is doing, for whoever wants to show it. It is safe
// for concurrent use. A nil Board is told in vain.
type Board struct {
	mu    sync.Mutex
	works []*posted
}

// posted is a line of the board: what it says, and the meter that counts for it.
type posted struct {
	work  Work
	meter *Meter
}

// NewBoard makes an empty board.
func NewBoard() *Board { return &Board{} }

// Works lists the datasets in the order in which their reading began.
func (b *Board) Works() []Work {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	works := make([]Work, len(b.works))
	for i, p := range b.works {
		works[i] = p.work
		usage := p.meter.Read()
		works[i].Requests, works[i].Retries = usage.Requests, usage.Retries
		works[i].Expected = max(works[i].Expected, usage.Expected)
		works[i].Throttled = time.Duration(usage.ThrottleSeconds * float64(time.Second))
		works[i].Waiting = p.work.Status == "" && usage.Waiting
	}
	return works
}

// post adds a line.
func (b *Board) post(name snapshot.Name, meter *Meter, now time.Time) *posted {
	p := &posted{work: Work{Dataset: name, Started: now}, meter: meter}
	if b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.works = append(b.works, p)
	}
	return p
}

// tell changes a line.
func (b *Board) tell(p *posted, change func(*Work)) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&p.work)
}
