package dataconnect

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf16"

	"leastwise/collector/snapshot"
)

// eventFiles lists the files of saved events at path, in order of name.
func eventFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	files, err := filepath.Glob(filepath.Join(escapeGlob(path), "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no *.json", path)
	}
	return files, nil
}

func escapeGlob(path string) string {
	var out []byte
	for _, c := range []byte(path) {
		if bytes.IndexByte([]byte(`*?[\`), c) >= 0 && filepath.Separator != '\\' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return string(out)
}

// sink turns saved records into rows.
type sink struct {
	rows    *snapshot.DatasetWriter
	tenant  string
	read    int    // records of any kind that could be read
	problem string // the first file that broke
}

// file reads one file: an array, {"value": […]}, a single record, or one record
// after the other. The error ends the run; what is wrong with the file does not.
func (s *sink) file(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		s.fault(err.Error())
		return nil
	}
	defer file.Close()
	text, err := decodeText(bufio.NewReaderSize(file, 1<<16))
	if err != nil {
		s.fault(filepath.Base(path) + ": " + err.Error())
		return nil
	}
	lines := &lineCounter{reader: text}
	records := &records{dec: json.NewDecoder(lines), each: func(raw json.RawMessage, offset int64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.read++
		return s.record(raw, func() string { return fmt.Sprintf("%s:%d", filepath.Base(path), lines.at(offset)) })
	}}
	err = records.all()
	if damaged, ok := errors.AsType[*damage](err); ok {
		s.fault(fmt.Sprintf("%s:%d: %s", filepath.Base(path), lines.at(records.dec.InputOffset()), damaged.text))
		return nil
	}
	return err
}

func (s *sink) fault(reason string) {
	s.rows.Fault(reason)
	if s.problem == "" {
		s.problem = reason
	}
}

// damage is what is wrong with the JSON of a file.
type damage struct{ text string }

func (e *damage) Error() string { return e.text }

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &damage{"the JSON breaks off"}
	}
	return &damage{err.Error()}
}

// records walks the values of a file.
type records struct {
	dec  *json.Decoder
	each func(raw json.RawMessage, offset int64) error
}

// all reads one value after the other. An array is not taken into memory as a
// whole; an object is, unless it is a response with value.
func (r *records) all() error {
	for n := 0; ; n++ {
		var first json.RawMessage
		array, err := r.opensArray()
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return nil
		case errors.Is(err, io.EOF):
			return &damage{"the file is empty"}
		case err != nil:
			return damaged(err)
		case array:
			err = r.elements()
		default:
			offset := r.dec.InputOffset()
			if err = r.dec.Decode(&first); err != nil {
				return damaged(err)
			}
			err = r.object(first, offset)
		}
		if err != nil {
			return err
		}
	}
}

// opensArray looks at the next value, and steps into it when it is an array.
func (r *records) opensArray() (bool, error) {
	if !r.dec.More() { // at the top level: the end, or text that no value begins with
		_, err := r.dec.Token()
		if err == nil {
			err = errors.New("a bracket that closes nothing")
		}
		return false, err
	}
	next, err := bufferedByte(r.dec)
	if err != nil || next != '[' {
		return false, err
	}
	_, err = r.dec.Token()
	return true, err
}

// bufferedByte is the first byte of the next value; More has read up to it.
func bufferedByte(dec *json.Decoder) (byte, error) {
	buffered := bufio.NewReader(dec.Buffered())
	for {
		b, err := buffered.ReadByte()
		if err != nil || !bytes.ContainsRune([]byte(" \t\r\n,:"), rune(b)) {
			return b, err
		}
	}
}

func (r *records) elements() error {
	for r.dec.More() {
		offset := r.dec.InputOffset()
		var raw json.RawMessage
		if err := r.dec.Decode(&raw); err != nil {
			return damaged(err)
		}
		if err := r.each(raw, offset); err != nil {
			return err
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return damaged(err)
	}
	return nil
}

// object is a record, or a response that holds records.
func (r *records) object(raw json.RawMessage, offset int64) error {
	var response struct {
		Value []json.RawMessage `json:"value"`
		Next  json.RawMessage   `json:"@odata.nextLink"`
		Error json.RawMessage   `json:"error"`
	}
	if json.Unmarshal(raw, &response) != nil || response.Value == nil && response.Error == nil {
		return r.each(raw, offset)
	}
	if response.Error != nil {
		return &damage{"the response is an error"}
	}
	for _, record := range response.Value {
		if err := r.each(record, offset); err != nil {
			return err
		}
	}
	if response.Next != nil && string(response.Next) != "null" {
		return &damage{"the response has an @odata.nextLink: events of the pages after it are missing"}
	}
	return nil
}

// decodeText removes a byte order mark, and turns UTF-16, as PowerShell writes it,
// into UTF-8.
func decodeText(r *bufio.Reader) (io.Reader, error) {
	head, _ := r.Peek(3) // fewer bytes are a short file
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := r.Discard(3)
		return r, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return r, nil
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return bytes.NewReader([]byte(string(utf16.Decode(units)))), nil
}

// lineCounter remembers where lines end in what was read through it.
type lineCounter struct {
	reader io.Reader
	read   int64
	ends   []int64
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

// at is the line of an offset. A value's offset is that of the text before it, so
// the line end right there belongs to it.
func (c *lineCounter) at(offset int64) int {
	line := 1
	for _, end := range c.ends {
		if end > offset {
			break
		}
		line++
	}
	return line
}
