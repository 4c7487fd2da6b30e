package policies.lib.requests

import data.policies.lib.approvals

# What a request and one approval come to by each rule: ok, broken, unknown; moot where another rule says it all.
# Approvals go by their index: what is handed to a function is looked up by all that it holds, and approvals hold much.
_verdicts[i] := {rule: _verdict(rule, i) | some rule in _rules} if some i, _ in input.approvals

# The fields of a request that a rule reads.
_fields := {
	"app": {"app_id", "data_tenant_id"},
	"state": set(),
	"app_tenant": {"app_tenant_id"},
	"dataset": {"dataset"},
	"columns": {"dataset", "columns"},
	"destination_tenant": {"destination_tenant_id"},
	"destination": {"destination"},
	"scope": {"dataset", "scope"},
}

_rules := object.keys(_fields)

_told(field) := object.get(input, field, null)

_of_approval(i, field) := object.get(input.approvals[i], field, null)

# Without columns a request asks for those of the catalogue: whether that will do depends on the approval.
_untold contains field if {
	some field in ["app_id", "app_tenant_id", "data_tenant_id", "dataset", "destination_tenant_id", "destination", "scope"]
	_told(field) == null
}

_untold contains "unresolved" if not is_array(_told("unresolved"))

_untold contains entry.field if some entry in input.unresolved

_untold_rules contains rule if {
	some rule, fields in _fields
	count((fields | {"activity", "unresolved"}) & _untold) > 0
}

_verdict(rule, i) := "moot" if {
	rule in {"columns", "scope"}
	_dataset(i) == "broken"
} else := "unknown" if {
	rule in _untold_rules
} else := "unknown" if {
	_doubtful(rule, i)
} else := "unknown" if {
	rule == "app"
	_undecided(i)
	_compare("app", i) == "ok"
} else := _compare(rule, i)

# What is missing of an approval may be any part of it, but not whose it is.
_doubtful(rule, i) if {
	not rule in {"app", "app_tenant"}
	some _ in input.approvals[i].doubts
}

_compare("app", i) := _equal(_told("app_id"), _of_approval(i, "app_id"))

_compare("state", i) := _state(i)

_compare("app_tenant", i) := _equal(_told("app_tenant_id"), _of_approval(i, "app_tenant_id"))

_compare("dataset", i) := _dataset(i)

_compare("columns", i) := _columns(i)

_compare("destination_tenant", i) := _equal(_told("destination_tenant_id"), _of_approval(i, "destination_tenant_id"))

_compare("destination", i) := _destination(i)

_compare("scope", i) := _scope(i)

_equal(mine, theirs) := "unknown" if {
	not _both_told(mine, theirs)
} else := "ok" if {
	lower(mine) == lower(theirs)
} else := "broken"

_both_told(mine, theirs) if {
	_text(mine)
	_text(theirs)
}

_text(value) if {
	is_string(value)
	value != ""
}

# What the register calls approved is no proof; what it calls denied or pending is no approval either. An approval
# before the time that events are known of may have been revoked since.
_state(i) := "broken" if {
	_of_approval(i, "state") in (approvals.refused | {"expired"})
} else := "unknown" if {
	not _dated(i)
} else := "broken" if {
	_of_approval(i, "days_left") <= 0
} else := "unknown" if {
	_of_approval(i, "state") == "approved"
	_of_approval(i, "self_declared") != false
} else := "unknown" if {
	_of_approval(i, "state_seen") != true
} else := "ok"

_dated(i) if {
	_of_approval(i, "state") in approvals.in_force
	is_number(_of_approval(i, "days_left"))
}
