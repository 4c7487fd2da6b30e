package main

import (
	"fmt"
	"log/slog"
	"slices"

	"leastwise/collector/snapshot"
	"leastwise/policies"
	"leastwise/policies/subject"
)

// applicationDatasets are the datasets of a snapshot that applications in files are compared with, and that tell of
// what their permissions reach: what somebody owns, does or has signed in to is not for a merge to answer.
func applicationDatasets() []snapshot.Name {
	return []snapshot.Name{
		snapshot.Applications, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.DelegatedGrants,
		snapshot.FederatedCredentials, snapshot.CertificateKeys, snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations,
		snapshot.ContainerTypeGrants,
	}
}

// gateFiles says what controls of applications can rest on.
func gateFiles(against *snapshot.Snapshot) *policies.Files {
	// What the files themselves stand in for.
	provided := []snapshot.Name{
		snapshot.Applications, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.DelegatedGrants, snapshot.FederatedCredentials,
	}
	if against != nil {
		for _, name := range applicationDatasets() {
			if _, there := against.Manifest.Datasets[name]; there && !slices.Contains(provided, name) {
				provided = append(provided, name)
			}
		}
	}
	return &policies.Files{Provided: provided}
}

// gateKinds are the kinds of subjects that the files define.
func gateKinds(snap *snapshot.Snapshot) []subject.Kind {
	var kinds []subject.Kind
	if _, there := snap.Manifest.Datasets[snapshot.Manifests]; there {
		kinds = append(kinds, subject.KindApplication)
	}
	if _, there := snap.Manifest.Datasets[snapshot.Pipelines]; there {
		kinds = append(kinds, subject.KindPipeline)
	}
	return kinds
}

// onlyOf refuses ids of controls that judge something else: a selection that leaves
// nothing over would always be well.
func onlyOf(library *policies.Library, only []string, kinds []subject.Kind) error {
	for _, control := range library.Controls {
		if !slices.Contains(only, control.ID) || slices.Contains(kinds, control.Subject) {
			continue
		}
		if control.Subject == subject.KindPipeline || control.Subject == subject.KindApplication {
			return fmt.Errorf("--only %s: this control judges subjects of the kind %s, and the files define none; hint: name the files that do",
				control.ID, control.Subject)
		}
		return fmt.Errorf("--only %s: this control judges subjects of the kind %s, and gate judges pipelines and applications; hint: leastwise audit runs it",
			control.ID, control.Subject)
	}
	return nil
}

// sayPassed tells how many files define nothing that is judged.
func (p *program) sayPassed(o *gateOptions, files int) {
	style := o.audit.log.style()
	text := fmt.Sprintf("%d JSON files define no pipeline and no application, and were passed over", files)
	if files == 1 {
		text = "1 JSON file defines no pipeline and no application, and was passed over"
	}
	switch {
	case style.quiet || files == 0:
	case style.json:
		p.event(slog.LevelInfo, text)
	default:
		_ = p.notice(style, text)
	}
}
