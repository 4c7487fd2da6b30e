package reports

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// archive is the ZIP file of a workbook. The rows of its sheets are compressed already. excelize hands its parts over in the order
// of a map; archive compresses each as it comes and writes them sorted by name, so
// that the same workbook gives the same bytes.
type archive struct {
	out   io.Writer
	rows  map[string]*rowPart // by name of the part
	parts []*part
}

// part is one file of the archive.
type part struct {
	name       string
	compressed chunks
	sum        uint32
	size       uint64
	rows       *rowPart
	sheet      bytes.Buffer  // of a part with rows: what excelize writes of it
	deflate    *flate.Writer // of another, until it ends
}

// Create begins a part and ends the one before.
func (a *archive) Create(name string) (io.Writer, error) {
	if err := a.finish(); err != nil {
		return nil, err
	}
	p := &part{name: name, rows: a.rows[name]}
	if p.rows == nil {
		deflate, err := flate.NewWriter(&p.compressed, flate.DefaultCompression)
		if err != nil {
			return nil, err
		}
		p.deflate = deflate
	}
	a.parts = append(a.parts, p)
	return p, nil
}

// AddFS is what excelize asks of an archive, and does not call.
func (a *archive) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the archive.
func (a *archive) Close() error {
	if err := a.finish(); err != nil {
		return err
	}
	// Programs that guess the kind of a file look for the content types at its start.
	slices.SortFunc(a.parts, func(a, b *part) int {
		return cmp.Or(-cmp.Compare(strings.Count(a.name, "["), strings.Count(b.name, "[")), cmp.Compare(a.name, b.name))
	})
	writer := zip.NewWriter(a.out)
	for _, p := range a.parts {
		if err := p.writeTo(writer); err != nil {
			return err
		}
	}
	return writer.Close()
}

func (a *archive) finish() error {
	if len(a.parts) == 0 {
		return nil
	}
	p := a.parts[len(a.parts)-1]
	switch {
	case p.deflate != nil:
		err := p.deflate.Close()
		p.deflate = nil
		return err
	case p.rows != nil:
		err := p.rows.splice(p, p.sheet.Bytes())
		p.rows, p.sheet = nil, bytes.Buffer{}
		return err
	}
	return nil
}

// Write takes uncompressed bytes.
func (p *part) Write(data []byte) (int, error) {
	if p.rows != nil {
		return p.sheet.Write(data)
	}
	p.sum = crc32.Update(p.sum, crc32.IEEETable, data)
	p.size += uint64(len(data))
	return p.deflate.Write(data)
}

func (p *part) writeTo(writer *zip.Writer) error {
	const version20, jan1980 = 20, 1<<5 | 1
	out, err := writer.CreateRaw(&zip.FileHeader{
		Name: p.name, Method: zip.Deflate, CreatorVersion: version20, ReaderVersion: version20,
		ModifiedDate: jan1980, //nolint:staticcheck // CreateRaw writes this field, and not Modified
		CRC32:        p.sum, CompressedSize64: p.compressed.len(), UncompressedSize64: p.size,
	})
	if err != nil {
		return err
	}
	for _, chunk := range p.compressed.list {
		if _, err := out.Write(chunk); err != nil {
			return err
		}
	}
	return nil
}
