// Package frameworks maps the requirements of security frameworks to the ids of the controls that look for
// what each demands. A framework is one YAML file; titles are in our own words.
package frameworks

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed *.yaml
var embedded embed.FS

// Framework is a published set of requirements.
type Framework struct {
	Name    string // as in --framework, such as cis_m365
	Title   string // what it is called
	Version string // the edition that the ids are of
	Source  string // where it is published
	// Requirements in the order of the file. A requirement that no control looks at is left out.
	Requirements []Requirement
	File         string // where it was read
}

// Requirement is one demand of a framework.
type Requirement struct {
	ID       string
	Title    string   // in our own words
	Controls []string // ids, in the order of the file
	Line     int      // of the file
}

// Of lists the ids of the requirements that a control looks at, in the order of the framework.
func (f *Framework) Of(control string) []string {
	var ids []string
	for _, requirement := range f.Requirements {
		if slices.Contains(requirement.Controls, control) {
			ids = append(ids, requirement.ID)
		}
	}
	return ids
}

// Controls lists the ids of all controls that the framework names, sorted.
func (f *Framework) Controls() []string {
	var ids []string
	for _, requirement := range f.Requirements {
		ids = append(ids, requirement.Controls...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Fault is what is wrong with the file of a framework.
type Fault struct {
	File string
	Line int // 0 when it concerns the whole file
	Text string
}

// Error names file and line, then the fault.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Text)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

// Hint says what the file has to look like.
func (f *Fault) Hint() string {
	return "the keys are name, title, version, source and requirements, a list of id, title and controls; docs/own-controls.md shows one"
}

// Load reads the frameworks that are built in, sorted by name.
func Load() ([]*Framework, error) {
	names, err := fs.Glob(embedded, "*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Framework
	for _, name := range names {
		data, err := embedded.ReadFile(name)
		if err != nil {
			return nil, err
		}
		framework, err := Decode("policies/frameworks/"+name, data)
		if err != nil {
			return nil, err
		}
		all = append(all, framework)
	}
	return all, nil
}

// document is a framework as written.
type document struct {
	Name         string `yaml:"name"`
	Title        string `yaml:"title"`
	Version      string `yaml:"version"`
	Source       string `yaml:"source"`
	Requirements []row  `yaml:"requirements"`
}

// row remembers its line.
type row struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Controls []string `yaml:"controls"`
	line     int
}

// Decode reads one framework. Unknown keys, missing texts, an id that is there twice and a control that is named
// twice by one requirement are faults, of the type *Fault.
func Decode(file string, data []byte) (*Framework, error) {
	var d document
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&d); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &Fault{file, 0, "the file is empty"}
		}
		return nil, yamlFault(file, err)
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, &Fault{file, 0, "more than one YAML document"}
	}
	if fault := d.number(file, data); fault != nil {
		return nil, fault
	}
	if fault := d.fault(file); fault != nil {
		return nil, fault
	}
	f := &Framework{Name: d.Name, Title: d.Title, Version: d.Version, Source: d.Source, File: file}
	for _, r := range d.Requirements {
		f.Requirements = append(f.Requirements, Requirement{r.ID, r.Title, r.Controls, r.line})
	}
	return f, nil
}

// number notes on which line each requirement stands, which strict decoding does not tell.
func (d *document) number(file string, data []byte) *Fault {
	var lines struct {
		Requirements []yaml.Node `yaml:"requirements"`
	}
	if err := yaml.Unmarshal(data, &lines); err != nil {
		return yamlFault(file, err)
	}
	if len(lines.Requirements) != len(d.Requirements) { // null decodes to no element
		i := max(slices.IndexFunc(lines.Requirements, func(n yaml.Node) bool { return n.Tag == "!!null" }), 0)
		return &Fault{file, lines.Requirements[i].Line, "an empty requirement"}
	}
	for i := range d.Requirements {
		d.Requirements[i].line = lines.Requirements[i].Line
	}
	return nil
}

func yamlFault(file string, err error) *Fault {
	text := strings.TrimPrefix(strings.ReplaceAll(err.Error(), "unmarshal errors:\n  ", ""), "yaml: ")
	text, _, _ = strings.Cut(text, "\n")
	line := 0
	if _, scanErr := fmt.Sscanf(text, "line %d:", &line); scanErr == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "type frameworks.document", "a framework"), "type frameworks.row", "a requirement")
	return &Fault{file, line, text}
}

// fault is the first thing that a framework lacks or says twice.
func (d *document) fault(file string) *Fault {
	if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(d.Name) {
		return &Fault{file, 1, fmt.Sprintf("name %q is not of the form some_name", d.Name)}
	}
	for _, text := range []struct{ key, value string }{{"title", d.Title}, {"version", d.Version}, {"source", d.Source}} {
		if strings.TrimSpace(text.value) == "" {
			return &Fault{file, 1, text.key + " is missing"}
		}
	}
	if len(d.Requirements) == 0 {
		return &Fault{file, 1, "no requirements"}
	}
	seen := map[string]bool{}
	for _, r := range d.Requirements {
		switch {
		case strings.TrimSpace(r.ID) == "":
			return &Fault{file, r.line, "a requirement without id"}
		case seen[r.ID]:
			return &Fault{file, r.line, fmt.Sprintf("requirement %s is there twice", r.ID)}
		case strings.TrimSpace(r.Title) == "":
			return &Fault{file, r.line, fmt.Sprintf("requirement %s has no title", r.ID)}
		case len(r.Controls) == 0:
			return &Fault{file, r.line, fmt.Sprintf("requirement %s names no control", r.ID)}
		}
		seen[r.ID] = true
		for i, id := range r.Controls {
			if slices.Contains(r.Controls[:i], id) {
				return &Fault{file, r.line, fmt.Sprintf("requirement %s names %s twice", r.ID, id)}
			}
		}
	}
	return nil
}
