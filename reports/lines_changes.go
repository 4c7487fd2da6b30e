package reports

import (
	"cmp"
	"fmt"
	"strings"

	"leastwise/policies/finding"
)

// changes writes what merging files changes of applications: a line for each permission, and one for each application
// that was found by its name or goes.
func (l lines) changes(r *finding.Report) {
	for _, c := range r.Changes {
		switch who := cmp.Or(c.Subject.Name, c.Subject.ID); {
		case c.Action == "removed":
			l.change(c, 0, fmt.Sprintf("removed: %s, which the snapshot holds", who))
		case c.MatchedBy == "display_name" || c.MatchedBy == "unique_name":
			l.change(c, 0, fmt.Sprintf("compared: %s with the application of that %s in the snapshot (%s)", who, strings.ReplaceAll(c.MatchedBy, "_", " "), c.Subject.ID))
		case c.Action == "new":
			l.change(c, 0, fmt.Sprintf("new application: %s is not in the snapshot", who))
		}
		for _, part := range []struct {
			word        string
			permissions []finding.ChangedPermission
		}{{"newly requested", c.Requested}, {"newly granted", c.Granted}, {"", c.Dropped}} {
			for _, p := range part.permissions {
				l.change(c, p.Line, fmt.Sprintf("%s: %s", cmp.Or(part.word, endText(p)), permissionText(c, p)))
			}
		}
	}
}

// endText says what a permission no longer is.
func endText(p finding.ChangedPermission) string {
	switch {
	case p.Ends == "requested" && p.StillGranted:
		return "no longer requested, and still granted"
	case p.Ends == "requested", p.Ends == "granted":
		return "no longer " + p.Ends
	}
	return "no longer requested or granted"
}

func permissionText(c finding.Change, p finding.ChangedPermission) string {
	about := strings.Join(nonEmpty(p.Kind, cmp.Or(p.Tier, "not resolved"), p.ResourceName), ", ")
	return fmt.Sprintf("%s (%s) by %s", p.Permission, about, cmp.Or(c.Subject.Name, c.Subject.ID))
}

func nonEmpty(words ...string) []string {
	var out []string
	for _, word := range words {
		if word != "" {
			out = append(out, word)
		}
	}
	return out
}

func (l lines) change(c finding.Change, line int, text string) {
	if line == 0 {
		line = c.Location.Line
	}
	place := fmt.Sprintf("%s:%d", oneText(c.Location.File), max(1, line))
	if strings.HasPrefix(place, ":") || strings.HasPrefix(place, "#") {
		place = "./" + place
	}
	fmt.Fprintf(l, "%s: %s\n", place, oneText(text))
}
