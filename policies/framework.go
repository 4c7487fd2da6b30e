package policies

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"leastwise/policies/finding"
	"leastwise/policies/frameworks"
)

// addFrameworks adds frameworks of somebody else's, which may map controls of any origin.
func (l *Library) addFrameworks(files []sourceFile) error {
	for _, file := range files {
		framework, err := frameworks.Decode(file.name, []byte(file.text))
		if fault, ok := errors.AsType[*frameworks.Fault](err); ok {
			return &LoadError{fault.File, fault.Line, fault.Text, fault.Hint()}
		}
		if err != nil {
			return err
		}
		if other, err := l.Framework(framework.Name); err == nil {
			return &LoadError{file.name, 1, fmt.Sprintf("framework %s is there already: %s", framework.Name, other.File), "give it a name of its own"}
		}
		l.Frameworks = append(l.Frameworks, framework)
	}
	slices.SortFunc(l.Frameworks, func(a, b *frameworks.Framework) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

// checkFrameworks refuses frameworks of folders that name controls which do not exist. Those of the
// program are held to that by a test.
func (l *Library) checkFrameworks() error {
	known := map[string]bool{}
	for _, control := range l.Controls {
		known[control.ID] = true
	}
	for _, framework := range l.Frameworks {
		if strings.HasPrefix(framework.File, builtInRoot+"/frameworks/") {
			continue
		}
		for _, requirement := range framework.Requirements {
			for _, id := range requirement.Controls {
				if !known[id] {
					return &LoadError{framework.File, requirement.Line, fmt.Sprintf("requirement %s names %s, and no control has that id", requirement.ID, id), "`leastwise policies list` shows the ids"}
				}
			}
		}
	}
	return nil
}

// Framework returns the framework of a name, as --framework takes it.
func (l *Library) Framework(name string) (*frameworks.Framework, error) {
	var names []string
	for _, framework := range l.Frameworks {
		if framework.Name == name {
			return framework, nil
		}
		names = append(names, framework.Name)
	}
	return nil, &LoadError{"--framework", 0, fmt.Sprintf("no framework has the name %q", name), "one of " + strings.Join(names, ", ")}
}

// Requirements lists what a control is mapped to: in all frameworks, or in the named one.
func (l *Library) Requirements(control, framework string) []finding.Requirement {
	var rows []finding.Requirement
	for _, f := range l.Frameworks {
		if framework != "" && f.Name != framework {
			continue
		}
		for _, id := range f.Of(control) {
			rows = append(rows, finding.Requirement{Framework: f.Name, Requirement: id})
		}
	}
	return rows
}

// within restricts an engine to the framework that its options name, and tells it what each control is mapped to.
func (l *Library) within(e *Engine) error {
	name := e.options.Framework
	e.requirements = func(c *Control) []finding.Requirement { return l.Requirements(c.ID, name) }
	if name == "" {
		return nil
	}
	framework, err := l.Framework(name)
	if err != nil {
		return err
	}
	e.framework = &finding.Framework{Name: framework.Name, Title: framework.Title, Version: framework.Version}
	for _, requirement := range framework.Requirements {
		e.framework.Requirements = append(e.framework.Requirements, finding.FrameworkRequirement{
			ID: requirement.ID, Title: requirement.Title, Controls: requirement.Controls,
		})
	}
	e.named = framework.Controls()
	for _, id := range e.options.Only {
		if !slices.Contains(e.named, id) && slices.ContainsFunc(l.Controls, func(c *Control) bool { return c.ID == id }) {
			return &LoadError{"--only", 0, fmt.Sprintf("%s is not mapped in %s", id, name), "`leastwise policies list --framework " + name + "` shows the ids"}
		}
	}
	return nil
}

// Of lists the controls that a framework names, sorted by id.
func (l *Library) Of(framework *frameworks.Framework) []*Control {
	named := framework.Controls()
	return slices.DeleteFunc(slices.Clone(l.Controls), func(c *Control) bool {
		_, ok := slices.BinarySearch(named, c.ID)
		return !ok
	})
}
