package snapshot

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
)

// rowFile is one <dataset>.ndjson.gz being written. Only close puts it in its
// place: what stands there may be a link to the file of an earlier snapshot, which
// writing would change.
type rowFile struct {
	path   string
	file   *os.File
	buffer *bufio.Writer
	zip    *gzip.Writer
	sum    hash.Hash
	out    io.Writer
}

func newRowFile(path string) (*rowFile, error) {
	file, err := os.Create(path + ".new")
	if err != nil {
		return nil, err
	}
	f := &rowFile{path: path, file: file, buffer: bufio.NewWriterSize(file, 1<<16), sum: sha256.New()}
	f.zip = gzip.NewWriter(f.buffer)
	f.out = io.MultiWriter(f.zip, f.sum)
	return f, nil
}

func (f *rowFile) add(line []byte) error {
	if _, err := f.out.Write(line); err != nil {
		return err
	}
	_, err := f.out.Write([]byte{'\n'})
	return err
}

func (f *rowFile) close() (string, error) {
	if err := errors.Join(f.zip.Close(), f.buffer.Flush(), f.file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.file.Name()))
	}
	return hex.EncodeToString(f.sum.Sum(nil)), os.Rename(f.file.Name(), f.path)
}

// abort throws away what was written.
func (f *rowFile) abort() error { return errors.Join(f.file.Close(), os.Remove(f.file.Name())) }

func copyFile(from, to string) error {
	if err := os.Link(from, to); err == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
