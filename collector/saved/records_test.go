package saved_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"leastwise/collector/saved"
)

func TestMembers(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // members; "-" for no object
	}{
		{`{}`, ""},
		{` { "a" : 1 , "b":[{"c":"}"},"]"] ,"d":{"e":{}}, "f":"x\"y\\", "g":null,"h":-1.5e3}` + "\n", `a=1 b=[{"c":"}"},"]"] d={"e":{}} f="x\"y\\" g=null h=-1.5e3`},
		{`{"a":1,"a":2}`, "a=1 a=2"},
		{`{"\u0061\n":true}`, "a\n=true"},
		{"", "-"},
		{"null", "-"},
		{"[]", "-"},
		{`"a"`, "-"},
		{"{", "-"},
		{`{"a"`, "-"},
		{`{"a":`, "-"},
		{`{"a":1`, "-"},
		{`{"a":1,`, "-"},
		{`{"a":1,}`, "-"},
		{`{,}`, "-"},
		{`{"a":"x}`, "-"},
		{`{"a":"x\`, "-"},
		{`{"a":[1}`, "-"},
		{`{"a" 1}`, "-"},
		{`{"a":}`, "-"},
		{`{a:1}`, "-"},
		{`{} {}`, "-"},
		{`{"a":1}x`, "-"},
		{`{"a":1 2}`, "-"},
		{`{"\q":1}`, "-"},
	} {
		var members []string
		ok := saved.Members([]byte(c.text), func(name, value []byte) { members = append(members, fmt.Sprintf("%s=%s", name, value)) })
		if got := strings.Join(members, " "); ok != (c.want != "-") || ok && got != c.want {
			t.Errorf("%q: got %v %q, want %q", c.text, ok, got, c.want)
		}
	}
}

// rowsOf reads a text with one of the readers.
func rowsOf(read func(io.Reader, string, func(saved.Row) error) (saved.Summary, error), r io.Reader) (rows []string, err error) {
	_, err = read(r, "f", func(row saved.Row) error {
		var compact bytes.Buffer
		if err := json.Compact(&compact, row.JSON); err != nil {
			return err
		}
		rows = append(rows, fmt.Sprintf("%d %v %s", row.Line, row.Bare, compact.Bytes()))
		return nil
	})
	return rows, err
}

func TestReadRecords(t *testing.T) {
	long := `{"z":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, c := range []struct {
		name, text string
		want       []string
		err        string
	}{
		{"lines", "{\"b\":1,\"a\":2}\n\n  {\"c\":3}  \r\n{}", []string{`1 true {"b":1,"a":2}`, `3 true {"c":3}`, "4 true {}"}, ""},
		{"one line", `{"a":1}`, []string{`1 true {"a":1}`}, ""},
		{"a list among lines", "{\"a\":1}\n{\"value\":[{\"b\":2},\n{\"c\":3}]}\n{\"d\":4}\n", []string{`1 true {"a":1}`, `2 false {"b":2}`, `3 false {"c":3}`, `4 true {"d":4}`}, ""},
		{"a list", "\n[{\"a\":1},\n{\"b\":2}]", []string{`2 false {"a":1}`, `3 false {"b":2}`}, ""},
		{"objects of several lines", "{\n\"a\":1}\n{\"b\":2}", []string{`1 true {"a":1}`, `3 true {"b":2}`}, ""},
		{"several in a line", `{"a":1}{"b":2}`, []string{`1 true {"a":1}`, `1 true {"b":2}`}, ""},
		{"a context", `{"@odata.context":"x$metadata#y","a":1}`, []string{`1 true {"a":1}`}, ""},
		{"a refusal", "{\"a\":1}\n{\"error\":{\"code\":\"c\",\"message\":\"m\"}}\n", []string{`1 true {"a":1}`}, "f:2: the response is an error: c: m"},
		{"a long line", "{\"a\":1}\n" + long + "\n{\"b\":2}\n", []string{`1 true {"a":1}`, "2 true " + long, `3 true {"b":2}`}, ""},
		{"broken in the second line", "{\"a\":1}\n{\"b\":}\n", []string{`1 true {"a":1}`}, "f:2: invalid character '}' looking for beginning of value (column 6)"},
		{"broken off", "{\"a\":1}\n{\"b\":", []string{`1 true {"a":1}`}, "f:2: the JSON breaks off (column 5)"},
		{"not valid inside", "{\"a\":tru}\n", nil, "f:1: invalid character '}' in literal true (expecting 'e') (column 9)"},
		{"empty", "", nil, "f:1: the file is empty"},
		{"blank", " \n\n ", nil, "f:3: the file is empty"},
		{"text", "x", nil, "f:1: invalid character 'x' looking for beginning of value (column 1)"},
		{"with a mark", "\xef\xbb\xbf{\"a\":1}\n", []string{`1 true {"a":1}`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := rowsOf(saved.ReadRecords, strings.NewReader(c.text))
			if got := fmt.Sprint(err); !slices.Equal(rows, c.want) || got != c.err && (err != nil || c.err != "") {
				t.Errorf("got  %.300q, %v\nwant %.300q, %s", rows, err, c.want, c.err)
			}
		})
	}
	broken := io.MultiReader(strings.NewReader("{\"a\":1}\n{\"b\""), iotest.ErrReader(errors.New("disk")))
	if rows, err := rowsOf(saved.ReadRecords, broken); len(rows) != 1 || err == nil || !strings.Contains(err.Error(), "disk") {
		t.Errorf("got %v, %v", rows, err)
	}
	ended := errors.New("enough")
	if _, err := saved.ReadRecords(strings.NewReader("{}\n{}\n"), "f", func(saved.Row) error { return ended }); !errors.Is(err, ended) {
		t.Errorf("got %v", err)
	}
}

// FuzzReadRecords holds the fast reader against the other one: the same objects at the
// same places, and the same verdict.
func FuzzReadRecords(f *testing.F) {
	for _, seed := range []string{
		"{\"a\":1}\n{\"b\":[1,{}]}\n", "{\"a\":1}\n[{}]\n", "{\"value\":[]}", "{\"a\"\n:1}{}", "\xff\xfe{\x00}\x00", "{\"a\":\"\\u0061\"}\n\n{\"a\":1", "{\"\\u0076alue\":[]}\n", "{\"a\":\"\xff\"}", "{\"a\":1,\"a\":2}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		type place struct {
			line  int
			value any
		}
		read := func(reader func(io.Reader, string, func(saved.Row) error) (saved.Summary, error)) (rows []place, err error) {
			_, err = reader(bytes.NewReader(data), "f", func(row saved.Row) error {
				var value any
				if err := json.Unmarshal(row.JSON, &value); err != nil {
					t.Fatalf("%q: row %q: %v", data, row.JSON, err)
				}
				rows = append(rows, place{row.Line, value})
				return nil
			})
			return rows, err
		}
		slow, slowErr := read(saved.Read)
		fast, fastErr := read(saved.ReadRecords)
		if fmt.Sprint(slow) != fmt.Sprint(fast) || (slowErr == nil) != (fastErr == nil) {
			t.Fatalf("%q: got %v, %v, want %v, %v", data, fast, fastErr, slow, slowErr)
		}
	})
}
