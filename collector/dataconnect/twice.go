package dataconnect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

// The names of the members that are read, of each type of record.
var (
	recordMembers = []string{
		"Id", "OrganizationId", "RecordType", "Workload", "CreationTime", "ApplicationId", "ApplicationName",
		"ApplicationVersion", "AppRegistrationTenantId", "Approver", "ApprovalUpdatedDateInUTC",
		"ApprovalExpiryDateInUTC", "ApprovalValidDays", "DestinationSinks", "DestinationTenantId", "State",
		"Reason", "Datasets", "PipelineName", "PipelineRunId", "RunStartTime", "RunEndTime", "DatasetName",
		"DatasetColumns", "ScopeList", "RowCount", "Status",
	}
	directoryMembers = []string{
		"Id", "OrganizationId", "RecordType", "Workload", "CreationTime", "Operation", "ResultStatus", "ObjectId",
		"UserId", "Target", "ModifiedProperties",
	}
	entraMembers = []string{
		"id", "ActivityDateTime", "Time", "TimeGenerated", "tenantId", "AADTenantId", "Result", "InitiatedBy",
		"TargetResources", "Properties",
	}
	datasetMembers = []string{
		"DatasetName", "DatasetColumns", "Scope", "ScopeList", "ScopeFiltersUris", "DenyGroups",
		"PrivacyPolicyType",
	}
)

// decode decodes an object into to, of which names are the members. One that stands in
// it twice, whatever its case, and says two things, is left out: encoding/json would take
// the last, and another reader the first.
func decode(object []byte, to any, names []string) (twice []string, ok bool) {
	met := make([][]byte, len(names))
	saved.Members(object, func(name, value []byte) {
		i := slices.IndexFunc(names, func(want string) bool { return strings.EqualFold(string(name), want) })
		if i < 0 {
			return
		}
		if met[i] != nil && !bytes.Equal(met[i], value) && !slices.Contains(twice, names[i]) {
			twice = append(twice, names[i])
		}
		met[i] = value
	})
	if twice != nil {
		object = without(object, twice)
	}
	return twice, json.Unmarshal(object, to) == nil
}

// without returns an object without some of its members.
func without(object []byte, members []string) []byte {
	left := []byte{'{'}
	saved.Members(object, func(name, value []byte) {
		if slices.ContainsFunc(members, func(member string) bool { return strings.EqualFold(string(name), member) }) {
			return
		}
		if len(left) > 1 {
			left = append(left, ',')
		}
		quoted, _ := json.Marshal(string(name)) // text always can be
		left = append(append(append(left, quoted...), ':'), value...)
	})
	return append(left, '}')
}

// doubts are the gaps of a row of which members stood in the record twice.
func doubts(twice []string) []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, name := range twice {
		gaps = append(gaps, snapshot.Gap{Reason: name + " stands in the record twice, with different values"})
	}
	return gaps
}
