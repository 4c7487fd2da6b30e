package waiver

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const print1, print2 = "0123456789abcdef0123456789abcdef", "11111111111111111111111111111111"

const sound = `# accepted risks
waivers:
  - id: R-1
    control: ENTRA-001
    subject: data_connect_app/home/app
    fingerprint: 0123456789ABCDEF0123456789abcdef
    reason: |
      The vendor
      mends it.
    requester: ann@contoso.com
    approver: Bob <bob@contoso.com>
    approved: 2026-11-01T12:00:00+02:00
    expires: 2027-01-31
  - control: ENTRA-002
    subject: application/a
    fingerprint: 11111111111111111111111111111111
    reason: x
    requester: ann@contoso.com
    approver: bob@contoso.com
    expires: "2027-01-31T10:00:00Z"
`

func TestParse(t *testing.T) {
	file, err := Parse("w.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Entries) != 2 {
		t.Fatalf("got %d entries", len(file.Entries))
	}
	first, second := file.Entries[0], file.Entries[1]
	want := Entry{
		ID: "R-1", Control: "ENTRA-001", Fingerprint: print1, Reason: "The vendor\nmends it.", Requester: "ann@contoso.com", Approver: "Bob <bob@contoso.com>",
		Approved: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Line: 3,
	}
	want.Subject.Kind, want.Subject.ID = "data_connect_app", "home/app"
	if first != want {
		t.Errorf("got %+v, want %+v", first, want)
	}
	if second.ID != "11111111" || second.Line != 14 || second.Fingerprint != print2 || !second.Approved.IsZero() || second.Expires.Hour() != 10 {
		t.Errorf("got %+v", second)
	}
}

func TestNoWaivers(t *testing.T) {
	for _, text := range []string{"waivers: []\n", "waivers:\n", "waivers: null\n"} {
		file, err := Parse("w.yaml", []byte(text))
		if err != nil || len(file.Entries) != 0 {
			t.Errorf("%q: got %v, %v", text, file, err)
		}
	}
}

