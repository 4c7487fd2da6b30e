package waiver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"leastwise/policies/finding"
)

// Statuses are the waivers as a report has them.
func Statuses(all []*Standing, asOf time.Time) []finding.WaiverStatus {
	rows := []finding.WaiverStatus{}
	for _, s := range all {
		rows = append(rows, finding.WaiverStatus{
			Waiver: s.shown(), Control: s.Control, Subject: s.subject(), Fingerprint: s.Fingerprint, Severity: s.Severity, Tenant: s.Tenant, Approved: written(s.Approved),
			Line: s.Line, Status: s.Status, Detail: s.Detail, DaysLeft: s.daysLeft(asOf), Findings: s.Findings,
		})
	}
	return rows
}

// concerns reports whether a control has anything to say of a waiver: whether one that is not in force is stale or
// a duplicate, it does not say.
func (s *Standing) concerns(control string) bool {
	if s.Status == OtherTenant {
		return false
	}
	switch control {
	case "WAV-002":
		return s.Status == Applied || s.Status == Stale
	case "WAV-004":
		return s.Status == Applied || s.Status == Stale || s.Status == Unjudged || s.Status == Duplicate
	}
	return true
}

func (s *Standing) broken(control string) *Breach {
	if i := slices.IndexFunc(s.Faults, func(b Breach) bool { return b.Control == control }); i >= 0 {
		return &s.Faults[i]
	}
	return nil
}

// judged is one control of waivers with its counts, and what it found.
func judged(control finding.Control, file string, all []*Standing) (finding.Control, []finding.Finding, error) {
	if control.Disabled != "" {
		return control, nil, nil
	}
	var found []finding.Finding
	for i, s := range all {
		breach := s.broken(control.ID)
		switch {
		case breach != nil:
			f, err := s.finding(control, file, breach)
			if err != nil {
				return control, nil, err
			}
			control.Counts.Fail++
			found = append(found, f)
		case s.concerns(control.ID):
			control.Counts.Pass++
			set(&control.Passed, i)
		default:
			control.Counts.NotApplicable++
			set(&control.Inapplicable, i)
		}
	}
	return control, found, nil
}

func set(bitmap *[]byte, i int) {
	for len(*bitmap) <= i/8 {
		*bitmap = append(*bitmap, 0)
	}
	(*bitmap)[i/8] |= 1 << (i % 8)
}

// finding is what is reported of a waiver that does not hold. Its key is what the waiver is bound to, so that
// another waiver under the same id is another finding.
func (s *Standing) finding(control finding.Control, file string, breach *Breach) (finding.Finding, error) {
	key, err := encode(map[string]any{"fingerprint": s.Fingerprint})
	if err != nil {
		return finding.Finding{}, err
	}
	proof := map[string]any{
		"control": s.Control, "subject": s.subject(), "requester": s.Requester, "approver": s.Approver,
		"reason": s.Reason, "expires": written(s.Expires), "detail": breach.Detail,
	}
	if !s.Approved.IsZero() {
		proof["approved"] = written(s.Approved)
	}
	if len(breach.found) > 0 {
		var prints []string
		for _, o := range breach.found {
			prints = append(prints, o.fingerprint)
		}
		proof["found"] = prints
	}
	evidence, err := encode(proof)
	f := finding.Finding{
		Control: control.ID, Severity: control.Severity, Outcome: finding.Fail, Key: key, Evidence: evidence,
		Subject: finding.Subject{Kind: Kind, ID: s.ID}, Location: &finding.Location{File: file, Line: s.Line}, Owners: []string{s.Requester},
		Message: fmt.Sprintf("the waiver %s of %s on %s covers nothing: %s", s.ID, s.Control, s.subject(), breach.Detail),
	}
	f.Fingerprint = f.Print()
	return f, err
}

// encode writes compact JSON with sorted members, without HTML escapes.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("encode finding: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
