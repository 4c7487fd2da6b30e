# METADATA
# title: Sensitive columns are not read of all users
# description: >-
#   An approval in force lets an application read columns that leastwise's catalogue calls sensitive - what people
#   wrote, data on others, private facts - of all users of the tenant. Microsoft calls no column sensitive: the criteria
#   stand in the catalogue. A deny list does not excuse it: it blanks some columns, for the members of some groups. Of
#   a dataset that the catalogue does not know it cannot be said.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/graph/data-connect-datasets
#   - ref: https://learn.microsoft.com/graph/data-connect-filtering
# custom:
#   id: DC-011
#   severity: high
#   subject: data_connect_app
#   requires: [data_connect_events]
#   absence: false
#   message: "{subject} may read sensitive columns of {key.dataset} of all users: {evidence.sensitive}"
#   remediation: >-
#     Azure portal > Microsoft Graph Data Connect > the application > Datasets: choose groups or a filter as the scope,
#     or leave the columns out. Then Microsoft 365 admin center > Settings > Org settings > Security & privacy >
#     Microsoft Graph Data Connect applications: approve what is left. The approval has no Graph call.
package policies.data_connect.sensitive_for_all_users

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.keys

applies if not approvals.lapsed(input)

deny contains {"key": key, "evidence": object.union(facts.pick(input, ["approved_at"]), reach)} if {
	approvals.current(input)
	some dataset, rows in _exposed
	reach := {
		"sensitive": sort({column | some row in rows; some column in row.sensitive}),
		"deny_groups": sort({group | some row in rows; some group in row.deny_groups}),
	}
	key := object.union_n([
		dataset,
		{"sensitive": keys.list(reach.sensitive)},
		{"deny_groups": groups | groups := keys.list(reach.deny_groups); groups != []},
	])
}

unknown contains doubt if some doubt in approvals.doubts(input)

unknown contains "datasets" if object.get(input, "datasets", null) == null

unknown contains sprintf("sensitive columns of %s", [_name(dataset)]) if {
	some dataset in input.datasets
	not _narrow(dataset)
	not _rated(dataset)
}

unknown contains sprintf("sensitivity of column %s of %s", [column, _name(dataset)]) if {
	some dataset in input.datasets
	not _narrow(dataset)
	some column in dataset.unrated
	column != "*"
}

unknown contains sprintf("sensitivity of columns of %s that the catalogue does not list", [_name(dataset)]) if {
	some dataset in input.datasets
	not _narrow(dataset)
	"*" in dataset.unrated
}

unknown contains sprintf("%s of %s", [what, _name(dataset)]) if {
	some dataset in input.datasets
	not dataset.scope == "all"
	not _narrow(dataset)
	not dataset.sensitive == []
	what := object.get({"list": "groups", "filter": "filter"}, object.get(dataset, "scope", ""), "scope")
}

# A list without groups and an empty filter may mean all users, as they do in a copy activity.
_narrow(dataset) if {
	dataset.scope == "list"
	some group in dataset.groups
	trim_space(group) != ""
}

_narrow(dataset) if {
	dataset.scope == "filter"
	trim_space(dataset.filter) != ""
}

_exposed[key] contains dataset if {
	some dataset in input.datasets
	dataset.scope == "all"
	is_array(dataset.sensitive)
	dataset.sensitive != []
	key := {"dataset": _name(dataset)}
}

_rated(dataset) if {
	dataset.catalogued == true
	is_array(dataset.sensitive)
	is_array(dataset.unrated)
}

default _name(_) := "a dataset without a name"

_name(dataset) := dataset.name if is_string(dataset.name)
