# METADATA
# title: Approvals of Data Connect applications
# scope: package
package policies.lib.approvals

import data.policies.lib.facts
import data.policies.lib.keys

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
# description: >-
#   What may stand in place of an approval when a run starts. There is then nothing that the run could go beyond.
nothing := {"pending", "denied", "none"}

# METADATA
# description: Whether an approval is in force now.
current(app) if {
	app.state in in_force
	is_number(app.days_left)
	app.days_left > 0
}

# METADATA
# description: Whether there is certainly no approval in force now.
# scope: document
lapsed(app) if app.state in refused

lapsed(app) if {
	app.state in in_force
	is_number(app.days_left)
	app.days_left <= 0
}

# METADATA
# description: What is not known of whether an approval is in force now.
doubts(app) := {"state" | not object.get(app, "state", null) in known} | {"days_left" |
	app.state in in_force
	not is_number(object.get(app, "days_left", null))
}

# METADATA
# description: What tells an approval from those before and after it - when it was given, else of which version.
key(app) := {"approved_at": app.approved_at} if {
	is_string(app.approved_at)
} else := keys.told(app, ["version"])

# METADATA
# description: What proves how long an approval lasts.
evidence(app) := facts.pick(app, [
	"state", "approved_at", "valid_days", "expires_at",
	"days_left", "expiry_conflict",
])

# METADATA
# description: >-
#   What tables are compared by: pages and portals leave out the prefix that nearly all of them have.
table(name) := trim_prefix(lower(trim_space(name)), "basicdataset_v0.")

# METADATA
# description: Those of the datasets that are one table.
rows(datasets, name) := [dataset | some dataset in datasets; table(dataset.name) == table(name)]

# METADATA
# description: Whether approved datasets certainly do not name a dataset.
unlisted(datasets, name) if {
	named(datasets, name)
	rows(datasets, name) == []
}

# METADATA
# description: Whether it is known which datasets are approved, and which one is asked for.
named(datasets, name) if {
	is_string(name)
	is_array(datasets)
	every dataset in datasets {
		is_string(dataset.name)
	}
}

# METADATA
# description: >-
#   Columns, in lower case, that Data Connect adds to every row by itself
#   (https://learn.microsoft.com/graph/data-connect-datasets). Nobody asks for them, nor approves them.
meta := {"puser", "ptenant", "pobjectid", "odatatype"}

# METADATA
# description: The columns that approved datasets allow of one dataset.
columns(datasets, name) := sort({column | some dataset in rows(datasets, name); some column in dataset.columns})

# METADATA
# description: >-
#   Those columns that approved datasets do not allow of a dataset that they name. Undefined when there are none, and
#   when the approval or the dataset is not clear.
beyond(datasets, name, wanted) := sort(excess) if {
	clear(datasets, name)
	not unlisted(datasets, name)
	allowed := {lower(column) | some column in columns(datasets, name)} | meta
	not "*" in allowed
	excess := {column | some column in wanted; not lower(column) in allowed}
	excess != set()
}

# METADATA
# description: >-
#   Whether every part in which approved datasets name a dataset allows some columns. Which part Data Connect takes of a
#   dataset that is named in several is not documented.
each(datasets, name, wanted) if {
	every part in rows(datasets, name) {
		not beyond([part], name, wanted)
	}
}

# METADATA
# description: Whether everything is known that says what approved datasets allow of one dataset.
clear(datasets, name) if {
	named(datasets, name)
	every dataset in rows(datasets, name) {
		is_array(dataset.columns)
	}
}
