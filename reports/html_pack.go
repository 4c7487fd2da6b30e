package reports

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// The rows of the HTML report are packed: a table is a row of blocks, each of them base64 of gzip of JSON
//
//	{"n": rows, "t": [new things], "d": [[new dictionary entries] of each column], "c": [[cells] of each column]}
//
// so that a browser can read a block in a few milliseconds and go on with something else. Cells of a column
// with a dictionary are places in it; dictionaries grow from block to block.
const (
	packedRows  = 4096    // in a block, at most
	packedBytes = 1 << 20 // of cells in a block, about
	// remembered is how many entries of a dictionary are known again. Beyond, equal entries are written anew, which
	// costs room in the file, so that memory does not grow with the report.
	remembered = 1 << 18
)

// dictionary numbers entries, which are JSON.
type dictionary struct {
	places map[[16]byte]int // by digest
	limit  int              // of places; remembered when it is 0
	size   int
	fresh  [][]byte // not written yet
}

func (d *dictionary) place(entry []byte) int {
	sum := sha256.Sum256(entry)
	digest := [16]byte(sum[:])
	if place, ok := d.places[digest]; ok {
		return place
	}
	if d.places == nil {
		d.places = map[[16]byte]int{}
	}
	if len(d.places) < cmp.Or(d.limit, remembered) {
		d.places[digest] = d.size
	}
	d.fresh = append(d.fresh, bytes.Clone(entry))
	d.size++
	return d.size - 1
}

// take gives the entries that are not written yet, as a JSON array.
func (d *dictionary) take() []byte {
	list := append(append([]byte("["), bytes.Join(d.fresh, []byte(","))...), ']')
	d.fresh = d.fresh[:0]
	return list
}

// packedColumn holds the cells of one column until their block is written.
type packedColumn struct {
	cells bytes.Buffer
	words *dictionary // nil when cells stand for themselves
}

// add takes one cell, which is JSON.
func (c *packedColumn) add(cell []byte) {
	if c.cells.Len() > 0 {
		c.cells.WriteByte(',')
	}
	if c.words == nil {
		c.cells.Write(cell)
		return
	}
	c.cells.WriteString(strconv.Itoa(c.words.place(cell)))
}

// packer writes the blocks of one table.
type packer struct {
	out     io.Writer
	table   string
	things  *dictionary // of all tables
	columns []*packedColumn
	// extra gives further members of a block, each with its comma before it, and forgets them.
	extra  func() []byte
	rows   int // in the block
	blocks int
}

// full reports whether the block should be written.
func (p *packer) full() bool {
	if p.rows >= packedRows {
		return true
	}
	size := 0
	for _, c := range p.columns {
		size += c.cells.Len()
	}
	return size > packedBytes
}

// flush writes the block, if there is anything in it.
func (p *packer) flush() error {
	if p.rows == 0 {
		return nil
	}
	fmt.Fprintf(p.out, "<script type=\"application/gzip\" class=\"rows\" data-table=\"%s\" data-rows=\"%d\">", p.table, p.rows)
	encoder := base64.NewEncoder(base64.StdEncoding, p.out)
	zipped := gzip.NewWriter(encoder)
	if err := p.block(zipped); err != nil {
		return err
	}
	if err := zipped.Close(); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	p.rows = 0
	p.blocks++
	_, err := io.WriteString(p.out, "</script>\n")
	return err
}

func (p *packer) block(w io.Writer) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, `{"n":%d,"t":%s,"d":[`, p.rows, p.things.take())
	for i, c := range p.columns {
		if i > 0 {
			text.WriteByte(',')
		}
		if c.words == nil {
			text.WriteString("null")
		} else {
			text.Write(c.words.take())
		}
	}
	text.WriteString(`],"c":[`)
	for i, c := range p.columns {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteByte('[')
		text.Write(c.cells.Bytes())
		text.WriteByte(']')
		c.cells.Reset()
	}
	text.WriteByte(']')
	if p.extra != nil {
		text.Write(p.extra())
	}
	text.WriteByte('}')
	_, err := w.Write(text.Bytes())
	return err
}

// plainJSON encodes a value that always can be; characters of markup stay as they are.
func plainJSON(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // strings, numbers, and lists of them
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
