package policies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// readiness is what the state of the datasets means for one control, whatever the
// subject.
type readiness struct {
	// blocked is the reason why nothing can be judged: a required dataset has no rows.
	blocked string
	// partial are the required datasets that miss rows or hold damage that is not
	// tied to single subjects, with the reason.
	partial map[string]string
	// appliesPartial are those of them that "applies" rests on.
	appliesPartial bool
}

// assess derives a control's readiness from the snapshot and the join.
func assess(control *boundControl, snap *snapshot.Snapshot, join *subject.Join) readiness {
	r := readiness{partial: map[string]string{}}
	for _, name := range control.Requires {
		dataset := snap.Dataset(name)
		switch {
		case !dataset.Status.Readable():
			if r.blocked == "" {
				r.blocked = fmt.Sprintf("dataset %s is %s: %s", name, dataset.Status, dataset.Reason)
			}
		case dataset.Status == snapshot.Partial && !dataset.Confined:
			r.partial[name] = fmt.Sprintf("dataset %s is partial: %s", name, dataset.Reason)
		case join.Loose(name) != "":
			r.partial[name] = fmt.Sprintf("dataset %s is partial: %s", name, join.Loose(name))
		}
		if r.partial[name] != "" && slices.Contains(control.appliesOn, name) {
			r.appliesPartial = true
		}
	}
	return r
}

// verdict is the outcome of one control on one subject.
type verdict struct {
	outcome finding.Outcome
	fails   []failure // of a fail
	reasons []string  // of an unknown
}

// failure is one element of a control's deny set.
type failure struct {
	key, evidence json.RawMessage
	severity      finding.Severity
	message       string
}

// decide follows a fixed order; nothing is inferred from counts. gaps are the
// datasets incomplete for this subject.
func decide(control *boundControl, ready readiness, gaps []subject.Gap, result raw, who finding.Subject) verdict {
	if ready.blocked != "" {
		return verdict{outcome: finding.Unknown, reasons: []string{ready.blocked}}
	}
	if result.err != nil {
		return verdict{outcome: finding.Unknown, reasons: []string{"the control failed: " + oneLine(result.err)}}
	}
	missing, appliesMissing := missingFor(control, ready, gaps)
	if !result.applies {
		if appliesMissing {
			return verdict{outcome: finding.Unknown, reasons: missing}
		}
		return verdict{outcome: finding.NotApplicable}
	}
	if len(missing) > 0 && control.Absence {
		return verdict{outcome: finding.Unknown, reasons: missing}
	}
	if result.deny.Len() > 0 {
		fails, err := failures(control, result.deny, who)
		if err != nil {
			return verdict{outcome: finding.Unknown, reasons: []string{"the control failed: " + oneLine(err)}}
		}
		return verdict{outcome: finding.Fail, fails: fails}
	}
	if reasons := unknownReasons(result.unknown); len(reasons) > 0 || len(missing) > 0 {
		return verdict{outcome: finding.Unknown, reasons: append(reasons, missing...)}
	}
	return verdict{outcome: finding.Pass}
}

// missingFor lists why the facts of a control are incomplete for one subject, and
// whether "applies" itself rests on them.
func missingFor(control *boundControl, ready readiness, gaps []subject.Gap) (missing []string, applies bool) {
	applies = ready.appliesPartial
	for _, name := range sortedKeys(ready.partial) {
		missing = append(missing, ready.partial[name])
	}
	for _, gap := range gaps {
		if !slices.Contains(control.Requires, gap.Dataset) {
			continue
		}
		missing = append(missing, gap.Reason+" ("+gap.Dataset+")")
		applies = applies || slices.Contains(control.appliesOn, gap.Dataset)
	}
	return missing, applies
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func unknownReasons(set ast.Set) []string {
	if set == nil || set.Len() == 0 {
		return nil
	}
	var reasons []string
	for _, term := range set.Slice() {
		reason := term.String()
		if text, ok := term.Value.(ast.String); ok {
			reason = string(text)
		}
		reasons = append(reasons, "not known: "+reason)
	}
	return reasons
}

func failures(control *boundControl, deny ast.Set, who finding.Subject) ([]failure, error) {
	var fails []failure
	for _, term := range deny.Slice() {
		element, ok := term.Value.(ast.Object)
		if !ok {
			return nil, fmt.Errorf("deny holds %s, want an object with key and evidence", ast.ValueName(term.Value))
		}
		f, err := newFailure(control, element, who)
		if err != nil {
			return nil, err
		}
		fails = append(fails, f)
	}
	slices.SortFunc(fails, func(a, b failure) int { return bytes.Compare(a.key, b.key) })
	for i := range fails[1:] {
		if bytes.Equal(fails[i].key, fails[i+1].key) {
			return nil, fmt.Errorf("two elements of deny have the key %s", fails[i].key)
		}
	}
	return fails, nil
}

func newFailure(control *boundControl, element ast.Object, who finding.Subject) (failure, error) {
	f := failure{severity: control.severity}
	var members [2]map[string]any
	for i, name := range []string{"key", "evidence"} {
		value, err := ast.JSON(get(element, name))
		if err != nil {
			return f, err
		}
		object, ok := value.(map[string]any)
		if !ok {
			return f, fmt.Errorf("an element of deny has no object %q", name)
		}
		members[i] = object
	}
	var err error
	if f.key, err = encodeJSON(members[0]); err != nil {
		return f, err
	}
	if f.evidence, err = encodeJSON(members[1]); err != nil {
		return f, err
	}
	if text, ok := get(element, "severity").(ast.String); ok && !control.overridden {
		f.severity = finding.Severity(text)
		if f.severity.Rank() < 0 {
			return f, fmt.Errorf("deny names the severity %q, which does not exist", text)
		}
	}
	f.message = control.message.fill(who, members[0], members[1])
	return f, nil
}

func get(object ast.Object, name string) ast.Value {
	if term := object.Get(ast.StringTerm(name)); term != nil {
		return term.Value
	}
	return ast.Null{}
}

// encodeJSON writes compact JSON with sorted members, without HTML escapes.
func encodeJSON(value any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
