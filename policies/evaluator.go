package policies

import (
	"context"
	"fmt"
	"reflect"
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
	wanted map[int]bool // scratch: fields that the controls to ask read
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
// blocked. Controls that saw the like before are not asked again.
func (v *evaluator) judge(ctx context.Context, query *kindQuery, ready []readiness, document any) ([]answer, error) {
	out := make([]answer, len(query.controls))
	keys := make([]memoKey, len(query.controls))
	var ask []int
	value := reflect.ValueOf(document).Elem()
	for i, control := range query.controls {
		if ready[i].blocked != "" {
			continue
		}
		known := false
		if out[i], keys[i], known = v.memo.recall(control, value); !known {
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
	input, err := v.engine.encoder.value(document, v.wanted)
	if err != nil {
		return nil, err
	}
	v.ask(ctx, query, input, ask, out)
	for _, i := range ask {
		v.memo.put(query.controls[i], value, keys[i], out[i])
	}
	return out, nil
}

// ask evaluates the controls with the given indexes: all in one query when most are
// asked. When that query fails, each is evaluated alone, so that a broken control
// costs itself only.
func (v *evaluator) ask(ctx context.Context, query *kindQuery, input ast.Value, ask []int, out []answer) {
	if 2*len(ask) > len(query.controls) {
		value, err := v.run(ctx, query.composed, input)
		if list, ok := value.(*ast.Array); err == nil && ok && list.Len() == len(out) {
			for _, i := range ask {
				out[i] = readAnswer(query.controls[i], list.Elem(i).Value)
			}
			return
		}
	}
	for _, i := range ask {
		out[i] = v.judgeAlone(ctx, query.controls[i], input)
	}
}

func (v *evaluator) judgeAlone(ctx context.Context, control *boundControl, input ast.Value) answer {
	query, err := control.alone()
	if err != nil {
		return answer{err: err}
	}
	value, err := v.run(ctx, query, input)
	if err != nil {
		return answer{err: err}
	}
	return readAnswer(control, value)
}
