package policies

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// DefaultTimeout bounds one evaluation of one subject.
const DefaultTimeout = 10 * time.Second

// Options of an Engine.
type Options struct {
	AsOf       time.Time      // the instant that "expired" and "days" refer to
	Thresholds map[string]any // reach Rego as data.config; nil means DefaultThresholds
	Declared   Declared       // reaches Rego as data.config too
	Choices    *Choices       // likewise; nil means DefaultChoices
	// Kinds are the kinds of subjects that are judged; nil means all. Controls of others
	// are shown as out of scope.
	Kinds []subject.Kind
	// Files says that the applications are those that files of a repository define, see files.go.
	Files *Files
	// Only restricts the controls to these ids. Naming one that does not exist is an
	// error.
	Only []string
	// Framework restricts the controls to those of one framework; "" for all.
	Framework string
	Severity  map[string]finding.Severity // control id → severity in force instead
	Disabled  map[string]string           // control id → reason; shown, not run
	Timeout   time.Duration               // per evaluation; 0 means DefaultTimeout
	// Plain asks every control about every subject, one by one, and remembers nothing. The report
	// is the same to the byte: tests hold the fast way against it.
	Plain bool
}

// Engine evaluates a set of controls. It is safe for concurrent use.
type Engine struct {
	options  Options
	controls []*boundControl // those that run, sorted by id
	disabled []*Control
	outside  []outside // those of kinds that are not judged
	kinds    map[subject.Kind]*kindQuery
	encoder  encoder
	store    storage.Store
	// What the controls are mapped to, and the framework that they are restricted to; nil for none.
	requirements func(*Control) []finding.Requirement
	framework    *finding.Framework
	named        []string // the ids that it names
}

// outside is a control that has nothing to judge, and why.
type outside struct {
	*boundControl
	reason string
}

// boundControl is a control as configured.
type boundControl struct {
	*Control
	severity   finding.Severity
	overridden bool // the configuration sets the severity; the control may not
	// alone evaluates this control by itself, for subjects on which the composed
	// query fails. It is prepared when first needed.
	alone func() (rego.PreparedEvalQuery, error)
	rule  *ast.Term    // the name of its rule in the common query
	slow  atomic.Int32 // how often it did not answer in time
}

// kindQuery is the controls of one kind, and one query that asks the built-in ones together: those that its
// input names. It is prepared when first needed.
type kindQuery struct {
	controls []*boundControl
	together func() (rego.PreparedEvalQuery, error)
}

