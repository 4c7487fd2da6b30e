package reports

import (
	"crypto/sha1" // a UUID of version 5 is made with it (RFC 9562, 5.5); nothing is kept secret by it
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// oscalNS is the namespace of our properties.
const oscalNS = "urn:leastwise:oscal:1"

// oscalNamespace is the namespace of our UUIDs; its bytes are arbitrary.
const oscalNamespace = "\x6f\x1d\x3a\x84\x52\xc7\x4b\x0e\x9d\x25\x7a\x11\xe8\x30\x4c\x5b"

// oscalUUID is a UUID of version 5: the same names give the same one.
func oscalUUID(names ...string) string {
	h := sha1.New()
	h.Write([]byte(oscalNamespace))
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	sum := h.Sum(nil)[:16]
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	text := hex.EncodeToString(sum)
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// oscalString is text on one line without space around it, as properties and names have it; it may be empty, which the
// schema does not allow.
func oscalString(text string) string { return strings.TrimSpace(oneLine(text)) }

// oscalProse is text as part of Markdown, of which descriptions and titles are made; nothing in it is markup. The
// subset is that of https://pages.nist.gov/OSCAL/reference/datatypes/#markup-line.
func oscalProse(text string) string {
	var b strings.Builder
	for _, r := range oscalString(text) {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]<>^~{}\"", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "(no text)"
	}
	return b.String()
}

// oscalToken is an identifier as OSCAL has them: the text itself where it is one, else what is left of it and a digest.
func oscalToken(text string) string {
	var b strings.Builder
	for i, r := range firstRunes(text, 100) {
		switch {
		case unicode.IsLetter(r) || r == '_' || i > 0 && (unicode.IsNumber(r) || r == '.' || r == '-'):
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	if token := b.String(); token == text && token != "" {
		return token
	}
	return "_" + b.String() + "-" + oscalUUID("token", text)[:8]
}

func firstRunes(text string, most int) []rune {
	runes := []rune(firstBytes(text, 4*most))
	return runes[:min(len(runes), most)]
}

// oscalTime is an instant, RFC 3339, as the schema takes it; "" for what is none.
func oscalTime(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.UTC().Year() < 1900 || at.UTC().Year() > 2999 {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05Z")
}

// oscalProps are properties by name and value in turn; those without a value are left out.
func oscalProps(pairs ...string) []oscalProp {
	var list []oscalProp
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := oscalString(pairs[i+1]); value != "" {
			list = append(list, oscalProp{Name: pairs[i], NS: oscalNS, Value: value})
		}
	}
	return list
}

// oscalAddress is an address of the web that a link may have; "" for anything else.
func oscalAddress(text string) string {
	for _, r := range text {
		if r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) {
			return ""
		}
	}
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "https" || address.Host == "" {
		return ""
	}
	return address.String()
}

// nistID is the id of a control of NIST SP 800-53 in the OSCAL catalogue: ac-2.3 for AC-2(3).
func nistID(requirement string) string {
	id := strings.NewReplacer("(", ".", ")", "", " ", "").Replace(strings.ToLower(requirement))
	return oscalToken(id)
}

func decimal(n int) string { return strconv.Itoa(n) }
