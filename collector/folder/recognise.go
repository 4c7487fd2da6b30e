package folder

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

// Recognised is what a saved body is of.
type Recognised struct {
	Dataset snapshot.Name
	// Not says why it is of no dataset; it is empty when Dataset is not.
	Not string
}

// Recognise tells which dataset a saved body belongs to: from the collection that
// it says it is of, from the type and then the members of its first row, and last
// from its file's name. The error is a *saved.Error, for a body that cannot be read.
func Recognise(body io.Reader, name string) (Recognised, error) {
	var first *saved.Row
	summary, err := saved.Read(body, name, func(row saved.Row) error {
		if first == nil {
			first = &row
		}
		return nil
	})
	if problem, ok := errors.AsType[*saved.Error](err); ok {
		switch {
		case problem.Fault == saved.Request,
			first == nil && !summary.Batched && (problem.Fault == saved.Refusal || problem.Fault == saved.Denial):
			return Recognised{Not: problem.Reason}, nil
		case problem.Fault == saved.Damage:
			return Recognised{}, problem
		}
	}
	if summary.Batched {
		return recogniseBatch(summary), nil
	}
	for _, context := range summary.Contexts {
		c := parseContext(context)
		if dataset, known := c.dataset(); known {
			return recognised(dataset, "answers of "+c.name+" are of no dataset"), nil
		}
	}
	return recogniseRow(first, name, summary), nil
}

func recognised(dataset snapshot.Name, otherwise string) Recognised {
	if dataset == "" {
		return Recognised{Not: otherwise}
	}
	return Recognised{Dataset: dataset}
}

// recogniseBatch goes by the parts, which may be of several collections.
func recogniseBatch(summary saved.Summary) Recognised {
	found := map[string]bool{}
	for _, c := range summary.Contexts {
		found[parseContext(c).name] = true
	}
	for _, path := range summary.Paths {
		found[parsePath(path).name] = true
	}
	names := slices.Sorted(maps.Keys(found))
	for _, name := range names {
		if dataset := collectionNames[name]; dataset != "" {
			return Recognised{Dataset: dataset}
		}
	}
	return Recognised{Not: "the parts of the $batch are of no dataset: " + strings.Join(names, ", ")}
}

func recogniseRow(first *saved.Row, name string, summary saved.Summary) Recognised {
	f := file{path: name, base: filepath.Base(name)}
	var named Recognised // by the file's name, which counts last
	if dataset, err := f.dataset(); err == nil {
		named.Dataset = dataset
	}
	var members map[string]json.RawMessage
	switch {
	case first == nil:
		return cmp.Or(named, Recognised{Not: "an empty list, which does not say of what"})
	case json.Unmarshal(first.JSON, &members) != nil || members == nil:
		return cmp.Or(named, Recognised{Not: "its rows are no objects"})
	}
	var kind string
	_ = json.Unmarshal(members["@odata.type"], &kind) // absent, or no text, is no type
	if dataset, known := typeNames[strings.TrimPrefix(kind, "#microsoft.graph.")]; known {
		return Recognised{Dataset: dataset}
	}
	has := jsonRecord(members)
	for _, shape := range shapes {
		switch {
		case !shape.matches(has, first.Bare):
		case shape.dataset == snapshot.Containers && ofDeleted.MatchString(f.base):
			return Recognised{Not: "deleted containers, says the file's name"}
		default:
			return recognised(shape.dataset, shape.not)
		}
	}
	if len(summary.Contexts) > 0 {
		return cmp.Or(named, Recognised{Not: "answers of " + parseContext(summary.Contexts[0]).name + " are of no dataset"})
	}
	return cmp.Or(named, Recognised{Not: fmt.Sprintf("no dataset has rows like its first: %s", strings.Join(slices.Sorted(maps.Keys(members)), ", "))})
}

// ofDeleted is in the names of files of deleted containers, which look like others.
var ofDeleted = regexp.MustCompile(`(?i)deleted|recycle`)

// typeNames are the types of rows by dataset, without #microsoft.graph.
// (https://learn.microsoft.com/graph/api/overview). Users and the like are left out:
// they are rows of owners, but do not say whose.
var typeNames = map[string]snapshot.Name{
	"organization":                               snapshot.Organization,
	"application":                                snapshot.Applications,
	"agentIdentityBlueprint":                     snapshot.Applications,
	"servicePrincipal":                           snapshot.ServicePrincipals,
	"agentIdentity":                              snapshot.ServicePrincipals,
	"agentIdentityBlueprintPrincipal":            snapshot.ServicePrincipals,
	"appRoleAssignment":                          snapshot.AppRoleAssignments,
	"oAuth2PermissionGrant":                      snapshot.DelegatedGrants,
	"federatedIdentityCredential":                snapshot.FederatedCredentials,
	"unifiedRoleAssignment":                      snapshot.DirectoryRoleAssignments,
	"unifiedRoleEligibilityScheduleInstance":     snapshot.DirectoryRoleAssignments,
	"unifiedRoleAssignmentScheduleInstance":      snapshot.DirectoryRoleAssignments,
	"unifiedRoleDefinition":                      snapshot.DirectoryRoleDefinitions,
	"authorizationPolicy":                        snapshot.AuthorizationPolicy,
	"permissionGrantPolicy":                      snapshot.PermissionGrantPolicies,
	"adminConsentRequestPolicy":                  snapshot.AdminConsentPolicy,
	"appManagementPolicy":                        snapshot.AppManagementPolicies,
	"tenantAppManagementPolicy":                  snapshot.AppManagementPolicies,
	"servicePrincipalSignInActivity":             snapshot.SignInActivity,
	"appCredentialSignInActivity":                snapshot.CredentialActivity,
	"fileStorageContainerType":                   snapshot.ContainerTypes,
	"fileStorageContainerTypeRegistration":       snapshot.ContainerTypeRegistrations,
	"fileStorageContainerTypeAppPermissionGrant": snapshot.ContainerTypeGrants,
	"fileStorageContainer":                       snapshot.Containers,
}

