package main

import "runtime/debug"

// memory is how much of it Go's garbage collector may let a run take.
type memory struct {
	gcPercent int
	limit     int64 // in bytes; the collector works harder before it is reached
}

// forCollecting is thrifty: collecting waits for the network most of the time.
func forCollecting() memory { return memory{gcPercent: 60, limit: 150 << 20} }

// forJudging is generous: judging makes much garbage and keeps little, and clearing
// it away less often saves a tenth of the time.
func forJudging() memory { return memory{gcPercent: 400, limit: 460 << 20} }

func (m memory) apply() {
	debug.SetGCPercent(m.gcPercent)
	debug.SetMemoryLimit(m.limit)
}

// use takes memory for a kind of work; a program within a test leaves it be.
func (p *program) use(m memory) {
	if p.memory != nil {
		p.memory(m)
	}
}
