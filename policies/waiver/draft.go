package waiver

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Draft is a waiver to be written, in the terms of the file.
type Draft struct {
	ID          string `yaml:"id,omitempty"`
	Control     string `yaml:"control"`
	Subject     string `yaml:"subject"`
	Fingerprint string `yaml:"fingerprint"`
	Severity    string `yaml:"severity,omitempty"`
	Tenant      string `yaml:"tenant,omitempty"`
	Reason      string `yaml:"reason"`
	Requester   string `yaml:"requester"`
	Approver    string `yaml:"approver"`
	Approved    string `yaml:"approved,omitempty"`
	Expires     string `yaml:"expires"`
}

// Append gives a waiver file with the draft at its end; before is what the file of that name holds, and stays as it
// is. A draft that would not hold as of an instant is refused, and so is a file that cannot be continued.
func (d Draft) Append(name string, before []byte, asOf time.Time) ([]byte, error) {
	var old File
	if !isBare(before) {
		file, err := Parse(name, before)
		if err != nil {
			return nil, err
		}
		old = *file
	}
	after, err := d.joined(before)
	if err != nil {
		return nil, &Fault{name, 0, err.Error(), "run it without --file and copy what it prints"}
	}
	file, err := Parse(name, after)
	if err != nil {
		return nil, unread(name, err)
	}
	n := len(old.Entries)
	if len(file.Entries) != n+1 || !slices.Equal(file.Entries[:n], old.Entries) || !d.is(file.Entries[n]) {
		return nil, &Fault{name, 0, "a waiver cannot be added to this file as it is written", "run it without --file and copy what it prints"}
	}
	if s := file.At(asOf, d.Tenant)[n]; len(s.Faults) > 0 {
		return nil, fmt.Errorf("the waiver would not hold: %s; hint: %s", s.Detail, remedy(s.Faults[0].Control))
	}
	return after, nil
}

// unread tells what is wrong with a draft, without the line that it would have had.
func unread(name string, err error) error {
	fault, ok := errors.AsType[*Fault](err)
	if !ok {
		return err
	}
	return &Fault{File: name, Text: "the waiver would not be read: " + fault.Text, Tip: fault.Tip}
}

func remedy(control string) string {
	for _, c := range Controls() {
		if c.ID == control {
			first, _, _ := strings.Cut(strings.TrimSuffix(c.Remediation, "."), ". ")
			return strings.ToLower(first[:1]) + first[1:]
		}
	}
	return ""
}

// is reports whether an entry says what the draft does, which odd characters might prevent.
func (d Draft) is(e Entry) bool {
	same := func(text, read string) bool { return oneLine(text) == oneLine(read) }
	return same(d.Control, e.Control) && d.Subject == e.subject() && d.Fingerprint == e.Fingerprint && same(d.Reason, e.Reason) &&
		same(d.Requester, e.Requester) && same(d.Approver, e.Approver) && d.Severity == string(e.Severity) && strings.EqualFold(d.Tenant, e.Tenant)
}

// joined adds the draft to the text of a file.
func (d Draft) joined(before []byte) ([]byte, error) {
	indent, out := 2, before
	if isBare(before) {
		out = slices.Clone(before)
		if len(out) > 0 && !bytes.HasSuffix(out, []byte("\n")) {
			out = append(out, '\n')
		}
		out = append(out, "waivers:\n"...)
	} else {
		list, err := listNode(before)
		if err != nil {
			return nil, err
		}
		switch {
		case list.Kind == yaml.SequenceNode && list.Style&yaml.FlowStyle == 0 && len(list.Content) > 0:
			indent = list.Column - 1
		case list.Kind == yaml.SequenceNode && len(list.Content) > 0:
			return nil, errors.New("its list is written on one line, in brackets, and cannot be continued")
		case list.Kind == yaml.SequenceNode:
			if out, err = withoutBrackets(before, list); err != nil {
				return nil, err
			}
		}
	}
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode([]Draft{d}), enc.Close()); err != nil {
		return nil, err
	}
	out = slices.Clone(out)
	if !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	for line := range strings.Lines(text.String()) {
		if line != "\n" {
			line = strings.Repeat(" ", indent) + line
		}
		out = append(out, line...)
	}
	return out, nil
}

// isBare reports whether a file holds nothing but comments.
func isBare(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

func listNode(data []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	root := resolved(doc.Content[0])
	return resolved(root.Content[1]), nil
}

// withoutBrackets takes the "[]" of an empty list away.
func withoutBrackets(data []byte, list *yaml.Node) ([]byte, error) {
	lines := bytes.SplitAfter(data, []byte("\n"))
	line := lines[list.Line-1]
	i := list.Column - 1
	if i+2 > len(line) || string(line[i:i+2]) != "[]" {
		return nil, errors.New("its empty list cannot be continued")
	}
	lines[list.Line-1] = slices.Concat(line[:i], line[i+2:])
	return bytes.Join(lines, nil), nil
}
