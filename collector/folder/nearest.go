package folder

import (
	"slices"
	"strings"
)

// nearest finds the name that a mistyped one was probably meant to be.
func nearest(typed string, names []string) string {
	typed = strings.ToLower(strings.NewReplacer("-", "_", " ", "_").Replace(typed))
	plain := func(name string) string { return strings.ReplaceAll(name, "_", "") }
	best, least := "", 4
	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := distance(plain(typed), plain(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is how many single letters have to change (Levenshtein).
func distance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			replace := previous[j]
			if a[i] != b[j] {
				replace++
			}
			current[j+1] = min(replace, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
