package dataconnect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// consentRow is one row of consent_events: who granted which permissions to an
// application, or took them away, and nothing else of the record. Members that the record
// does not tell are absent.
type consentRow struct {
	ID                 string         `json:"id"`
	At                 string         `json:"at,omitzero"`
	AtRaw              string         `json:"atRaw,omitzero"` // when it is no instant
	Operation          string         `json:"operation"`      // as written, without the period that one feed ends it with
	Change             string         `json:"change"`         // added, removed
	AppID              string         `json:"appId,omitzero"` // of the application that may do more, or less, now
	ServicePrincipalID string         `json:"servicePrincipalId,omitzero"`
	AppName            string         `json:"appName,omitzero"`
	By                 *consentActor  `json:"by,omitzero"`
	Admin              *bool          `json:"admin,omitzero"` // consent was an administrator's
	OnBehalfOfAll      *bool          `json:"onBehalfOfAll,omitzero"`
	ResourceID         string         `json:"resourceId,omitzero"` // object id of the API's service principal
	ResourceAppID      string         `json:"resourceAppId,omitzero"`
	Grants             []consentGrant `json:"grants,omitzero"`
	Scopes             []string       `json:"scopes,omitzero"` // of which it is not known of which API they are
	// Unchanged says that the record was read whole, and that no permission is other than it was.
	Unchanged bool `json:"unchanged,omitzero"`
}

// consentActor is who did it: a person, or an application on its own.
type consentActor struct {
	ID    string `json:"id,omitzero"`
	UPN   string `json:"upn,omitzero"`
	AppID string `json:"appId,omitzero"`
}

// consentGrant is one permission. PrincipalID is the user for whom alone it is.
type consentGrant struct {
	Kind          string `json:"kind"` // application, delegated, or user_assignment
	Permission    string `json:"permission,omitzero"`
	PermissionID  string `json:"permissionId,omitzero"`
	ResourceID    string `json:"resourceId,omitzero"`
	ResourceAppID string `json:"resourceAppId,omitzero"`
	ConsentType   string `json:"consentType,omitzero"` // AllPrincipals, Principal
	PrincipalID   string `json:"principalId,omitzero"`
}

// The kinds of grants. A user assignment lets a user, or a group, into an application: that
// permits the application nothing.
const (
	grantApplication = "application"
	grantDelegated   = "delegated"
	grantUser        = "user_assignment"
)

// consentOperation is what a record tells of.
type consentOperation struct {
	kind    string // consent, or one of the kinds of grants
	removed bool
}

const kindConsenting = "consenting"

// consentOperationOf tells what an operation does by its name without spaces, in lower case.
// The names of grants have changed over the years
// (https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities,
// https://learn.microsoft.com/purview/audit-log-activities#application-administration-activities).
func consentOperationOf(folded string) (op consentOperation, known bool) {
	switch folded {
	case "consenttoapplication":
		return consentOperation{kindConsenting, false}, true
	case "addapproleassignmenttoserviceprincipal":
		return consentOperation{grantApplication, false}, true
	case "removeapproleassignmentfromserviceprincipal":
		return consentOperation{grantApplication, true}, true
	case "adddelegatedpermissiongrant", "addoauth2permissiongrant", "adddelegationentry",
		"updatedelegatedpermissiongrant", "updateoauth2permissiongrant":
		return consentOperation{grantDelegated, false}, true
	case "removedelegatedpermissiongrant", "removeoauth2permissiongrant", "removedelegationentry":
		return consentOperation{grantDelegated, true}, true
	case "addapproleassignmentgranttouser", "addapproleassignmenttouser", "addapproleassignmenttogroup":
		return consentOperation{grantUser, false}, true
	case "removeapproleassignmentgrantfromuser", "removeapproleassignmentfromuser", "removeapproleassignmentfromgroup":
		return consentOperation{grantUser, true}, true
	}
	return op, false
}

// foldOperation writes the name of an operation without what its spellings differ in: one
// feed ends it with a period, and dashes and spaces are of several kinds.
func foldOperation(operation string) string {
	return unspaced(strings.NewReplacer("–", "-", "—", "-").Replace(plainOperation(operation)))
}

func plainOperation(operation string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(operation), "."))
}

// consentChange tells what an operation does. ours is false for one that is about something
// else, known for one that is about consent or grants and is not understood.
func consentChange(operation string) (op consentOperation, ours, known bool) {
	folded := foldOperation(operation)
	if op, known = consentOperationOf(folded); known {
		return op, true, true
	}
	ours = slices.ContainsFunc([]string{
		"consenttoapplication", "approleassignment", "delegatedpermissiongrant", "oauth2permissiongrant", "delegationentry",
	}, func(stem string) bool { return strings.Contains(folded, stem) })
	return op, ours, false
}

// changesConsent reports whether a record without Workload is of consent or grants.
func (g *glance) changesConsent(workload string) bool {
	if workload != "" {
		return false
	}
	_, ours, _ := consentChange(text(g.operation))
	return ours
}

// consentRecord stores a record of the directory when it is of consent or of grants.
func (l *ledger) consentRecord(raw json.RawMessage, g glance, position string, valid bool) (ours bool, err error) {
	operation := text(g.operation)
	op, ours, known := consentChange(operation)
	_, other, _ := consentChange(text(g.former))
	if !ours && !other {
		return false, nil
	}
	r, ok := g.consent(raw)
	switch happened, _ := succeeded(text(r.result)); {
	case !ok:
		l.lose(position+": a record of consent that cannot be read", first(g.created, g.happened))
		return true, nil
	case slices.Contains(r.twice, "Operation"):
		l.lose(position+": a record of two operations", r.created)
		return true, nil
	case !l.ours(r.organization, directoryWorkload, position), !happened:
		return true, nil
	case !g.entra && text(r.workload) == "":
		l.lose(position+": a record of consent, without Workload", r.created)
		return true, nil
	case !known:
		l.lose(fmt.Sprintf("%s: a record of consent or grants that is not understood, %q", position, operation), r.created)
		return true, nil
	}
	return true, l.storeConsents(r, op, fmt.Sprintf("%s: a record %q", position, operation), valid)
}

// storeConsents stores what a record tells: a row, or two where it both adds and removes.
func (l *ledger) storeConsents(r consentRecord, op consentOperation, what string, valid bool) error {
	rows, problems := r.rows(op)
	if _, doubt := succeeded(text(r.result)); doubt != "" {
		problems = append(problems, doubt)
	}
	for i := range rows {
		row, gaps := &rows[i], doubts(r.twice)
		for _, problem := range problems {
			gaps = append(gaps, snapshot.Gap{Reason: problem})
		}
		if row.AppID == "" && row.ServicePrincipalID == "" {
			l.fault(what + " that does not say which application it is about")
		}
		if len(problems) == 0 && l.consents.met(row) {
			continue
		}
		if err := l.store(&row.ID, row, gaps, what, valid); err != nil {
			return err
		}
	}
	return nil
}