// Ids that nobody wrote differ, whatever the fingerprints, and never take one that somebody did.
func TestDefaultIDs(t *testing.T) {
	text := strings.ReplaceAll(sound, "11111111111111111111111111111111", "0123456789abcdef0123456789abcdef")
	text = strings.Replace(text, "id: R-1\n    control", "control", 1) + strings.Replace(text[strings.Index(text, "  - control: ENTRA-002"):], "- control", "- id: 01234567-2\n    control", 1)
	file, err := Parse("w.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range file.Entries {
		ids = append(ids, e.ID)
	}
	if got := strings.Join(ids, " "); got != "01234567 01234567-3 01234567-2" {
		t.Errorf("got %s", got)
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ old, replacement, want string }{
		"empty":              {sound, "", "w.yaml:1: the file is empty"},
		"only a comment":     {sound, "# none\n", "w.yaml:1: the file is empty"},
		"no yaml":            {"reason: x", "reason: [x", "w.yaml:"},
		"no mapping":         {sound, "- a\n", "w.yaml:1: this is no mapping"},
		"misspelt top":       {"waivers:", "waiver:", `w.yaml:2: unknown key "waiver"`},
		"second key":         {"waivers:", "tenant: x\nwaivers:", `w.yaml:2: unknown key "tenant"`},
		"list twice":         {"# accepted risks", "waivers: []", "w.yaml:2: the key waivers is there twice"},
		"no list":            {sound, "waivers: {a: b}\n", "w.yaml:1: waivers is no list"},
		"second document":    {"reason: x", "reason: x\n---\nwaivers: []", "w.yaml:"},
		"no waiver":          {sound, "waivers:\n  - R-1\n", "w.yaml:2: this is no waiver"},
		"misspelt member":    {"    reason: x", "    raeson: x", `w.yaml:17: unknown key "raeson"`},
		"member twice":       {"    reason: x", "    reason: x\n    reason: y", "w.yaml:18: reason is there twice"},
		"no text":            {"    reason: x", "    reason: [x]", "w.yaml:17: reason is no text"},
		"no reason":          {"    reason: x\n", "", "w.yaml:14: this waiver has no reason"},
		"empty reason":       {"    reason: x", "    reason: '  '", "w.yaml:17: reason is empty"},
		"null reason":        {"    reason: x", "    reason: ~", "w.yaml:17: reason is empty"},
		"invisible reason":   {"    reason: x", "    reason: \"\\u200b\\u202e\"", "w.yaml:17: reason is empty"},
		"no expiry":          {"    expires: 2027-01-31\n", "", "w.yaml:3: this waiver has no expires"},
		"bad expiry":         {"expires: 2027-01-31\n", "expires: 31.1.2027\n", `w.yaml:13: expires "31.1.2027" is no instant`},
		"impossible expiry":  {"expires: 2027-01-31\n", "expires: 2027-02-29\n", "w.yaml:13: expires"},
		"bad approval":       {"approved: 2026-11-01T12:00:00+02:00", "approved: yesterday", "w.yaml:12: approved"},
		"empty approval":     {"approved: 2026-11-01T12:00:00+02:00", "approved:", "w.yaml:12: approved"},
		"never in force":     {"expires: 2027-01-31\n", "expires: 2026-11-01\n", "w.yaml:13: it expires before it is approved"},
		"short fingerprint":  {print2, "1111", "w.yaml:16: fingerprint"},
		"wrong fingerprint":  {print2, "g" + print2[1:], "w.yaml:16: fingerprint"},
		"subject":            {"subject: application/a", "subject: application", "w.yaml:15: subject"},
		"subject without id": {"subject: application/a", "subject: application/", "w.yaml:15: subject"},
		"filler reason":      {"    reason: x", "    reason: \"\\u3164\"", "w.yaml:17: reason is empty"},
		"braille reason":     {"    reason: x", "    reason: \"\\u2800\"", "w.yaml:17: reason is empty"},
		"dot as reason":      {"    reason: x", "    reason: .", "w.yaml:17: reason is empty"},
		"nobody":             {"approver: Bob <bob@contoso.com>", "approver: n/a", "w.yaml:11: approver \"n/a\" names nobody"},
		"to be said":         {"approver: Bob <bob@contoso.com>", "approver: TBD", "w.yaml:11: approver"},
		"dash for a person":  {"approver: Bob <bob@contoso.com>", "approver: '-'", "w.yaml:11: approver"},
		"offset of a day":    {"expires: 2027-01-31\n", "expires: 2027-01-31T00:00:00-24:00\n", "w.yaml:13: expires"},
		"comma in seconds":   {"expires: 2027-01-31\n", "expires: \"2027-01-31T00:00:00,5Z\"\n", "w.yaml:13: expires"},
		"severity":           {"    reason: x", "    reason: x\n    severity: bad", "w.yaml:18: severity \"bad\" is none"},
		"tenant":             {"    reason: x", "    reason: x\n    tenant: contoso.com", "w.yaml:18: tenant \"contoso.com\" is no tenant id"},
		"alias as key":       {"    reason: x", "    reason: &expires r\n    *expires : 2027-03-31", "w.yaml:18: a key is no plain text"},
		"of a waiver":        {"control: ENTRA-002", "control: wav-001", "w.yaml:14: wav-001 cannot be waived"},
		"id twice":           {"  - control: ENTRA-002", "  - id: R-1\n    control: ENTRA-002", "w.yaml:14: the id R-1 stands already on line 3"},
		"id of two words":    {"id: R-1", "id: R 1", "w.yaml:3: id"},
		"empty id":           {"id: R-1", "id: ''", "w.yaml:3: id"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(sound, c.old) {
				t.Fatalf("the sound file does not hold %q", c.old)
			}
			_, err := Parse("w.yaml", []byte(strings.Replace(sound, c.old, c.replacement, 1)))
			fault, ok := errors.AsType[*Fault](err)
			if !ok || !strings.Contains(err.Error(), c.want) || fault.Hint() == "" || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v, want one line with %q", err, c.want)
			}
		})
	}
}

func TestAliasesAreRead(t *testing.T) {
	text := strings.Replace(sound, "requester: ann", "requester: &who ann", 1)
	i := strings.LastIndex(text, "requester: ann@contoso.com")
	file, err := Parse("w.yaml", []byte(text[:i]+"requester: *who"+text[i+len("requester: ann@contoso.com"):]))
	if err != nil || file.Entries[1].Requester != "ann@contoso.com" {
		t.Errorf("got %v, %v", file, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("waivers: &a\n  - *a\n"))
	f.Add([]byte("waivers: [{<<: {a: b}}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("w.yaml", data)
		if fault, ok := errors.AsType[*Fault](err); err != nil && (!ok || fault.Hint() == "" || strings.Contains(err.Error(), "\n")) {
			t.Fatalf("got %v", err)
		}
		if err == nil {
			file.At(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), "")
		}
	})
}
