# METADATA
# title: Pipelines name the columns that they read
# description: >-
#   A copy activity without outputColumns reads every column of the dataset, also those that are added later. It needs
#   the approval of all of them, and takes more personal data than a purpose is likely to need.
# scope: package
# schemas:
#   - input: schema.pipeline
# related_resources:
#   - ref: https://learn.microsoft.com/azure/data-factory/connector-office-365
#   - ref: https://learn.microsoft.com/graph/data-connect-datasets
# custom:
#   id: DC-016
#   severity: medium
#   subject: pipeline
#   requires: [pipelines]
#   absence: false
#   message: >-
#     {subject} names no columns and so asks for all of {key.dataset}; list in outputColumns those that are needed
#   remediation: >-
#     List the columns that the purpose needs in outputColumns of the copy activity's source, and reduce the
#     registration to the same columns.
package policies.data_connect.pipeline_all_columns

import data.policies.lib.facts
import data.policies.lib.requests

applies if not input.inactive == true

deny contains {"key": facts.pick(input, ["dataset"]), "evidence": facts.pick(input, ["product", "type"])} if {
	input.all_columns == true
	requests.untold({"columns"}) == set()
}

unknown contains reason if some reason in requests.untold({"columns"})

unknown contains "all_columns" if not object.get(input, "all_columns", null) in {true, false}
