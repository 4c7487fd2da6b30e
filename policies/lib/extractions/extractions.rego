# METADATA
# title: Runs of Data Connect
# scope: package
package policies.lib.extractions

import data.policies.lib.approvals
import data.policies.lib.facts

# METADATA
# description: What may be in force when a run starts.
decisions := {"approved", "denied", "pending", "expired", "none"}

# METADATA
# description: >-
#   The runs that are known to be of an application. Events of runs name an application's id and not the tenant that it
#   is registered in: where applications of several tenants have the id, the subject is marked as incomplete, and none
#   of its runs can prove anything.
of(app) := [run | some run in app.extractions; not _shared(app)]

# METADATA
# description: >-
#   The runs that are held against what was approved when they started, or may have been. Those that started while
#   nothing was approved are judged by the controls for just that.
approved(app) := [run |
	some run in of(app)
	not object.get(run, "decision", null) in approvals.nothing
]

# METADATA
# description: >-
#   What proves some runs - how many were reported, the latest of them, and what the events say of their outcome.
evidence(runs) := object.union_n([
	facts.pick(latest(runs), ["started_at", "pipeline"]),
	{"runs": sum([run.runs | some run in runs; is_number(run.runs)])},
	{"statuses": words | words := sort({run.status | some run in runs; is_string(run.status)}); words != []},
])

# METADATA
# description: >-
#   What was reported of the outcome of some runs, in words. A run that failed was tried all the same.
# scope: document
default outcome(_) := "not said to have failed"

outcome(runs) := "every time said to have failed" if {
	every run in runs {
		run.failed == true
	}
} else := "at times said to have failed" if {
	some run in runs
	run.failed == true
}

# METADATA
# description: The latest of some runs.
latest(runs) := max([[facts.folded(run, "started_at"), run] | some run in runs])[1]

_shared(app) if {
	some gap in app.incomplete
	gap.field == "extractions"
}
