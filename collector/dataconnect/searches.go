package dataconnect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// mostFound is how many records a search returns at most, over all of its pages
// (https://learn.microsoft.com/powershell/module/exchangepowershell/search-unifiedauditlog).
const mostFound = 50000

// searches are what saved records tell of the searches that found them, which is how
// many there were.
type searches struct {
	found  map[int64]*search // by ResultCount
	failed string            // the first record of a search that failed
}

// search is one search, or several that found as many.
type search struct {
	rows, numbered, last int64 // last counts the rows that are a search's last by ResultIndex
	at                   string
}

// see notes a record of Search-UnifiedAuditLog. A search that failed inside marks what
// it returns with -1 or 0, and still returns it.
func (s *searches) see(index, count json.RawMessage, position string) {
	if text(index) == "" && text(count) == "" && !nested(index) && !nested(count) {
		return
	}
	of, problem := number(count)
	at, other := number(index)
	told := text(count) != ""
	switch problem = cmp.Or(problem, other); {
	case problem != "":
		problem = "it does not tell how many records the search found: " + problem
	case at < 0 || told && of <= 0:
		problem = fmt.Sprintf("the search had failed (ResultIndex %d, ResultCount %d); hint: search again, for a shorter time", at, of)
	}
	if problem != "" {
		s.failed = cmp.Or(s.failed, position+": "+problem)
		return
	}
	if !told {
		return
	}
	if s.found == nil {
		s.found = map[int64]*search{}
	}
	one := s.found[of]
	if one == nil {
		one = &search{at: position}
		s.found[of] = one
	}
	one.rows++
	if at > 0 {
		one.numbered++
	}
	if at == of {
		one.last++
	}
}

// cut says which searches were not saved whole.
func (s *searches) cut() (problems []string) {
	if s.failed != "" {
		problems = append(problems, s.failed)
	}
	for _, of := range slices.Sorted(maps.Keys(s.found)) {
		one := s.found[of]
		switch whole := one.rows / of; {
		case one.rows%of != 0 || one.numbered > 0 && one.last < whole:
			problems = append(problems, fmt.Sprintf("%s: a search found %d records (ResultCount), and not all of them are saved (%d are, of all searches with this count); hint: save all pages of every search, and all that they found",
				one.at, of, one.rows))
		case of == mostFound:
			problems = append(problems, fmt.Sprintf("%s: the search ends at %d records, which is as many as one returns; hint: search for shorter times", one.at, mostFound))
		}
	}
	return problems
}
