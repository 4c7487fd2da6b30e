package graphapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// answered is an error object in an answer that calls itself a success.
type answered struct{ answerError }

func (e *answered) Error() string { return e.Code + ": " + e.Message }

// decodePage reads {"value": […], "@odata.nextLink": …} row by row, its members in
// any order. What stands behind it, and links that stand there twice, make it unreadable:
// nobody knows then what was meant.
func decodePage(body io.Reader, record Record, yield func(json.RawMessage) bool) (pageResult, error) {
	result := pageResult{count: -1}
	dec := json.NewDecoder(withoutBOM(body))
	if err := expect(dec, '{'); err != nil {
		return result, err
	}
	seen := map[json.Token]bool{}
	for dec.More() {
		name, err := pageMember(dec, seen)
		if err != nil {
			return result, err
		}
		if name == "value" {
			err = decodeRows(dec, record, &result, yield)
		} else {
			err = result.decode(dec, name)
		}
		if err != nil || result.stopped {
			return result, err
		}
	}
	if err := expect(dec, '}'); err != nil {
		return result, err
	}
	if !seen["value"] {
		return result, errors.New("there is no value in it")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return result, cmp.Or(err, errors.New("more stands behind its end"))
	}
	return result, nil
}

// pageMember reads the name of a member. Of those that a page is made of none may
// stand there twice.
func pageMember(dec *json.Decoder, seen map[json.Token]bool) (json.Token, error) {
	name, err := dec.Token()
	if err != nil {
		return nil, cut(err)
	}
	if name == "@nextLink" { // OData 4.01 without its prefix
		name = "@odata.nextLink"
	}
	switch name {
	case "value", "@odata.nextLink", "@odata.deltaLink", "@odata.count":
		if seen[name] {
			return nil, fmt.Errorf("%v stands in it twice", name)
		}
		seen[name] = true
	}
	return name, nil
}

// decode reads the value of a member other than value.
func (r *pageResult) decode(dec *json.Decoder, name json.Token) error {
	var err error
	switch name {
	case "@odata.nextLink":
		err = dec.Decode(&r.nextLink)
	case "@odata.deltaLink":
		err = dec.Decode(&r.deltaLink)
	case "@odata.count":
		err = decodeCount(dec, &r.count)
	case "error":
		failed := &answered{}
		if err = dec.Decode(&failed.answerError); err == nil {
			err = failed
		}
	default:
		var ignored json.RawMessage
		err = dec.Decode(&ignored)
	}
	return cut(err)
}

// decodeCount reads a number, which may be written as text. What is none tells nothing.
func decodeCount(dec *json.Decoder, count *int) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return err
	}
	if n, err := strconv.Atoi(strings.Trim(string(raw), `"`)); err == nil {
		*count = n
	}
	return nil
}

func decodeRows(dec *json.Decoder, record Record, result *pageResult, yield func(json.RawMessage) bool) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		var row json.RawMessage
		if err := dec.Decode(&row); err != nil {
			return cut(err)
		}
		if err := record.Row(row); err != nil {
			return err
		}
		if result.take(row, yield); result.stopped {
			return nil
		}
	}
	return expect(dec, ']')
}

func expect(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err != nil {
		return cut(err)
	}
	if token != want {
		return fmt.Errorf("%v stands where %v is expected", token, want)
	}
	return nil
}

// cut turns the end of the text, which is a success to a reader, into what it is
// inside of a value.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// withoutBOM skips a byte order mark.
func withoutBOM(r io.Reader) io.Reader {
	var head [3]byte
	n, err := io.ReadFull(r, head[:])
	start := bytes.TrimPrefix(head[:n], []byte(byteOrderMark))
	if err != nil { // shorter than a mark, or broken already: the decoder meets it again
		return io.MultiReader(bytes.NewReader(start), errorReader{err})
	}
	return io.MultiReader(bytes.NewReader(start), r)
}

type errorReader struct{ err error }

// Read returns the error that ended the text.
func (r errorReader) Read([]byte) (int, error) {
	if errors.Is(r.err, io.ErrUnexpectedEOF) {
		return 0, io.EOF
	}
	return 0, r.err
}
