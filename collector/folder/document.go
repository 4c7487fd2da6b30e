package folder

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// document is a saved response, read row by row.
type document struct {
	dec *json.Decoder
	// skipped is how long the byte order mark was, which the decoder does not see.
	skipped int64
}

func newDocument(r io.Reader) *document {
	buffered := bufio.NewReaderSize(r, 1<<16)
	d := &document{}
	if head, err := buffered.Peek(3); err == nil && bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		discarded, _ := buffered.Discard(3) // it was just peeked at
		d.skipped = int64(discarded)
	}
	d.dec = json.NewDecoder(buffered)
	return d
}

// positionError is what is wrong at one place of a document.
type positionError struct {
	offset int64
	cause  error
	denied bool
}

func (e *positionError) Error() string { return e.cause.Error() }
func (e *positionError) Unwrap() error { return e.cause }

func (d *document) wrong(format string, args ...any) error {
	return &positionError{offset: d.skipped + d.dec.InputOffset(), cause: fmt.Errorf(format, args...)}
}

// broken says where the JSON itself ends or goes wrong.
func (d *document) broken(err error) error {
	offset := d.dec.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset > offset {
		offset = syntax.Offset - 1
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &positionError{offset: -1, cause: errors.New("the JSON breaks off")}
	}
	return &positionError{offset: d.skipped + offset, cause: err}
}

// read hands every row to each. An error of each ends it and is returned as it is;
// any other error is a positionError about the document, which may come after
// rows.
func (d *document) read(each func(json.RawMessage) error) error {
	token, err := d.dec.Token()
	switch {
	case errors.Is(err, io.EOF):
		return d.wrong("the file is empty")
	case err != nil:
		return d.broken(err)
	case token == json.Delim('['):
		err = d.rows(each)
	case token == json.Delim('{'):
		err = d.response(each)
	default:
		return d.wrong("expected an array or an object with value, found %v", token)
	}
	if err != nil {
		return err
	}
	if _, err := d.dec.Token(); !errors.Is(err, io.EOF) {
		return d.wrong("there is text after the end of the JSON")
	}
	return nil
}

// rows reads the elements of an array and its end.
func (d *document) rows(each func(json.RawMessage) error) error {
	for d.dec.More() {
		var row json.RawMessage
		if err := d.dec.Decode(&row); err != nil {
			return d.broken(err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	if _, err := d.dec.Token(); err != nil {
		return d.broken(err)
	}
	return nil
}

// response reads the members of {"value": […]} in any order. Without value it is a
// single object, as Graph answers for policies there is one of.
func (d *document) response(each func(json.RawMessage) error) error {
	single, found := map[string]json.RawMessage{}, false
	var next error
	for d.dec.More() {
		name, err := d.dec.Token()
		if err != nil {
			return d.broken(err)
		}
		if name == "value" && !found {
			found = true
			err = d.value(each)
		} else {
			var member json.RawMessage
			if err = d.dec.Decode(&member); err != nil {
				return d.broken(err)
			}
			single[fmt.Sprint(name)] = member
			if name == "@odata.nextLink" && string(member) != "null" {
				next = d.wrong("the response has an @odata.nextLink: rows of the pages after it are missing")
			}
		}
		if err != nil {
			return err
		}
	}
	if _, err := d.dec.Token(); err != nil {
		return d.broken(err)
	}
	if found {
		return next
	}
	return d.single(single, each)
}

func (d *document) value(each func(json.RawMessage) error) error {
	token, err := d.dec.Token()
	if err != nil {
		return d.broken(err)
	}
	if token != json.Delim('[') {
		return d.wrong("value is not an array")
	}
	return d.rows(each)
}

func (d *document) single(members map[string]json.RawMessage, each func(json.RawMessage) error) error {
	if raw, ok := members["error"]; ok {
		return d.refusal(raw)
	}
	if members["id"] == nil {
		return d.wrong("there is no value in the response")
	}
	row, err := json.Marshal(members)
	if err != nil {
		return d.broken(err)
	}
	return each(row)
}

// refusal tells what a saved error says (https://learn.microsoft.com/graph/errors).
func (d *document) refusal(raw json.RawMessage) error {
	var refused struct{ Code, Message string }
	if json.Unmarshal(raw, &refused) != nil {
		return d.wrong("the response is an error")
	}
	err := &positionError{cause: fmt.Errorf("the response is an error: %s: %s", refused.Code, refused.Message)}
	for _, code := range []string{"Authorization_RequestDenied", "accessDenied", "Forbidden", "Unauthorized"} {
		err.denied = err.denied || strings.EqualFold(refused.Code, code)
	}
	return err
}

// lineAt tells the line of an offset in a file; less than 0 is its end.
func lineAt(file *os.File, offset int64) (int, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	var reader io.Reader = file
	if offset >= 0 {
		reader = io.LimitReader(file, offset)
	}
	line, chunk := 1, make([]byte, 1<<16)
	for {
		n, err := reader.Read(chunk)
		line += bytes.Count(chunk[:n], []byte("\n"))
		if errors.Is(err, io.EOF) {
			return line, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
