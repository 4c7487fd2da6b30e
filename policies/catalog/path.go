package catalog

import (
	_ "embed" // the words of addresses
	"net/url"
	"slices"
	"strings"
	"sync"
)

//go:embed words.txt
var wordsText string

// anyID stands for whatever names one object: an id, a name, a mail address, the argument of a function.
const anyID = "{id}"

// words knows the words of addresses: of each whether it is a collection, and what may follow it there beside an id.
type words map[string]*word

type word struct {
	collection bool
	below      []string // of a collection: words that may follow in place of an id
}

// vocabulary reads the words once.
//
//nolint:gochecknoglobals // a table that is only read, built when it is first needed
var vocabulary = sync.OnceValue(func() words { return readWords(wordsText) })

// readWords reads lines of words. A word that ends in a colon is a collection, the words after it may follow it.
func readWords(text string) words {
	known := words{}
	add := func(name string) *word {
		if known[name] == nil {
			known[name] = &word{}
		}
		return known[name]
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var collection *word
		for field := range strings.FieldsSeq(line) {
			name, ends := strings.CutSuffix(field, ":")
			this := add(name)
			switch {
			case ends:
				collection, this.collection = this, true
			case collection != nil:
				collection.below = append(collection.below, name)
			}
		}
	}
	return known
}

// NormalPath turns the address of a request into the template that operations are known by: /v1.0/users/ann@contoso.com/messages
// becomes /users/{id}/messages. Host, version, query, namespaces and arguments of functions are left out, key
// segments such as applications(appId='…') and addresses by path such as root:/a/b:/children become that of the
// object itself (/applications/{id}, /items/{id}/children), letter case is folded. Every segment that is no known word of the
// API becomes {id}, so that no id, name or mail address gets through. A template stays as it is.
// https://learn.microsoft.com/graph/use-the-api
// https://learn.microsoft.com/graph/onedrive-addressing-driveitems
func NormalPath(path string) string {
	normal, _ := normalPath(path)
	return normal
}

// normalPath also tells how many segments were hidden where the grammar of addresses expects a word of the API.
func normalPath(address string) (normal string, hidden int) {
	p := pathWriter{known: vocabulary()}
	segments := splitPath(address)
	for i := 0; i < len(segments); i++ {
		stem, byPath := strings.CutSuffix(segments[i], ":")
		if !byPath {
			p.segment(segments[i])
			continue
		}
		// An address by path ends with the next segment that ends in a colon, or with the address.
		if strings.EqualFold(stem, "root") && p.previous != "items" {
			p.write("items")
		}
		p.write(anyID)
		for i++; i < len(segments) && !strings.HasSuffix(segments[i], ":"); i++ {
		}
	}
	if p.out.Len() == 0 {
		return "/", 0
	}
	return p.out.String(), p.hidden
}

// splitPath leaves out host, version and query, and takes off the percent encoding.
func splitPath(address string) []string {
	address = strings.TrimSpace(address)
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		_, address, _ = strings.Cut(rest, "/")
	}
	var segments []string
	open := false // inside the parentheses of a function, whose arguments may hold slashes
	for segment := range strings.SplitSeq(address, "/") {
		if segment == "" {
			continue
		}
		if strings.Contains(segment, "%") {
			if plain, err := url.PathUnescape(segment); err == nil {
				segment = plain
			}
		}
		if open {
			open = !strings.Contains(segment, ")")
			continue
		}
		open = strings.Contains(segment, "(") && !strings.Contains(segment, ")")
		segments = append(segments, segment)
	}
	for len(segments) > 0 && isVersion(segments[0]) {
		segments = segments[1:]
	}
	return segments
}

func isVersion(segment string) bool {
	return strings.EqualFold(segment, "beta") || len(segment) > 1 && (segment[0] == 'v' || segment[0] == 'V') &&
		strings.Trim(segment[1:], "0123456789.") == ""
}

// pathWriter writes a template segment by segment.
type pathWriter struct {
	known    words
	out      strings.Builder
	previous string
	hidden   int
}

func (p *pathWriter) write(segment string) {
	p.out.WriteByte('/')
	p.out.WriteString(segment)
	p.previous = segment
}

func (p *pathWriter) segment(segment string) {
	name, _, keyed := strings.Cut(strings.ToLower(segment), "(")
	if strings.HasPrefix(name, "{") {
		p.write(anyID)
		return
	}
	name, qualified := withoutNamespace(name)
	if qualified && !keyed && isCast(name) {
		return // the objects of one type from a list take what the list takes
	}
	this := p.known[name]
	switch p.takes(name, this) {
	case hideWord:
		p.hidden++
		fallthrough
	case hideID:
		p.write(anyID)
		return
	case show:
	}
	p.write(name)
	if keyed && this.collection {
		p.write(anyID)
	}
}

type verdict int

const (
	show     verdict = iota
	hideID           // an id is expected here
	hideWord         // a word is expected here, and this is none that is known
)

func (p *pathWriter) takes(name string, this *word) verdict {
	before := p.known[p.previous]
	inCollection := before != nil && before.collection
	switch {
	case this == nil && inCollection:
		return hideID
	case this == nil:
		return hideWord
	case !inCollection || name[0] == '$':
		return show
	}
	if slices.Contains(before.below, name) {
		return show
	}
	return hideID
}

// isCast tells whether a qualified name picks the objects of one type from a list of directory objects.
func isCast(name string) bool {
	switch name {
	case "user", "group", "device", "application", "serviceprincipal", "directoryrole", "administrativeunit", "orgcontact":
		return true
	default:
		return false
	}
}

// withoutNamespace leaves out the namespace of a function or of a type in a cast, and tells that there was one.
func withoutNamespace(name string) (bare string, qualified bool) {
	for _, namespace := range []string{"microsoft.graph.", "graph.", "microsoft.management.services.", "default."} {
		if strings.HasPrefix(name, namespace) {
			return name[strings.LastIndexByte(name, '.')+1:], true
		}
	}
	return name, false
}
