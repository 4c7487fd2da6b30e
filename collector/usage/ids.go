package usage

import (
	"encoding/binary"
	"hash/maphash"
	"time"
)

// remembered is how many ids of rows are remembered at least, and twice as many at most, so
// that memory stays flat. One that comes again later is counted twice: it changes a count,
// and nothing else.
const remembered = 1 << 20

// ids remembers the ids of the rows met last, as hashes: the young ones, and those that
// were young before.
type ids struct {
	seed         maphash.Seed
	young, older hashes
	space        []byte // of the last key, to be used again
}

func newIDs() ids { return ids{seed: maphash.MakeSeed()} }

// repeated reports whether a row was met before. The id alone does not tell: of one request there may be a refusal
// and then a success, and who exports may have put one word in place of all ids. Forms of the log write the same
// instant with more digits and with fewer.
func (s *ids) repeated(id []byte, at time.Time, rest ...[]byte) bool {
	if len(id) == 0 || isNil(id) {
		return false
	}
	key := appendLower(s.space[:0], id)
	key = binary.BigEndian.AppendUint64(key, uint64(at.Unix()))
	for _, part := range rest {
		key = append(append(key, 0), part...)
	}
	s.space = key
	return s.met(key)
}

// met reports whether an id was met before, whatever its case, and remembers it. Rows
// without an id are all different.
func (s *ids) met(id []byte) bool {
	if len(id) == 0 || isNil(id) {
		return false
	}
	var space [64]byte
	hash := maphash.Bytes(s.seed, appendLower(space[:0], id)) | 1 // 0 stands for nothing
	if s.older.has(hash) || !s.young.add(hash) {
		return true
	}
	if s.young.n == remembered {
		s.young, s.older = s.older, s.young
		s.young.clear()
	}
	return false
}

// hashes is a set of numbers other than 0, in a table that is at most half full.
type hashes struct {
	slots []uint64
	n     int
}

// at is where a hash stands, or would.
func (h *hashes) at(hash uint64) int {
	i := int(hash>>1) & (len(h.slots) - 1)
	for h.slots[i] != 0 && h.slots[i] != hash {
		i = (i + 1) & (len(h.slots) - 1)
	}
	return i
}

func (h *hashes) has(hash uint64) bool { return h.n > 0 && h.slots[h.at(hash)] == hash }

// add adds a hash, and returns false for one that is there.
func (h *hashes) add(hash uint64) bool {
	if 2*h.n >= len(h.slots) {
		h.grow()
	}
	i := h.at(hash)
	if h.slots[i] == hash {
		return false
	}
	h.slots[i] = hash
	h.n++
	return true
}

func (h *hashes) grow() {
	old := h.slots
	h.slots = make([]uint64, max(1<<10, 2*len(old)))
	for _, hash := range old {
		if hash != 0 {
			h.slots[h.at(hash)] = hash
		}
	}
}

func (h *hashes) clear() {
	clear(h.slots)
	h.n = 0
}

func appendLower(to, text []byte) []byte {
	for _, c := range text {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}
