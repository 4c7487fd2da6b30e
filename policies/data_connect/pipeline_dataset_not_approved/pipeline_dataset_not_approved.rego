# METADATA
# title: Pipelines read approved datasets
# description: >-
#   An approval names the datasets that may be read. A run that reads another one fails. Names compare without regard
#   to case.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
# custom:
#   id: DC-104
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} reads {key.dataset}, and the approval of {evidence.approval} names {evidence.named}; read an approved
#     one (tableName of the dataset), or add this one to the registration and have it approved
#   remediation: >-
#     Set tableName of the Office 365 dataset to an approved one; or add the dataset to the registration in the Azure
#     portal (Microsoft Graph Data Connect) and have it approved. The approval is given in the Microsoft 365 admin
#     center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect applications; it has no
#     Graph call.
package policies.data_connect.pipeline_dataset_not_approved

import data.policies.lib.facts
import data.policies.lib.requests

applies if requests.concerns("dataset")

deny contains {"key": facts.pick(input, ["dataset"]), "evidence": evidence} if {
	"dataset" in requests.broken
	evidence := object.union(requests.evidence, {"approved": requests.approved_datasets, "named": _named})
}

default _named := "no dataset at all"

_named := sprintf("other datasets only: %s", [concat(", ", requests.approved_datasets)]) if {
	requests.approved_datasets != []
}

unknown contains reason if some reason in requests.unclear("dataset")
