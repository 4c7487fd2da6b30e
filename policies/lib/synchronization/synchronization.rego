# METADATA
# title: Use of the synchronization API
# description: >-
#   How an application is known to use the synchronization API of Microsoft Graph, and which of its permissions reach
#   applications that it does not own.
# scope: package
package policies.lib.synchronization

import data.policies.lib.granted
import data.policies.lib.usage

# METADATA
# description: Why an application is taken to use synchronization; empty when nothing says so.
because(app) := union({
	{"permission" |
		some list in ["requests", "grants"]
		some row in app[list]
		_names_it(row)
		granted.of_graph(row)
	},
	{"observed" | some use in app.uses; _on_path(use.path)},
	{"declared" | some set in app.least; some operation in set.operations; _on_path(operation)},
})

# METADATA
# description: Requests and grants of the two application permissions that reach every application.
wide(app) := [row |
	some list in ["requests", "grants"]
	some row in app[list]
	_is_wide(row)
]

# METADATA
# description: Whether there are any.
any_wide(app) if {
	some list in ["requests", "grants"]
	some row in app[list]
	_is_wide(row)
}

# METADATA
# description: Whether a permission of which only the id is known may be such a one, or one of synchronization.
any_nameless(app) if {
	some list in ["requests", "grants"]
	some row in app[list]
	object.get(row, "permission", null) == null
	not object.get(row, "permission_id", null) in _known
	granted.of_graph(row)
}

# METADATA
# description: >-
#   Whether calls that are declared, or were seen in the last unused_days, take a wide permission. A smallest set tells
#   it of writing applications, for which the permission for owned ones weighs less; writing synchronization weighs as
#   much as that.
# scope: document
needed(app, row) if {
	_is_application_write(row)
	some set in app.least
	set.proven == true
	row.key in set.permissions
	_of_now(app, row, set)
}

# Changing a job takes the permission itself.
# https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-update
needed(app, row) if {
	not _is_application_write(row)
	"used" in _changes_of_jobs(app)
}

needed(app, row) if {
	not _is_application_write(row)
	some set in app.least
	set.kind == "application"
	some operation in set.operations
	_changes_job(operation)
}

# METADATA
# description: >-
#   Whether calls may take a wide permission - it is in a set that is not proven the smallest, or it is not known of
#   when the calls are.
# scope: document
doubtful(app, row) if {
	_is_application_write(row)
	not needed(app, row)
	some set in app.least
	row.key in set.permissions
	not _of_the_past(app, row, set)
}

doubtful(app, row) if {
	not needed(app, row)
	not _is_application_write(row)
	"unclear" in _changes_of_jobs(app)
}

# A declared set is of now. One of what was seen is where all that the permission allows was called of late.
_of_now(_, _, set) if set.basis == "declared"

_of_now(app, row, _) if _calls(app, row) == {"used"}

_of_the_past(app, row, set) if {
	not set.basis == "declared"
	_calls(app, row) == {"not_used"}
}

# Of when the calls are that a permission allows; where it is not granted, or allows none, all of its kind.
_calls(app, row) := allowed if {
	allowed := {usage.called(app, use) | some use in app.uses; row.key in use.allowed}
	allowed != set()
} else := {usage.called(app, use) | some use in app.uses; use.kind == "application"}

_changes_of_jobs(app) := {usage.called(app, use) |
	some use in app.uses
	use.kind == "application"
	_changes_job(sprintf("%s %s", [use.method, use.path]))
}

_changes_job(operation) if {
	startswith(operation, "PATCH ")
	endswith(lower(operation), "/synchronization/jobs/{id}")
}

_names_it(row) if startswith(row.permission, "Synchronization")

_names_it(row) if row.permission_id in (_known - {_application_write})

# Under this id it is the application permission, whatever a manifest calls it.
_is_wide(row) if {
	row.permission_id in {_synchronization_write, _application_write}
	granted.of_graph(row)
}

_is_wide(row) if {
	row.permission in {"Synchronization.ReadWrite.All", "Application.ReadWrite.All"}
	not row.kind == "delegated"
	granted.of_graph(row)
}

_is_application_write(row) if row.permission == "Application.ReadWrite.All"

_is_application_write(row) if row.permission_id == _application_write

_on_path(path) if contains(concat("", [lower(path), "/"]), "/synchronization/")

_synchronization_write := "9b50c33d-700f-43b1-b2eb-87e89b703581"

_application_write := "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"

# Of the global cloud: both writes as application permissions, then the other permissions of synchronization.
_known := {
	_synchronization_write,
	_application_write,
	"7bb27fa3-ea8f-4d67-a916-87715b6188bd",
	"5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce",
	"7aa02aeb-824f-4fbe-a3f7-611f751f5b55",
}
