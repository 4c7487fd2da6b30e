package policies

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// placeholder matches {subject}, {key.path} and {evidence.path} in a message.
func placeholder() *regexp.Regexp { return regexp.MustCompile(`\{[^{}]*\}`) }

// badPlaceholder returns the first placeholder that cannot be filled in.
func badPlaceholder(template string) string {
	for _, match := range placeholder().FindAllString(template, -1) {
		root, _, _ := strings.Cut(strings.Trim(match, "{}"), ".")
		if root != subjectWord && root != "key" && root != "evidence" {
			return match
		}
	}
	return ""
}

// message is a control's message template, cut at its placeholders.
type message []string // text, path, text, path, …, text

func newMessage(template string) message {
	var m message
	last := 0
	for _, at := range placeholder().FindAllStringIndex(template, -1) {
		m = append(m, template[last:at[0]], template[at[0]+1:at[1]-1])
		last = at[1]
	}
	return append(m, template[last:])
}

// parts writes the message of one failure as far as it is the same for every subject: the texts before, between
// and after its mentions of the subject. A fact that is not there is said to be not known.
func (m message) parts(key, evidence map[string]any) []string {
	var parts []string
	var out strings.Builder
	for i, part := range m {
		switch {
		case i%2 == 0:
			out.WriteString(part)
		case part == subjectWord || strings.HasPrefix(part, subjectWord+"."):
			parts = append(parts, out.String())
			out.Reset()
		default:
			out.WriteString(lookUp(part, key, evidence))
		}
	}
	return append(parts, out.String())
}

// subjectWord is the placeholder of the subject's name.
const subjectWord = "subject"

// message is that of a failure of one subject.
func (f *failure) message(who finding.Subject) string {
	return strings.Join(f.parts, cmp.Or(who.Name, who.ID))
}

func lookUp(path string, key, evidence map[string]any) string {
	steps := strings.Split(path, ".")
	var value any = evidence
	if steps[0] == "key" {
		value = key
	}
	for _, step := range steps[1:] {
		members, ok := value.(map[string]any)
		if !ok {
			return "(not known)"
		}
		value = members[step]
	}
	return inWords(value)
}

func inWords(value any) string {
	switch v := value.(type) {
	case nil:
		return "(not known)"
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i, element := range v {
			words[i] = inWords(element)
		}
		if len(words) == 0 {
			return "none"
		}
		return strings.Join(words, ", ")
	case map[string]any:
		var words []string
		for name, member := range v {
			words = append(words, name+" "+inWords(member))
		}
		slices.Sort(words)
		return strings.Join(words, ", ")
	case json.Number:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}
