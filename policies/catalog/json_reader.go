package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// jsonReader walks a JSON document that must have a certain shape. Unlike json.Unmarshal it refuses members that stand
// twice, and its errors have line and JSON pointer (RFC 6901).
type jsonReader struct {
	name    string
	data    []byte
	decoder *json.Decoder
	path    []string
}

func newJSONReader(name string, data []byte) *jsonReader {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return &jsonReader{name: name, data: data, decoder: decoder}
}

// errorf places an error where the reader stands.
func (r *jsonReader) errorf(format string, args ...any) error {
	line := 1 + bytes.Count(r.data[:min(r.decoder.InputOffset(), int64(len(r.data)))], []byte("\n"))
	return fmt.Errorf("%s:%d: %s: %s", r.name, line, r.pointer(), fmt.Sprintf(format, args...))
}

func (r *jsonReader) pointer() string {
	if len(r.path) == 0 {
		return "the document"
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var out strings.Builder
	for _, part := range r.path {
		out.WriteByte('/')
		out.WriteString(escape.Replace(part))
	}
	return out.String()
}

func (r *jsonReader) token() (json.Token, error) {
	token, err := r.decoder.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, r.errorf("the file ends too early")
	}
	if err != nil {
		return nil, r.errorf("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return token, nil
}

// expect reads the delimiter that opens an object or an array.
func (r *jsonReader) expect(delimiter json.Delim, what string) error {
	token, err := r.token()
	if err != nil {
		return err
	}
	if token != delimiter {
		return r.errorf("want %s, got %s", what, describe(token))
	}
	return nil
}

func describe(token json.Token) string {
	switch value := token.(type) {
	case json.Delim:
		if value == '{' || value == '}' {
			return "an object"
		}
		return "an array"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	default:
		return "null"
	}
}

// object hands each member's name to a function, which has to read its value.
func (r *jsonReader) object(member func(name string) error) error {
	if err := r.expect('{', "an object"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for r.decoder.More() {
		token, err := r.token()
		if err != nil {
			return err
		}
		name, _ := token.(string) // the decoder takes nothing else here
		r.path = append(r.path, name)
		if seen[name] {
			return r.errorf("stands twice")
		}
		seen[name] = true
		if err := member(name); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	_, err := r.token()
	return err
}

// array calls a function for each element, which has to read it.
func (r *jsonReader) array(element func() error) error {
	if err := r.expect('[', "an array"); err != nil {
		return err
	}
	for i := 0; r.decoder.More(); i++ {
		r.path = append(r.path, strconv.Itoa(i))
		if err := element(); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	_, err := r.token()
	return err
}

func (r *jsonReader) text() (string, error) {
	token, err := r.token()
	if err != nil {
		return "", err
	}
	text, ok := token.(string)
	if !ok {
		return "", r.errorf("want a string, got %s", describe(token))
	}
	return text, nil
}

func (r *jsonReader) texts() ([]string, error) {
	var list []string
	err := r.array(func() error {
		text, err := r.text()
		list = append(list, text)
		return err
	})
	return list, err
}

// skip reads a value of any shape.
func (r *jsonReader) skip() error {
	var value json.RawMessage
	if err := r.decoder.Decode(&value); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return r.errorf("the file ends too early")
		}
		return r.errorf("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// end makes sure that nothing follows the document.
func (r *jsonReader) end() error {
	if token, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		if err != nil {
			return r.errorf("%s", strings.TrimPrefix(err.Error(), "json: "))
		}
		return r.errorf("%s follows the document", describe(token))
	}
	return nil
}
