package policies

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// Scaffold is a control to begin with: it loads, its tests pass, and one of its cases fails.
type Scaffold struct {
	ID      string       // CUSTOM-001
	Title   string       // "" for one that says what the example does
	Subject subject.Kind // what it judges
}

// ScaffoldFiles are the files of a scaffold. Folder, files and package carry one name.
type ScaffoldFiles struct {
	Name          string // custom_001
	Control, Test string // Rego
}

// areas are the prefixes of the built-in ids: an id of one that is free today may be taken tomorrow.
func areas() []string { return []string{"AUD", "DC", "ENTRA", "MA", "SPE", "TEN"} }

// Files writes the control and its test.
func (s Scaffold) Files() (*ScaffoldFiles, error) {
	if !idPattern().MatchString(s.ID) {
		return nil, fmt.Errorf("%q is no id of a control; hint: capital letters, a hyphen and a number, such as CUSTOM-001", s.ID)
	}
	if area, _, _ := strings.Cut(s.ID, "-"); slices.Contains(areas(), area) {
		return nil, fmt.Errorf("%s is kept for built-in controls: %s; hint: an area of your own, such as CUSTOM-001", area+"-…", strings.Join(areas(), ", "))
	}
	if strings.HasSuffix(s.ID, "-TEST") {
		return nil, fmt.Errorf("the file of %s would be named as that of a test; hint: end the id with a number, such as %s001", s.ID, strings.TrimSuffix(s.ID, "TEST"))
	}
	if !slices.Contains(subject.Kinds(), s.Subject) {
		return nil, fmt.Errorf("%q is not a kind of subject; hint: one of %v", s.Subject, subject.Kinds())
	}
	if s.Title == "" {
		s.Title = "Nothing is named like a leftover of a test"
	}
	title, err := json.Marshal(s.Title) // JSON is YAML
	if err != nil || strings.ContainsAny(s.Title, "\n\r") {
		return nil, fmt.Errorf("the title %q is not one line of text; hint: say what is right when the control passes", s.Title)
	}
	name := strings.ToLower(strings.ReplaceAll(s.ID, "-", "_"))
	fill := strings.NewReplacer(
		"ID", s.ID, "TITLE", string(title), "KIND", string(s.Subject), "FIELD", s.field(), "NAME", name,
		"REQUIRES", strings.Join(s.requires(), ", "),
	)
	return &ScaffoldFiles{Name: name, Control: fill.Replace(scaffoldControl), Test: fill.Replace(scaffoldTest)}, nil
}

func idPattern() *regexp.Regexp { return regexp.MustCompile(`^[A-Z][A-Z0-9]*-[A-Z0-9-]+$`) }

// field is the one that the example judges.
func (s Scaffold) field() string {
	switch s.Subject {
	case subject.KindAuditor:
		return "client_id"
	case subject.KindPipeline:
		return "name"
	default:
		return "display_name"
	}
}

func (s Scaffold) requires() []string {
	if s.Subject == subject.KindTenant {
		return []string{snapshot.Organization}
	}
	return enumerators(s.Subject)
}

const scaffoldControl = `# METADATA
# title: TITLE
# description: >-
#   Why this matters, for the auditor who reads the report. This example fails what has a name that begins with "test":
#   put your own condition in its place.
# scope: package
# schemas:
#   - input: schema.KIND
# related_resources:
#   - ref: https://example.com/our-rules
# custom:
#   id: ID
#   severity: medium
#   subject: KIND
#   requires: [REQUIRES]
#   absence: false
#   message: "{subject} is named {evidence.name}"
#   remediation: >-
#     What the administrator does about it: the path in the portal, and the call of Microsoft Graph.
package custom.NAME

# Whom the control concerns; without this rule, everybody of its kind.
applies if not object.get(input, "id", "") in _excepted

# Each element is one finding. The key is what makes it this finding, stable from day to day; the evidence proves it.
deny contains {"key": {}, "evidence": {"name": input.FIELD}} if {
	startswith(lower(input.FIELD), "test")
}

# What was not read is absent from the input, and never a pass.
unknown contains "name" if object.get(input, "FIELD", null) == null

# Ids of those that the control does not concern.
_excepted := {"00000000-0000-0000-0000-000000000000"}
`

const scaffoldTest = `package custom.NAME_test

import data.custom.NAME
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := NAME with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "another name", "outcome": "pass", "input": testing.KIND}

cases contains {"name": "a name that ends like one", "outcome": "pass", "input": named("Latest")}

cases contains {"name": "named after a test", "outcome": "fail", "keys": [{}], "input": named("TEST import")}

cases contains {
	"name": "name not read",
	"outcome": "unknown",
	"input": object.remove(testing.KIND, ["FIELD"]),
}

cases contains {
	"name": "one that is excepted",
	"outcome": "not_applicable",
	"input": object.union(named("TEST import"), {"id": "00000000-0000-0000-0000-000000000000"}),
}

test_evidence_holds_the_name if {
	some finding in NAME.deny with input as named("test import")
	finding.evidence == {"name": "test import"}
}

named(name) := object.union(testing.KIND, {"FIELD": name})
`
