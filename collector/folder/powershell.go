package folder

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"leastwise/collector/snapshot"
)

// microsoftDate is how ConvertTo-Json of Windows PowerShell writes an instant:
// milliseconds since 1970, in UTC whatever offset follows
// (https://learn.microsoft.com/dotnet/standard/datetime/system-text-json-support).
var microsoftDate = regexp.MustCompile(`^/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)/$`)

// plain turns back what Microsoft Graph PowerShell and ConvertTo-Json made of a row:
// members that begin with a capital, further ones under AdditionalProperties, and
// dates in milliseconds
// (https://learn.microsoft.com/powershell/microsoftgraph/overview). Any other row
// stays as it came, byte for byte.
func plain(name snapshot.Name, row json.RawMessage) json.RawMessage {
	if !fromGraph(name) || !capitalised(row) && !bytes.Contains(row, []byte("/Date(")) && !bytes.Contains(row, []byte(`"AdditionalProperties"`)) {
		return row
	}
	dec := json.NewDecoder(bytes.NewReader(row))
	dec.UseNumber()
	var object map[string]any
	if dec.Decode(&object) != nil || object == nil {
		return row
	}
	further, _ := object["AdditionalProperties"].(map[string]any)
	if further != nil {
		delete(object, "AdditionalProperties")
	}
	lower(object, capitalised(row))
	lower(further, false)
	taken := map[string]bool{}
	for member := range object {
		taken[strings.ToLower(member)] = true
	}
	for member, value := range further {
		if !taken[strings.ToLower(member)] {
			object[member] = value
		}
	}
	return encoded(object, row)
}

// fromGraph reports whether rows of a dataset are Graph's, and not this program's or
// an audit record.
func fromGraph(name snapshot.Name) bool {
	return !slices.Contains([]snapshot.Name{
		snapshot.DataConnectEvents, snapshot.DataConnectRegister, snapshot.ConsentEvents, snapshot.GraphActivity,
		snapshot.RoleEvents, snapshot.ActivitySubscriptions, snapshot.Manifests, snapshot.Pipelines,
	}, name)
}

// capitalised reports whether the members of an object begin with capitals, those
// that begin with @ aside.
func capitalised(row json.RawMessage) bool {
	first := bytes.TrimLeft(row, "{ \t\r\n")
	if len(first) < 2 || first[0] != '"' || first[1] >= 'a' && first[1] <= 'z' {
		return false // most rows: nothing has to be decoded
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(row, &members) != nil {
		return false
	}
	capitals := 0
	for member := range members {
		char, _ := utf8.DecodeRuneInString(member)
		switch {
		case unicode.IsUpper(char):
			capitals++
		case char != '@':
			return false
		}
	}
	return capitals > 0
}

// lower gives members their small initials back, if they lost them, and dates their
// form, at every depth.
func lower(value any, initials bool) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			lower(element, initials)
		}
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(v)) {
			inner := v[member]
			lower(inner, initials)
			if text, ok := inner.(string); ok {
				v[member] = instant(member, text)
			}
			if _, taken := v[uncapital(member)]; initials && !taken {
				v[uncapital(member)] = v[member]
				delete(v, member)
			}
		}
	}
}

func uncapital(member string) string {
	char, size := utf8.DecodeRuneInString(member)
	return string(unicode.ToLower(char)) + member[size:]
}

// instant reads a date of PowerShell in a member that is named after one.
func instant(member, text string) string {
	match := microsoftDate.FindStringSubmatch(text)
	if folded := strings.ToLower(member); match == nil || !strings.HasSuffix(folded, "date") && !strings.HasSuffix(folded, "time") {
		return text
	}
	milliseconds, err := strconv.ParseInt(match[1], 10, 64)
	if err != nil {
		return text
	}
	at := time.UnixMilli(milliseconds).UTC()
	if at.Year() < 1 || at.Year() > 9999 {
		return text
	}
	return at.Format(time.RFC3339Nano)
}

// encoded is a row for what has a JSON form; otherwise stays what it was.
func encoded(value any, otherwise json.RawMessage) json.RawMessage {
	row, err := snapshot.Encode(value)
	if err != nil {
		return otherwise
	}
	return row
}
