package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leastwise/collector/graphapi"
)

// Whatever stands in the file, it is taken up or refused with advice, and goes on
// from what it holds.
func FuzzLoad(f *testing.F) {
	about := About{Tenant: "t", Cloud: "global", Tool: "1", Started: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	dest := filepath.Join(f.TempDir(), "seed")
	c, err := Open(dest, about, false)
	if err != nil {
		f.Fatal(err)
	}
	c.append(meta{Key: "not compressed"}, []byte("rows"))
	c.append(meta{Key: "empty"}, nil)
	for i := range 3 {
		r := c.Record(fmt.Sprint(i))
		if err := r.Row(json.RawMessage(`{"id":"a"}`)); err != nil {
			f.Fatal(err)
		}
		if err := r.End(graphapi.Kept{Next: "https://x", Requests: i}); err != nil {
			f.Fatal(err)
		}
	}
	if err := c.Forget("1"); err != nil {
		f.Fatal(err)
	}
	if err := c.Close(); err != nil {
		f.Fatal(err)
	}
	sound, err := os.ReadFile(Path(dest))
	if err != nil {
		f.Fatal(err)
	}
	line := sound[:strings.IndexByte(string(sound), '\n')+1]
	for _, seed := range []string{
		string(sound), string(sound[:len(sound)-1]), string(line), string(line[:len(line)-1]), "", "\n", "{}\n", "[]\n",
		string(line) + strings.Repeat("\x00", 12), string(line) + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", string(line) + "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00{}",
		strings.Replace(string(sound), "global", "china", 1), strings.Replace(string(sound), `"version":1`, `"version":2`, 1),
	} {
		f.Add([]byte(seed), []byte{}, []byte{})
	}
	// Records whose checksum is right.
	f.Add(line, []byte(`{"key":"k","kept":{"requests":1}}`), []byte("not compressed"))
	f.Add(line, []byte(`{"key":"k","kept":null,"forgotten":true}`), []byte{})
	f.Add(line, []byte(`{"key":"k","kept":{"count":"many"}}`), []byte{1, 0, 0, 0xff, 0xff})
	f.Add(line, []byte(`[]`), []byte{3, 0})
	f.Fuzz(func(t *testing.T, data, head, rows []byte) {
		if len(head) > 0 {
			data = append(append([]byte{}, data...), encoded(head, rows)...)
		}
		dest := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(Path(dest), data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Open(dest, about, true)
		if err != nil {
			if !strings.HasSuffix(err.Error(), "; hint: collect without --resume") || !strings.Contains(err.Error(), Path(dest)) {
				t.Errorf("no advice: %v", err)
			}
			return
		}
		before := contents(t, c)
		if len(before) != c.Resumed {
			t.Errorf("%d answers, and %d are told", len(before), c.Resumed)
		}
		c.append(meta{Key: "a new one"}, nil)
		before["a new one"] = contents(t, c)["a new one"]
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if c, err = Open(dest, about, true); err != nil {
			t.Fatalf("taken up once, and not again: %v", err)
		}
		if after := contents(t, c); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("taken up again it holds %v, before %v", after, before)
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
}

// encoded is a record that says of itself that it is whole.
func encoded(about, rows []byte) []byte {
	record := make([]byte, headSize)
	binary.LittleEndian.PutUint32(record, uint32(len(about)))
	binary.LittleEndian.PutUint32(record[4:], uint32(len(rows)))
	record = append(append(record, about...), rows...)
	binary.LittleEndian.PutUint32(record[8:], crc32.ChecksumIEEE(record[headSize:]))
	return record
}

// contents is each answer, or why it cannot be read.
func contents(t *testing.T, c *Checkpoint) map[string]string {
	t.Helper()
	all := map[string]string{}
	for key := range c.index {
		var text strings.Builder
		kept, ok, err := c.Recall(key, func(row json.RawMessage) error {
			text.Write(row)
			return nil
		})
		switch {
		case err != nil && !strings.HasSuffix(err.Error(), "; hint: collect without --resume"):
			t.Errorf("no advice: %v", err)
		case err == nil && !ok:
			t.Errorf("%q is there and is not", key)
		}
		all[key] = fmt.Sprint(text.String(), kept, err != nil)
	}
	return all
}
