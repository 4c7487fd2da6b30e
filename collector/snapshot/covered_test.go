package snapshot_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
)

// day is an instant n days after an arbitrary one.
func day(n float64) time.Time {
	return time.Date(2026, 2, 27, 0, 0, 0, 0, time.UTC).Add(time.Duration(n * 24 * float64(time.Hour)))
}

func window(from, to float64) snapshot.Window {
	return snapshot.Window{From: day(from), To: day(to)}
}

func hole(from, to float64, reason string) snapshot.Hole {
	return snapshot.Hole{From: day(from), To: day(to), Reason: reason}
}

func TestUnion(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want []snapshot.Window
	}{
		{"nothing", nil, nil},
		{"one", []snapshot.Window{window(1, 2)}, []snapshot.Window{window(1, 2)}},
		{"out of order, apart", []snapshot.Window{window(5, 6), window(1, 2)}, []snapshot.Window{window(1, 2), window(5, 6)}},
		{"touching", []snapshot.Window{window(2, 3), window(1, 2)}, []snapshot.Window{window(1, 3)}},
		{"one in the other", []snapshot.Window{window(1, 9), window(2, 3)}, []snapshot.Window{window(1, 9)}},
		{"overlapping", []snapshot.Window{window(1, 3), window(2, 4), window(3.5, 5)}, []snapshot.Window{window(1, 5)}},
		{"empty by itself", []snapshot.Window{window(3, 3), window(1, 2)}, []snapshot.Window{window(1, 2), window(3, 3)}},
		{"empty at an edge", []snapshot.Window{window(2, 2), window(1, 2), window(1, 1)}, []snapshot.Window{window(1, 2)}},
		{"backwards", []snapshot.Window{window(4, 2), window(5, 6)}, []snapshot.Window{window(5, 6)}},
	} {
		given := append([]snapshot.Window{}, c.in...)
		if diff := cmp.Diff(c.want, snapshot.Union(c.in...)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if diff := cmp.Diff(given, append([]snapshot.Window{}, c.in...)); diff != "" {
			t.Errorf("%s changes what it is given: %s", c.name, diff)
		}
	}
}

func TestUncovered(t *testing.T) {
	for _, c := range []struct {
		name     string
		windows  []snapshot.Window
		from, to float64
		want     []snapshot.Window
	}{
		{"no window", nil, 1, 5, []snapshot.Window{window(1, 5)}},
		{"all", []snapshot.Window{window(0, 9)}, 1, 5, nil},
		{"exactly all", []snapshot.Window{window(3, 5), window(1, 3)}, 1, 5, nil},
		{"before, between and after", []snapshot.Window{window(3, 3.5), window(2, 2.5)}, 1, 5, []snapshot.Window{window(1, 2), window(2.5, 3), window(3.5, 5)}},
		{"windows that lie outside", []snapshot.Window{window(-2, 1), window(5, 9)}, 1, 5, []snapshot.Window{window(1, 5)}},
		{"windows that reach over the ends", []snapshot.Window{window(-2, 2), window(4, 9)}, 1, 5, []snapshot.Window{window(2, 4)}},
		{"an empty window", []snapshot.Window{window(3, 3)}, 1, 5, []snapshot.Window{window(1, 5)}},
		{"no interval", nil, 5, 5, nil},
	} {
		if diff := cmp.Diff(c.want, snapshot.Uncovered(c.windows, day(c.from), day(c.to))); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestExcept(t *testing.T) {
	for _, c := range []struct {
		name    string
		windows []snapshot.Window
		holes   []snapshot.Hole
		want    []snapshot.Window
	}{
		{"no hole", []snapshot.Window{window(2, 3), window(1, 2)}, nil, []snapshot.Window{window(1, 3)}},
		{"in the middle", []snapshot.Window{window(1, 5)}, []snapshot.Hole{hole(2, 3, "")}, []snapshot.Window{window(1, 2), window(3, 5)}},
		{"over the ends", []snapshot.Window{window(1, 5)}, []snapshot.Hole{hole(4, 8, ""), hole(0, 2, "")}, []snapshot.Window{window(2, 4)}},
		{"all of it", []snapshot.Window{window(1, 5)}, []snapshot.Hole{hole(1, 5, "")}, nil},
		{"empty windows", []snapshot.Window{window(1, 1), window(3, 3), window(5, 5)}, []snapshot.Hole{hole(3, 5, "")}, []snapshot.Window{window(1, 1), window(5, 5)}},
	} {
		if diff := cmp.Diff(c.want, snapshot.Except(c.windows, c.holes)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestCommonAndWithout(t *testing.T) {
	for _, c := range []struct {
		name                             string
		windows, others, common, without []snapshot.Window
	}{
		{"nothing else", []snapshot.Window{window(1, 3)}, nil, nil, []snapshot.Window{window(1, 3)}},
		{"nothing", nil, []snapshot.Window{window(1, 3)}, nil, nil},
		{"a part", []snapshot.Window{window(1, 5)}, []snapshot.Window{window(0, 2), window(4, 9)}, []snapshot.Window{window(1, 2), window(4, 5)}, []snapshot.Window{window(2, 4)}},
		{"apart", []snapshot.Window{window(1, 2), window(4, 5)}, []snapshot.Window{window(2, 4)}, nil, []snapshot.Window{window(1, 2), window(4, 5)}},
		{"an empty one", []snapshot.Window{window(3, 3)}, []snapshot.Window{window(5, 6)}, []snapshot.Window{window(3, 3)}, []snapshot.Window{window(3, 3)}},
	} {
		if diff := cmp.Diff(c.common, snapshot.Common(c.windows, c.others)); diff != "" {
			t.Errorf("%s: common %s", c.name, diff)
		}
		if diff := cmp.Diff(c.without, snapshot.Without(c.windows, c.others)); diff != "" {
			t.Errorf("%s: without %s", c.name, diff)
		}
	}
}
