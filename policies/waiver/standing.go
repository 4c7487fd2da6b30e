package waiver

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The statuses of a waiver. Only an applied one covers findings.
const (
	Applied      = "applied"
	Expired      = "expired"
	Stale        = "stale"
	SelfApproved = "self_approved"
	Duplicate    = "duplicate"
	TooLong      = "too_long"
	NotYet       = "not_yet"
	Unjudged     = "unjudged"     // what it is about was not judged in this run
	OtherTenant  = "other_tenant" // it is for another tenant than the report is of
)

const (
	day = 24 * time.Hour
	// Longest is how long a waiver may hold, from its approval to its expiry.
	Longest = 365 * day
)

// Standing is a waiver and what became of it.
type Standing struct {
	*Entry
	Status string
	Detail string   // why, in words, when it is not applied
	Faults []Breach // what to report
	// Findings is how many it covers.
	Findings int
}

// Breach is one way in which a waiver does not hold: a finding.
type Breach struct {
	Control string // WAV-001 and so on
	Detail  string // in words
	found   []other
}

// other is a finding on the subject of a waiver that the waiver is not of.
type other struct{ fingerprint, key string }

// InForce reports whether the waiver may cover findings, as far as the file tells.
func (s *Standing) InForce() bool { return s.Status == Applied }

// breach notes a fault. The first one is the status.
func (s *Standing) breach(control, status, detail string) {
	if s.Status == Applied {
		s.Status = status
	}
	s.Faults = append(s.Faults, Breach{Control: control, Detail: detail})
	s.Detail = strings.TrimPrefix(s.Detail+"; "+detail, "; ")
}

// At tells what the file alone says of each waiver at an instant. A waiver holds until, and not at, the instant
// at which it expires. Those of another tenant than tenant are only named; with "" all are judged.
func (f *File) At(asOf time.Time, tenant string) []*Standing {
	var all []*Standing
	for i := range f.Entries {
		s := &Standing{Entry: &f.Entries[i], Status: Applied}
		if s.isOf(tenant) {
			s.judge(asOf)
		}
		all = append(all, s)
	}
	rejectDuplicates(all)
	return all
}

// isOf reports whether a waiver concerns a tenant. What is wrong with one that does not is for the reports of its own
// tenant to tell.
func (s *Standing) isOf(tenant string) bool {
	if tenant == "" || s.Tenant == "" || strings.EqualFold(s.Tenant, tenant) {
		return true
	}
	if s.Status, s.Detail = OtherTenant, "it is for the tenant "+s.Tenant; !isTenant(tenant) {
		s.Status, s.Detail = Unjudged, "it is for the tenant "+s.Tenant+", and which tenant was judged is not known"
	}
	return false
}

func (s *Standing) judge(asOf time.Time) {
	if !asOf.Before(s.Expires) {
		s.breach("WAV-001", Expired, "it expired on "+written(s.Expires))
	}
	switch {
	case samePerson(s.Requester, s.Approver):
		s.breach("WAV-003", SelfApproved, fmt.Sprintf("requester (%s) and approver (%s) are one person", s.Requester, s.Approver))
	case mixed(s.Requester) || mixed(s.Approver):
		s.breach("WAV-003", SelfApproved, fmt.Sprintf("requester (%s) and approver (%s) cannot be told apart: letters of several scripts are mixed", s.Requester, s.Approver))
	}
	from, since := s.Approved, "its approval on "+written(s.Approved)
	if from.IsZero() {
		from, since = asOf, "this report, and it does not say when it was approved"
	}
	if s.Expires.After(from.Add(Longest)) {
		s.breach("WAV-005", TooLong, fmt.Sprintf("it expires on %s, more than %d days after %s", written(s.Expires), int(Longest/day), since))
	}
	if s.Status == Applied && asOf.Before(s.Approved) {
		s.Status, s.Detail = NotYet, "it is approved as of "+written(s.Approved)+", which is yet to come"
	}
}

// rejectDuplicates leaves none in force of waivers in force with one fingerprint: nobody can tell which of them
// was accepted.
func rejectDuplicates(all []*Standing) {
	same := map[string][]*Standing{}
	for _, s := range all {
		if s.InForce() {
			same[s.Fingerprint] = append(same[s.Fingerprint], s)
		}
	}
	for _, s := range all {
		twins := same[s.Fingerprint]
		if !s.InForce() {
			continue
		}
		twins = slices.DeleteFunc(slices.Clone(twins), func(t *Standing) bool { return t.Tenant != "" && s.Tenant != "" && t.Tenant != s.Tenant })
		if len(twins) < 2 {
			continue
		}
		var names []string
		for _, twin := range twins[:min(len(twins), mostNamed+1)] {
			if twin != s {
				names = append(names, fmt.Sprintf("%s (line %d)", twin.ID, twin.Line))
			}
		}
		if more := len(twins) - 1 - len(names); more > 0 {
			names = append(names, fmt.Sprintf("%d more", more))
		}
		s.breach("WAV-004", Duplicate, "it has the fingerprint of "+strings.Join(names, " and ")+", and none of them covers anything")
	}
}

// daysLeft are whole days to expiry, rounded up.
func (s *Standing) daysLeft(asOf time.Time) int {
	// In seconds: a time.Duration ends after 292 years.
	seconds, whole := s.Expires.Unix()-asOf.Unix(), int64(day/time.Second)
	if s.Expires.Nanosecond() > asOf.Nanosecond() {
		seconds++
	}
	left := seconds / whole
	if seconds%whole > 0 {
		left++
	}
	return int(left)
}
