package policies.lib.requests

# METADATA
# description: Why a rule cannot be judged; nothing when it can.
unclear(rule) := {reason | some [concerned, reason] in _unclear; concerned == rule}

_unclear contains [rule, reason] if {
	some rule, verdict in _held
	verdict == "unknown"
	some reason in _reasons(rule)
}

_unclear contains [rule, "approvals"] if {
	not is_array(_told("approvals"))
	some rule in _rules
}

# Absence proves nothing about the time before events are known.
_unclear contains ["app", _before] if {
	is_array(input.approvals)
	not _settled
}

_unclear contains [rule, _before] if {
	_doubted
	some rule, verdict in _held
	verdict == "broken"
}

_unclear contains ["app", reason] if {
	is_array(input.approvals)
	some reason in untold(_fields.app)
}

default _before := "from when on approvals are known"

_before := sprintf("approvals from before %s, when the events that are known begin", [input.coverage.from]) if {
	is_string(input.coverage.from)
	input.coverage.whole == true
}

_before := sprintf("approvals among the events that are missing since %s", [input.coverage.from]) if {
	is_string(input.coverage.from)
	not input.coverage.whole == true
}

_reasons(rule) := told if {
	told := untold(_fields[rule])
	count(told) > 0
} else := {sprintf("%s (approval of %s)", [doubt, approval]) | some doubt in yardstick.doubts} if {
	_doubtful(rule, _yardstick)
} else := {sprintf("%s (approval of %s)", [object.get(_missing, rule, rule), approval])}

# METADATA
# description: What the files do not tell of these fields of a request, or of the whole request.
untold(fields) := {text | some [field, text] in _texts; field in (fields | {"activity"})} | {field |
	some field in (fields | {"unresolved"})
	field in _left
}

_texts contains [entry.field, _unresolved(entry)] if some entry in input.unresolved

# Of an activity that cannot be read nothing is known, which need not be said of each field.
_left := _untold - _said if not "activity" in _said

_said contains entry.field if some entry in input.unresolved

_unresolved(entry) := sprintf("%s: %s (%s)%s", [entry.field, entry.expression, _line(entry), _because(entry)]) if {
	_text(entry.expression)
} else := sprintf("%s: %s (%s)", [entry.field, object.get(entry, "reason", "not told"), _line(entry)])

_line(entry) := sprintf("%v:%v", [object.get(entry, "file", "?"), object.get(entry, "line", "?")])

default _because(_) := ""

_because(entry) := sprintf(": %s", [entry.reason]) if _text(entry.reason)

_not_seen := "whether it is still approved: not all events since %s are known"

_missing := object.union_n([
	{
		"app": "the application",
		"state": "state or expiry, from an event",
		"app_tenant": "the tenant of the registration",
		"dataset": "names of the approved datasets",
		"columns": "the approved columns",
		"destination_tenant": "the approved destination tenant",
		"destination": "all approved sinks",
		"scope": "the scope that is asked for or approved",
	},
	_particular,
	_unseen,
])

_particular["app"] := "whether it was ever approved: it stands in the register only" if _undecided(_yardstick)

_particular["state"] := "whether it is approved: the register says so, no event does" if yardstick.self_declared == true

_particular["state"] := sprintf(_not_seen, [yardstick.approved_at]) if {
	yardstick.self_declared == false
	yardstick.state_seen == false
	is_number(yardstick.days_left)
}

_particular["columns"] := sprintf("all columns of %s", [_told("dataset")]) if not _asks_columns

_particular["destination"] := "a destination that can be compared" if not _clean(_location)

_particular["destination"] := sprintf("which place these approved sinks are: %s", [concat(", ", unread)]) if {
	_clean(_location)
	yardstick.sinks_unclear == true
	unread := sort({sink | some sink in yardstick.sinks_unread})
	unread != []
}

_particular["destination"] := sprintf("where in %s it writes to", [_location]) if {
	_clean(_location)
	yardstick.sinks_unclear == false
	is_array(yardstick.sink_locations)
}

# Nobody decided on the application as far as is known: it stands in the register only.
_unseen[rule] := "what is approved: no event tells" if {
	not is_string(object.get(yardstick, "approved_at", null))
	not is_array(object.get(yardstick, "datasets", null))
	some rule in _rules
	not rule in {"app", "app_tenant"}
}
