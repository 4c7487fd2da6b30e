package subject

import (
	"bytes"
	"encoding/json"
	"strings"
)

// The wire types of the tenant's policies.

// wireAuthorizationPolicy
// (https://learn.microsoft.com/graph/api/resources/authorizationpolicy; in beta the policies for
// users' consent stand at the top,
// https://learn.microsoft.com/graph/api/resources/authorizationpolicy?view=graph-rest-beta).
type wireAuthorizationPolicy struct {
	ID                string          `json:"id"`
	RiskyConsent      json.RawMessage `json:"allowUserConsentForRiskyApps"`
	AssignedAtTheTop  []string        `json:"permissionGrantPolicyIdsAssignedToDefaultUserRole"`
	DefaultUserRights *struct {
		CreateApps wireBool `json:"allowedToCreateApps"`
		Assigned   []string `json:"permissionGrantPoliciesAssigned"`
	} `json:"defaultUserRolePermissions"`
}

// risky is whether users may consent to applications that look risky, and whether that was read:
// null is the default and leaves it nil.
func (w *wireAuthorizationPolicy) risky() (allowed *bool, read bool) {
	if bytes.Equal(w.RiskyConsent, []byte("null")) {
		return nil, true
	}
	var known wireBool
	if len(w.RiskyConsent) == 0 || known.UnmarshalJSON(w.RiskyConsent) != nil {
		return nil, false
	}
	return known.value, known.value != nil
}

// wireGrantPolicy (https://learn.microsoft.com/graph/api/resources/permissiongrantpolicy).
type wireGrantPolicy struct {
	ID          string             `json:"id"`
	DisplayName string             `json:"displayName"`
	Includes    []wireConditionSet `json:"includes"`
	Excludes    []wireConditionSet `json:"excludes"`
}

// wireConditionSet (https://learn.microsoft.com/graph/api/resources/permissiongrantconditionset).
type wireConditionSet struct {
	Classification        string   `json:"permissionClassification"`
	PermissionType        string   `json:"permissionType"`
	Resource              string   `json:"resourceApplication"`
	Permissions           []string `json:"permissions"`
	ClientApps            []string `json:"clientApplicationIds"`
	ClientTenants         []string `json:"clientApplicationTenantIds"`
	ClientPublishers      []string `json:"clientApplicationPublisherIds"`
	VerifiedPublisherOnly wireBool `json:"clientApplicationsFromVerifiedPublisherOnly"`
}

// wireConsentWorkflow (https://learn.microsoft.com/graph/api/resources/adminconsentrequestpolicy).
type wireConsentWorkflow struct {
	ID              string          `json:"id"`
	IsEnabled       wireBool        `json:"isEnabled"`
	NotifyReviewers wireBool        `json:"notifyReviewers"`
	RequestDays     *int            `json:"requestDurationInDays"`
	Reviewers       []*wireReviewer `json:"reviewers"`
}

// wireReviewer names users by a query (https://learn.microsoft.com/graph/api/resources/accessreviewreviewerscope).
type wireReviewer struct {
	Query string `json:"query"`
}

// wireAppManagement is the tenant's own policy, which restricts applications and service principals
// apart, or one that is assigned to single applications
// (https://learn.microsoft.com/graph/api/resources/tenantappmanagementpolicy,
// https://learn.microsoft.com/graph/api/resources/appmanagementpolicy).
type wireAppManagement struct {
	ID                string            `json:"id"`
	DisplayName       string            `json:"displayName"`
	IsDefault         wireBool          `json:"isDefaultPolicy"`
	IsEnabled         wireBool          `json:"isEnabled"`
	Applications      *wireRestrictions `json:"applicationRestrictions"`
	ServicePrincipals *wireRestrictions `json:"servicePrincipalRestrictions"`
	Restrictions      *wireRestrictions `json:"restrictions"`
}

type wireRestrictions struct {
	Secrets      []wireRestriction `json:"passwordCredentials"`
	Certificates []wireRestriction `json:"keyCredentials"`
}

// wireRestriction (https://learn.microsoft.com/graph/api/resources/passwordcredentialconfiguration).
type wireRestriction struct {
	Type        string          `json:"restrictionType"`
	State       json.RawMessage `json:"state"` // absent in older answers
	MaxLifetime string          `json:"maxLifetime"`
	After       string          `json:"restrictForAppsCreatedAfterDateTime"`
	Exempt      map[string]any  `json:"excludeActors"`
}

// state is the state of a restriction; enabled where the answer has no such member.
func (w *wireRestriction) state() string {
	if w.State == nil {
		return "enabled"
	}
	var written string
	if json.Unmarshal(w.State, &written) != nil {
		return ""
	}
	return spelt(strings.TrimSpace(written), "enabled", "disabled")
}

// exempts reports whether anybody is left out: any member that is not empty may name somebody.
func (w *wireRestriction) exempts() bool {
	for name, value := range w.Exempt {
		list, isList := value.([]any)
		if !strings.Contains(name, "@") && value != nil && (!isList || len(list) > 0) {
			return true
		}
	}
	return false
}
