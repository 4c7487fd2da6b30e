package checkpoint

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf8"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// A record is a head of three numbers (length of meta, length of the rows, checksum
// of both), meta as JSON, and the rows, one a line, compressed.
const headSize = 12

// maxMeta and maxRows bound what is believed of a head.
const (
	maxMeta = 1 << 20
	maxRows = 1 << 30
)

// meta is what is known of an answer besides its rows.
type meta struct {
	Key       string        `json:"key"`
	Kept      graphapi.Kept `json:"kept"`
	Forgotten bool          `json:"forgotten,omitzero"`
}

// scan indexes the records until the first that is not whole.
func (c *Checkpoint) scan(reader *bufio.Reader) error {
	for {
		m, length, whole, err := readRecord(reader)
		if err != nil || !whole {
			return err
		}
		metaLength := length.meta
		if m.Forgotten {
			delete(c.index, m.Key)
		} else {
			c.index[m.Key] = place{offset: c.size + headSize + int64(metaLength), length: length.rows, meta: m}
		}
		c.size += headSize + int64(metaLength) + int64(length.rows)
	}
}

type lengths struct{ meta, rows int }

// readRecord reads one record and checks it. What is not whole is no error.
func readRecord(reader *bufio.Reader) (m meta, l lengths, whole bool, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(reader, head[:]); err != nil {
		return m, l, false, unlessCut(err)
	}
	l = lengths{int(binary.LittleEndian.Uint32(head[:])), int(binary.LittleEndian.Uint32(head[4:]))}
	if l.meta > maxMeta || l.rows > maxRows {
		return m, l, false, nil
	}
	sum := crc32.NewIEEE()
	about := make([]byte, l.meta)
	if _, err := io.ReadFull(reader, about); err != nil {
		return m, l, false, unlessCut(err)
	}
	sum.Write(about)
	if _, err := io.CopyN(sum, reader, int64(l.rows)); err != nil {
		return m, l, false, unlessCut(err)
	}
	whole = sum.Sum32() == binary.LittleEndian.Uint32(head[8:]) && json.Unmarshal(about, &m) == nil
	return m, l, whole, nil
}

func unlessCut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// Recall is part of graphapi.Journal.
func (c *Checkpoint) Recall(key string, row func(json.RawMessage) error) (graphapi.Kept, bool, error) {
	c.mu.Lock()
	at, ok := c.index[key]
	c.mu.Unlock()
	if !ok {
		return graphapi.Kept{}, false, nil
	}
	unzipped := flate.NewReader(bufio.NewReader(io.NewSectionReader(c.file, at.offset, int64(at.length))))
	reader := bufio.NewReaderSize(unzipped, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return at.meta.Kept, true, nil
		}
		if err != nil {
			return graphapi.Kept{}, false, fmt.Errorf("read checkpoint %s: %w; hint: collect without --resume", c.path, err)
		}
		if err := row(line[:len(line)-1]); err != nil {
			return graphapi.Kept{}, false, err
		}
	}
}

// Forget is part of graphapi.Journal.
func (c *Checkpoint) Forget(keys ...string) error {
	for _, key := range keys {
		c.mu.Lock()
		_, ok := c.index[key]
		delete(c.index, key)
		c.mu.Unlock()
		if ok {
			c.append(meta{Key: key, Forgotten: true}, nil)
		}
	}
	return nil
}

// append writes a record. A disk that is full ends the keeping, not the collection:
// that will meet the full disk itself.
func (c *Checkpoint) append(m meta, rows []byte) {
	about, err := json.Marshal(m)
	record := make([]byte, headSize, headSize+len(about)+len(rows))
	record = append(append(record, about...), rows...)
	binary.LittleEndian.PutUint32(record, uint32(len(about)))
	binary.LittleEndian.PutUint32(record[4:], uint32(len(rows)))
	binary.LittleEndian.PutUint32(record[8:], crc32.ChecksumIEEE(record[headSize:]))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	if err == nil {
		_, err = c.file.WriteAt(record, c.size)
	}
	if err != nil {
		c.err = fmt.Errorf("keep checkpoint: %w", err)
		return
	}
	if !m.Forgotten {
		c.index[m.Key] = place{offset: c.size + headSize + int64(len(about)), length: len(rows), meta: m}
	}
	c.size += int64(len(record))
}

// record is an answer on its way into the file.
type record struct {
	of   *Checkpoint
	key  string
	text bytes.Buffer
	zip  *flate.Writer
	// damaged is true when a row is not valid UTF-8: a snapshot has to see it as it came.
	damaged bool
}

// Record is part of graphapi.Journal.
func (c *Checkpoint) Record(key string) graphapi.Record {
	r := &record{of: c, key: key}
	if zip, ok := c.zips.Get().(*flate.Writer); ok {
		zip.Reset(&r.text)
		r.zip = zip
		return r
	}
	r.zip, _ = flate.NewWriter(&r.text, flate.BestSpeed) // fails for unknown levels only
	return r
}

// Row is part of graphapi.Record. Rows are kept on one line each, and without what
// must not reach a snapshot either. An answer with a row that is not valid UTF-8 is not
// kept: taking out secrets would mend it, and nobody would learn that it was damaged.
func (r *record) Row(row json.RawMessage) error {
	if r.damaged = r.damaged || !utf8.Valid(row); r.damaged {
		return nil
	}
	line, err := snapshot.Scrub(row)
	if err != nil {
		line = bytes.ReplaceAll(row, []byte("\n"), []byte(" ")) // no JSON, such as a count: a line all the same
	}
	if _, err := r.zip.Write(line); err != nil {
		return err
	}
	_, err = r.zip.Write([]byte{'\n'})
	return err
}

// End is part of graphapi.Record.
func (r *record) End(kept graphapi.Kept) error {
	if err := r.zip.Close(); err != nil {
		return err
	}
	r.of.zips.Put(r.zip) // takes a megabyte to make
	if r.damaged {
		return nil
	}
	r.of.append(meta{Key: r.key, Kept: kept}, r.text.Bytes())
	return nil
}
