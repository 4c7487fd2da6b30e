package entra

import "encoding/json"

// tally tells the different rows of many listings that are read side by side: a
// listing that begins again gives rows twice.
type tally map[int]map[string]bool

// add notes a row of a listing. A row without an id, of which the snapshot complains,
// counts by what it says.
func (t tally) add(listing int, row json.RawMessage) {
	var key struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(row, &key) != nil || key.ID == "" {
		key.ID = string(row)
	}
	if t[listing] == nil {
		t[listing] = map[string]bool{}
	}
	t[listing][key.ID] = true
}

// end returns how many there were, and forgets them.
func (t tally) end(listing int) int {
	n := len(t[listing])
	delete(t, listing)
	return n
}
