package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// The application whose calls hardCalls writes.
const hardApp = "7c1d5e90-64b8-4f2a-8d37-5e0b9a12c4f6"

// hardCalls writes DIR/table.json, a table of permissions as one publishes it, and DIR/calls.ndjson, calls of one
// application, for which the smallest set of permissions is as hard to prove as there is: each call is allowed by three
// permissions, every two permissions share exactly one call, and all weigh the same. These are the blocks of a Steiner
// triple system, made after Bose of 6T+3 points; set covers of them have been benchmarks for decades (Fulkerson,
// Nemhauser, Trotter 1974).
func hardCalls(ts *testscript.TestScript, args []string) error {
	var t int
	if _, err := fmt.Sscanf(args[1], "%d", &t); err != nil {
		return err
	}
	blocks := bose(t)
	type pathSet struct {
		SchemeKeys []string          `json:"schemeKeys"`
		Methods    []string          `json:"methods"`
		Paths      map[string]string `json:"paths"`
	}
	sets := make([]map[string]map[string]string, 6*t+3) // by point: method → paths
	calls := ""
	for i, block := range blocks {
		method, path := hardCall(i)
		for _, point := range block {
			if sets[point] == nil {
				sets[point] = map[string]map[string]string{}
			}
			if sets[point][method] == nil {
				sets[point][method] = map[string]string{}
			}
			sets[point][method][path] = "least=Application"
		}
		calls += fmt.Sprintf(`{"TimeGenerated":"2026-10-20T05:%02d:%02dZ","RequestId":"r%d","AppId":%q,"ServicePrincipalId":"5a1b0000-0000-4000-8000-000000000001","RequestMethod":%q,"RequestUri":"https://graph.microsoft.com/v1.0%s","ResponseStatusCode":200}`+"\n",
			i/60%60, i%60, i, hardApp, method, strings.ReplaceAll(path, "{id}", "5a1b0000-0000-4000-8000-0000000000aa"))
	}
	permissions := map[string]any{}
	for point, methods := range sets {
		var paths []pathSet
		for method, of := range methods {
			paths = append(paths, pathSet{[]string{"Application"}, []string{method}, of})
		}
		permissions[fmt.Sprintf("Steiner.Point%02d", point)] = map[string]any{
			"authorizationType": "oAuth2", "schemes": map[string]any{"Application": map[string]any{"requiresAdminConsent": true}},
			"pathSets": paths, "ownerInfo": map[string]any{},
		}
	}
	table, err := json.Marshal(map[string]any{"permissions": permissions})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(ts.MkAbs(args[0]), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(ts.MkAbs(args[0]), "table.json"), table, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(ts.MkAbs(args[0]), "calls.ndjson"), []byte(calls), 0o644)
}

// hardCall is the i-th call: words that Microsoft Graph knows, so that none of them passes for an id.
func hardCall(i int) (method, path string) {
	methods := []string{"GET", "POST", "PATCH", "PUT", "DELETE"}
	words := []string{"sites", "lists", "columns", "drives", "permissions", "groups", "members", "events", "messages", "teams", "channels", "chats"}
	method, i = methods[i%len(methods)], i/len(methods)
	return method, "/users/{id}/" + words[i%len(words)] + "/{id}/" + words[i/len(words)]
}

// bose is a Steiner triple system of 6t+3 points: triples such that every two points stand in exactly one of them.
func bose(t int) [][3]int {
	n := 2*t + 1
	half := func(a, b int) int { return (a + b) * (t + 1) % n } // idempotent and commutative: (t+1) is the half of 1 modulo n
	point := func(x, level int) int { return x + n*(level%3) }
	var blocks [][3]int
	for x := range n {
		blocks = append(blocks, [3]int{point(x, 0), point(x, 1), point(x, 2)})
		for y := x + 1; y < n; y++ {
			for level := range 3 {
				blocks = append(blocks, [3]int{point(x, level), point(y, level), point(half(x, y), level+1)})
			}
		}
	}
	return blocks
}

// checkCover fails unless every call of an answer is covered by a permission of its set, and the set weighs what they do
// together; a set that is lighter than BOUND, below which there is none, cannot cover all.
func checkCover(ts *testscript.TestScript, args []string) error {
	var bound int
	if _, err := fmt.Sscanf(args[1], "%d", &bound); err != nil {
		return err
	}
	var a minimalAnswer
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &a); err != nil {
		return err
	}
	l := a.Answers[0].Least
	set, weight := map[string]bool{}, 0
	for _, permission := range l.Permissions {
		set[permission.Value], weight = true, weight+permission.Weight
	}
	if weight != l.Weight || weight < bound {
		return fmt.Errorf("weight %d of permissions that weigh %d, where nothing weighs less than %d", l.Weight, weight, bound)
	}
	for _, operation := range l.Operations {
		if len(operation.By) != 1 || !set[operation.By[0]] {
			return fmt.Errorf("%s is allowed by %v, which is not in the set", operation.Operation, operation.By)
		}
	}
	return nil
}
