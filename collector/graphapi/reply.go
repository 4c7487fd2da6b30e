package graphapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"

	"leastwise/collector/identity"
)

// partReply is the answer to one part of a batch.
type partReply struct {
	ID      string          `json:"id"`
	Status  int             `json:"status"`
	Headers json.RawMessage `json:"headers"` // text by name; what is not, is no reason to lose the answer
	Body    json.RawMessage `json:"body"`
}

// header is the headers of the part. A number counts as the text that it is written
// with, anything else as absent.
func (r partReply) header() http.Header {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(r.Headers, &members) // no object: no headers
	h := http.Header{}
	for name, raw := range members {
		var text string
		var number json.Number
		if json.Unmarshal(raw, &text) == nil {
			h.Set(name, text)
		} else if json.Unmarshal(raw, &number) == nil {
			h.Set(name, number.String())
		}
	}
	return h
}

// sendAgain reports whether a part may succeed when it is sent once more: it failed
// in passing, because another one was throttled, or its success is none.
func (r partReply) sendAgain() bool {
	return r.Status == http.StatusFailedDependency || identity.Passing(r.Status) ||
		r.Status == http.StatusOK && errorWithin(plainBody(r)) != nil
}

// parseReplies reads the answer to a batch, by the index of the request. Of several
// answers to one part none counts.
func parseReplies(body []byte) (map[int]partReply, error) {
	var answer struct {
		Responses []partReply `json:"responses"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	replies, ambiguous := map[int]partReply{}, map[int]bool{}
	for _, reply := range answer.Responses {
		index, err := strconv.Atoi(reply.ID)
		if err != nil {
			continue // nobody asked for it
		}
		if _, twice := replies[index]; twice || reply.ID != strconv.Itoa(index) { // +1 is not what was sent
			ambiguous[index] = true
		}
		replies[index] = reply
	}
	for index := range ambiguous {
		delete(replies, index)
	}
	return replies, nil
}

// plainBody is the JSON of a part's answer. What is no JSON travels as base64.
func plainBody(reply partReply) json.RawMessage {
	var text string
	if json.Unmarshal(reply.Body, &text) != nil {
		return reply.Body
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if decoded = bytes.TrimPrefix(decoded, []byte(byteOrderMark)); err == nil && json.Valid(decoded) {
		return decoded
	}
	return reply.Body
}
