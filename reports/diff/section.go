package diff

import (
	"errors"
	"hash/maphash"

	"leastwise/policies/finding"
)

// rowsAtOnce is how many rows of subjects that differ are in memory at a time.
const rowsAtOnce = 100_000

// table says how the rows of one section are compared.
type table[T any] struct {
	section finding.Section
	// group names the subject of a row. Subjects are compared with each other, whatever the order of their rows.
	group func(row *T) string
	// content is all of a row that makes a difference.
	content func(row *T) string
	// tell compares the rows of one subject; either side may have none.
	tell func(subject key, old, new []T) error
}

// sum stands for the rows of one subject on one side, in whatever order.
type sum struct {
	digest uint64
	rows   int
}

// compareTable reads both sides once to find the subjects that differ, and again to tell in what.
func compareTable[T any](c *comparison, t table[T]) error {
	old, new, err := both(
		func() (map[key]sum, error) { return sums(c, c.old.doc, t) },
		func() (map[key]sum, error) { return sums(c, c.new.doc, t) },
	)
	if err != nil {
		return err
	}
	differing, rows := map[key]bool{}, 0
	for k, s := range old {
		if new[k] != s {
			differing[k], rows = true, rows+s.rows+new[k].rows
		}
	}
	for k, s := range new {
		if _, there := old[k]; !there {
			differing[k], rows = true, rows+s.rows
		}
	}
	parts := uint64(rows/c.rowsAtOnce + 1)
	for part := range parts {
		if len(differing) == 0 {
			break
		}
		if err := tellPart(c, t, func(k key) bool { return k[0]%parts == part && differing[k] }); err != nil {
			return err
		}
	}
	return nil
}

func sums[T any](c *comparison, d *finding.Document, t table[T]) (map[key]sum, error) {
	found := map[key]sum{}
	for row, err := range finding.Rows[T](d, t.section) {
		if err != nil {
			return nil, err
		}
		k := c.key(t.group(&row))
		s := found[k]
		s.digest += maphash.String(c.seeds[0], t.content(&row))
		s.rows++
		found[k] = s
	}
	return found, nil
}

// tellPart tells the differences of the subjects that are wanted.
func tellPart[T any](c *comparison, t table[T], wanted func(key) bool) error {
	old, new, err := both(
		func() (map[key][]T, error) { return gather(c, c.old.doc, t, wanted) },
		func() (map[key][]T, error) { return gather(c, c.new.doc, t, wanted) },
	)
	if err != nil {
		return err
	}
	for k, rows := range old {
		if err := t.tell(k, rows, new[k]); err != nil {
			return err
		}
	}
	for k, rows := range new {
		if _, there := old[k]; there {
			continue
		}
		if err := t.tell(k, nil, rows); err != nil {
			return err
		}
	}
	return nil
}

func gather[T any](c *comparison, d *finding.Document, t table[T], wanted func(key) bool) (map[key][]T, error) {
	found := map[key][]T{}
	for row, err := range finding.Rows[T](d, t.section) {
		if err != nil {
			return nil, err
		}
		if k := c.key(t.group(&row)); wanted(k) {
			found[k] = append(found[k], row)
		}
	}
	return found, nil
}

// both does the same work for the two sides at once.
func both[T any](old, new func() (T, error)) (a, b T, err error) {
	done := make(chan error)
	go func() {
		var failed error
		a, failed = old()
		done <- failed
	}()
	b, err = new()
	err = errors.Join(<-done, err)
	return a, b, err
}
