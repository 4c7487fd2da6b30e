# METADATA
# title: Approvals that are not used are withdrawn
# description: >-
#   An approval in force is older than idle_approval_days, and no run was reported in that time but such as are said to
#   have failed. Nobody would miss it, and
#   whoever takes over the application can still extract with it. The events of runs must reach back over that time
#   without a hole, and every run must name its time. Operation events do not name the tenant of the application: runs
#   of an application of the same id count.
# scope: package
# schemas:
#   - input: schema.data_connect_app
# related_resources:
#   - ref: https://learn.microsoft.com/graph/app-authorization
# custom:
#   id: DC-015
#   severity: low
#   subject: data_connect_app
#   requires: [data_connect_events]
#   absence: true
#   message: >-
#     {subject} was approved {evidence.approved_days} days ago and has not been used lately: {evidence.runs}
#   remediation: >-
#     Microsoft 365 admin center > Settings > Org settings > Security & privacy > Microsoft Graph Data Connect
#     applications: decline the application when it is no longer needed. The approval has no Graph call. Then Azure
#     portal > Microsoft Graph Data Connect > the application: delete the registration.
package policies.data_connect.idle_approval

import data.policies.lib.approvals
import data.policies.lib.facts

applies if not approvals.lapsed(input)

deny contains {"key": facts.pick(input, ["approved_at"]), "evidence": evidence} if {
	approvals.current(input)
	_old
	not _used
	_doubts == set()
	told := facts.pick(input, ["approved_at", "approved_days", "last_run_at", "run_days"])
	evidence := object.union(told, {"failed_runs": _failed, "runs": _runs})
}

_failed := sum([run.runs | some run in input.extractions; run.failed == true; is_number(run.runs)])

_runs := _last if _failed == 0

_runs := sprintf("%s, not counting %v said to have failed", [_last, _failed]) if _failed > 0

default _last := "no run was seen"

_last := sprintf("the last run was on %s", [input.last_run_at]) if is_string(input.last_run_at)

unknown contains doubt if some doubt in approvals.doubts(input)

unknown contains "idle_approval_days" if object.get(data.config, "idle_approval_days", null) == null

unknown contains "approved_days" if not is_number(object.get(input, "approved_days", null))

unknown contains doubt if {
	_old
	not _used
	some doubt in _doubts
}

_old if {
	is_number(input.approved_days)
	input.approved_days > data.config.idle_approval_days
}

_used if {
	is_number(input.run_days)
	input.run_days <= data.config.idle_approval_days
}

_doubts contains "extractions" if object.get(input, "extractions", null) == null

_doubts contains "run_days" if {
	object.get(input, "run_days", null) == null
	some run in input.extractions
	not run.failed == true
}

_doubts contains "runs that name no time" if not object.get(input, "undated_runs", 0) == 0

_doubts contains "coverage: runs may be missing, or are not known for long enough" if not _covered

_covered if {
	input.coverage.whole == true
	is_number(input.coverage.days)
	input.coverage.days > data.config.idle_approval_days
}
