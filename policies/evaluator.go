package policies

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// evaluator evaluates subjects on one goroutine.
type evaluator struct {
	engine *Engine
	txn    storage.Transaction
	memo   recollection
	// Scratch of judge: fields that the controls to ask read, the answers, and the keys of the questions.
	wanted map[int]bool
	out    []answer
	keys   []memoKey
}

func (e *Engine) evaluator(ctx context.Context, shared *memo) (*evaluator, error) {
	txn, err := e.store.NewTransaction(ctx)
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	return &evaluator{engine: e, txn: txn, memo: recollection{memo: shared}, wanted: map[int]bool{}}, nil
}

func (v *evaluator) close(ctx context.Context) { v.engine.store.Abort(ctx, v.txn) }

// run evaluates one query on one input within the time-out.
func (v *evaluator) run(ctx context.Context, query rego.PreparedEvalQuery, input ast.Value) (ast.Value, error) {
	cancel := topdown.NewCancel()
	timer := time.AfterFunc(v.engine.options.Timeout, cancel.Cancel)
	defer timer.Stop()
	results, err := query.Eval(ctx,
		rego.EvalParsedInput(input), rego.EvalTransaction(v.txn), rego.EvalExternalCancel(cancel),
		rego.EvalTime(v.engine.options.AsOf), rego.EvalMetrics(metrics.NoOp()))
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, fmt.Errorf("the query has %d results", len(results))
	}
	value, ok := results[0].Expressions[0].Value.(ast.Value)
	if !ok {
		return nil, fmt.Errorf("the query has no value")
	}
	return value, nil
}

// judge asks the controls of a kind about one subject, except those that are
// blocked. Controls that saw the like before are not asked again. The answers stand
// until the next subject is judged.
func (v *evaluator) judge(ctx context.Context, query *kindQuery, ready []readiness, document any) ([]answer, error) {
	out := slices.Grow(v.out[:0], len(query.controls))[:len(query.controls)]
	keys := slices.Grow(v.keys[:0], len(query.controls))[:len(query.controls)]
	clear(out)
	clear(keys)
	v.out, v.keys = out, keys
	var ask []int
	value := reflect.ValueOf(document).Elem()
	for i, control := range query.controls {
		if ready[i].blocked != "" {
			continue
		}
		known := false
		if !v.engine.options.Plain {
			out[i], keys[i], known = v.memo.recall(control, value)
		}
		if !known {
			ask = append(ask, i)
		}
	}
	if len(ask) == 0 {
		return out, nil
	}
	// Only what is read is handed over: turning a subject into OPA's values costs as
	// much as a control does.
	clear(v.wanted)
	for _, i := range ask {
		for _, field := range query.controls[i].fields[value.Type()] {
			v.wanted[field] = true
		}
	}
	wanted := v.wanted
	if v.engine.options.Plain {
		wanted = nil
	}
	encode := func() (ast.Value, error) { return v.engine.encoder.value(document, wanted) }
	if err := v.ask(ctx, query, encode, ask, out); err != nil {
		return nil, err
	}
	for _, i := range ask {
		if !v.engine.options.Plain {
			v.memo.put(query.controls[i], value, keys[i], out[i])
		}
	}
	return out, nil
}

// ask evaluates the controls with the given indexes, those that are built in together. When that fails, each is
// evaluated alone, so that a broken control costs itself only.
func (v *evaluator) ask(ctx context.Context, query *kindQuery, encode func() (ast.Value, error), ask []int, out []answer) error {
	input, err := encode()
	if err != nil {
		return err
	}
	var together []int
	for _, i := range ask {
		if query.controls[i].BuiltIn() && !v.engine.options.Plain {
			together = append(together, i)
			continue
		}
		out[i] = v.judgeAlone(ctx, query.controls[i], input)
	}
	if len(together) > 1 {
		if v.askTogether(ctx, query, input, together, out) {
			return nil
		}
		if input, err = encode(); err != nil { // without what asking together added
			return err
		}
	}
	for _, i := range together {
		out[i] = v.judgeAlone(ctx, query.controls[i], input)
	}
	return nil
}

// askedRules is the field of the input that names the rules to ask in the common query. No subject has it.
const askedRules = "leastwise_rules"

// askTogether evaluates controls in one query: they share what it costs, and what their libraries found out. It adds
// to the input which they are.
func (v *evaluator) askTogether(ctx context.Context, query *kindQuery, input ast.Value, ask []int, out []answer) bool {
	prepared, err := query.together()
	document, isObject := input.(ast.Object)
	if err != nil || !isObject {
		return false
	}
	rules := make([]*ast.Term, len(ask))
	for n, i := range ask {
		rules[n] = query.controls[i].rule
	}
	document.Insert(ast.InternedTerm(askedRules), ast.ArrayTerm(rules...))
	value, err := v.run(ctx, prepared, document)
	said, isObject := value.(ast.Object)
	if err != nil || !isObject || said.Len() != len(ask) {
		return false
	}
	for _, i := range ask {
		out[i] = readAnswer(query.controls[i], said.Get(query.controls[i].rule).Value)
	}
	return true
}

// patience is how often a control may miss the time-out before it is asked no more: on a hundred thousand
// subjects, waiting would take days.
const patience = 3

// judgeAlone evaluates one control. Whether it was given up or not, a control that is too slow says the same,
// so that reports do not tell how goroutines were scheduled.
func (v *evaluator) judgeAlone(ctx context.Context, control *boundControl, input ast.Value) answer {
	tooSlow := fmt.Errorf("no answer within %s, here or on %d subjects before", v.engine.options.Timeout, patience)
	if control.slow.Load() >= patience {
		return answer{err: tooSlow}
	}
	query, err := control.alone()
	if err != nil {
		return answer{err: err}
	}
	value, err := v.run(ctx, query, input)
	switch {
	case err != nil && topdown.IsCancel(err) && ctx.Err() == nil:
		control.slow.Add(1)
		return answer{err: tooSlow}
	case err != nil:
		return answer{err: err}
	}
	return readAnswer(control, value)
}
