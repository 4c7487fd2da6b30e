# METADATA
# title: Approvals of Data Connect applications
# scope: package
package policies.lib.approvals

import data.policies.lib.facts

# METADATA
# description: States in which an approval is in force, until it expires.
in_force := {"approved", "update_available"}

# METADATA
# description: States in which there is no approval.
refused := {"pending", "denied"}

# METADATA
# description: Every state there is. Expiry is a date, not a state.
known := {"approved", "update_available", "pending", "denied"}

# METADATA
# description: What proves how long an approval lasts.
evidence(app) := facts.pick(app, [
	"state", "approved_at", "valid_days", "expires_at",
	"days_left", "expiry_conflict",
])

# METADATA
# description: The columns that approved datasets allow of one dataset.
columns(datasets, name) := sort({column |
	some dataset in datasets
	lower(dataset.name) == lower(name)
	some column in dataset.columns
})

# METADATA
# description: >-
#   Those columns that approved datasets do not allow. Undefined when there are none, and when the approval or the
#   dataset is not clear.
beyond(datasets, name, wanted) := sort(excess) if {
	clear(datasets, name)
	allowed := {lower(column) | some column in columns(datasets, name)}
	not "*" in allowed
	excess := {column | some column in wanted; not lower(column) in allowed}
	excess != set()
}

# METADATA
# description: Whether everything is known that says what approved datasets allow of one dataset.
clear(datasets, name) if {
	is_string(name)
	is_array(datasets)
	every dataset in datasets {
		is_string(dataset.name)
		_told(dataset, lower(name))
	}
}

_told(dataset, name) if lower(dataset.name) != name

_told(dataset, _) if is_array(dataset.columns)
