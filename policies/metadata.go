package policies

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"gopkg.in/yaml.v3"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// LoadError says what is wrong with a policy file, where, and what to do.
type LoadError struct {
	File string
	Line int // 0 when it concerns the whole file
	Text string
	Tip  string
}

// Error names file and line, then the fault, on one line.
func (e *LoadError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("load policies: %s: %s", e.File, e.Text)
	}
	return fmt.Sprintf("load policies: %s:%d: %s", e.File, e.Line, e.Text)
}

// Hint says what to do about it.
func (e *LoadError) Hint() string { return e.Tip }

// metadata is the METADATA block of a control, decoded strictly: a key that is not
// here fails the load.
type metadata struct {
	Title            string            `yaml:"title"`
	Description      string            `yaml:"description"`
	Scope            string            `yaml:"scope"`
	Schemas          []map[string]any  `yaml:"schemas"`
	RelatedResources []relatedResource `yaml:"related_resources"`
	Authors          []any             `yaml:"authors"`
	Organizations    []any             `yaml:"organizations"`
	Custom           custom            `yaml:"custom"`
}

type relatedResource struct {
	Ref         string `yaml:"ref"`
	Description string `yaml:"description"`
}

type custom struct {
	ID          string           `yaml:"id"`
	Severity    finding.Severity `yaml:"severity"`
	Subject     subject.Kind     `yaml:"subject"`
	Requires    []string         `yaml:"requires"`
	Optional    []string         `yaml:"optional"`
	Absence     bool             `yaml:"absence"`
	Message     string           `yaml:"message"`
	Remediation string           `yaml:"remediation"`
}

// metadataBlock cuts the package's METADATA comment out of a file. line is the
// line of its first key.
func metadataBlock(source string) (block string, line int, ok bool) {
	lines := strings.Split(source, "\n")
	for i, text := range lines {
		if strings.TrimSpace(text) != "# METADATA" {
			continue
		}
		var out strings.Builder
		for _, text := range lines[i+1:] {
			rest, comment := strings.CutPrefix(text, "#")
			if !comment {
				break
			}
			out.WriteString(strings.TrimPrefix(rest, " ") + "\n")
		}
		return out.String(), i + 2, true
	}
	return "", 0, false
}

func yamlLine(err error) int {
	match := regexp.MustCompile(`line (\d+)`).FindStringSubmatch(err.Error())
	if match == nil {
		return 1
	}
	n, convErr := strconv.Atoi(match[1])
	if convErr != nil {
		return 1
	}
	return n
}

// parseMetadata decodes and checks the METADATA of one file.
func parseMetadata(file, source string) (metadata, error) {
	var m metadata
	block, first, ok := metadataBlock(source)
	if !ok {
		return m, &LoadError{file, 1, "no METADATA block", "begin the file with # METADATA; see `leastwise policies show ENTRA-001` for an example"}
	}
	dec := yaml.NewDecoder(bytes.NewReader([]byte(block)))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		line := first - 1 + min(yamlLine(err), strings.Count(block, "\n")) // YAML also ends lines at a bare CR
		text := strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n  ", " "), "yaml: ")
		text = regexp.MustCompile(`line \d+: `).ReplaceAllString(text, "")
		text = joinLines(strings.ReplaceAll(text, "in type policies.", "in "))
		return m, &LoadError{file, line, "metadata: " + text, "the keys are title, description, scope, schemas, related_resources (ref, description), authors, organizations, and under custom: id, severity, subject, requires, optional, absence, message, remediation"}
	}
	if problem, key := m.problem(); problem != "" {
		return m, &LoadError{file, first + keyLine(block, key), "metadata: " + joinLines(problem), "every control states " + strings.Join(requiredKeys(), ", ")}
	}
	return m, nil
}

// joinLines makes one line of a fault that quotes several.
func joinLines(text string) string { return strings.Join(strings.Fields(text), " ") }

func requiredKeys() []string {
	return []string{"title", "scope: package", "custom.id", "custom.severity", "custom.subject", "custom.requires", "custom.message"}
}

// keyLine finds the line of a key inside the block, for error positions.
func keyLine(block, key string) int {
	for i, text := range strings.Split(block, "\n") {
		if strings.HasPrefix(strings.TrimSpace(text), key+":") {
			return i
		}
	}
	return 0
}

// problem names the first thing wrong with the metadata and the key it concerns.
func (m *metadata) problem() (problem, key string) {
	c := m.Custom
	switch {
	case m.Scope != "package":
		return "scope must be package", "scope"
	case strings.TrimSpace(m.Title) == "":
		return "title is missing", "title"
	case !idPattern().MatchString(c.ID):
		return fmt.Sprintf("custom.id %q is not of the form AREA-001", c.ID), "id"
	case c.Severity.Rank() < 0:
		return fmt.Sprintf("custom.severity %q is none of %v", c.Severity, finding.Severities()), "severity"
	case !slices.Contains(subject.Kinds(), c.Subject):
		return fmt.Sprintf("custom.subject %q is none of %v", c.Subject, subject.Kinds()), "subject"
	case len(c.Requires) == 0 && c.Subject != subject.KindAuditor:
		return "custom.requires names no dataset", "requires"
	case strings.TrimSpace(c.Message) == "":
		return "custom.message is missing", "message"
	}
	for i, names := range [][]string{c.Requires, c.Optional} {
		for _, name := range names {
			if key := []string{"requires", "optional"}[i]; !snapshot.KnownName(name) {
				return fmt.Sprintf("custom.%s names an unknown dataset %q", key, name), key
			}
		}
	}
	if bad := badPlaceholder(c.Message); bad != "" {
		return fmt.Sprintf("custom.message uses %s, which is neither {subject}, {key.…} nor {evidence.…}", bad), "message"
	}
	return m.schemaProblem(), "schemas"
}

// schemaProblem checks that the declared schema is that of the subject's kind.
func (m *metadata) schemaProblem() string {
	want := "schema." + string(m.Custom.Subject)
	for _, entry := range m.Schemas {
		for path, schema := range entry {
			if path != "input" || schema != want {
				return fmt.Sprintf("schemas has %s: %v, want input: %s", path, schema, want)
			}
		}
	}
	return ""
}

// readRules checks the names of a control's rules: a misspelt "deny" would pass
// for ever.
func (c *Control) readRules(module *ast.Module) error {
	hasDeny := false
	for _, rule := range module.Rules {
		name := rule.Head.Ref()[0].Value.String()
		switch name {
		case "deny", "unknown":
			if rule.Head.RuleKind() != ast.MultiValue {
				return &LoadError{c.File, rule.Location.Row, name + " must be a set", fmt.Sprintf("write `%s contains … if …`", name)}
			}
		case "applies":
			if rule.Default {
				return &LoadError{c.File, rule.Location.Row, "applies must not have a default", "without one, a subject to which it does not apply is told from one that could not be judged"}
			}
		}
		hasDeny = hasDeny || name == "deny"
		c.hasUnknown = c.hasUnknown || name == "unknown"
		c.hasApplies = c.hasApplies || name == "applies"
	}
	if !hasDeny {
		return &LoadError{c.File, module.Package.Location.Row, "the control has no rule named deny", "write `deny contains {\"key\": …, \"evidence\": …} if …`"}
	}
	return nil
}
