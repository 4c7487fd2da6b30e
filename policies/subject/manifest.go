package subject

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// Change is what merging the files changes of one application, against the tenant's snapshot.
type Change struct {
	ID, Name string // of the subject
	File     string
	Line     int
	// Action is "new" (not in the snapshot), "changed" or "removed".
	Action string
	// MatchedBy says how the application was found in the snapshot: app_id, object_id, unique_name, display_name.
	MatchedBy string
	// Requested are permissions that are asked for, and were neither asked for nor granted; Granted those that the
	// files themselves grant and were not granted; Dropped those that are no longer asked for, or are revoked.
	Requested, Granted, Dropped []ChangedPermission
}

// ChangedPermission is one permission of a Change.
type ChangedPermission struct {
	Key, Permission, Kind, ResourceName, Tier string
	Line                                      int // 0 where the files no longer name it
	// Ends is what a dropped one no longer is: requested, granted or both. StillGranted is whether the tenant goes on to
	// grant one that is no longer requested.
	Ends         string
	StillGranted bool
}

// defined are the applications that the files of a repository define.
type defined struct {
	read      bool
	documents []Document
	changes   []Change
}

// live is an application as the snapshot has it.
type live struct {
	row       *wireApplication
	matchedBy string
	doubt     string // why it is not known which one it is
}

// Defined reports whether the snapshot holds what repository files define of applications. The applications are
// then those of the files, and no others.
func (j *Join) Defined() bool { return j.defined.read }

// Changes are what merging the files changes, in the order of the subjects; nothing without applications of a
// tenant to compare with.
func (j *Join) Changes() []Change { return j.defined.changes }

// standsIn are the datasets that the files stand in for: what they define of an application is there, and what
// they do not is not.
var standsIn = []snapshot.Name{
	snapshot.Applications, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.DelegatedGrants, snapshot.FederatedCredentials,
}

// Dataset is the state of a dataset for a kind of subject. For applications that files define, the files stand in
// for what the tenant would tell of them; damage in either counts.
func (j *Join) Dataset(kind Kind, name snapshot.Name) snapshot.Dataset {
	own := j.snap.Dataset(name)
	if kind != KindApplication || !j.Defined() || !slices.Contains(standsIn, name) {
		return own
	}
	if files := j.snap.Dataset(snapshot.Manifests); !files.Whole() || !own.Status.Readable() {
		return files
	}
	return own
}

// manifests yields the applications that files define.
func (j *Join) manifests() iter.Seq2[Builder, error] {
	return built(j.defined.documents, func(d Document) Document { return d })
}

