package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// errNoID is the fault of a row that cannot be told from others.
var errNoID = errors.New("row has no id")

// secretMember tells members that never reach a snapshot, at whatever depth they
// stand and in whatever case an export spells them: secretText and hint of
// passwordCredentials, key of keyCredentials
// (https://learn.microsoft.com/graph/api/resources/passwordcredential), and what
// saved files of other origin may hold beside them.
func secretMember(name string) bool {
	for _, secret := range []string{
		"secretText", "hint", "key", "secret", "password", "clientSecret", "client_secret", "client_assertion",
		"accessToken", "access_token", "refreshToken", "refresh_token", "idToken", "id_token",
	} {
		if strings.EqualFold(name, secret) {
			return true
		}
	}
	return false
}

// row is one object ready to be stored: compact JSON without secrets.
type row struct {
	id   string
	line []byte
	gap  string // what was wrong with it, though it could be kept
	// gaps are those of this copy of the row, where copies are told apart.
	gaps []Gap
}

// makeRow checks one raw object and gives it its id. A row without an id keeps a
// made-up one, so that nothing readable is lost; err is then errNoID. Any other
// error means that raw is not an object.
func makeRow(dataset Name, raw []byte) (row, error) {
	var r row
	if !utf8.Valid(raw) {
		raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
		r.gap = "text is not valid UTF-8; unreadable bytes are shown as \uFFFD"
	}
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return r, fmt.Errorf("expected an object, found %s", describe(trimmed))
	}
	line, err := Scrub(trimmed)
	if err != nil {
		return r, err
	}
	if len(line) > maxLine {
		return r, fmt.Errorf("the row is longer than %d bytes", maxLine)
	}
	r.line = line
	r.id, err = rowID(dataset, line)
	if errors.Is(err, errNoID) {
		sum := sha256.Sum256(line)
		r.id = "without-id-" + hex.EncodeToString(sum[:8])
	}
	return r, err
}

// rowID reads a row's key members.
func rowID(dataset Name, line []byte) (string, error) {
	fields := keyFields(dataset)
	var members map[string]json.RawMessage
	if len(fields) == 1 && fields[0] == "id" {
		if id, ok := plainID(line); ok {
			return id, nil
		}
		var only struct {
			ID json.RawMessage `json:"id"`
		}
		if err := json.Unmarshal(line, &only); err != nil {
			return "", err
		}
		members = map[string]json.RawMessage{"id": only.ID}
	} else if err := json.Unmarshal(line, &members); err != nil {
		return "", err
	}
	parts := make([]string, len(fields))
	for i, field := range fields {
		if fixed := fixedID(dataset); fixed != "" && members[field] == nil {
			return fixed, nil
		}
		var value string
		if json.Unmarshal(members[field], &value) != nil || strings.TrimSpace(value) == "" {
			return "", fmt.Errorf("%w: member %q is missing or not text", errNoID, field)
		}
		parts[i] = value
	}
	return RowID(parts...), nil
}

// plainID reads the id of a compact row that begins with it, has no other member of that
// name at any depth, and no escapes: of most rows, many times faster than decoding.
func plainID(line []byte) (string, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"id":"`))
	id, rest, closed := bytes.Cut(rest, []byte{'"'})
	if !ok || !closed || bytes.IndexByte(line, '\\') >= 0 || len(bytes.TrimSpace(id)) == 0 {
		return "", false
	}
	for _, name := range []string{`"id":`, `"ID":`, `"Id":`, `"iD":`} {
		if bytes.Contains(rest, []byte(name)) {
			return "", false
		}
	}
	return string(id), true
}

// Scrub compacts JSON onto one line and drops what never reaches a snapshot, secrets
// and key material. It fails for text that is no JSON.
func Scrub(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(raw))
	if err := json.Compact(&out, raw); err != nil {
		return nil, err
	}
	// Only rows that hold a secret are decoded: that is slow, and most do not.
	if mayHoldSecret(out.Bytes()) {
		return dropSecrets(out.Bytes())
	}
	return out.Bytes(), nil
}

// mayHoldSecret looks through the member names of compact JSON. A name with an
// escape in it may spell anything.
func mayHoldSecret(line []byte) bool {
	for i := 0; i < len(line); i++ {
		if line[i] != '"' {
			continue
		}
		start := i + 1
		for i = start; line[i] != '"'; i++ {
			if line[i] == '\\' {
				i++
			}
		}
		name := line[start:i]
		isName := i+1 < len(line) && line[i+1] == ':'
		if isName && (bytes.IndexByte(name, '\\') >= 0 || secretMember(string(name))) {
			return true
		}
	}
	return false
}

func dropSecrets(line []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, err
	}
	withoutSecrets(value)
	return Encode(value)
}

// Encode writes a row as JSON on one line, without escaping what HTML would need
// escaped: rows are kept as they came.
func Encode(value any) (json.RawMessage, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// WithMember adds to a row a member of text, such as the id of what it hangs on. A row
// that is no object stays what it is; a Writer finds it out.
func WithMember(row json.RawMessage, name, value string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(row, &members) != nil || members == nil {
		return row
	}
	text, err := Encode(value)
	if err != nil {
		return row
	}
	members[name] = text
	with, err := Encode(members)
	if err != nil {
		return row
	}
	return with
}

func withoutSecrets(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if secretMember(name) {
				delete(v, name)
				continue
			}
			withoutSecrets(member)
		}
	case []any:
		for _, element := range v {
			withoutSecrets(element)
		}
	}
}

func describe(raw []byte) string {
	switch {
	case len(raw) == 0:
		return "nothing"
	case bytes.Equal(raw, []byte("null")):
		return "null"
	case raw[0] == '[':
		return "an array"
	case raw[0] == '"':
		return "text"
	default:
		return "a bare value"
	}
}
