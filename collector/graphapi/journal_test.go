package graphapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"leastwise/collector/graphapi"
)

// memory is a journal that forgets when the test ends.
type memory struct {
	mu      sync.Mutex
	answers map[string]remembered
}

type remembered struct {
	rows []string
	kept graphapi.Kept
}

func newMemory() *memory { return &memory{answers: map[string]remembered{}} }

// Recall is part of graphapi.Journal.
func (m *memory) Recall(key string, row func(json.RawMessage) error) (graphapi.Kept, bool, error) {
	m.mu.Lock()
	answer, ok := m.answers[key]
	m.mu.Unlock()
	for _, text := range answer.rows {
		if err := row(json.RawMessage(text)); err != nil {
			return graphapi.Kept{}, false, err
		}
	}
	return answer.kept, ok, nil
}

// Record is part of graphapi.Journal.
func (m *memory) Record(key string) graphapi.Record { return &memoryRecord{of: m, key: key} }

// Forget is part of graphapi.Journal.
func (m *memory) Forget(keys ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range keys {
		delete(m.answers, key)
	}
	return nil
}

// text is all that is remembered.
func (m *memory) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fmt.Sprint(m.answers)
}

// pages lists the rows of each answer, those of one page side by side.
func (m *memory) pages() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []string
	for answer := range maps.Values(m.answers) {
		list = append(list, strings.Join(answer.rows, " "))
	}
	slices.Sort(list)
	return list
}

type memoryRecord struct {
	of   *memory
	key  string
	rows []string
}

// Row is part of graphapi.Record.
func (r *memoryRecord) Row(row json.RawMessage) error {
	r.rows = append(r.rows, string(row))
	return nil
}

// End is part of graphapi.Record.
func (r *memoryRecord) End(kept graphapi.Kept) error {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	r.of.answers[r.key] = remembered{r.rows, kept}
	return nil
}
