package policies.lib.requests

import data.policies.lib.approvals
import data.policies.lib.facts

# METADATA
# description: How the application of the yardstick is called; "none" without a yardstick.
# scope: document
default approval := "none"

approval := yardstick.name if _text(yardstick.name)

approval := object.get(yardstick, "id", "an application without id") if not _text(object.get(yardstick, "name", null))

# METADATA
# description: What says which approval a request is held against.
# scope: document
default evidence := {"approval": "none"}

evidence := object.union(
	{"approval": approval},
	facts.pick(yardstick, ["id", "state", "self_declared", "approved_at", "expires_at"]),
)

# METADATA
# description: Why the yardstick is not in force.
standing := "expired" if {
	yardstick.state in approvals.in_force
} else := object.get(yardstick, "state", "")

# METADATA
# description: The datasets that the yardstick names.
approved_datasets := sort({dataset.name | some dataset in yardstick.datasets; _text(dataset.name)})
