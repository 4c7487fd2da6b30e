package policies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// readiness is what the state of the datasets means for one control, whatever the
// subject.
type readiness struct {
	// blocked is the reason why nothing can be judged: a required dataset has no rows.
	blocked string
	// blockedBy is that dataset.
	blockedBy string
	// partial are the required datasets that miss rows or hold damage that is not
	// tied to single subjects, with the reason.
	partial map[string]string
	// appliesPartial are those of them that "applies" rests on.
	appliesPartial bool
}

// assess derives a control's readiness from the datasets as the join has them.
func assess(control *boundControl, join *subject.Join) readiness {
	r := readiness{partial: map[string]string{}}
	for _, name := range slices.Concat(control.Requires, control.Optional) {
		dataset := join.Dataset(control.Subject, name)
		optional := !slices.Contains(control.Requires, name)
		switch {
		case !dataset.Status.Readable():
			// What a control can do without may be missing; what is there and damaged
			// counts like any other damage.
			if r.blocked == "" && !optional {
				r.blockedBy = name
				r.blocked = fmt.Sprintf("dataset %s is %s: %s", name, dataset.Status, dataset.Reason)
			}
		case !dataset.Whole():
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
	// dataset is the one that has no rows, of an unknown that concerns every subject alike.
	dataset string
}

// decide follows a fixed order; nothing is inferred from counts. gaps are the
// datasets incomplete for this subject.
func decide(control *boundControl, ready readiness, gaps []subject.Gap, result answer) verdict {
	if ready.blocked != "" {
		return verdict{outcome: finding.Unknown, reasons: []string{ready.blocked}, dataset: ready.blockedBy}
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
	if len(result.fails) > 0 {
		return verdict{outcome: finding.Fail, fails: result.fails}
	}
	if len(result.reasons) > 0 || len(missing) > 0 {
		return verdict{outcome: finding.Unknown, reasons: slices.Concat(result.reasons, missing)}
	}
	return verdict{outcome: finding.Pass}
}

// missingFor lists why the facts of a control are incomplete for one subject, and
// whether "applies" itself rests on them.
func missingFor(control *boundControl, ready readiness, gaps []subject.Gap) (missing []string, applies bool) {
	applies = ready.appliesPartial
	if len(ready.partial)+len(gaps) == 0 {
		return nil, applies
	}
	for _, name := range sortedKeys(ready.partial) {
		missing = append(missing, ready.partial[name])
	}
	for _, gap := range gaps {
		concerned := slices.Contains(control.Requires, gap.Dataset) || slices.Contains(control.Optional, gap.Dataset)
		if !concerned || gap.Field != "" && !control.readsField(gap.Field) {
			continue
		}
		if reason := gap.Reason + " (" + gap.Dataset + ")"; !slices.Contains(missing, reason) {
			missing = append(missing, reason)
		}
		applies = applies || slices.Contains(control.appliesOn, gap.Dataset)
	}
	return missing, applies
}

// unknownFinding says why something is not known. Its evidence names the dataset where all
// subjects of the control are concerned, because that has no rows.
func unknownFinding(control *boundControl, decided verdict) (finding.Finding, error) {
	proof := map[string]any{"reasons": decided.reasons}
	if decided.dataset != "" {
		proof["dataset"] = decided.dataset
	}
	evidence, err := encodeJSON(proof)
	if err != nil {
		return finding.Finding{}, fmt.Errorf("encode finding: %w", err)
	}
	return finding.Finding{
		Severity: control.severity, Key: []byte("{}"), Evidence: evidence,
		Message: "Could not be judged: " + inWords(toAny(decided.reasons)),
	}, nil
}

func toAny(words []string) []any {
	list := make([]any, len(words))
	for i, word := range words {
		list[i] = word
	}
	return list
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// encodeJSON writes compact JSON with sorted members, without HTML escapes.
func encodeJSON(value any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	// Many are kept, by the thousand: without the room that the buffer has left.
	return bytes.Clone(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}
