package folder

import (
	"testing"

	"leastwise/collector/snapshot"
)

func TestCollections(t *testing.T) {
	const long = "roleManagement/directory/roleDefinitions(inheritsPermissionsFrom())/$entity"
	for context, want := range map[string]collection{
		"applications":                                       {name: "applications"},
		"applications/$entity":                               {name: "applications"},
		"applications(id,displayName)/$entity":               {name: "applications"},
		"applications(id,owners())":                          {name: "applications"},
		"applications(id,owners(id,displayName))":            {name: "applications"},
		"applications('o')/owners":                           {name: "applications/owners", parent: "o"},
		"applications(appId='o')/owners(id)/$entity":         {name: "applications/owners", parent: "o"},
		"servicePrincipals('o')/owners/microsoft.graph.user": {name: "serviceprincipals/owners", parent: "o"},
		"Collection(microsoft.graph.application)":            {name: "microsoft.graph.application"},
		"applications/$delta":                                {name: "applications"},
		"applications('o')/tokenLifetimePolicies":            {name: "applications/tokenlifetimepolicies", parent: "o"},
		long: {name: "rolemanagement/directory/roledefinitions"},
	} {
		if got := parseContext(context); got != want {
			t.Errorf("context %s: got %+v, want %+v", context, got, want)
		}
	}
	if got := parseContext(""); got != (collection{}) {
		t.Errorf("no context: got %+v", got)
	}
	const id = "bbbbbbbb-0000-4000-8000-000000000001"
	for path, want := range map[string]collection{
		"/v1.0/applications":                                       {name: "applications"},
		"applications/" + id + "/owners":                           {name: "applications/owners", parent: id},
		"/applications(appId='x')/owners":                          {name: "applications/owners", parent: "x"},
		"/beta/storage/fileStorage/containers/b!x-Y_z/permissions": {name: "storage/filestorage/containers/permissions", parent: "b!x-Y_z"},
		"/v1.0/applications/delta":                                 {name: "applications"},
		"/users/me@x/memberOf":                                     {name: "users/me@x/memberof"},
		"":                                                         {},
	} {
		if got := parsePath(path); got != want {
			t.Errorf("path %s: got %+v, want %+v", path, got, want)
		}
	}
}

func TestCollectionsThatFit(t *testing.T) {
	for _, c := range []struct {
		context string
		dataset snapshot.Name
		want    bool
	}{
		{"applications", snapshot.Applications, true},
		{"applications", snapshot.ServicePrincipals, false},
		{"applications/$entity", snapshot.CertificateKeys, true},
		{"servicePrinciples", snapshot.ServicePrincipals, true},
		{"directoryObjects", snapshot.ApplicationOwners, true},
		{"directoryObjects", snapshot.Applications, false},
		{"users", snapshot.ServicePrincipalOwners, true},
		{"users('u')/appRoleAssignments", snapshot.AppRoleAssignments, true},
		{"roleManagement/cloudPC/roleDefinitions", snapshot.DirectoryRoleDefinitions, false},
		{"storage/fileStorage/deletedContainers", snapshot.Containers, false},
		{"auditLogs/signIns", snapshot.GraphActivity, true},
		{"something/new", snapshot.Applications, true}, // nobody has heard of it, so it is nothing else
		{"", snapshot.Pipelines, true},
	} {
		if got := parseContext(c.context).fits(c.dataset); got != c.want {
			t.Errorf("%s as %s: got %v", c.context, c.dataset, got)
		}
	}
}
