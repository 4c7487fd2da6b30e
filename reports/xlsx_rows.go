package reports

import (
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// rowPart is the XML of the rows of a sheet, compressed beside the drawing of the rows that follow. The rest of
// the sheet excelize writes; the archive puts the two together. Nothing waits on disk, and what is held in
// memory is compressed.
type rowPart struct {
	fill       []byte
	full, free chan []byte
	done       chan struct{}
	compressed chunks // a piece of a deflate stream: ends at a byte, refers to nothing before it
	sum        uint32 // CRC-32 of the XML
	size       uint64
	err        error
}

// rowBuffer is how much XML goes to the compressor at a time.
const rowBuffer = 128 << 10

func newRowPart() *rowPart {
	r := &rowPart{full: make(chan []byte, 3), free: make(chan []byte, 4), done: make(chan struct{})}
	for range cap(r.free) {
		r.free <- make([]byte, 0, rowBuffer+rowBuffer/8)
	}
	r.fill = <-r.free
	go r.compress()
	return r
}

func (r *rowPart) compress() {
	defer close(r.done)
	deflate, err := flate.NewWriter(&r.compressed, flate.DefaultCompression)
	for rows := range r.full {
		if err == nil {
			r.sum = crc32.Update(r.sum, crc32.IEEETable, rows)
			r.size += uint64(len(rows))
			_, err = deflate.Write(rows)
		}
		r.free <- rows[:0]
	}
	if err == nil {
		err = deflate.Flush()
	}
	r.err = err
}

// row adds a row. Columns are the names of the columns.
func (r *rowPart) row(number int, height float64, columns []string, cells []excelize.Cell) error {
	name := strconv.Itoa(number)
	b := append(r.fill, `<row r="`...)
	b = append(b, name...)
	b = append(b, `" ht="`...)
	b = strconv.AppendFloat(b, height, 'f', -1, 64)
	b = append(b, `" customHeight="1">`...)
	for i := range cells {
		b = append(b, `<c r="`...)
		b = append(b, columns[i]...)
		b = append(b, name...)
		b = append(b, `" s="`...)
		b = strconv.AppendInt(b, int64(cells[i].StyleID), 10)
		var err error
		if b, err = appendValue(b, &cells[i]); err != nil {
			return err
		}
	}
	r.fill = append(b, `</row>`...)
	if len(r.fill) >= rowBuffer {
		r.full <- r.fill
		r.fill = <-r.free
	}
	return nil
}

// appendValue ends the element of a cell.
func appendValue(b []byte, cell *excelize.Cell) ([]byte, error) {
	switch v := cell.Value.(type) {
	case nil:
		return append(b, `"/>`...), nil
	case int:
		b = strconv.AppendInt(append(b, `"><v>`...), int64(v), 10)
		return append(b, `</v></c>`...), nil
	case float64:
		b = strconv.AppendFloat(append(b, `"><v>`...), v, 'f', -1, 64)
		return append(b, `</v></c>`...), nil
	case string:
		if cell.Formula != "" {
			b = appendText(append(b, `" t="str"><f>`...), cell.Formula)
			b = appendText(append(b, `</f><v>`...), v)
			return append(b, `</v></c>`...), nil
		}
		b = append(b, `" t="inlineStr"><is><t`...)
		if v != strings.TrimSpace(v) {
			b = append(b, ` xml:space="preserve"`...)
		}
		b = appendText(append(b, '>'), v)
		return append(b, `</t></is></c>`...), nil
	}
	return b, fmt.Errorf("a cell cannot hold a %T", cell.Value)
}

// appendText writes a text that visible has been over as XML. An underscore that would begin the escape of a
// character, as in _x0041_, is escaped itself.
func appendText(b []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	from := 0
	for i := range len(text) {
		var escaped string
		switch text[i] {
		case '&':
			escaped = "&amp;"
		case '<':
			escaped = "&lt;"
		case '>':
			escaped = "&gt;"
		case '_':
			if !isEscape(text[i:]) {
				continue
			}
			escaped = "_x005F_"
		default:
			continue
		}
		b = append(append(b, text[from:i]...), escaped...)
		from = i + 1
	}
	return append(b, text[from:]...)
}

// isEscape tells whether a text begins like the escape of a character.
func isEscape(text string) bool {
	if len(text) < 7 || text[1] != 'x' && text[1] != 'X' || text[6] != '_' {
		return false
	}
	for _, c := range []byte(text[2:6]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// close ends the rows; further calls do nothing.
func (r *rowPart) close() error {
	if r.fill != nil {
		r.full <- r.fill
		r.fill = nil
		close(r.full)
	}
	<-r.done
	return r.err
}

// chunks is a buffer that does not move what it holds when it grows.
type chunks struct{ list [][]byte }

const chunkSize = 1 << 20

func (c *chunks) Write(data []byte) (int, error) {
	n := len(data)
	for len(data) > 0 {
		if len(c.list) == 0 || len(c.list[len(c.list)-1]) == chunkSize {
			size := chunkSize
			if len(c.list) == 0 {
				size = 4 << 10 // most sheets are small
			}
			c.list = append(c.list, make([]byte, 0, size))
		}
		last := &c.list[len(c.list)-1]
		room := min(len(data), chunkSize-len(*last))
		*last = append(*last, data[:room]...)
		data = data[room:]
	}
	return n, nil
}

func (c *chunks) len() uint64 {
	var n uint64
	for _, chunk := range c.list {
		n += uint64(len(chunk))
	}
	return n
}

// splice compresses the XML of a sheet with rows after its first, that of the headings.
func (r *rowPart) splice(p *part, sheet []byte) error {
	end := []byte("</row>")
	at := bytes.Index(sheet, end) + len(end)
	if at < len(end) {
		return fmt.Errorf("%s has no row of headings", p.name)
	}
	head, tail := sheet[:at], sheet[at:]
	p.sum = combine(combine(crc32.ChecksumIEEE(head), r.sum, r.size), crc32.ChecksumIEEE(tail), uint64(len(tail)))
	p.size = uint64(len(sheet)) + r.size
	deflate, err := flate.NewWriter(&p.compressed, flate.DefaultCompression)
	if err != nil {
		return err
	}
	if _, err := deflate.Write(head); err != nil {
		return err
	}
	if err := deflate.Flush(); err != nil {
		return err
	}
	p.compressed.list = append(p.compressed.list, r.compressed.list...)
	p.compressed.list = append(p.compressed.list, make([]byte, 0, chunkSize))
	deflate.Reset(&p.compressed)
	if _, err := io.Copy(deflate, bytes.NewReader(tail)); err != nil {
		return err
	}
	return deflate.Close()
}

// combine is the CRC-32 of two texts after each other, of their CRC-32s and the length of the second: a text is
// a polynomial over bits, and what follows it multiplies it by a power of x, modulo that of the CRC.
func combine(first, second uint32, length uint64) uint32 {
	const one, byTheByte = 1 << 31, 1 << 23 // x to the power of 0, and of 8; bits stand in reverse
	power, factor := uint32(one), uint32(byTheByte)
	for ; length > 0; length >>= 1 {
		if length&1 == 1 {
			power = multiply(power, factor)
		}
		factor = multiply(factor, factor)
	}
	return multiply(power, first) ^ second
}

// multiply multiplies two polynomials modulo that of the CRC.
func multiply(a, b uint32) uint32 {
	var product uint32
	for bit := uint32(1 << 31); bit > 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		low := b & 1
		b >>= 1
		if low == 1 {
			b ^= crc32.IEEE
		}
	}
	return product
}
