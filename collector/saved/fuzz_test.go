package saved_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"leastwise/collector/saved"
)

// FuzzRead reads arbitrary bytes: what is not said to be wrong is whole.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`[{"id":1}]`, `{"value":[{}],"@odata.nextLink":"x"}`, "{}\n{}", "[1,", `{"error":3}`, "{\"id\":1}\r\n\r\n{\"id\":2}",
		`{"responses":[{"id":"1","status":200,"body":{"@odata.context":"x$metadata#a('b')/c","value":[{"id":"1"}]}},{"id":"2","status":"x"}]}`,
		`{"value":{"@odata.type":"x"}}`, `{"requests":[]}`, "\xff\xfe[\x00]\x00", "[\x00]\x00", "\x00[\x00]", "\xef\xbb\xbf[]", "\xff\xfe\x00\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows := 0
		_, err := saved.Read(strings.NewReader(string(data)), "f", func(row saved.Row) error {
			rows++
			if row.Line < 1 || !json.Valid(row.JSON) {
				t.Errorf("line %d, row %q", row.Line, row.JSON)
			}
			return nil
		})
		if e, ok := errors.AsType[*saved.Error](err); err != nil && (!ok || e.Line < 1 || e.Column < 0 || e.Reason == "") {
			t.Errorf("got %#v", err)
		}
		if err == nil && len(data) == 0 {
			t.Error("an empty file is taken for an empty list")
		}
		var list []json.RawMessage
		if json.Unmarshal(data, &list) == nil && list != nil && (err != nil || rows != len(list)) {
			t.Errorf("read %d rows of %d: %v", rows, len(list), err)
		}
	})
}

// FuzzReadTable reads arbitrary tables: a record has a field for each column.
func FuzzReadTable(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2", "a;b\r\n\"x\";\"y\n\"", "#TYPE x\n\"a\"\n\"1\"", "sep=\t\na\tb\n1\t2", "a,a\n", "a\n\"", "\xff\xfea\x00\n\x001\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		columns := -1
		err := saved.ReadTable(strings.NewReader(string(data)), "f", func(fields map[string]string, line int) error {
			if columns >= 0 && len(fields) != columns || line < 2 {
				t.Errorf("line %d has %d fields, others %d", line, len(fields), columns)
			}
			columns = len(fields)
			return nil
		})
		if e, ok := errors.AsType[*saved.Error](err); err != nil && (!ok || e.Line < 1 || e.Reason == "") {
			t.Errorf("got %#v", err)
		}
		if err == nil && len(strings.TrimSpace(string(data))) == 0 {
			t.Error("an empty file is taken for an empty table")
		}
	})
}
