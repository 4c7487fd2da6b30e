package folder

import (
	"net/url"
	"regexp"
	"strings"

	"leastwise/collector/snapshot"
)

// collection is what an answer is of, as its @odata.context or the path that was
// asked for tells (https://learn.microsoft.com/graph/query-parameters,
// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part1-protocol.html#sec_ContextURL).
type collection struct {
	name   string // lower-cased, without keys: applications/owners
	parent string // the last key in it: the object that the rows hang on
}

// keyed is a segment with a key: applications('…') or applications(appId='…').
var keyed = regexp.MustCompile(`^([^(]+)\((?:[A-Za-z]+=)?'([^']*)'\)$`)

// bareKey is a segment of a path that is a key: a GUID, or the id of a container.
var bareKey = regexp.MustCompile(`^(?i:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|b!.+)$`)

// parseContext reads what follows $metadata# in a context.
func parseContext(context string) collection {
	for _, suffix := range []string{"/$entity", "/@Element", "/$delta"} {
		context = strings.TrimSuffix(context, suffix)
	}
	if inner, ok := strings.CutPrefix(context, "Collection("); ok {
		context = strings.TrimSuffix(inner, ")")
	}
	return parseSegments(strings.Split(withoutSelection(context), "/"))
}

// withoutSelection cuts off the list of members at the end of a context:
// applications(id,owners()).
func withoutSelection(context string) string {
	depth := 0
	for i := len(context) - 1; i >= 0 && strings.HasSuffix(context, ")"); i-- {
		switch context[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 && !strings.Contains(context[i:], "'") {
				return context[:i]
			}
		}
	}
	return context
}

// parsePath reads a path that was asked for: /v1.0/applications/…/owners.
func parsePath(path string) collection {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if segments[0] == "v1.0" || segments[0] == "beta" {
		segments = segments[1:]
	}
	for i, segment := range segments {
		if bareKey.MatchString(segment) {
			segments[i] = "('" + segment + "')"
		}
	}
	return parseSegments(strings.Split(strings.ReplaceAll(strings.Join(segments, "/"), "/('", "('"), "/"))
}

// parseSegments drops casts and tells keys from names.
func parseSegments(segments []string) collection {
	var c collection
	var names []string
	for _, segment := range segments {
		if match := keyed.FindStringSubmatch(segment); match != nil {
			segment, c.parent = match[1], match[2]
			if plain, err := url.PathUnescape(c.parent); err == nil {
				c.parent = plain // ids of containers come as b%21…
			}
		}
		lower := strings.ToLower(segment)
		cast := strings.HasPrefix(lower, "microsoft.graph.") && len(names) > 0
		if !cast && lower != "delta" && lower != "" {
			names = append(names, lower)
		}
	}
	c.name = strings.Join(names, "/")
	return c
}

