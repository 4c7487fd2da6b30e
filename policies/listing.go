package policies

import (
	"fmt"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// enumerators are the datasets that say which subjects of a kind there are.
func enumerators(kind subject.Kind) []snapshot.Name {
	switch kind {
	case subject.KindApplication:
		return []snapshot.Name{snapshot.Applications, snapshot.ServicePrincipals}
	case subject.KindContainerType:
		return []snapshot.Name{snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations}
	case subject.KindContainer:
		return []snapshot.Name{snapshot.Containers}
	case subject.KindPipeline:
		return []snapshot.Name{snapshot.Pipelines}
	case subject.KindAuditor, subject.KindTenant:
		return nil // the manifest, which every snapshot has
	default:
		return []snapshot.Name{snapshot.DataConnectEvents, snapshot.DataConnectRegister}
	}
}

// unlistable adds an unknown on "<kind>:*" per control when the subjects of a kind
// could not all be listed: no subjects is never green.
func (r *run) unlistable(kind subject.Kind, query *kindQuery) error {
	var reasons []string
	for _, name := range enumerators(kind) {
		dataset := r.join.Dataset(kind, name)
		if !dataset.Whole() {
			reasons = append(reasons, fmt.Sprintf("dataset %s is %s: %s", name, dataset.Status, dataset.Reason))
		}
	}
	if kind == subject.KindDataConnectApp && len(reasons) == 0 {
		if unseen := r.join.Unseen(); unseen != "" {
			reasons = []string{unseen}
		}
	}
	if r.subjects[string(kind)] == 0 && len(reasons) == 0 {
		switch kind {
		case subject.KindApplication:
			if r.join.Defined() {
				break // the files take some away, and define none
			}
			reasons = []string{"not a single application was found, and no tenant is without"}
		case subject.KindAuditor:
			reasons = []string{"the snapshot does not say who collected it"}
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	b := &batch{}
	for _, control := range query.controls {
		who := finding.Subject{Kind: string(kind), ID: "*"}
		o, err := b.add(control, verdict{outcome: finding.Unknown, reasons: reasons}, judgedSubject{who: who})
		if err != nil {
			return err
		}
		r.count(control, o, 0)
	}
	for _, row := range b.rows {
		if err := r.write(row); err != nil {
			return err
		}
	}
	return nil
}
