# METADATA
# title: leastwise itself holds what the chosen sources need
# description: >-
#   An identity that collected the snapshot holds a permission for each dataset that it was asked for. Without one the
#   dataset is denied, and every control that rests on it is unknown: the audit is blind there. Directory roles and
#   licences, which some datasets take besides, are not judged here; the coverage tells of them.
# scope: package
# schemas:
#   - input: schema.auditor
# related_resources:
#   - ref: https://learn.microsoft.com/graph/permissions-reference
#   - ref: https://learn.microsoft.com/entra/identity-platform/secure-least-privileged-access
# custom:
#   id: AUD-002
#   severity: medium
#   subject: auditor
#   requires: [] # the manifest of the snapshot tells all
#   absence: true
#   message: "{subject} holds no permission that opens {key.dataset}; the least is {evidence.least}"
#   remediation: >-
#     Entra admin center > App registrations > the application that leastwise signs in as > API permissions: add the
#     least permission and let an administrator consent to it. Or leave the source out that reads the dataset (sources
#     in leastwise.yaml).
package policies.auditor.lacking_permission

import data.policies.lib.needs

applies if not input.signed_in == false

deny contains {"key": {"dataset": dataset}, "evidence": {"dataset": dataset, "least": sort(alternatives)}} if {
	count(_missing) == 0
	some dataset, alternatives in _unmet
}

unknown contains fact if some fact in _missing

_missing contains fact if some fact in needs.unknown_holdings(input)

_missing contains fact if some fact in needs.unknown_needs(input)

_unmet[need.dataset] contains needs.alternatives(need) if {
	some need in input.needs
	count(need.least) > 0
	count(_held & (needs.least(need) | needs.accepted(need))) == 0
}

_held contains lower(row.permission) if some row in input.held
