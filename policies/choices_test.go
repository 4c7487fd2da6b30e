package policies

import "testing"

// caseEngines gives the engine that judges the cases of a control. Where a control does not
// apply under the default choices, its cases are written for others, which its test package
// names "choices".
func caseEngines(t *testing.T, lib *Library) func(id string) *Engine {
	t.Helper()
	standard := newEngine(t, lib, Options{})
	strict := DefaultChoices()
	strict.Unrated = "fail"
	others := map[string]*Engine{
		"ENTRA-026": newEngine(t, lib, Options{Choices: &strict}),
	}
	return func(id string) *Engine {
		if e, ok := others[id]; ok {
			return e
		}
		return standard
	}
}
