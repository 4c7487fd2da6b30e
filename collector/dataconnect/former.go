package dataconnect

import (
	"encoding/json"
	"fmt"
	"strings"

	"leastwise/collector/snapshot"
)

// takeOver takes over the rows of a former snapshot, with what is wrong with them, and
// how far they reach. Rows that are not what the former run wrote are not taken over,
// and neither is what they were said to cover.
func (l *ledger) takeOver(former *snapshot.Snapshot) error {
	name := l.name
	if former == nil {
		return nil
	}
	if was := former.Manifest.Tenant.ID; !strings.EqualFold(was, l.tenant) {
		return fmt.Errorf("the former snapshot is of tenant %s, not of %s", was, l.tenant)
	}
	dataset := former.Dataset(name)
	if !dataset.Status.Readable() {
		return nil
	}
	for _, err := range former.Rows(name) {
		if err != nil {
			l.fault("the events of the former snapshot were not taken over: " + err.Error())
			return nil
		}
	}
	gaps := map[string][]snapshot.Gap{}
	for _, gap := range dataset.Gaps {
		gaps[gap.Row] = append(gaps[gap.Row], gap)
	}
	if dataset.ManyGaps() {
		l.fault("more events of the former snapshot are damaged than it names")
	}
	for line, err := range former.Rows(name) {
		if err != nil {
			return err
		}
		id, doubt := loose(name, line)
		if doubt != "" {
			l.fault(doubt)
		}
		if err := l.rows.AddCopy(line, gaps[id]); err != nil {
			return err
		}
		l.consents.remember(line)
	}
	l.former, l.state = true, snapshot.State{Windows: dataset.Windows, Holes: dataset.Holes, Provisional: dataset.Provisional}
	return nil
}

// loose says why a row may concern anything, if it does. When it was read this was
// said of the whole dataset.
func loose(name snapshot.Name, line []byte) (id, doubt string) {
	var row struct{ ID, AppID, ServicePrincipalID, PrincipalID, PrincipalUPN string }
	_ = json.Unmarshal(line, &row) // what is of another type the snapshot finds
	switch {
	case strings.HasPrefix(row.ID, withoutID):
		doubt = fmt.Sprintf("event %s has no id of its own", row.ID)
	case name == snapshot.DataConnectEvents && row.AppID == "":
		doubt = fmt.Sprintf("event %s names no application", row.ID)
	case name == snapshot.ConsentEvents && row.AppID == "" && row.ServicePrincipalID == "":
		doubt = fmt.Sprintf("event %s names no application", row.ID)
	case name == snapshot.RoleEvents && row.PrincipalID == "" && row.PrincipalUPN == "":
		doubt = fmt.Sprintf("event %s names no principal", row.ID)
	}
	return row.ID, doubt
}
