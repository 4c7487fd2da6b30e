package collector_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"leastwise/collector"
)

// read collects rows as line:id.
func read(rows *[]string) func(json.RawMessage, int) error {
	return func(row json.RawMessage, line int) error {
		var key struct{ ID json.Number }
		if err := json.Unmarshal(row, &key); err != nil {
			key.ID = json.Number(row)
		}
		*rows = append(*rows, fmt.Sprintf("%d:%s", line, key.ID))
		return nil
	}
}

func TestReadSavedResponses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		rows       string // line:id …
		problem    string
	}{
		{"array", "[\n{\"id\":1},\n\n  {\"id\":2}\n]\n", "2:1 4:2", ""},
		{"response", "{\"@odata.context\":\"c\",\n\"value\":[{\"id\":1},\n{\"id\":2}],\"@odata.count\":2}", "2:1 3:2", ""},
		{"byte order mark", "\xef\xbb\xbf[\n{\"id\":1}]", "2:1", ""},
		{"empty array", "[]", "", ""},
		{"one object", "\n{\"id\":1,\"x\":{}}", "2:1", ""},
		{"nextLink first", `{"@odata.nextLink":"https://x","value":[{"id":1}]}`, "1:1", "f:1: the response has an @odata.nextLink"},
		{"nextLink last", "{\"value\":[{\"id\":1}],\n\"@odata.nextLink\":\"https://x\"}", "1:1", "f:2: the response has an @odata.nextLink"},
		{"nextLink null", `{"value":[{"id":1}],"@odata.nextLink":null}`, "1:1", ""},
		{"empty file", "", "", "f:1: the file is empty"},
		{"white space", "\n\n", "", "f:1: the file is empty"},
		{"no value", `{"name":"x"}`, "", "f:1: there is no value"},
		{"value is no array", `{"value":3}`, "", "f:1: value is not an array"},
		{"text", `"rows"`, "", "f:1: expected an array or an object"},
		{"no JSON", "id,name\n1,a", "", "f:1: invalid character"},
		{"cut in a row", "[\n{\"id\":1},\n{\"id\":2},\n{\"i", "2:1 3:2", "f:4: the JSON breaks off"},
		{"cut after a row", "[\n{\"id\":1},\n", "2:1", "f:2: the JSON breaks off"},
		{"cut before the end of the array", "[{\"id\":1}", "1:1", "f:1: the JSON breaks off"},
		{"cut response", "{\"value\":[{\"id\":1}]", "1:1", "f:1: the JSON breaks off"},
		{"invalid in a row", "[\n{\"id\":1},\n{\n\"id\":\nnope}]", "2:1", "f:5: invalid character 'o'"},
		{"missing comma", "[\n{\"id\":1}\n{\"id\":2}]", "2:1", "f:3: expected comma after array element"},
		{"trailing comma", "[\n{\"id\":1},\n]", "2:1", "f:3: "},
		{"two documents", "[{\"id\":1}]\n[{\"id\":2}]", "1:1", "text after the end"},
		{"refusal", `{"error":{"code":"accessDenied","message":"Access denied"}}`, "", "f:1: the response is an error: accessDenied: Access denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			// Small reads show that lines do not depend on what is in the buffer.
			for _, small := range []bool{false, true} {
				got = nil
				reader := io.Reader(strings.NewReader(c.text))
				if small {
					reader = iotest.OneByteReader(reader)
				}
				err := collector.ReadResponse(reader, "f", read(&got))
				check(t, got, err, c.rows, c.problem)
			}
		})
	}
}

func check(t *testing.T, got []string, err error, rows, problem string) {
	t.Helper()
	if !slices.Equal(got, strings.Fields(rows)) {
		t.Errorf("got rows %v, want %s", got, rows)
	}
	if (err == nil) != (problem == "") || err != nil && !strings.Contains(err.Error(), problem) {
		t.Errorf("got %v, want %q", err, problem)
	}
	if _, ok := errors.AsType[*collector.SavedError](err); err != nil && !ok {
		t.Errorf("got a %T", err)
	}
}

func TestReadSavedRecords(t *testing.T) {
	for _, c := range []struct{ name, text, rows, problem string }{
		{"one a line", "{\"id\":1}\n{\"id\":2}\n\n{\"id\":3}\n", "1:1 2:2 4:3", ""},
		{"array", "[{\"id\":1},\n{\"id\":2}]", "1:1 2:2", ""},
		{"pages one after the other", "{\"value\":[{\"id\":1}],\"@odata.nextLink\":\"x\"}\n{\"value\":[{\"id\":2}]}", "1:1 2:2", ""},
		{"last page is missing", "{\"value\":[{\"id\":1}]}\n{\"value\":[{\"id\":2}],\"@odata.nextLink\":\"x\"}", "1:1 2:2", "f:2: the response has an @odata.nextLink"},
		{"bare object without id", `{"name":"x"}`, "1:", ""},
		{"cut", "{\"id\":1}\n{\"id\":", "1:1", "f:2: the JSON breaks off"},
		{"invalid", "{\"id\":1}\n{\"id\":2}\n}\n{\"id\":3}", "1:1 2:2", "f:3: invalid character '}'"},
		{"empty", "", "", "f:1: the file is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := collector.ReadRecords(strings.NewReader(c.text), "f", read(&got))
			check(t, got, err, c.rows, c.problem)
		})
	}
}

func TestReadSavedUTF16(t *testing.T) {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		text := []byte(mark)
		for _, unit := range utf16.Encode([]rune("[\r\n{\"id\":7,\"名\":\"🔑\"}]")) {
			if mark == "\xff\xfe" {
				text = append(text, byte(unit), byte(unit>>8))
			} else {
				text = append(text, byte(unit>>8), byte(unit))
			}
		}
		var got []string
		err := collector.ReadResponse(strings.NewReader(string(text)), "f", read(&got))
		check(t, got, err, "2:7", "")
	}
}

func TestReadSavedTellsDenial(t *testing.T) {
	err := collector.ReadResponse(strings.NewReader(`{"error":{"code":"Authorization_RequestDenied","message":"no"}}`), "f", nil)
	if e, ok := errors.AsType[*collector.SavedError](err); !ok || !e.Denied {
		t.Errorf("got %v", err)
	}
	stop := errors.New("disk full")
	err = collector.ReadResponse(strings.NewReader(`[{}]`), "f", func(json.RawMessage, int) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the consumer's own error", err)
	}
	if err := collector.ReadResponse(iotest.ErrReader(stop), "f", nil); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

func FuzzReadSaved(f *testing.F) {
	for _, seed := range []string{`[{"id":1}]`, `{"value":[{}],"@odata.nextLink":"x"}`, "{}\n{}", "[1,", `{"error":3}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, how := range []func(*strings.Reader) error{
			func(r *strings.Reader) error {
				return collector.ReadResponse(r, "f", func(json.RawMessage, int) error { return nil })
			},
			func(r *strings.Reader) error {
				return collector.ReadRecords(r, "f", func(json.RawMessage, int) error { return nil })
			},
		} {
			err := how(strings.NewReader(string(data)))
			if e, ok := errors.AsType[*collector.SavedError](err); ok && e.Line < 1 {
				t.Errorf("line %d", e.Line)
			}
			if err == nil && len(data) == 0 {
				t.Error("an empty file is taken for an empty list")
			}
		}
	})
}
