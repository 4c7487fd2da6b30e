package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// applications reads what the files define of applications, and tells how many files do. The error is about files
// that look like such a definition and are broken: what they would bring about cannot be told.
func (w *world) applications() (found int, err error) {
	w.bicep()
	files, names := map[*file]bool{}, map[string]bool{}
	for _, row := range w.apps {
		names[row.File] = true
	}
	for _, g := range w.graph {
		files[g.at.file] = names[g.at.file.name]
	}
	for _, f := range w.files {
		w.twoFormats(f.root)
		switch {
		case isPlan(f.root):
			if w.terraform(f.root) {
				files[f] = true
			}
			continue
		case isTeams(f.root):
			w.teams(f.root)
			files[f] = true
		case !isTemplate(f.root) && w.registrations(f.root):
			files[f] = true
			continue
		}
		if !files[f] {
			w.strayApp(f.root, 0)
		}
	}
	w.unreadSources()
	return len(files), errors.Join(w.broken...)
}

// defineApplications writes the dataset manifests, where files define applications, and tells how many do. found is
// how many definitions of pipelines there are: without any, faults that nothing tells of one in are left out.
func (w *world) defineApplications(to *snapshot.Writer, found int, faults []error) (int, []error, error) {
	if !w.defining {
		return 0, faults, nil
	}
	defining, err := w.applications()
	switch {
	case err != nil:
		return 0, nil, hinted(err)
	case defining == 0 && len(w.appFaults) == 0:
		return 0, faults, nil
	}
	likely := w.likely(faults)
	if err := w.writeApps(to, likely); err != nil {
		return 0, nil, err
	}
	if found == 0 {
		faults = likely
	}
	return defining, faults, nil
}

// isApplication tells a file that defines applications, by what is in it.
func isApplication(root *node) bool {
	return isPlan(root) || isTeams(root) || slices.ContainsFunc(candidates(root), func(n *node) bool { return registrationFormat(n) != "" })
}

// signs are what a file that defines applications cannot do without, in any format, in lower case.
var signs = [][]byte{
	[]byte(`"requiredresourceaccess"`), []byte(`"replyurlswithtype"`), []byte(`"resource_changes"`), []byte(`"azuread_application`),
	[]byte(`"webapplicationinfo"`), []byte(`"microsoft.graph/`), []byte(`"signinaudience"`), []byte(`"resourcespecific"`),
}

// hints are what other files have, too: one that holds them and cannot be read is a gap, and not refused.
var hints = [][]byte{
	[]byte(`"redirecturis"`), []byte(`"passwordcredentials"`), []byte(`"keycredentials"`), []byte(`"federatedidentitycredentials"`),
	[]byte(`"preauthorizedapplications"`), []byte(`"azuread_`), []byte(`"msgraph_`),
}

// pipelineSigns are the same of definitions of pipelines and of what they use, in lower case.
var pipelineSigns = [][]byte{
	[]byte("activities"), []byte("typeproperties"), []byte("linkedservice"), []byte("365source"), []byte("365table"),
	[]byte("microsoft.datafactory"), []byte("microsoft.synapse"), []byte("deploymenttemplate"), []byte("deploymentparameters"),
}

// note remembers of a file that is no JSON what it looks like.
func (w *world) note(data []byte, broken error) {
	lower := bytes.ToLower(data)
	switch {
	case holdsAny(lower, signs):
		w.broken = append(w.broken, broken)
	case !holdsAny(lower, pipelineSigns) && !holdsAny(lower, hints):
		w.unlikely[broken] = true
	}
}

func holdsAny(text []byte, signs [][]byte) bool {
	return slices.ContainsFunc(signs, func(sign []byte) bool { return bytes.Contains(text, sign) })
}

// likely leaves out the faults of files that nothing tells of a definition in, such as settings with comments.
func (w *world) likely(faults []error) []error {
	return slices.DeleteFunc(slices.Clone(faults), func(fault error) bool { return w.unlikely[fault] })
}

// appFault notes that part of what the files define of applications could not be read.
func (w *world) appFault(at *node, format string, args ...any) {
	fault := fmt.Errorf("%s:%d: %s", at.file.name, max(1, at.line), fmt.Sprintf(format, args...))
	if !slices.ContainsFunc(w.appFaults, func(known error) bool { return known.Error() == fault.Error() }) {
		w.appFaults = append(w.appFaults, fault)
	}
}

// writeApps writes the dataset manifests. faults are those of files that may have held more.
func (w *world) writeApps(to *snapshot.Writer, faults []error) error {
	rows := w.finishApps()
	out, err := to.Dataset(snapshot.Manifests)
	if err != nil {
		return err
	}
	defer func() { _ = out.Abort() }() // after Close it does nothing
	for _, row := range rows {
		line, err := snapshot.Encode(row)
		if err != nil {
			return fmt.Errorf("encode manifest: %w", err)
		}
		if err := out.Add(line); err != nil {
			return err
		}
	}
	for _, fault := range slices.Concat(faults, w.appFaults) {
		out.Fault(fault.Error())
	}
	return out.Close(snapshot.Dataset{})
}

// hinted makes sure that an error says what to do.
func hinted(err error) error {
	if strings.Contains(err.Error(), "hint:") {
		return err
	}
	return fmt.Errorf("%w; hint: mend the file; nothing was judged", err)
}

// definingFiles are the files with definitions of pipelines and of what they use.
func (w *world) definingFiles() map[*file]bool {
	files := map[*file]bool{}
	for _, d := range w.definitions {
		files[d.root.file] = true
	}
	return files
}