// loadManifests reads what files define, and finds the same applications in the snapshot.
func (j *Join) loadManifests() error {
	if !j.readable(snapshot.Manifests) {
		return nil
	}
	j.defined.read = true
	var rows []*wireManifest
	for line, err := range j.snap.Rows(snapshot.Manifests) {
		if err != nil {
			return err
		}
		row, fault, err := decodeRow[wireManifest](bytes.Clone(line))
		if err != nil || fault != "" {
			return fmt.Errorf("read dataset %s: row %s: %w", snapshot.Manifests, row.ID, cmp.Or(err, fmt.Errorf("%s", fault)))
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b *wireManifest) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	found, err := j.findLive(rows)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, row := range rows {
		at := found[row]
		if at != nil && at.doubt != "" && row.Action == "create" {
			at = nil // one more of that name
		}
		j.define(row, at, taken)
	}
	return nil
}

// findLive streams the tenant's registrations past the files. An application is the same by its application id or
// object id, else by its unique name, else by its display name, where only one has it.
func (j *Join) findLive(rows []*wireManifest) (map[*wireManifest]*live, error) {
	found := map[*wireManifest]*live{}
	byWord := map[string][]*wireManifest{}
	for _, row := range rows {
		words := row.words()
		if p := j.principal(row.PrincipalID); p != nil && row.AppID == "" && row.ObjectID == "" {
			words = append(words, "app_id "+p.appID)
		}
		for _, word := range words {
			byWord[word] = append(byWord[word], row)
		}
	}
	for line, err := range j.snap.Rows(snapshot.Applications) {
		if err != nil {
			return nil, err
		}
		var names struct {
			ID          string `json:"id"`
			AppID       string `json:"appId"`
			UniqueName  string `json:"uniqueName"`
			DisplayName string `json:"displayName"`
		}
		if _, err := decode(line, &names); err != nil {
			return nil, fmt.Errorf("read dataset %s: %w", snapshot.Applications, err)
		}
		var whole *wireApplication
		for _, way := range []struct{ by, word string }{
			{"app_id", names.AppID}, {"object_id", names.ID}, {"unique_name", names.UniqueName}, {"display_name", names.DisplayName},
		} {
			for _, row := range byWord[way.by+" "+strings.ToLower(way.word)] {
				if way.word == "" {
					continue
				}
				if whole == nil {
					var err error
					if whole, _, err = decodeRow[wireApplication](bytes.Clone(line)); err != nil {
						return nil, fmt.Errorf("read dataset %s: %w", snapshot.Applications, err)
					}
				}
				found[row] = found[row].better(&live{row: whole, matchedBy: way.by}, way.word)
			}
		}
	}
	return found, nil
}

// words are what an application is known by.
func (m *wireManifest) words() []string {
	var words []string
	add := func(by, word string) {
		if word != "" {
			words = append(words, by+" "+strings.ToLower(word))
		}
	}
	add("app_id", m.AppID)
	add("object_id", m.ObjectID)
	if m.AppID == "" && m.ObjectID == "" && !m.Part && m.PrincipalID == "" && !m.anew() {
		add("unique_name", m.UniqueName)
		add("display_name", m.Name)
	}
	return words
}

// anew reports whether what the file makes is another application, whatever its name: Terraform creates one, where a
// template with the same unique name updates it.
func (m *wireManifest) anew() bool { return m.Format == "terraform" && m.Action == "create" }

// better keeps the surer of two; two that are found by one display name are in doubt.
func (l *live) better(other *live, name string) *live {
	ways := []string{"app_id", "object_id", "unique_name", "display_name"}
	switch {
	case l == nil || slices.Index(ways, other.matchedBy) < slices.Index(ways, l.matchedBy):
		return other
	case l.matchedBy == other.matchedBy && l.row.ID != other.row.ID:
		l.doubt = fmt.Sprintf("several applications of the snapshot have the name %s: which one is meant is not known", name)
	}
	return l
}

// define makes the document of one row, and what the merge changes of it.
func (j *Join) define(row *wireManifest, at *live, taken map[string]bool) {
	b := &manifestBuilder{join: j, row: row, live: at, lines: map[string]int{}, fresh: map[string]bool{}}
	b.before()
	change := Change{Name: cmp.Or(row.Name, row.Address, row.AppID), File: row.File, Line: row.Line, Action: "changed"}
	compare := j.readable(snapshot.Applications)
	switch {
	case at == nil && j.principal(row.PrincipalID) != nil:
		change.MatchedBy = "object_id"
	case at == nil || at.doubt != "":
		change.Action = "new"
	default:
		change.MatchedBy = at.matchedBy
	}
	if row.Action == "delete" && row.Grants == nil && row.Revoked == nil {
		if compare && at != nil {
			change.Action, change.ID = "removed", strings.ToLower(at.row.AppID)
			b.app = &Application{Grants: []Grant{}}
			b.dropped(&change)
			j.defined.changes = append(j.defined.changes, change)
		}
		return
	}
	document := b.document()
	if taken[document.ID] {
		document.ID += " (" + row.ID + ")"
	}
	taken[document.ID] = true
	change.ID = document.ID
	if compare {
		b.compare(&change)
		document.New = b.fresh
		if len(change.Requested)+len(change.Granted)+len(change.Dropped) > 0 || change.Action == "new" {
			j.defined.changes = append(j.defined.changes, change)
		}
	}
	j.defined.documents = append(j.defined.documents, document)
}
