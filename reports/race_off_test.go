//go:build !race

package reports

// underRace: see race_on_test.go.
const underRace = false
