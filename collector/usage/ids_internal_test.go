package usage

import (
	"fmt"
	"testing"
)

// At least the last million ids are known, however many there were, in a table that does
// not grow any more.
func TestIDs(t *testing.T) {
	s := newIDs()
	const n = 2*remembered + remembered/2
	for i := range n {
		if s.met(fmt.Appendf(nil, "ID-%d", i)) {
			t.Fatalf("%d was not met before", i)
		}
	}
	for i := n - remembered; i < n; i++ {
		if !s.met(fmt.Appendf(nil, "id-%d", i)) {
			t.Fatalf("%d is forgotten", i)
		}
	}
	if s.met([]byte("ID-0")) {
		t.Error("everything is remembered for ever")
	}
	if len(s.young.slots) > 2*remembered || len(s.older.slots) > 2*remembered {
		t.Errorf("tables of %d and %d", len(s.young.slots), len(s.older.slots))
	}
	for range 2 {
		if s.met(nil) || s.met([]byte("00000000-0000-0000-0000-000000000000")) {
			t.Error("no id is like another")
		}
	}
}
