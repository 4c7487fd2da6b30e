package policies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/policies/finding"
)

// answer is what one control says of one subject, before it is an outcome. It holds
// nothing of the subject but what the control put into it, so that it serves every
// subject that looks the same to the control.
type answer struct {
	applies bool
	fails   []failure // elements of deny, by key
	reasons []string  // elements of unknown
	err     error
}

// failure is one element of a control's deny set.
type failure struct {
	key, evidence json.RawMessage
	severity      finding.Severity
	parts         []string // the message, cut where it names the subject
	// Of what stands in a file: the line of what it found, and what the message says of it besides.
	line     int
	addition string
}

// readAnswer reads the value of a control's rule in the composed module. A control
// that answers in a form of its own is broken.
func readAnswer(control *boundControl, value ast.Value) answer {
	pair, ok := value.(*ast.Array)
	if !ok {
		return answer{} // false: the control does not apply
	}
	deny, isSet := pair.Elem(0).Value.(ast.Set)
	unknown, isSetToo := pair.Elem(1).Value.(ast.Set)
	if !isSet || !isSetToo {
		return answer{err: fmt.Errorf("deny and unknown must be sets")}
	}
	fails, err := failures(control, deny)
	return answer{applies: true, fails: fails, reasons: unknownReasons(unknown), err: err}
}

func unknownReasons(set ast.Set) []string {
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

func failures(control *boundControl, deny ast.Set) ([]failure, error) {
	var fails []failure
	for _, term := range deny.Slice() {
		element, ok := term.Value.(ast.Object)
		if !ok {
			return nil, fmt.Errorf("deny holds %s, want an object with key and evidence", ast.ValueName(term.Value))
		}
		f, err := newFailure(control, element)
		if err != nil {
			return nil, err
		}
		fails = append(fails, f)
	}
	slices.SortFunc(fails, func(a, b failure) int { return bytes.Compare(a.key, b.key) })
	for i := 1; i < len(fails); i++ {
		if bytes.Equal(fails[i-1].key, fails[i].key) {
			return nil, fmt.Errorf("two elements of deny have the key %s", fails[i].key)
		}
	}
	return fails, nil
}

func newFailure(control *boundControl, element ast.Object) (failure, error) {
	f := failure{severity: control.severity}
	var facts [2]map[string]any // decoded, they would take four times the memory of the text
	for i, name := range []string{"key", "evidence"} {
		value, err := ast.JSON(get(element, name))
		if err != nil {
			return f, err
		}
		object, ok := value.(map[string]any)
		if !ok {
			return f, fmt.Errorf("an element of deny has no object %q", name)
		}
		facts[i] = object
	}
	var err error
	if f.key, err = encodeJSON(facts[0]); err != nil {
		return f, err
	}
	if f.evidence, err = encodeJSON(facts[1]); err != nil {
		return f, err
	}
	f.parts = control.message.parts(facts[0], facts[1])
	if text, ok := get(element, "severity").(ast.String); ok && !control.overridden {
		f.severity = finding.Severity(text)
		if f.severity.Rank() < 0 {
			return f, fmt.Errorf("deny names the severity %q, which does not exist", text)
		}
	}
	return f, nil
}

func get(object ast.Object, name string) ast.Value {
	if term := object.Get(ast.StringTerm(name)); term != nil {
		return term.Value
	}
	return ast.Null{}
}
