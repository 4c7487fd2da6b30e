package graphapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"leastwise/collector/identity"
)

// Whatever a batch answers with, its parts either can be settled or are errors.
func FuzzBatchAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"responses":[{"id":"1","status":200,"headers":{"Content-Type":"application/json"},"body":{"value":[]}},{"id":"0","status":429,"headers":{"Retry-After":"2.128"},"body":{"error":{"code":"TooManyRequests","message":"m"}}}]}`,
		`{"responses":[{"id":"0","status":204},{"id":"0","status":302,"headers":{"Location":"https://x"}},{"id":"nobody","status":200}]}`,
		`{"responses":[{"id":"0","status":200,"body":"eyJpZCI6MX0="},{"id":"1","status":200,"body":"no base64"},{"id":"2","status":200,"body":null}]}`,
		`{"responses":[{"id":"0","status":424,"body":{"error":"text"}},{"id":"1","status":-1},{"id":"2","status":99999999999999999999}]}`,
		`{"responses":[{"id":"0","status":200,"body":{"error":{"code":"c","message":"m"}}},{"id":"1","status":200,"body":{"error":null}}]}`, `{"responses":null}`, `{"responses":{}}`, `{}`, `[]`, `null`, ``, `<html>`, "\xef\xbb\xbf{}", `{"responses":[null,{"id":null}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		replies, err := parseReplies(body)
		if err != nil {
			if replies != nil {
				t.Error("replies beside an error")
			}
			return
		}
		c := &Client{journal: noJournal{}, account: &identity.Account{}, base: &url.URL{}, bearer: newBearer()}
		for index, reply := range replies {
			part := batched{index: index, call: call{method: "GET", url: "https://graph.test/v1.0/x?private"}}
			got, err := c.settle(part, reply, true, nil, 1)
			good := reply.Status >= 200 && reply.Status <= 299 && errorWithin(plainBody(reply)) == nil
			if (err == nil) != good {
				t.Errorf("status %d: %v", reply.Status, err)
			}
			if good && len(got) > 0 && !json.Valid(got) {
				t.Errorf("%q is no JSON", got)
			}
			if e, ok := errors.AsType[*Error](err); err != nil && (!ok || strings.Contains(err.Error(), "private") || strings.Contains(e.Message, "\n")) {
				t.Errorf("got %v", err)
			}
		}
	})
}

// A delta link is foreign text: what is taken from it is a token and nothing else.
func FuzzDeltaLink(f *testing.F) {
	for _, seed := range []string{
		"https://graph.microsoft.com/v1.0/applications/delta?$deltatoken=abc", "https://x/delta?%24deltaToken=a%2Bb%3D&$select=id",
		"?$DELTATOKEN=x", "https://x/delta?$deltatoken=", "https://x/delta?$skiptoken=1", "https://x/delta?$deltatoken=a;b", "%zz", "",
		"https://x/delta?$deltatoken=1&$deltatoken=2", "https://[::1", "https://x/#?$deltatoken=1", "https://x/?$deltatoken=%00%0a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		token, err := deltaToken(link)
		if (err == nil) == (token == "") {
			t.Fatalf("token %q with %v", token, err)
		}
		if err != nil {
			return
		}
		// It goes into the next question as it is, and comes back the same.
		again, err := deltaToken("https://graph.test/v1.0/applications/delta?$deltatoken=" + url.QueryEscape(token))
		if err != nil || again != token {
			t.Errorf("%q became %q, %v", token, again, err)
		}
	})
}

// However a page comes in, what is read of it are JSON values, and the end of the
// text in its middle is an error.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`{"@odata.context":"c","@odata.count":2,"value":[{"id":"a"},null,1],"@odata.nextLink":"https://x?$skiptoken=1"}`,
		`{"value":[],"@odata.deltaLink":"https://x?$deltatoken=1"}`, `{"error":{"code":"c","message":"m"}}`, `{"value":null}`, "\xef\xbb\xbf" + `{"value":[]}`,
		`{"value":[{"id":"a"}`, `{"value":[]`, `{}`, `[]`, ``, `{"value":[],"value":[1]}`, `{"@odata.nextLink":1,"value":[]}`, `{"@odata.count":"x","value":[]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		read := func(r io.Reader) (pageResult, string, error) {
			var rows []string
			result, err := decodePage(r, noRecord{}, func(row json.RawMessage) bool {
				if !json.Valid(row) {
					t.Errorf("row %q is no JSON", row)
				}
				rows = append(rows, string(row))
				return true
			})
			if result.rows != len(rows) || result.stopped {
				t.Errorf("%d rows came, %+v", len(rows), result)
			}
			return result, strings.Join(rows, "\x00"), err
		}
		result, rows, err := read(bytes.NewReader(body))
		slow, slowRows, slowErr := read(iotest.OneByteReader(bytes.NewReader(body)))
		if result != slow || rows != slowRows || (err == nil) != (slowErr == nil) {
			t.Errorf("%+v %q %v, byte by byte %+v %q %v", result, rows, err, slow, slowRows, slowErr)
		}
		if err == nil && len(body) > 0 {
			end := bytes.LastIndexByte(body, '}')
			if _, _, err := read(bytes.NewReader(body[:end])); err == nil {
				t.Errorf("%q reads like a whole page", body[:end])
			}
		}
		if errors.Is(err, io.EOF) && len(bytes.TrimSpace(body)) > 3 {
			t.Errorf("%q ends with %v", body, err)
		}
	})
}

// Elements are what encoding/json takes them for, however the text comes in.
func FuzzElements(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[{"a":[1,-0.5e+3,true,false,null,"x\"\\\u00e9\n"]},[],{}, 0]`, `[1,]`, `[01]`, `[-]`, `[1.]`, `[1e]`, `["\x"]`, `["\u12g4"]`, "[\"\x01\"]", "[\"\xff\"]", `[tru]`, `[{"a" 1}]`, `[{"a":1,}]`, `[{a:1}]`, `[1 2]`, `[1][`, `[nulL]`, `{}`, `[`, `[1`, ` [ "a" , 2 ] `, "[\x00]", `[--1]`, `[{"a":{"b":[{}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		body = bytes.TrimPrefix(body, []byte(byteOrderMark))
		var want []json.RawMessage
		valid := json.Unmarshal(body, &want) == nil && want != nil
		for _, reader := range []io.Reader{bytes.NewReader(body), iotest.OneByteReader(bytes.NewReader(body)), iotest.DataErrReader(bytes.NewReader(body))} {
			i, differs := 0, false
			err := Elements(reader, func(element json.RawMessage) error {
				if !json.Valid(element) || valid && (i >= len(want) || !bytes.Equal(element, want[i])) {
					differs = true
				}
				i++
				return nil
			})
			if differs || (err == nil) != valid || valid && i != len(want) {
				t.Errorf("%q: %d elements, differs %t, valid %t, %v", body, i, differs, valid, err)
			}
		}
	})
}
