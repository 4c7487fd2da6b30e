package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"leastwise/policies/finding"
)

// readPage reads a page as a browser's parser does.
func readPage(t testing.TB, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func elements(root *html.Node, name string) []*html.Node {
	var list []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (name == "" || n.Data == name) {
			list = append(list, n)
		}
	}
	return list
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf is the text of an element; that of script and style only when it is one.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && (d.Parent == n || d.Parent.Data != "script" && d.Parent.Data != "style") {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// htmlBlock is a block of packed rows, read by a reader of its own.
type htmlBlock struct {
	N int                     `json:"n"`
	T [][]any                 `json:"t"`
	D []json.RawMessage       `json:"d"`
	C []json.RawMessage       `json:"c"`
	V map[string][]htmlValues `json:"v"`
}

// htmlValues are the values of one member, however they are written.
type htmlValues []json.RawMessage

// UnmarshalJSON is part of json.Unmarshaler.
func (v *htmlValues) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, (*[]json.RawMessage)(v))
	}
	var packed struct {
		W []json.RawMessage
		P []int
	}
	err := json.Unmarshal(text, &packed)
	for _, place := range packed.P {
		*v = append(*v, packed.W[place])
	}
	return err
}

// unpacked gives the rows of each table of a page, each a list of JSON values; of findings also the
// values of their key and evidence, last.
func unpacked(t testing.TB, page []byte) map[string][][]json.RawMessage {
	t.Helper()
	tables := map[string][][]json.RawMessage{}
	var things []json.RawMessage
	dictionaries := map[string][]json.RawMessage{}
	for _, script := range elements(readPage(t, page), "script") {
		table := attribute(script, "data-table")
		if table == "" {
			continue
		}
		block := unpackBlock(t, textOf(script))
		for _, thing := range block.T {
			things = append(things, encode(t, thing))
		}
		if attribute(script, "data-rows") != fmt.Sprint(block.N) {
			t.Errorf("%s: a block of %d rows says %s", table, block.N, attribute(script, "data-rows"))
		}
		rows := make([][]json.RawMessage, block.N)
		for i, column := range block.C {
			var cells, words []json.RawMessage
			decode(t, column, &cells)
			if string(block.D[i]) != "null" {
				decode(t, block.D[i], &words)
				id := fmt.Sprint(table, i)
				dictionaries[id] = append(dictionaries[id], words...)
				known := dictionaries[id]
				if len(known) == 0 {
					known = things
				}
				for k, cell := range cells {
					var place int
					decode(t, cell, &place)
					cells[k] = known[place]
				}
			}
			if len(cells) != block.N {
				t.Fatalf("%s: column %d has %d cells of %d", table, i, len(cells), block.N)
			}
			for k := range rows {
				rows[k] = append(rows[k], cells[k])
			}
		}
		if table == "findings" {
			var shapes []int
			decode(t, block.C[9], &shapes)
			taken := map[int]int{}
			for k, shape := range shapes {
				values := []json.RawMessage{}
				for _, column := range block.V[fmt.Sprint(shape)] {
					values = append(values, column[taken[shape]])
				}
				taken[shape]++
				rows[k] = append(rows[k], encode(t, values))
			}
		}
		tables[table] = append(tables[table], rows...)
	}
	return tables
}

func unpackBlock(t testing.TB, text string) htmlBlock {
	t.Helper()
	zipped, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zipped)
	if err != nil {
		t.Fatal(err)
	}
	var block htmlBlock
	decode(t, plain, &block)
	return block
}

func decode(t testing.TB, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v: %.200s", err, text)
	}
}

// unpackedFinding puts one together from the cells of its row.
func unpackedFinding(t testing.TB, row []json.RawMessage) finding.Finding {
	t.Helper()
	var (
		f      finding.Finding
		thing  []any
		shape  struct{ E, K []string }
		values []json.RawMessage
		waiver []string
		place  []any
		text   string
		print  *string
	)
	for i, into := range []any{&f.Control, &f.Severity, &f.Outcome, &f.Subject.Kind, &thing, &f.Owners, &f.Since, new(string), &text, &shape, &waiver, &place, &print, new(string), &values} {
		decode(t, row[i], into)
	}
	f.Subject.Name, f.Subject.ID = thing[0].(string), thing[1].(string)
	object := func(names []string, values []json.RawMessage) json.RawMessage {
		var b strings.Builder
		for i, name := range names {
			fmt.Fprintf(&b, ",%s:%s", plainJSON(name), values[i])
		}
		return json.RawMessage("{" + strings.TrimPrefix(b.String(), ",") + "}")
	}
	f.Evidence, f.Key = object(shape.E, values), object(shape.K, values[len(shape.E):])
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		switch {
		case runes[i] != 1:
			f.Message += string(runes[i])
			continue
		case runes[i+1] == 'N':
			f.Message += f.Subject.Name
		case runes[i+1] == 'I':
			f.Message += f.Subject.ID
		default:
			f.Message += spoken(values[runes[i+1]-256])
		}
		i++
	}
	f.Fingerprint = f.Print()
	if print != nil {
		f.Fingerprint = *print
	}
	if waiver != nil {
		f.Waiver = &finding.Waiver{ID: waiver[0], Reason: waiver[1], Requester: waiver[2], Approver: waiver[3], Expires: waiver[4]}
	}
	return f
}
