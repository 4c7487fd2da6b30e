package usage

import (
	"time"

	"leastwise/collector/snapshot"
)

// hours are what blobs of a storage account cover: a folder for each hour of which there
// were calls.
type hours struct {
	last  map[time.Time]time.Time // of each hour, its last call
	loose bool                    // there were calls in other files
}

// file notes a file that holds calls.
func (h *hours) file(hour, last time.Time) {
	if hour.IsZero() {
		h.loose = true
		return
	}
	if h.last == nil {
		h.last = map[time.Time]time.Time{}
	}
	if last.After(h.last[hour]) {
		h.last[hour] = last
	}
}

// alone reports whether blobs are all there is.
func (h *hours) alone() bool { return len(h.last) > 0 && !h.loose }

// windows are the hours covered. The newest one ends at its last call: the blob may have
// been fetched while it still grew.
func (h *hours) windows() []snapshot.Window {
	var windows []snapshot.Window
	newest := time.Time{}
	for hour := range h.last {
		if hour.After(newest) {
			newest = hour
		}
	}
	for hour, last := range h.last {
		to := hour.Add(time.Hour)
		if hour.Equal(newest) && last.After(hour) && last.Before(to) {
			to = last
		}
		windows = append(windows, snapshot.Window{From: hour, To: to})
	}
	return snapshot.Union(windows...)
}
