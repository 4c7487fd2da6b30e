package main

import (
	"strings"
	"testing"

	"leastwise/collector/usage"
	"leastwise/policies/catalog"
)

// A set that is not proven minimal says so, and by how much it may be beaten.
func TestMinimalAnswerNotProven(t *testing.T) {
	a := &minimalAnswer{AppID: "app", Answers: []kindAnswer{{Kind: catalog.Application, Calls: 1, Least: &leastAnswer{
		Permissions: []ratedPermission{{"User.Read.All", catalog.Medium, 10}}, Weight: 10, Gap: 9,
		Operations: []coveredCall{{Operation: "GET /users", Calls: 1, By: []string{"User.Read.All"}}},
	}}}}
	var text strings.Builder
	if err := a.print(&text, "text"); err != nil {
		t.Fatal(err)
	}
	if want := "Smallest set: weight 10, not proven minimal (gap 9)\n"; !strings.Contains(text.String(), want) {
		t.Errorf("no %q in:\n%s", want, &text)
	}
	if strings.Contains(text.String(), "an go") {
		t.Errorf("says what can go without knowing what is granted:\n%s", &text)
	}
}

// Rows that may be missing from an export make the answer less than whole, and text of files stays on its line.
func TestMinimalAnswerOfCutExports(t *testing.T) {
	read := &usage.Result{Cut: []string{"a.csv: 30000 rows\nis what a portal gives"}}
	a, err := newMinimalAnswer(&holding{appID: "app"}, read, lookBack{short: 90})
	if err != nil {
		t.Fatal(err)
	}
	a.conclude()
	if a.Complete || len(a.Untold) != 2 {
		t.Errorf("complete %v, untold %q", a.Complete, a.Untold)
	}
	var text strings.Builder
	if err := a.print(&text, "text"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "\n  rows may be missing: a.csv: 30000 rows is what a portal gives\n") {
		t.Errorf("got:\n%s", &text)
	}
}