// Engine prepares the controls for evaluation.
func (l *Library) Engine(ctx context.Context, options Options) (*Engine, error) {
	if options.Thresholds == nil {
		options.Thresholds = DefaultThresholds()
	}
	if options.Choices == nil {
		choices := DefaultChoices()
		options.Choices = &choices
	}
	if options.Timeout == 0 {
		options.Timeout = DefaultTimeout
	}
	e := &Engine{
		options: options, kinds: map[subject.Kind]*kindQuery{},
		store: inmem.NewFromObject(map[string]any{"config": Config(options.Thresholds, *options.Choices, options.Declared)}),
	}
	if err := l.within(e); err != nil {
		return nil, err
	}
	if err := e.choose(l.Controls); err != nil {
		return nil, err
	}
	for _, kind := range subject.Kinds() {
		if err := e.prepare(ctx, l.compiler, kind); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// choose applies Only, Disabled and Severity.
func (e *Engine) choose(all []*Control) error {
	known := map[string]bool{}
	for _, control := range all {
		known[control.ID] = true
	}
	for _, id := range e.options.Only {
		if JudgesWaivers(id) {
			return onlyWaivers(id)
		}
		if !known[id] {
			return &LoadError{"--only", 0, fmt.Sprintf("no control has the id %s", id), "`leastwise policies list` shows the ids"}
		}
	}
	for _, ids := range [][]string{sortedKeys(e.options.Severity), sortedKeys(e.options.Disabled)} {
		for _, id := range ids {
			if !known[id] && !JudgesWaivers(id) {
				return &LoadError{"configuration", 0, fmt.Sprintf("no control has the id %s", id), "`leastwise policies list` shows the ids"}
			}
		}
	}
	for _, control := range all {
		if !e.chosen(control.ID) {
			continue
		}
		if _, off := e.options.Disabled[control.ID]; off {
			e.disabled = append(e.disabled, control)
			continue
		}
		severity, overridden := e.options.Severity[control.ID]
		if !overridden {
			severity = control.Severity
		}
		bound := &boundControl{Control: control, severity: severity, overridden: overridden}
		if !e.judges(control.Subject) {
			e.outside = append(e.outside, outside{bound, fmt.Sprintf("subjects of the kind %s are not judged here", control.Subject)})
			continue
		}
		if reason := e.options.Files.untold(control); reason != "" {
			e.outside = append(e.outside, outside{bound, reason})
			continue
		}
		e.controls = append(e.controls, bound)
	}
	if len(e.controls) == 0 && len(e.outside) > 0 {
		return &LoadError{"configuration", 0, "no control that is left judges these kinds of subjects", "a report without controls proves nothing; choose at least one that applies"}
	}
	if len(e.controls) == 0 {
		return &LoadError{"configuration", 0, "every control is disabled", "a report without controls proves nothing; enable at least one"}
	}
	return nil
}

// chosen reports whether Only and Framework leave a control in.
func (e *Engine) chosen(id string) bool {
	return (len(e.options.Only) == 0 || slices.Contains(e.options.Only, id)) && (e.named == nil || slices.Contains(e.named, id))
}

// judges reports whether subjects of a kind are judged.
func (e *Engine) judges(kind subject.Kind) bool {
	return e.options.Kinds == nil || slices.Contains(e.options.Kinds, kind)
}

// composedPackage is the package of the module that evaluates all controls of a
// kind at once.
func composedPackage(kind subject.Kind) string { return "leastwise." + string(kind) }

// composedModule writes that module: results is an array with one element per
// control, false where the control does not apply, else [deny, unknown].
func composedModule(kind subject.Kind, controls []*boundControl) string {
	var out strings.Builder
	fmt.Fprintf(&out, "package %s\n\n", composedPackage(kind))
	var names []string
	for i, c := range controls {
		name := fmt.Sprintf("control_%d", i)
		names = append(names, name)
		unknown := "set()"
		if c.hasUnknown {
			unknown = c.pkg + ".unknown"
		}
		if c.hasApplies {
			fmt.Fprintf(&out, "default %s := false\n\n%s := [%s.deny, %s] if %s.applies == true\n\n", name, name, c.pkg, unknown, c.pkg)
		} else {
			fmt.Fprintf(&out, "%s := [%s.deny, %s]\n\n", name, c.pkg, unknown)
		}
	}
	fmt.Fprintf(&out, "results := [%s]\n", strings.Join(names, ", "))
	return out.String()
}

// prepare makes the queries of one kind. Controls of somebody else's are kept out of the common query: one that
// loops would cost each subject the time-out twice.
func (e *Engine) prepare(ctx context.Context, compiler *ast.Compiler, kind subject.Kind) error {
	query := func(text string) (rego.PreparedEvalQuery, error) {
		return rego.New(
			rego.Compiler(compiler), rego.Store(e.store), rego.Query(text),
			rego.StrictBuiltinErrors(true), rego.GenerateJSON(keepTerm),
		).PrepareForEval(ctx)
	}
	k := &kindQuery{together: sync.OnceValues(func() (rego.PreparedEvalQuery, error) {
		return query(fmt.Sprintf("{rule: said | some rule in input.%s; said := data.%s[rule]}", askedRules, entryPackage))
	})}
	e.kinds[kind] = k
	for _, control := range e.controls {
		if control.Subject != kind {
			continue
		}
		if !control.compiled {
			return fmt.Errorf("prepare controls: %s was loaded for listing only", control.ID)
		}
		control.alone = sync.OnceValues(func() (rego.PreparedEvalQuery, error) { return query(control.entryRule()) })
		control.rule = ast.StringTerm(control.entryName())
		k.controls = append(k.controls, control)
	}
	return nil
}

// keepTerm keeps OPA's value instead of turning it into Go's maps and slices.
func keepTerm(term *ast.Term, _ *rego.EvalContext) (any, error) { return term.Value, nil }

// Composed returns the module that evaluates all controls of a kind at once, for
// benchmarks: data.leastwise.<kind>.results.
func (e *Engine) Composed(kind subject.Kind) string {
	return composedModule(kind, e.kinds[kind].controls)
}

// Modules returns copies of the compiled library's modules, by file.
func (l *Library) Modules() map[string]*ast.Module {
	modules := make(map[string]*ast.Module, len(l.modules))
	for file, module := range l.modules {
		modules[file] = module.Copy()
	}
	return modules
}