// collectionNames maps the collections of Graph to datasets. An empty dataset says
// that it is none of them: answers of these are known, and are not read.
var collectionNames = map[string]snapshot.Name{
	"organization":                                                               snapshot.Organization,
	"applications":                                                               snapshot.Applications,
	"microsoft.graph.application":                                                snapshot.Applications,
	"applications/owners":                                                        snapshot.ApplicationOwners,
	"applications/federatedidentitycredentials":                                  snapshot.FederatedCredentials,
	"federatedidentitycredentials":                                               snapshot.FederatedCredentials,
	"serviceprincipals":                                                          snapshot.ServicePrincipals,
	"serviceprinciples":                                                          snapshot.ServicePrincipals, // so spelt in published answers
	"microsoft.graph.serviceprincipal":                                           snapshot.ServicePrincipals,
	"serviceprincipals/owners":                                                   snapshot.ServicePrincipalOwners,
	"serviceprincipals/federatedidentitycredentials":                             snapshot.FederatedCredentials,
	"approleassignments":                                                         snapshot.AppRoleAssignments,
	"serviceprincipals/approleassignments":                                       snapshot.AppRoleAssignments,
	"serviceprincipals/approleassignedto":                                        snapshot.AppRoleAssignments,
	"users/approleassignments":                                                   snapshot.AppRoleAssignments,
	"groups/approleassignments":                                                  snapshot.AppRoleAssignments,
	"oauth2permissiongrants":                                                     snapshot.DelegatedGrants,
	"serviceprincipals/oauth2permissiongrants":                                   snapshot.DelegatedGrants,
	"users/oauth2permissiongrants":                                               snapshot.DelegatedGrants,
	"rolemanagement/directory/roleassignments":                                   snapshot.DirectoryRoleAssignments,
	"rolemanagement/directory/transitiveroleassignments":                         snapshot.DirectoryRoleAssignments,
	"rolemanagement/directory/" + eligibilities:                                  snapshot.DirectoryRoleAssignments,
	"rolemanagement/directory/roleassignmentscheduleinstances":                   snapshot.DirectoryRoleAssignments,
	"rolemanagement/directory/roledefinitions":                                   snapshot.DirectoryRoleDefinitions,
	"policies/authorizationpolicy":                                               snapshot.AuthorizationPolicy,
	"policies/permissiongrantpolicies":                                           snapshot.PermissionGrantPolicies,
	"permissiongrantpolicies":                                                    snapshot.PermissionGrantPolicies,
	"policies/adminconsentrequestpolicy":                                         snapshot.AdminConsentPolicy,
	"policies/appmanagementpolicies":                                             snapshot.AppManagementPolicies,
	"policies/" + defaultPolicy:                                                  snapshot.AppManagementPolicies,
	"reports/serviceprincipalsigninactivities":                                   snapshot.SignInActivity,
	"reports/appcredentialsigninactivities":                                      snapshot.CredentialActivity,
	"storage/filestorage/containertypes":                                         snapshot.ContainerTypes,
	"storage/filestorage/containertypes/permissions":                             snapshot.ContainerTypeOwners,
	"storage/filestorage/containertyperegistrations":                             snapshot.ContainerTypeRegistrations,
	"storage/filestorage/containertyperegistrations/applicationpermissiongrants": snapshot.ContainerTypeGrants,
	"storage/filestorage/containers":                                             snapshot.Containers,
	"storage/filestorage/containers/permissions":                                 snapshot.ContainerPermissions,

	"users": "", "groups": "", "devices": "", "directoryobjects": "", "directoryroles": "", "subscribedskus": "",
	"sites": "", "sites/permissions": "", "applicationtemplates": "", strings.ToLower("auditLogs/signIns"): "", "auditlogs/directoryaudits": "",
	"applications/extensionproperties": "", "storage/filestorage/deletedcontainers": "", "policies/claimsmappingpolicies": "",
	"policies/permissiongrantpolicies/includes": "", "policies/permissiongrantpolicies/excludes": "",
	"policies/rolemanagementpolicies": "", "identitygovernance/appconsent/appconsentrequests": "",
	"rolemanagement/cloudpc/roledefinitions": "", "rolemanagement/entitlementmanagement/roledefinitions": "",
	"rolemanagement/cloudpc/roleassignments": "", "rolemanagement/entitlementmanagement/roleassignments": "",
}

const (
	eligibilities = "roleeligibilityscheduleinstances"
	defaultPolicy = "defaultappmanagementpolicy"
)

// dataset is the dataset that the collection belongs to. known is false for a
// collection that nobody has heard of, which may be of any.
func (c collection) dataset() (name snapshot.Name, known bool) {
	name, known = collectionNames[c.name]
	return name, known
}

// fits reports whether rows of the collection may stand in a dataset. Owners are
// directory objects of several kinds, and what is made of certificates comes with
// the object that has them.
func (c collection) fits(dataset snapshot.Name) bool {
	name, known := c.dataset()
	if !known || name == dataset {
		return true
	}
	switch dataset {
	case snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners:
		return c.name == "directoryobjects" || c.name == "users" || c.name == "serviceprincipals"
	case snapshot.CertificateKeys:
		return c.name == "applications" || c.name == "serviceprincipals"
	case snapshot.ConsentEvents, snapshot.GraphActivity:
		return strings.HasPrefix(c.name, "auditlogs/")
	}
	return false
}
