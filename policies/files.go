package policies

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// Files says what can be judged of applications that files of a repository define, before they are merged.
type Files struct {
	// Provided are the datasets that the files stand in for, and those of the snapshot that they are compared with.
	Provided []snapshot.Name
}

// untold is why a control cannot judge what files define; "" when it can, or nothing but a tenant is judged. That
// something is not there, files do not prove: who merges them may grant it, or own it, later.
func (f *Files) untold(control *Control) string {
	if f == nil || control.Subject != subject.KindApplication {
		return ""
	}
	if control.Absence {
		return "files of a repository do not tell what a tenant lacks: leastwise audit judges that"
	}
	var missing []string
	for _, name := range control.Requires {
		if !slices.Contains(f.Provided, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("files of a repository do not tell of %s: leastwise audit judges that", strings.Join(missing, ", "))
}

// inFiles adds to a verdict what is known of the place: where in the file each failure stands, and whether merging
// the file brings it. What a file does not speak of, it leaves as it is, so that a control of nothing else does not
// concern it.
func inFiles(control *boundControl, document subject.Document, decided verdict) (verdict, error) {
	if document.Lines == nil {
		return decided, nil
	}
	silent := control.reads(document.Blank) && !control.reads(document.Told)
	// What use shows of an application that is not merged yet, nobody can know: of such a control, only what it finds
	// without counts.
	unused := decided.outcome == finding.Unknown && slices.Contains(control.Optional, snapshot.GraphActivity)
	if decided.dataset == "" && (silent || unused) {
		return verdict{outcome: finding.NotApplicable}, nil
	}
	if decided.outcome != finding.Fail {
		return decided, nil
	}
	decided.fails = slices.Clone(decided.fails) // they may be shared with subjects that look the same
	for i := range decided.fails {
		if err := decided.fails[i].place(control, document); err != nil {
			return decided, err
		}
	}
	return decided, nil
}

// place notes where in its file a failure stands, and that it is new.
func (f *failure) place(control *boundControl, document subject.Document) error {
	key, err := decodeFacts(f.key)
	if err != nil {
		return err
	}
	evidence, err := decodeFacts(f.evidence)
	if err != nil {
		return err
	}
	if word, ok := evidence["sign_in_audience"].(string); ok {
		f.line = document.Lines[word]
	}
	for _, name := range sortedKeys(key) {
		word, ok := key[name].(string)
		if !ok {
			continue
		}
		f.line = cmp.Or(f.line, document.Lines[word])
		if document.New[word] {
			evidence["new"] = true
			f.addition = " (new with this merge)"
		}
	}
	if f.addition == "" {
		return nil
	}
	f.parts = control.message.parts(key, evidence)
	f.evidence, err = encodeJSON(evidence)
	return err
}

// decodeFacts reads the key or the evidence of a failure.
func decodeFacts(text []byte) (map[string]any, error) {
	var facts map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(&facts)
	return facts, err
}

// reads reports whether the control reads any of the fields of its subject.
func (c *Control) reads(fields []string) bool {
	root := rootType(c.Subject)
	return slices.ContainsFunc(c.fields[root], func(i int) bool { return slices.Contains(fields, fieldName(root.Field(i))) })
}

// at is where a failure stands, in a file that its subject stands in.
func (f failure) at(subject *finding.Location) *finding.Location {
	if subject == nil || f.line == 0 {
		return subject
	}
	return &finding.Location{File: subject.File, Line: f.line}
}

// changesOf are the changes as a report has them.
func changesOf(join *subject.Join) []finding.Change {
	var changes []finding.Change
	for _, c := range join.Changes() {
		changes = append(changes, finding.Change{
			Subject:  finding.Subject{Kind: string(subject.KindApplication), ID: c.ID, Name: c.Name},
			Location: finding.Location{File: c.File, Line: c.Line}, Action: c.Action, MatchedBy: c.MatchedBy,
			Requested: changedPermissions(c.Requested), Granted: changedPermissions(c.Granted), Dropped: changedPermissions(c.Dropped),
		})
	}
	return changes
}

func changedPermissions(list []subject.ChangedPermission) []finding.ChangedPermission {
	out := make([]finding.ChangedPermission, 0, len(list))
	for _, p := range list {
		out = append(out, finding.ChangedPermission{
			Key: p.Key, Permission: p.Permission, Kind: p.Kind, ResourceName: p.ResourceName, Tier: p.Tier, Line: p.Line,
			Ends: p.Ends, StillGranted: p.StillGranted,
		})
	}
	return out
}
