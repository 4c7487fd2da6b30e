package saved_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"leastwise/collector/saved"
)

// collect collects rows as line:id, with what else is known of them.
func collect(rows *[]string) func(saved.Row) error {
	return func(row saved.Row) error {
		var key struct{ ID json.Number }
		if err := json.Unmarshal(row.JSON, &key); err != nil {
			key.ID = json.Number(row.JSON)
		}
		*rows = append(*rows, fmt.Sprintf("%d:%s", row.Line, key.ID))
		return nil
	}
}

func TestReadSavedAnswers(t *testing.T) {
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
		{"object without id", `{"name":"x"}`, "1:", ""},
		{"one object under value", `{"value":{"@odata.context":"x","id":1}}`, "1:1", ""},
		{"nextLink first", `{"@odata.nextLink":"https://x","value":[{"id":1}]}`, "1:1", "f:1: the response has an @odata.nextLink"},
		{"nextLink last", "{\"value\":[{\"id\":1}],\n\"@odata.nextLink\":\"https://x\"}", "1:1", "f:2: the response has an @odata.nextLink"},
		{"nextLink null", `{"value":[{"id":1}],"@odata.nextLink":null}`, "1:1", ""},
		{"deltaLink", `{"value":[{"id":1}],"@odata.deltaLink":"https://x"}`, "1:1", "f:1: the response has an @odata.deltaLink"},

		{"one a line", "{\"id\":1}\n{\"id\":2}\n\n{\"id\":3}\n", "1:1 2:2 4:3", ""},
		{"one a line, as Windows ends lines", "{\"id\":1}\r\n\r\n{\"id\":2}\r\n", "1:1 3:2", ""},
		{"two arrays", "[{\"id\":1}]\n[{\"id\":2}]", "1:1 2:2", ""},
		{"pages one after the other", "{\"value\":[{\"id\":1}],\"@odata.nextLink\":\"x\"}\n{\"value\":[{\"id\":2}]}", "1:1 2:2", ""},
		{"last page is missing", "{\"value\":[{\"id\":1}]}\n{\"value\":[{\"id\":2}],\"@odata.nextLink\":\"x\"}", "1:1 2:2", "f:2: the response has an @odata.nextLink"},
		{
			"page of another list",
			"{\"@odata.context\":\"$metadata#a\",\"value\":[{\"id\":1}],\"@odata.nextLink\":\"x\"}\n{\"@odata.context\":\"$metadata#b\",\"value\":[{\"id\":2}]}",
			"1:1 2:2", "f:1: the response has an @odata.nextLink",
		},
		{"page, then a record", "{\"value\":[{\"id\":1}],\"@odata.nextLink\":\"x\"}\n{\"id\":2}", "1:1 2:2", "f:1: the response has an @odata.nextLink"},

		{"empty file", "", "", "f:1: the file is empty"},
		{"white space", "\n\n", "", "f:1: the file is empty"},
		{"value is no array", `{"value":3}`, "", "f:1: value is not an array"},
		{"value is an object that does not say what it is", `{"value":{"id":1}}`, "", "f:1: value is not an array"},
		{"value twice", `{"value":[{"id":1}],"value":[{"id":2}]}`, "1:1", "f:1: the response has a second list, value"},
		{"text", `"rows"`, "", "f:1: expected an array or an object"},
		{"no JSON", "id,name\n1,a", "", "f:1: invalid character 'i' looking for beginning of value (column 1)"},
		{"cut in a row", "[\n{\"id\":1},\n{\"id\":2},\n{\"i", "2:1 3:2", "f:4: the JSON breaks off (column 3)"},
		{"cut after a row", "[\n{\"id\":1},\n", "2:1", "f:2: the JSON breaks off"},
		{"cut before the end of the array", "[{\"id\":1}", "1:1", "f:1: the JSON breaks off"},
		{"cut response", "{\"value\":[{\"id\":1}]", "1:1", "f:1: the JSON breaks off"},
		{"cut record", "{\"id\":1}\n{\"id\":", "1:1", "f:2: the JSON breaks off"},
		{"invalid in a row", "[\n{\"id\":1},\n{\n\"id\":\nnope}]", "2:1", "f:5: invalid character 'o' in literal null (expecting 'u') (column 2)"},
		{"invalid after records", "{\"id\":1}\n{\"id\":2}\n}\n{\"id\":3}", "1:1 2:2", "f:3: invalid character '}'"},
		{"missing comma", "[\n{\"id\":1}\n{\"id\":2}]", "2:1", "f:3: expected comma after array element (column 1)"},
		{"trailing comma", "[\n{\"id\":1},\n]", "2:1", "f:3: "},
		{"text after the end", "[{\"id\":1}]\n]", "1:1", "f:2: invalid character ']'"},
		{"refusal", `{"error":{"code":"accessDenied","message":"Access denied"}}`, "", "f:1: the response is an error: accessDenied: Access denied"},
		{"a request", `{"requests":[{"id":"1","method":"GET","url":"/users"}]}`, "", "f:1: it is a $batch request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Small reads show that lines do not depend on what is in the buffer.
			for _, small := range []bool{false, true} {
				var got []string
				reader := io.Reader(strings.NewReader(c.text))
				if small {
					reader = iotest.OneByteReader(reader)
				}
				_, err := saved.Read(reader, "f", collect(&got))
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
	if _, ok := errors.AsType[*saved.Error](err); err != nil && !ok {
		t.Errorf("got a %T", err)
	}
}

func TestReadTellsWhereRowsComeFrom(t *testing.T) {
	text := `{"@odata.context":"https://x/v1.0/$metadata#applications","value":[{"id":"1"}]}
{"@odata.context":"https://x/v1.0/$metadata#users","value":[]}
{"value":[{"id":"2"}],"@odata.context":"https://x/v1.0/$metadata#groups"}
{"@odata.context":"https://x/v1.0/$metadata#organization/$entity","id":"3"}
[{"id":"4"}]`
	var got []string
	summary, err := saved.Read(strings.NewReader(text), "f", func(row saved.Row) error {
		got = append(got, fmt.Sprint(row.Context, row.Bare))
		return nil
	})
	if want := []string{"applicationsfalse", "false", "organization/$entitytrue", "false"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if want := []string{"applications", "users", "groups", "organization/$entity"}; !slices.Equal(summary.Contexts, want) || summary.Batched {
		t.Errorf("got %+v, want %q", summary, want)
	}
}

func TestReadBatch(t *testing.T) {
	const list = `{"@odata.context":"https://x/$metadata#applications('a')/owners","value":[` + "\n" + `{"id":1},` + "\n" + `{"id":2}]}`
	for _, c := range []struct{ name, parts, rows, problem string }{
		{"list", "\n" + `{"body":` + list + `,"id":"1","status":200}`, "3:1 4:2", ""},
		{"one object", `{"id":1,"status":200,"body":{"id":1}}`, "1:1", ""},
		{"nothing", `{"id":"1","status":204,"body":null}`, "", ""},
		{"none", ``, "", ""},
		{
			"one refused", `{"id":"1","status":403,"body":{"error":{"code":"accessDenied","message":"no"}}},` + "\n" + `{"id":"2","status":200,"body":{"value":[{"id":7}]}}`,
			"2:7", `f:1: part "1" of the $batch: status 403: the response is an error: accessDenied: no`,
		},
		{"throttled", `{"id":"1","status":429}`, "", `part "1" of the $batch: status 429: no reason is given`},
		{"refused with a good status", `{"id":"1","status":200,"body":{"error":{"code":"x","message":"y"}}}`, "", `part "1" of the $batch: the response is an error: x: y`},
		{"redirected", `{"id":"1","status":302,"headers":{"location":"https://x"}}`, "", `part "1" of the $batch: status 302`},
		{"further pages", `{"id":"1","status":200,"body":{"value":[{"id":1}],"@odata.nextLink":"x"}},{"id":"2","status":200,"body":{"value":[{"id":2}]}}`, "1:1 1:2", `part "1" of the $batch: the response has an @odata.nextLink`},
		{"no body", `{"id":"1","status":200}`, "", `part "1" of the $batch: holds no JSON object`},
		{"body that is text", `{"id":"1","status":200,"body":"aGk="}`, "", `part "1" of the $batch: holds no JSON object`},
		{"no status", `{"id":"1","body":{"value":[]}}`, "", `part "1" of the $batch: has no status`},
		{"no part", `5`, "", "f:1: expected a part of a $batch, found 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			summary, err := saved.Read(strings.NewReader(`{"responses":[`+c.parts+`]}`), "f", collect(&got))
			check(t, got, err, c.rows, c.problem)
			if !summary.Batched {
				t.Error("it is not said to be a $batch")
			}
		})
	}
	if _, err := saved.Read(strings.NewReader(`{"responses":{}}`), "f", nil); err == nil || !strings.Contains(err.Error(), "responses is not an array") {
		t.Errorf("got %v", err)
	}
}

func TestReadBatchTellsWhatPartsAreOf(t *testing.T) {
	text := `{"responses":[
		{"id":"1","status":200,"body":{"@odata.context":"https://x/$metadata#applications","value":[{}]}},
		{"id":"/applications/a/owners?$select=id","status":200,"body":{"value":[{}]}},
		{"id":"x","url":"https://graph.example/v1.0/servicePrincipals/b/owners","status":200,"body":{"value":[{}]}},
		{"id":"3","status":200,"body":{"value":[{}]}}]}`
	var got []string
	_, err := saved.Read(strings.NewReader(text), "f", func(row saved.Row) error {
		got = append(got, fmt.Sprintf("%v|%s|%s", row.Batched, row.Context, row.Path))
		return nil
	})
	want := []string{"true|applications|", "true||/applications/a/owners", "true||/v1.0/servicePrincipals/b/owners", "true||"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// utf16Text encodes text in either byte order.
func utf16Text(text string, big bool) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if big {
			out = append(out, byte(unit>>8), byte(unit))
		} else {
			out = append(out, byte(unit), byte(unit>>8))
		}
	}
	return string(out)
}

func TestReadUTF16(t *testing.T) {
	const text = "[\r\n{\"id\":7,\"名\":\"🔑\"}]"
	for name, data := range map[string]string{
		"little, marked": "\xff\xfe" + utf16Text(text, false), "big, marked": "\xfe\xff" + utf16Text(text, true),
		"little": utf16Text(text, false), "big": utf16Text(text, true),
	} {
		for _, reader := range []io.Reader{strings.NewReader(data), iotest.OneByteReader(strings.NewReader(data))} {
			var got []string
			_, err := saved.Read(reader, "f", func(row saved.Row) error {
				if want := `{"id":7,"名":"🔑"}`; string(row.JSON) != want {
					t.Errorf("%s: got %s, want %s", name, row.JSON, want)
				}
				return collect(&got)(row)
			})
			check(t, got, err, "2:7", "")
		}
	}
}

// What is no character is not replaced silently: it stays a byte that no UTF-8 has.
func TestReadDamagedUTF16(t *testing.T) {
	for name, unit := range map[string]string{"high alone": "\x3d\xd8", "low alone": "\x11\xdd"} {
		text := utf16Text(`["`, false) + unit + utf16Text(`x"]`, false)
		var got string
		_, err := saved.Read(strings.NewReader(text), "f", func(row saved.Row) error { got = string(row.JSON); return nil })
		if err != nil || utf8.ValidString(got) || !strings.HasSuffix(got, `x"`) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if _, err := saved.Read(strings.NewReader(utf16Text("[]", false)+"x"), "f", nil); err == nil {
		t.Error("half a character at the end is not noticed")
	}
	for name, text := range map[string]string{"UTF-32LE": "\xff\xfe\x00\x00[\x00\x00\x00]\x00\x00\x00", "UTF-32BE": "\x00\x00\xfe\xff\x00\x00\x00["} {
		if _, err := saved.Read(strings.NewReader(text), "f", nil); err == nil || !strings.Contains(err.Error(), "UTF-32; hint") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestReadTellsDenial(t *testing.T) {
	for code, want := range map[string]saved.Fault{"Authorization_RequestDenied": saved.Denial, "accessDenied": saved.Denial, "UnknownError": saved.Refusal} {
		for _, text := range []string{
			`{"error":{"code":"` + code + `","message":"no"}}`,
			`{"responses":[{"id":"1","status":403,"body":{"error":{"code":"` + code + `","message":"no"}}}]}`,
		} {
			_, err := saved.Read(strings.NewReader(text), "f", nil)
			if e, ok := errors.AsType[*saved.Error](err); !ok || e.Fault != want {
				t.Errorf("%s: got %+v, want fault %v", text, err, want)
			}
		}
	}
}

func TestReadReturnsTheErrorOfItsCaller(t *testing.T) {
	stop := &saved.Error{File: "disk", Reason: "full"} // of the caller's making, though of our type
	for _, text := range []string{`[{}]`, `{"id":1}`, `{"value":[{}]}`, `{"responses":[{"id":"1","status":200,"body":{"value":[{}]}}]}`} {
		_, err := saved.Read(strings.NewReader(text), "f", func(saved.Row) error { return stop })
		if got, _ := errors.AsType[*saved.Error](err); got != stop {
			t.Errorf("%s: got %v, want the consumer's own error", text, err)
		}
	}
	for text, want := range map[string]saved.Fault{
		`[`: saved.Damage, `{"requests":[]}`: saved.Request,
		`{"value":[],"@odata.nextLink":"x"}`: saved.Pages, `{"value":[],"@odata.deltaLink":"x"}`: saved.Changes,
		`{"responses":[{"id":"1","status":429}]}`: saved.Refusal, `{"responses":[{"id":"1","status":200}]}`: saved.Part,
		`{"responses":[{"id":"1","status":200,}]}`: saved.Damage,
	} {
		_, err := saved.Read(strings.NewReader(text), "f", nil)
		if e, ok := errors.AsType[*saved.Error](err); !ok || e.Fault != want {
			t.Errorf("%s: got %+v, want fault %v", text, err, want)
		}
	}
	broken := errors.New("disk full")
	for _, reader := range []io.Reader{iotest.ErrReader(broken), io.MultiReader(strings.NewReader("[{}"), iotest.ErrReader(broken))} {
		_, err := saved.Read(reader, "f", func(saved.Row) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("got %v", err)
		}
	}
}

func TestReadTable(t *testing.T) {
	for _, c := range []struct{ name, text, rows, problem string }{
		{"commas", "a,b\n1,2\n3,4\n", "2:a=1 2:b=2 3:a=3 3:b=4", ""},
		{"semicolons", "a;b\n1;2,5\n", "2:a=1 2:b=2,5", ""},
		{"tabs", "a\tb\n1\t2\n", "2:a=1 2:b=2", ""},
		{"quotes", "\"a\",\"b\"\r\n\"x,\"\"y\"\"\",\"\"\r\n", `2:a=x,"y" 2:b=`, ""},
		{"line end in quotes", "a,b\n\"1\n1\",2\n3,4\n", "2:a=1\n1 2:b=2 4:a=3 4:b=4", ""},
		{"as Excel says it", "sep=;\na;b\n1;2\n", "3:a=1 3:b=2", ""},
		{"as Export-Csv says it", "#TYPE Some.Type\r\n\"a\",\"b\"\r\n\"1\",\"2\"\r\n", "3:a=1 3:b=2", ""},
		{"byte order mark", "\xef\xbb\xbfa,b\n1,2\n", "2:a=1 2:b=2", ""},
		{"UTF-16", utf16Text("a,b\n1,é\n", false), "2:a=1 2:b=é", ""},
		{"one column", "a\n1\n", "2:a=1", ""},
		{"no record", "a,b\n", "", ""},
		{"blank lines", "\na,b\n\n1,2\n", "4:a=1 4:b=2", ""},
		{"short record", "a,b\n1\n3,4\n", "3:a=3 3:b=4", "f:2: the record has 1 fields, and there are 2 columns"},
		{"long record", "a,b\n1,2,3\n3,4\n", "3:a=3 3:b=4", "f:2: the record has 3 fields, and there are 2 columns"},
		{"open quote", "a,b\n1,2\n\"3,4\n", "2:a=1 2:b=2", "f:"},
		{"stray quote", "a,b\n1,x\"2\n", "", "f:2: bare \" in non-quoted-field (column 4)"},
		{"empty", "", "", "f:1: the file is empty"},
		{"white space", "\n \n", "", "f:3: the file is empty"},
		{"column without a name", "a,,b\n1,2,3\n", "", "f:1: column 2 is named \"\""},
		{"columns of one name", "a,b,a\n1,2,3\n", "", "f:1: column 3 is named \"a\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := saved.ReadTable(strings.NewReader(c.text), "f", func(fields map[string]string, line int) error {
				for _, column := range slices.Sorted(maps.Keys(fields)) {
					got = append(got, fmt.Sprintf("%d:%s=%s", line, column, fields[column]))
				}
				return nil
			})
			if joined := strings.Join(got, " "); joined != c.rows {
				t.Errorf("got %q, want %q", joined, c.rows)
			}
			check(t, nil, err, "", c.problem)
		})
	}
	stop := errors.New("stop")
	if err := saved.ReadTable(strings.NewReader("a\n1\n"), "f", func(map[string]string, int) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the consumer's own error", err)
	}
}
