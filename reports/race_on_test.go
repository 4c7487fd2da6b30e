//go:build race

package reports

// underRace is true in tests under the race detector, which are ten times slower: there, names that are long and
// reports that are large only repeat on one goroutine what the others show.
const underRace = true
