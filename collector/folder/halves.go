package folder

import (
	"encoding/json"
	"strings"

	"leastwise/collector/snapshot"
)

// halves is what the files tell of datasets that are of two collections of Graph: one file says nothing of the other.
// Roles that must be activated first are apart from active ones
// (https://learn.microsoft.com/graph/api/rbacapplication-list-roleeligibilityscheduleinstances), and the app management
// policy of the tenant from those of single applications
// (https://learn.microsoft.com/graph/api/tenantappmanagementpolicy-get).
type halves struct{ active, eligible, tenant bool }

// answer notes what an answer was of, be it empty.
func (a *halves) answer(c collection) {
	name, known := c.dataset()
	if !known || name != snapshot.DirectoryRoleAssignments {
		return
	}
	_, last, _ := cutLast(c.name)
	a.eligible = a.eligible || last == eligibilities
	a.active = a.active || last != eligibilities
}

// row notes what a row is. An assignment that came with its kind is of a snapshot, which has both.
func (a *halves) row(before, after json.RawMessage) {
	var was, is struct {
		Assignment                   string
		IsDefaultPolicy              bool
		ApplicationRestrictions      json.RawMessage // only the tenant's policy has these two
		ServicePrincipalRestrictions json.RawMessage
	}
	_, _ = json.Unmarshal(before, &was), json.Unmarshal(after, &is) // what cannot be read tells nothing
	a.tenant = a.tenant || is.IsDefaultPolicy || is.ApplicationRestrictions != nil || is.ServicePrincipalRestrictions != nil
	a.active = a.active || was.Assignment != "" || is.Assignment == ""
	a.eligible = a.eligible || was.Assignment != "" || is.Assignment != ""
}

// missing says of which half of a dataset there is no answer.
func (a *halves) missing(name snapshot.Name) []string {
	var reasons []string
	none := func(of snapshot.Name, told bool, what, hint string) {
		if name == of && !told {
			reasons = append(reasons, what+" in no file; hint: save "+hint)
		}
	}
	none(snapshot.DirectoryRoleAssignments, a.active, "active assignments stand",
		"/roleManagement/directory/roleAssignments?$expand=principal too")
	none(snapshot.DirectoryRoleAssignments, a.eligible, "eligible assignments stand", "/roleManagement/directory/"+
		"roleEligibilityScheduleInstances?$expand=principal too, or without Privileged Identity Management an answer that is empty")
	none(snapshot.AppManagementPolicies, a.tenant, "the tenant's default policy stands", "/policies/defaultAppManagementPolicy too")
	return reasons
}

// typed says of an assignment that the type of its principal is not known where it came without: it may be a group.
func typed(members map[string]json.RawMessage, set func(string, json.RawMessage)) {
	var principal struct {
		Type string `json:"@odata.type"`
	}
	_ = json.Unmarshal(members["principal"], &principal) // without a type nobody knows
	if members["assignment"] == nil && strings.TrimSpace(principal.Type) == "" {
		set("principalType", text(snapshot.PrincipalNotTold))
	}
}
