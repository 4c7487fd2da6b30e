package waiver

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"leastwise/policies/finding"
)

// checked makes an entry of its members, each of which is there.
func (r reader) checked(line int, found map[string]text) (Entry, error) {
	e := Entry{
		ID: found["id"].value, Control: found["control"].value, Fingerprint: strings.ToLower(found["fingerprint"].value),
		Reason: found["reason"].value, Requester: oneLine(found["requester"].value), Approver: oneLine(found["approver"].value), Line: line,
	}
	if member, there := found["id"]; there && !isID(member.value) {
		return e, r.fault(member.line, "one word of up to 100 characters, such as R-114; leave it out to have the first digits of the fingerprint",
			"id %q cannot be used", oneLine(member.value))
	}
	if IsOwn(e.Control) {
		return e, r.fault(found["control"].line, "mend the waiver that it tells of, or take it out", "%s cannot be waived: it judges waivers", e.Control)
	}
	kind, id, ok := strings.Cut(found["subject"].value, "/")
	if !ok || kind == "" || id == "" || strings.IndexFunc(kind+id, unicode.IsControl) >= 0 {
		return e, r.fault(found["subject"].line, "KIND/ID as reports have it, such as application/2f4ad5ff-dbda-4393-b153-b221718e445e",
			"subject %q is not of the form KIND/ID", oneLine(found["subject"].value))
	}
	e.Subject = finding.Subject{Kind: kind, ID: id}
	if !IsFingerprint(e.Fingerprint) {
		return e, r.fault(found["fingerprint"].line, "copy it from the report: 32 hexadecimal digits, in quotes",
			"fingerprint %q is none", oneLine(found["fingerprint"].value))
	}
	if err := r.conditions(&e, found); err != nil {
		return e, err
	}
	for _, name := range []string{"requester", "approver"} {
		if nobody(found[name].value) {
			return e, r.fault(found[name].line, "name a person by user principal name", "%s %q names nobody", name, oneLine(found[name].value))
		}
	}
	for _, name := range []string{"expires", "approved"} {
		to := map[string]*time.Time{"expires": &e.Expires, "approved": &e.Approved}[name]
		member, there := found[name]
		if !there {
			continue
		}
		if *to, ok = Instant(member.value); !ok {
			return e, r.fault(member.line, "write 2026-11-20, which is its 00:00:00Z, or 2026-11-20T18:00:00Z", "%s %q is no instant", name, oneLine(member.value))
		}
	}
	if !e.Approved.IsZero() && !e.Approved.Before(e.Expires) {
		return e, r.fault(found["expires"].line, "a waiver holds from its approval to its expiry", "it expires before it is approved")
	}
	return e, nil
}

// conditions reads what a waiver may further demand of a finding.
func (r reader) conditions(e *Entry, found map[string]text) error {
	if member, there := found["severity"]; there {
		if e.Severity = finding.Severity(strings.ToLower(member.value)); e.Severity.Rank() < 0 {
			return r.fault(member.line, "critical, high, medium, low or info, as the finding was when it was accepted", "severity %q is none", oneLine(member.value))
		}
	}
	if member, there := found["tenant"]; there {
		if e.Tenant = strings.ToLower(member.value); !isTenant(e.Tenant) {
			return r.fault(member.line, "its id, as reports have it; leave it out for a waiver of any tenant", "tenant %q is no tenant id", oneLine(member.value))
		}
	}
	return nil
}

func isTenant(text string) bool {
	return regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(strings.ToLower(text))
}

// named gives ids to the entries that have none, and refuses ids that are written twice. Entries with one
// fingerprint get ids of their own: what they are a fault of is told by WAV-004, not here.
func (r reader) named(entries []Entry) error {
	first := map[string]int{}
	for _, e := range entries {
		if line, taken := first[e.ID]; taken && e.ID != "" {
			return r.fault(e.Line, "give each waiver an id of its own", "the id %s stands already on line %d", e.ID, line)
		}
		first[e.ID] = e.Line
	}
	last := map[string]int{} // that was tried
	for i := range entries {
		e := &entries[i]
		if e.ID != "" {
			continue
		}
		e.ID = e.Fingerprint[:8]
		for first[e.ID] > 0 {
			last[e.Fingerprint[:8]]++
			e.ID = fmt.Sprintf("%s-%d", e.Fingerprint[:8], last[e.Fingerprint[:8]]+1)
		}
		first[e.ID] = e.Line
	}
	return nil
}

// IsOwn reports whether a control is one of those that judge waivers themselves, however it is spelled.
func IsOwn(control string) bool { return strings.HasPrefix(strings.ToUpper(control), "WAV-") }

// IsFingerprint reports whether text is 32 hexadecimal digits in lower case.
func IsFingerprint(text string) bool {
	return regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(text)
}

func isID(text string) bool {
	return text != "" && len(text) <= 100 && strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}) < 0
}

// blank reports whether text says nothing: no letter or digit is to be seen in it.
func blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !invisible(r) && (unicode.IsLetter(r) || unicode.IsNumber(r)) }) < 0
}

// invisible is what makes two texts differ that look alike: control and format characters, and those that stand for
// nothing (Hangul fillers, the empty Braille cell).
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || strings.ContainsRune("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", r) ||
		unicode.Is(unicode.Variation_Selector, r)
}

// oneLine keeps what a file holds on one line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)), " ")
}
