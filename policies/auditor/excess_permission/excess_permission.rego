# METADATA
# title: leastwise itself holds no more than the chosen sources need
# description: >-
#   Each permission in the token of an identity that collected the snapshot is the least for one of the datasets that it
#   was asked for. Any other is held for nothing, or for what a narrower permission does as well: whoever steals the
#   credential of the auditor has it too. Scopes that only sign a person in do not count. The severity is high for
#   permissions of the tiers critical and high.
# scope: package
# schemas:
#   - input: schema.auditor
# related_resources:
#   - ref: https://learn.microsoft.com/graph/permissions-reference
#   - ref: https://learn.microsoft.com/entra/identity-platform/secure-least-privileged-access
# custom:
#   id: AUD-001
#   severity: medium
#   subject: auditor
#   requires: [] # the manifest of the snapshot tells all
#   absence: false
#   message: >-
#     {subject} holds {key.permission}, which is not the least for any dataset that it was asked for (it opens:
#     {evidence.opens}; the least for that: {evidence.least})
#   remediation: >-
#     Entra admin center > App registrations > the application that leastwise signs in as > API permissions: remove the
#     permission and revoke its grant; add the least one first where the finding names any. Or choose the sources that
#     need it (sources in leastwise.yaml). Revoking the grant alone is undone by the next consent.
package policies.auditor.excess_permission

import data.policies.lib.needs

applies if not input.signed_in == false

deny contains object.union({"key": {"permission": row.permission}, "evidence": _evidence(row)}, _severity(row)) if {
	count(_missing) == 0
	some row in input.held
	name := lower(row.permission)
	not name in needs.sign_in_scopes
	not name in _least
}

unknown contains fact if some fact in _missing

_missing contains fact if some fact in needs.unknown_holdings(input)

_missing contains fact if some fact in needs.unknown_needs(input)

# A permission may be the least for a dataset that was read and of which no need is told.
_missing contains sprintf("what %s takes", [dataset]) if {
	some dataset in input.read
	not dataset in {need.dataset | some need in input.needs}
}

_least contains name if {
	some need in input.needs
	some name in needs.least(need)
}

_evidence(row) := {
	"permission": row.permission,
	"kind": object.get(row, "kind", null),
	"tier": object.get(row, "tier", null),
	"opens": [need.dataset | some need in _opened(row)],
	"least": sort({needs.alternatives(need) | some need in _opened(row)}),
}

_opened(row) := [need |
	some need in input.needs
	lower(row.permission) in needs.accepted(need)
]

default _severity(_) := {}

_severity(row) := {"severity": "high"} if row.tier in {"critical", "high"}
