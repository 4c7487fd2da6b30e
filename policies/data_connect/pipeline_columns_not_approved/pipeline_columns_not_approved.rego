# METADATA
# title: Pipelines read approved columns
# description: >-
#   A run may ask for the columns that are approved for the dataset, or fewer. A copy activity without outputColumns
#   asks for all columns of the dataset. Names compare without regard to case; * in the approval stands for all.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
#   - ref: https://learn.microsoft.com/graph/data-connect-datasets
# custom:
#   id: DC-105
#   severity: high
#   subject: pipeline
#   requires: [pipelines, data_connect_events]
#   absence: false
#   message: >-
#     {subject} asks for columns of {key.dataset} that the approval of {evidence.approval} does not name:
#     {key.columns}; name in outputColumns only those that it does, or have the registration approved with these
#   remediation: >-
#     Take the columns out of outputColumns of the copy activity's source, or name there the approved ones where
#     nothing is named; or add the columns to the registration and have it approved. The approval is given in the
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications; it has no Graph call.
package policies.data_connect.pipeline_columns_not_approved

import data.policies.lib.facts
import data.policies.lib.requests

applies if requests.concerns("columns")

deny contains {"key": key, "evidence": evidence} if {
	"columns" in requests.broken
	key := object.union(facts.pick(input, ["dataset"]), {"columns": requests.excess_columns})
	approved := {"approved": requests.approved_columns}
	evidence := object.union_n([requests.evidence, approved, facts.pick(input, ["all_columns"])])
}

unknown contains reason if some reason in requests.unclear("columns")
