package policies

import (
	"fmt"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// scope is what there is to judge in one snapshot.
type scope struct {
	kinds    []subject.Kind
	controls []*boundControl
	outside  []outside
}

// repository is the dataset of a kind of subject that stands in repository files, not in
// a tenant; "" for all other kinds. Where a snapshot does not name that dataset, or
// passes it over, nobody looked into a repository, and there is nothing to judge and
// nothing unknown.
func repository(kind subject.Kind) snapshot.Name {
	if kind == subject.KindPipeline {
		return snapshot.Pipelines
	}
	return ""
}

// scopeOf tells what a snapshot can hold from what it cannot. Nothing to judge at all is
// an error: a report without controls proves nothing.
func (e *Engine) scopeOf(snap *snapshot.Snapshot) (scope, error) {
	s := scope{outside: e.outside}
	for _, kind := range subject.Kinds() {
		name := repository(kind)
		dataset, there := snap.Manifest.Datasets[name]
		if !e.judges(kind) {
			continue
		}
		if name == "" || there && dataset.Status != snapshot.Skipped {
			s.kinds = append(s.kinds, kind)
			s.controls = append(s.controls, e.kinds[kind].controls...)
			continue
		}
		for _, control := range e.kinds[kind].controls {
			s.outside = append(s.outside, outside{control, fmt.Sprintf("the snapshot holds no dataset %s: no repository was looked into", name)})
		}
	}
	if len(s.controls) == 0 {
		return scope{}, &LoadError{"configuration", 0, "no control has anything to judge in this snapshot", "a report without controls proves nothing; choose others, or add the files of a repository"}
	}
	return s, nil
}
