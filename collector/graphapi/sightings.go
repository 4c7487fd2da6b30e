package graphapi

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"slices"
)

// sightings tell which rows of a listing were handed out: whether all of them came
// again when it had to begin again, and whether its pages still bring anything new.
// Of each row a hash is kept.
type sightings struct {
	seed  maphash.Seed
	walk  uint8            // the present one, from 1
	last  map[uint64]uint8 // in which walk a row was met last; 0 when its page broke off
	fresh []uint64         // rows that this walk met first in the page that is being read
}

// begin forgets nothing, but expects every row once more.
func (s *sightings) begin() {
	if s.last == nil {
		s.seed, s.last = maphash.MakeSeed(), map[uint64]uint8{}
	}
	s.walk++
}

// meet notes a row.
func (s *sightings) meet(row json.RawMessage) {
	key := maphash.Bytes(s.seed, rowKey(row))
	if s.last[key] != s.walk {
		s.last[key] = s.walk
		s.fresh = append(s.fresh, key)
	}
}

// turn begins a page.
func (s *sightings) turn() { s.fresh = s.fresh[:0] }

// takeBack begins the present page again, whose rows have to come once more.
func (s *sightings) takeBack() {
	for _, key := range s.fresh {
		s.last[key] = 0
	}
	s.turn()
}

// lost counts the rows that were handed out and are not in the present walk.
func (s *sightings) lost() int {
	n := 0
	for _, walk := range s.last {
		if walk != s.walk {
			n++
		}
	}
	return n
}

// rowKey tells a row from others: by its id, or by all of it when it has none.
func rowKey(row json.RawMessage) []byte {
	const start = `{"id":"`
	if rest, ok := bytes.CutPrefix(row, []byte(start)); ok { // as Graph writes it
		if end := bytes.IndexAny(rest, `"\`); end > 0 && rest[end] == '"' {
			return row[len(start)-1 : len(start)+end+1]
		}
	}
	var key struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(row, &key) != nil || slices.Contains([]string{"", `""`, "null"}, string(key.ID)) {
		return row
	}
	return key.ID
}
