package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// judgeable refuses files that leave nothing to judge, which would always be well. Files that only take applications away
// are well, and it is said that nothing else was looked at.
func (p *program) judgeable(o *gateOptions, snap *snapshot.Snapshot, kinds []subject.Kind) error {
	dataset := snap.Dataset(snapshot.Manifests)
	if slices.Contains(kinds, subject.KindPipeline) || !dataset.Whole() {
		return nil // what could not be read is unknown
	}
	removed, left, err := countRemoved(snap)
	if err != nil {
		return err
	}
	style := o.audit.log.style()
	switch {
	case left > 0:
		return nil
	case removed == 0:
		return errors.New("the files define nothing that could be judged; hint: name the folder that holds pipelines, or what defines applications")
	case style.quiet:
		return nil
	}
	text := fmt.Sprintf("0 applications are judged: the files define none, and remove %d", removed)
	if style.json {
		p.event(slog.LevelWarn, text)
		return nil
	}
	_ = p.notice(style, "warning: "+text)
	return nil
}

// countRemoved counts the applications that files remove, and what else they define.
func countRemoved(snap *snapshot.Snapshot) (removed, left int, err error) {
	for line, err := range snap.Rows(snapshot.Manifests) {
		if err != nil {
			return 0, 0, err
		}
		var row struct {
			Action  string            `json:"action"`
			Grants  []json.RawMessage `json:"grants"`
			Revoked []json.RawMessage `json:"revoked"`
		}
		if err := json.Unmarshal(line, &row); err != nil {
			return 0, 0, fmt.Errorf("read dataset %s: %w", snapshot.Manifests, err)
		}
		if row.Action == "delete" && row.Grants == nil && row.Revoked == nil {
			removed++
		} else {
			left++
		}
	}
	return removed, left, nil
}
