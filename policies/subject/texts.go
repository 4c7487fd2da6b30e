package subject

import (
	"iter"
	"strings"
)

// texts keeps the texts of a large table close together: one by one, hundreds of thousands of them would take a
// third more memory, and each would be looked at whenever garbage is collected. It grows by one goroutine; while it
// does not, it is safe for concurrent use.
type texts struct {
	full []string // chunks that are not added to any more
	open []byte
}

// text is where one of the texts stands.
type text struct{ chunk, at, length uint32 }

const textChunk = 64 << 10

func (t *texts) add(s string) text {
	if len(t.open)+len(s) > textChunk && len(t.open) > 0 {
		t.seal()
	}
	at := len(t.open)
	t.open = append(t.open, s...)
	return text{uint32(len(t.full)), uint32(at), uint32(len(s))}
}

// seal makes the texts added so far cheaper to read.
func (t *texts) seal() {
	t.full, t.open = append(t.full, string(t.open)), make([]byte, 0, textChunk)
}

func (t *texts) of(where text) string {
	from, to := where.at, where.at+where.length
	if int(where.chunk) == len(t.full) {
		return string(t.open[from:to])
	}
	return t.full[where.chunk][from:to]
}

// words numbers texts that recur, from 1 on; 0 is "".
type words struct {
	list   []string
	number map[string]uint32
}

func (w *words) add(s string) uint32 {
	if s == "" {
		return 0
	}
	n, ok := w.number[s]
	if !ok {
		if w.number == nil {
			w.number = map[string]uint32{}
		}
		s = strings.Clone(s)
		w.list = append(w.list, s)
		n = uint32(len(w.list))
		w.number[s] = n
	}
	return n
}

func (w *words) of(n uint32) string {
	if n == 0 {
		return ""
	}
	return w.list[n-1]
}

// lists maps keys to lists of rows. All rows are in one slice, so that a key with one row costs no list of its own.
type lists[K comparable, V any] struct {
	ends map[K][2]uint32 // the first and the last row of a key
	rows []listed[V]
}

type listed[V any] struct {
	value V
	next  uint32 // the row after it; 0 for none, as no row comes before the first
}

func (l *lists[K, V]) add(key K, value V) {
	at := uint32(len(l.rows))
	l.rows = append(l.rows, listed[V]{value: value})
	ends, more := l.ends[key]
	if !more {
		if l.ends == nil {
			l.ends = map[K][2]uint32{}
		}
		l.ends[key] = [2]uint32{at, at}
		return
	}
	l.rows[ends[1]].next = at
	l.ends[key] = [2]uint32{ends[0], at}
}

// of yields the rows of a key, in the order in which they were added.
func (l *lists[K, V]) of(key K) iter.Seq[V] {
	return func(yield func(V) bool) {
		ends, ok := l.ends[key]
		if !ok {
			return
		}
		for at := ends[0]; yield(l.rows[at].value) && at != ends[1]; {
			at = l.rows[at].next
		}
	}
}
