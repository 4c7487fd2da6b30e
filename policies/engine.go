package policies

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
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
	// Kinds are the kinds of subjects that are judged; nil means all. Controls of others
	// are shown as out of scope.
	Kinds []subject.Kind
	// Only restricts the controls to these ids. Naming one that does not exist is an
	// error.
	Only     []string
	Severity map[string]finding.Severity // control id → severity in force instead
	Disabled map[string]string           // control id → reason; shown, not run
	Timeout  time.Duration               // per evaluation; 0 means DefaultTimeout
}

// Declared is what the operator says of applications, by appId: facts that nothing else
// tells.
type Declared struct {
	Needs []DeclaredNeed
	// MultiTenant are applications that other tenants have to use.
	MultiTenant []string
}

// DeclaredNeed says that an application needs permissions, whatever they look like, and
// why, which stands in every report.
type DeclaredNeed struct {
	AppID       string
	Permissions []string // values
	Reason      string
}

// Config is what Rego sees as data.config: the thresholds; declared_needs, an object of
// lists of permission values by appId; and multi_tenant_needed, a list of appIds. All
// appIds are in lower case.
func Config(thresholds map[string]any, declared Declared) map[string]any {
	config, needs, multiTenant := maps.Clone(thresholds), map[string]any{}, []any{}
	for _, need := range declared.Needs {
		appID := strings.ToLower(need.AppID)
		list, _ := needs[appID].([]any)
		if list == nil {
			list = []any{}
		}
		for _, permission := range need.Permissions {
			list = append(list, permission)
		}
		needs[appID] = list
	}
	for _, appID := range declared.MultiTenant {
		multiTenant = append(multiTenant, strings.ToLower(appID))
	}
	config["declared_needs"], config["multi_tenant_needed"] = needs, multiTenant
	return config
}

// DefaultThresholds are the values that controls compare with unless the
// configuration says otherwise, in days.
func DefaultThresholds() map[string]any {
	return map[string]any{
		"approval_warning_days": 30,
		"credential_max_days":   180,
		"unused_days":           90,
		"leftover_grace_days":   7,
		"stale_days":            7,  // older datasets of a snapshot are in doubt
		"idle_approval_days":    90, // Data Connect approvals without extractions
	}
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
}

// kindQuery is the fast path: all controls of one kind in one query.
type kindQuery struct {
	controls []*boundControl
	composed rego.PreparedEvalQuery
}

// Engine prepares the controls for evaluation.
func (l *Library) Engine(ctx context.Context, options Options) (*Engine, error) {
	if options.Thresholds == nil {
		options.Thresholds = DefaultThresholds()
	}
	if options.Timeout == 0 {
		options.Timeout = DefaultTimeout
	}
	e := &Engine{
		options: options, kinds: map[subject.Kind]*kindQuery{},
		store: inmem.NewFromObject(map[string]any{"config": Config(options.Thresholds, options.Declared)}),
	}
	if err := e.choose(l.Controls); err != nil {
		return nil, err
	}
	compiler, err := l.compose(e)
	if err != nil {
		return nil, err
	}
	for _, kind := range subject.Kinds() {
		if err := e.prepare(ctx, compiler, kind); err != nil {
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
		if !known[id] {
			return &LoadError{"--only", 0, fmt.Sprintf("no control has the id %s", id), "`leastwise policies list` shows the ids"}
		}
	}
	for _, ids := range [][]string{sortedKeys(e.options.Severity), sortedKeys(e.options.Disabled)} {
		for _, id := range ids {
			if !known[id] {
				return &LoadError{"configuration", 0, fmt.Sprintf("no control has the id %s", id), "`leastwise policies list` shows the ids"}
			}
		}
	}
	for _, control := range all {
		if len(e.options.Only) > 0 && !slices.Contains(e.options.Only, control.ID) {
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

// compose compiles the library together with the composed modules.
func (l *Library) compose(e *Engine) (*ast.Compiler, error) {
	modules := make(map[string]*ast.Module, len(l.modules)+3)
	for file, module := range l.modules {
		modules[file] = module.Copy()
	}
	for _, kind := range subject.Kinds() {
		query := &kindQuery{}
		for _, control := range e.controls {
			if control.Subject == kind {
				query.controls = append(query.controls, control)
			}
		}
		e.kinds[kind] = query
		file := composedPackage(kind)
		module, err := ast.ParseModule(file, composedModule(kind, query.controls))
		if err != nil {
			return nil, fmt.Errorf("compose controls: %w", err)
		}
		modules[file] = module
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities()).WithStrict(true)
	compiler.Compile(modules)
	if compiler.Failed() {
		return nil, regoError("policies", compiler.Errors, "")
	}
	return compiler, nil
}

func (e *Engine) prepare(ctx context.Context, compiler *ast.Compiler, kind subject.Kind) error {
	query := func(ref string) (rego.PreparedEvalQuery, error) {
		return rego.New(
			rego.Compiler(compiler), rego.Store(e.store), rego.Query(ref),
			rego.StrictBuiltinErrors(true), rego.GenerateJSON(keepTerm),
		).PrepareForEval(ctx)
	}
	root := "data." + composedPackage(kind)
	composed, err := query(root + ".results")
	if err != nil {
		return fmt.Errorf("prepare controls: %w", err)
	}
	e.kinds[kind].composed = composed
	for i, control := range e.kinds[kind].controls {
		control.alone = sync.OnceValues(func() (rego.PreparedEvalQuery, error) {
			return query(fmt.Sprintf("%s.control_%d", root, i))
		})
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
