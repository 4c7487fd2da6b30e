package reports

import (
	"bytes"
	"strconv"
)

// valueColumn holds the values of one member of findings of one shape until their block is written.
type valueColumn struct {
	plain         []byte         // all of them, with commas
	words, places []byte         // each value once, and which one it is each time
	known         map[string]int // places by value
}

// add takes one value, which is JSON.
func (c *valueColumn) add(value []byte) {
	c.plain = append(separated(c.plain), value...)
	place, ok := c.known[string(value)]
	if !ok {
		if c.known == nil {
			c.known = map[string]int{}
		}
		place = len(c.known)
		c.known[string(value)] = place
		c.words = append(separated(c.words), value...)
	}
	c.places = strconv.AppendInt(separated(c.places), int64(place), 10)
}

func separated(list []byte) []byte {
	if len(list) == 0 {
		return list
	}
	return append(list, ',')
}

// writeTo writes the column as a list of its values or, where many are the same, as {"w": [values], "p": [places]}: less for a
// browser to read, and to keep.
func (c *valueColumn) writeTo(out *bytes.Buffer) {
	if len(c.words)+len(c.places) >= len(c.plain) {
		out.WriteByte('[')
		out.Write(c.plain)
		out.WriteByte(']')
		return
	}
	out.WriteString(`{"w":[`)
	out.Write(c.words)
	out.WriteString(`],"p":[`)
	out.Write(c.places)
	out.WriteString(`]}`)
}
