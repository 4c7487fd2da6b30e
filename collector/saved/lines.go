package saved

import (
	"io"
	"slices"
)

// lineCounter finds the lines of offsets in what is read through it. Offsets are
// asked for in rising order, so it remembers no more than is read ahead.
type lineCounter struct {
	reader io.Reader
	read   int64
	line   int
	start  int64   // of that line
	ends   []int64 // of lines, from the last offset asked for
}

// Read is part of io.Reader.
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// at returns line and column of an offset, counted from 1.
func (c *lineCounter) at(offset int64) (line, column int) {
	passed, _ := slices.BinarySearch(c.ends, offset)
	if passed > 0 {
		c.start = c.ends[passed-1] + 1
	}
	c.line += passed
	c.ends = c.ends[passed:]
	return c.line, max(int(offset-c.start), 0) + 1
}
