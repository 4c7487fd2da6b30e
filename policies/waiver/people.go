package waiver

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// person is who somebody is said to be: by addresses, by name, or both. All are folded, see fold.
type person struct {
	addresses []string
	name      []string // words, sorted
}

// samePerson reports whether two texts may name one person: by user principal name or address, with or without a
// name beside it ("Jane Doe <jane@contoso.com>"), as a guest (jane_contoso.com#EXT#@…), with a tag
// (jane+x@contoso.com), by name, or as one of several. Where two people share a name and nothing tells them apart, they
// are taken for one: who approves a risk should be told apart from who asks for it.
func samePerson(a, b string) bool {
	p, q := parsePerson(a), parsePerson(b)
	for _, address := range p.addresses {
		if slices.ContainsFunc(q.addresses, func(other string) bool { return sameAddress(address, other) }) {
			return true
		}
	}
	if len(p.addresses) > 0 && len(q.addresses) > 0 { // one word of a name is not enough beside these
		return slices.Equal(p.name, q.name) && len(p.name) > 0 || min(len(p.name), len(q.name)) > 1 && within(p.name, q.name)
	}
	return within(p.name, q.name) || within(p.aliases(), q.name) || within(p.name, q.aliases())
}

// within reports whether one name has all words of the other: "Ann Lee" is Dr. Ann Lee.
func within(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) > 0 && !slices.ContainsFunc(a, func(word string) bool { return !slices.Contains(b, word) })
}

// aliases are the words before the @ of an only address.
func (p person) aliases() []string {
	if len(p.addresses) != 1 {
		return nil
	}
	local, _, _ := strings.Cut(p.addresses[0], "@")
	return words(local)
}

// sameAddress also takes the address below a tenant's first domain (contoso.onmicrosoft.com) for that below its
// own (contoso.com).
func sameAddress(a, b string) bool {
	if a == b {
		return true
	}
	localA, domainA, _ := strings.Cut(a, "@")
	localB, domainB, _ := strings.Cut(b, "@")
	if localA != localB {
		return false
	}
	const first = ".onmicrosoft.com"
	label := func(domain string) string { word, _, _ := strings.Cut(domain, "."); return word }
	return (strings.HasSuffix(domainA, first) || strings.HasSuffix(domainB, first)) && label(domainA) == label(domainB)
}

// addressPattern matches an address in a text, without what may stand before it (SMTP:, sip:, i:0#.f|membership|).
const addressPattern = `[^\s<>,;:|()\[\]{}\\/@]+@[^\s<>,;:|()\[\]{}\\/@]+`

func parsePerson(text string) person {
	text = fold(text)
	text = strings.ReplaceAll(strings.ReplaceAll(text, `"`, ""), "%40", "@")
	text = regexp.MustCompile(`\s*@\s*`).ReplaceAllString(text, "@")
	var p person
	rest := regexp.MustCompile(`([a-z]+:|\S*\|)?`+addressPattern).ReplaceAllStringFunc(text, func(string) string { return " " })
	for _, found := range regexp.MustCompile(addressPattern).FindAllString(text, -1) {
		p.addresses = append(p.addresses, foldAddress(found))
	}
	// What stands in brackets beside a name is a role; without one it is the name.
	plain := regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`).ReplaceAllString(rest, " ")
	if p.name = words(account(plain)); len(p.name) == 0 {
		p.name = words(rest)
	}
	return p
}

// account is what follows the domain of CONTOSO\jane.
func account(name string) string {
	if _, after, ok := strings.Cut(name, `\`); ok {
		return after
	}
	return name
}

// words are the words of a name, sorted, for "Doe, Jane" is Jane Doe; without titles and what joins names.
func words(name string) []string {
	found := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	found = slices.DeleteFunc(found, func(word string) bool {
		return slices.Contains([]string{"and", "und", "et", "or", "mr", "mrs", "ms", "dr", "prof", "herr", "frau"}, word)
	})
	slices.Sort(found)
	return slices.Compact(found)
}

// foldAddress undoes what guests and tags add to an address.
func foldAddress(address string) string {
	address = strings.Trim(address, `'.*_-`+"`")
	if guest, _, ok := strings.Cut(address, "#ext#"); ok {
		// The last underscore stands for the @: domains have none
		// (https://learn.microsoft.com/entra/external-id/user-properties).
		if i := strings.LastIndexByte(guest, '_'); i >= 0 {
			guest = guest[:i] + "@" + guest[i+1:]
		}
		address = guest
	}
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return address
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// fold makes texts equal that look alike or mean the same: letter case, accents and how they are written, forms of
// letters, what does not show, dashes, letters of other scripts that look Latin, domains in Punycode.
func fold(text string) string {
	text = regexp.MustCompile(`xn--[a-z0-9-]+`).ReplaceAllStringFunc(strings.ToLower(text), func(label string) string {
		if plain, err := idna.ToUnicode(label); err == nil {
			return plain
		}
		return label
	})
	return strings.Map(func(r rune) rune {
		switch {
		case invisible(r) && !unicode.IsSpace(r) || unicode.Is(unicode.M, r):
			return -1
		case unicode.Is(unicode.Pd, r):
			return '-'
		}
		return latin(r)
	}, strings.ToLower(norm.NFKD.String(text)))
}

// latin is the Latin letter that a letter looks like, or the letter itself
// (a choice of https://www.unicode.org/Public/security/latest/confusables.txt).
func latin(r rune) rune {
	const odd, plain = "аеорсухіјѕԁһԛԝӏкмтвнԍνοαρικυτχєɑɡıɩƅօսոհցյ", "aeopcyxijsdhqwlkmtbhgvoapikutxeagiibounhgj"
	if i := slices.Index([]rune(odd), r); i >= 0 {
		return rune(plain[i])
	}
	return r
}

// mixed reports whether an address or a word of a name has Latin letters and such of another script, or phonetic ones,
// which only serves to look like somebody else.
func mixed(text string) bool {
	text = strings.ToLower(norm.NFKD.String(text))
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.M, r) }) {
		ascii, other := false, false
		for _, r := range word {
			phonetic := r >= 0x250 && r <= 0x2AF || r >= 0x1D00 && r <= 0x1D7F
			ascii = ascii || r >= 'a' && r <= 'z'
			other = other || unicode.IsLetter(r) && !invisible(r) && (phonetic || !unicode.Is(unicode.Latin, r))
		}
		if ascii && other {
			return true
		}
	}
	return false
}

// nobody reports whether a text stands in for a name that is not there.
func nobody(text string) bool {
	plain := strings.Join(strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }), "")
	return plain == "" || slices.Contains([]string{"na", "nil", "null", "none", "nobody", "noone", "tbd", "tba", "tbc", "todo", "unknown", "notknown", "xxx"}, plain)
}
