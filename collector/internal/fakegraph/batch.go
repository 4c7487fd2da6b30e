package fakegraph

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Spoil is what goes wrong with one $batch. Statuses and headers of parts need none:
// each part has the answer that On sets for its path.
type Spoil struct {
	// Outer, when its Status, Body or Reset is set, is the answer to the batch; its parts never
	// arrive.
	Outer Answer
	// Drop names paths of parts that the answer leaves out.
	Drop []string
}

// Spoil sets what goes wrong with the next batches, one after the other; later ones
// are answered soundly.
func (g *Graph) Spoil(spoils ...Spoil) *Graph {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.spoils = spoils
	return g
}

// batchPart is one request of a batch.
type batchPart struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// batchReply is the answer to a part.
type batchReply struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// batch answers POST /{version}/$batch as Graph does: each part by itself, in no
// order that could be relied on (https://learn.microsoft.com/graph/json-batching).
// Here it is the reverse one.
func (g *Graph) batch(version string, outer Request) Answer {
	g.mu.Lock()
	g.requests = append(g.requests, outer)
	g.batches++
	number := g.batches
	var spoil Spoil
	if len(g.spoils) > 0 {
		spoil, g.spoils = g.spoils[0], g.spoils[1:]
	}
	g.mu.Unlock()
	if g.Arrived != nil {
		g.Arrived(outer)
	}
	if spoil.Outer.Meanwhile != nil {
		spoil.Outer.Meanwhile()
	}
	if spoil.Outer.Status != 0 || spoil.Outer.Body != "" || spoil.Outer.Reset {
		return spoil.Outer
	}
	parts, reason := parseBatch(outer)
	if reason != "" {
		return Answer{Status: http.StatusBadRequest, Body: `{"error":{"code":"BadRequest","message":"` + reason + `"}}`}
	}
	replies := []batchReply{}
	for _, part := range slices.Backward(parts) {
		request := part.request(version)
		request.Batch = number
		if reply := part.reply(g.answer(request)); !slices.Contains(spoil.Drop, request.Path) {
			replies = append(replies, reply)
		}
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // bodies arrive as they were set
	if err := enc.Encode(map[string]any{"responses": replies}); err != nil {
		panic(err)
	}
	return Answer{Body: text.String()}
}

// parseBatch reads a batch, or says what Graph would find wrong with it.
func parseBatch(outer Request) (parts []batchPart, reason string) {
	var batch struct {
		Requests []batchPart `json:"requests"`
	}
	err := json.Unmarshal([]byte(outer.Body), &batch)
	switch {
	case outer.Method != http.MethodPost || err != nil || len(batch.Requests) == 0:
		return nil, "Invalid batch payload format."
	case len(batch.Requests) > 20:
		return nil, "Number of batch request steps exceeds the maximum value of 20."
	}
	seen := map[string]bool{}
	for _, part := range batch.Requests {
		if part.ID == "" || seen[part.ID] || part.Method == "" || !strings.HasPrefix(part.URL, "/") {
			return nil, "Invalid batch request step."
		}
		seen[part.ID] = true
	}
	return batch.Requests, ""
}

func (p batchPart) request(version string) Request {
	r := Request{Method: p.Method, Path: version + p.URL, Body: string(p.Body), Header: http.Header{}}
	for name, value := range p.Headers {
		r.Header.Set(name, value)
	}
	if u, err := url.Parse(version + p.URL); err == nil {
		r.Path, r.Query = u.Path, u.Query()
	}
	return r
}

// reply puts an answer into a batch. A body of any other type than JSON travels as
// base64, and one that is missing not at all.
func (p batchPart) reply(a Answer) batchReply {
	r := batchReply{ID: p.ID, Status: a.Status, Headers: map[string]string{"Content-Type": "application/json", "request-id": "part-" + p.ID}}
	if r.Status == 0 {
		r.Status = http.StatusOK
	}
	if strings.HasSuffix(p.URL, "/$count") {
		r.Headers["Content-Type"] = "text/plain"
	}
	maps.Copy(r.Headers, a.Header)
	switch {
	case a.Body == "":
	case r.Headers["Content-Type"] == "application/json" && json.Valid([]byte(a.Body)):
		r.Body = json.RawMessage(a.Body)
	default:
		r.Body = json.RawMessage(`"` + base64.StdEncoding.EncodeToString([]byte(a.Body)) + `"`)
	}
	return r
}
