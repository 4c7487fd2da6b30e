package waiver

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"leastwise/policies/finding"
)

// Earlier is what an earlier report found: enough to tell whether a finding is new, in little memory.
type Earlier struct {
	AsOf     time.Time
	SHA256   string // of the file, in hex
	TenantID string
	held     map[mark]held
	seed     maphash.Seed
	texts    map[string]string // one of each text that is often there
	unsure   map[uint64]bool   // control and subject of what is unknown in this report
}

// mark is what makes a finding the same in two reports: its fingerprint and whether it failed.
type mark struct {
	print   [16]byte
	outcome finding.Outcome
}

// held is how often an earlier report has a finding.
type held struct {
	total, seen uint32    // times that it has it, and that this report does
	counted     [5]uint32 // times that no waiver covered it and none of this report's was matched with it, by rank of severity
	since       string    // RFC 3339
	about       uint64    // stands for control and subject
	control     string
	causes      string // of an unknown, see causesOf
}

// ReadEarlier reads the findings of an earlier report. A report whose totals are not those of its findings was
// altered and is refused.
func ReadEarlier(d *finding.Document) (*Earlier, error) {
	if err := d.Recount(); err != nil {
		return nil, err
	}
	sum, err := digest(d.Path())
	if err != nil {
		return nil, err
	}
	e := &Earlier{AsOf: d.AsOf, SHA256: sum, TenantID: d.Tenant.ID, held: map[mark]held{}, seed: maphash.MakeSeed(), texts: map[string]string{}, unsure: map[uint64]bool{}}
	asOf := written(d.AsOf)
	for f, err := range d.Findings() {
		if err != nil {
			return nil, err
		}
		if f.Since != "" {
			if _, err := time.Parse(time.RFC3339Nano, f.Since); err != nil {
				return nil, fmt.Errorf("read report: %s: the finding %s is since %q, which is no instant; hint: the file was altered, make it again", d.Path(), f.Fingerprint, f.Since)
			}
		}
		if f.Since == "" {
			f.Since = asOf
		}
		f.Since = e.once(f.Since)
		if err := e.add(&f); err != nil {
			return nil, fmt.Errorf("read report: %s: %w", d.Path(), err)
		}
	}
	return e, nil
}

// once is a text that was met before, where it was.
func (e *Earlier) once(text string) string {
	if known, there := e.texts[text]; there {
		return known
	}
	e.texts[text] = text
	return text
}

func (e *Earlier) about(control, kind, id string) uint64 {
	return maphash.String(e.seed, control+"\x00"+kind+"\x00"+id)
}

// causesOf are the reasons why something is unknown, each on a line, without what changes from day to day: the facts that
// are missing, the datasets with their status. "" for what is not unknown.
func causesOf(f *finding.Finding) string {
	var evidence struct {
		Reasons []string `json:"reasons"`
	}
	if f.Outcome != finding.Unknown || json.Unmarshal(f.Evidence, &evidence) != nil {
		return ""
	}
	for i, reason := range evidence.Reasons {
		parts := strings.Split(strings.ReplaceAll(reason, "\n", " "), ": ")
		if n := 1 + strings.Count(parts[0]+"\x00", "not known\x00"); n < len(parts) {
			parts = parts[:n]
		}
		evidence.Reasons[i] = strings.Join(parts, ": ")
	}
	slices.Sort(evidence.Reasons)
	return strings.Join(slices.Compact(evidence.Reasons), "\n")
}

// covers reports whether all causes were there before.
func covers(before, now string) bool {
	known := strings.Split(before, "\n")
	for cause := range strings.SplitSeq(now, "\n") {
		if !slices.Contains(known, cause) {
			return false
		}
	}
	return true
}

func digest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read report: %w", err)
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("read report: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func markOf(f *finding.Finding) (mark, error) {
	m := mark{outcome: f.Outcome}
	// Of its key, not what the file says: a report that was altered, or that an older version made, may say another.
	_, err := hex.Decode(m.print[:], []byte(Print(f)))
	return m, err
}

func (e *Earlier) add(f *finding.Finding) error {
	if !json.Valid(f.Key) {
		return fmt.Errorf("a finding of %s has no key; hint: the file was altered, make it again", f.Control)
	}
	m, err := markOf(f)
	if err != nil {
		return err
	}
	h, there := e.held[m]
	if !there || f.Since < h.since {
		h.since = f.Since
	}
	causes := causesOf(f)
	if there && !covers(causes, h.causes) { // of two, what both have
		causes = strings.Join(slices.DeleteFunc(strings.Split(h.causes, "\n"), func(cause string) bool { return !covers(causes, cause) }), "\n")
	} else if there {
		causes = h.causes
	}
	h.causes, h.control, h.about = e.once(causes), e.once(f.Control), e.about(f.Control, f.Subject.Kind, f.Subject.ID)
	if h.total++; f.Waiver == nil {
		h.counted[f.Severity.Rank()]++ // it has one: the report was recounted
	}
	e.held[m] = h
	return nil
}

// since is the instant from which a finding is known to have been there without a break, up to now.
func (e *Earlier) since(f *finding.Finding, now time.Time) (string, error) {
	m, err := markOf(f)
	if err != nil {
		return "", err
	}
	h, there := e.held[m]
	if !there {
		return written(now), nil
	}
	if at, err := time.Parse(time.RFC3339Nano, h.since); err != nil || at.After(now) {
		return written(now), nil //nolint:nilerr // read before: it cannot be
	}
	return h.since, nil
}

// knows reports whether a finding of this report was there before and counted then, at least as severe. Each
// finding of the earlier report makes one known: a second one like it is new. What judges waivers, and what a waiver
// covered then, is never known; nor is an unknown for which there is a further cause.
func (e *Earlier) knows(f *finding.Finding) (bool, error) {
	m, err := markOf(f)
	if err != nil {
		return false, err
	}
	if f.Outcome == finding.Unknown {
		e.unsure[e.about(f.Control, f.Subject.Kind, f.Subject.ID)] = true
		if f.Subject.ID == "*" {
			e.unsure[e.about(f.Control, "", "*")] = true
		}
	}
	h, there := e.held[m]
	if !there {
		return false, nil
	}
	h.seen++
	known := false
	if f.Waiver == nil && !IsOwn(f.Control) && covers(h.causes, causesOf(f)) && (f.Outcome == finding.Fail || f.Outcome == finding.Unknown) {
		// The mildest that is severe enough, so that the others are left for those that are worse.
		for rank := f.Severity.Rank(); rank >= 0 && !known; rank-- {
			if known = h.counted[rank] > 0; known {
				h.counted[rank]--
			}
		}
	}
	e.held[m] = h
	return known, nil
}

// gone counts the findings, failed or unknown, that this report no longer has, though it judged what they are about.
func (e *Earlier) gone(controls []finding.Control) int {
	ran := map[string]bool{}
	for _, control := range controls {
		ran[control.ID] = control.Disabled == "" && control.OutOfScope == ""
	}
	n := 0
	for m, h := range e.held {
		judged := ran[h.control] && (m.outcome == finding.Unknown || !e.unsure[h.about] && !e.unsure[e.about(h.control, "", "*")])
		if judged && (m.outcome == finding.Fail || m.outcome == finding.Unknown) {
			n += max(int(h.total)-int(h.seen), 0)
		}
	}
	return n
}