// shape tells rows by the members that they have, in any case.
type shape struct {
	all     []string
	bare    bool // the object stands by itself
	without string
	dataset snapshot.Name
	not     string
}

func (s shape) matches(row record, bare bool) bool {
	return (bare || !s.bare) && !row.has(s.without) && !slices.ContainsFunc(s.all, func(member string) bool { return !row.has(member) })
}

// shapes in order of precedence. What is part of a row, or what another program made
// of one, is of no dataset.
var shapes = []shape{
	{all: []string{"applicationpermissiongrants"}, bare: true, without: "id", not: "a request body"},
	{all: []string{"application", "serviceprincipal"}, bare: true, not: "the answer to an action, with an application and a service principal in one"},
	{all: []string{"allowedmembertypes", "value"}, not: "app roles of one application, which stand in its row"},
	{all: []string{"permissionclassification", "clientapplicationids"}, not: "condition sets of one permission grant policy, which stand in its row"},
	{all: []string{"grantedtoidentities"}, not: "permissions on a site"},
	{all: []string{"permissionid", "roles"}, not: "permissions on a site"},
	{all: []string{"resource", "permission", "type"}, not: "another program's digest of permissions, which names neither applications nor ids"},

	{all: []string{"objectid", "ownerid"}, dataset: snapshot.ApplicationOwners},
	{all: []string{"objectid", "keyid", "bits"}, dataset: snapshot.CertificateKeys},
	{all: []string{"owningapplicationid"}, dataset: snapshot.ContainerTypeGrants},
	{all: []string{"appid", "applicationpermissions"}, dataset: snapshot.ContainerTypeGrants},
	{all: []string{"owningappid", "registereddatetime"}, dataset: snapshot.ContainerTypeRegistrations},
	{all: []string{"owningappid", "registreddatetime"}, dataset: snapshot.ContainerTypeRegistrations},
	{all: []string{"owningappid", "billingclassification"}, dataset: snapshot.ContainerTypes},
	{all: []string{"containertypeid", "displayname"}, dataset: snapshot.Containers},
	{all: []string{"containertypeid", "roles"}, dataset: snapshot.ContainerTypeOwners},
	{all: []string{"roles", "grantedtov2"}, dataset: snapshot.ContainerPermissions},
	{all: []string{"approleid", "resourceid"}, dataset: snapshot.AppRoleAssignments},
	{all: []string{"clientid", "consenttype"}, dataset: snapshot.DelegatedGrants},
	{all: []string{"issuer", "audiences"}, dataset: snapshot.FederatedCredentials},
	{all: []string{"roledefinitionid", "principalid"}, dataset: snapshot.DirectoryRoleAssignments},
	{all: []string{"rolepermissions"}, dataset: snapshot.DirectoryRoleDefinitions},
	{all: []string{"defaultuserrolepermissions"}, dataset: snapshot.AuthorizationPolicy},
	{all: []string{"includes", "excludes"}, dataset: snapshot.PermissionGrantPolicies},
	{all: []string{"requestdurationindays", "reviewers"}, dataset: snapshot.AdminConsentPolicy},
	{all: []string{"isenabled", "restrictions"}, dataset: snapshot.AppManagementPolicies},
	{all: []string{"applicationrestrictions"}, dataset: snapshot.AppManagementPolicies},
	{all: []string{"appid", "lastsigninactivity"}, dataset: snapshot.SignInActivity},
	{all: []string{"keyid", "signinactivity"}, dataset: snapshot.CredentialActivity},
	{all: []string{"id", "verifieddomains"}, dataset: snapshot.Organization},
	{all: []string{"serviceprincipaltype"}, dataset: snapshot.ServicePrincipals},
	{all: []string{"appid", "serviceprincipalnames"}, dataset: snapshot.ServicePrincipals},
	{all: []string{"appid", "requiredresourceaccess"}, dataset: snapshot.Applications},
	{all: []string{"appid", "publisherdomain"}, dataset: snapshot.Applications},
}
