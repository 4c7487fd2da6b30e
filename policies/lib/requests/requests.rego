# METADATA
# title: Requests of pipelines, held against approvals
# description: >-
#   Data Connect compares a run with all approvals of the tenant by eight rules. One approval that agrees on all of them
#   lets the run go on (https://learn.microsoft.com/graph/app-authorization). Otherwise the nearest approval is the
#   yardstick: that of the same application, else, where it has none, the one with the fewest rules that are broken or
#   not known. What a request and an approval come to is in verdicts.rego, why a rule is not known in reasons.rego, and
#   what counts as an approval in listed.rego.
# scope: package
# schemas:
#   - input: schema.pipeline
package policies.lib.requests

# METADATA
# description: Whether a rule has something to say of this request.
concerns(rule) if {
	not input.inactive == true
	not rule in _silent
}

# METADATA
# description: >-
#   The rules that no approval can meet: those that the nearest approval breaks. Without any approval it is the first.
# scope: document
broken contains rule if {
	not _doubted
	some rule, verdict in _held
	verdict == "broken"
}

broken contains "app" if {
	is_array(input.approvals)
	_listed == []
	reaches
	not "app" in _untold_rules
}

# METADATA
# description: The approval that the request is held against. Undefined where one agrees in full, or there is none.
yardstick := input.approvals[_yardstick]

# METADATA
# description: >-
#   Whether events reach back over the life of an approval without a hole, so that there is no approval but those that
#   are known. An approval is valid for 180 days.
reaches if {
	input.coverage.whole == true
	is_number(input.coverage.days)
	input.coverage.days >= 180
}

# Only an approval of the very application can agree in full; the others need not be looked at for that.
_met if {
	some i in _own
	every rule in _rules {
		_verdicts[i][rule] == "ok"
	}
}

# Approvals of the application of the request, whichever tenant it is registered in.
_own := [i |
	_text(_told("app_id"))
	mine := lower(input.app_id)
	some i in _listed
	is_string(input.approvals[i].app_id)
	lower(input.approvals[i].app_id) == mine
]

# Approvals that break no rule, and of which something is not known. One of another application breaks the first.
_open := [[_count(verdicts, "unknown"), _id(i), i] |
	not _met
	some i in _candidates
	verdicts := _verdicts[i]
	_count(verdicts, "broken") == 0
]

_candidates := _own if {
	_own != []
	not "app" in _untold_rules
} else := _listed

_yardstick := min(_open)[2]

_yardstick := _nearest if _open == []

_held := _verdicts[_yardstick]

# Whoever is told of another application's approval would mend the wrong thing.
_nearest := min(_same_app) if {
	_same_app != []
} else := min([[_count(verdicts, "broken") + _count(verdicts, "unknown"), _count(verdicts, "broken"), _id(i), i] |
	not _met
	some i in _candidates
	verdicts := _verdicts[i]
	_eligible(verdicts)
])[3]

_same_app := [i |
	not _met
	some i in _own
	_same(_verdicts[i])
]

_count(verdicts, wanted) := count([verdict | some verdict in verdicts; verdict == wanted])

_id(i) := object.get(input.approvals[i], "id", "")

_same(verdicts) if {
	verdicts.app == "ok"
	verdicts.app_tenant == "ok"
}

# Whether all is known that there is of the application of the request: what is not seen may else be its approval.
_settled if reaches

_settled if {
	some i in _own
	_same(_verdicts[i])
}

# As long as its own approval may exist, those of other applications say nothing.
_eligible(_) if _settled

_eligible(verdicts) if verdicts.app != "broken"

# What differs from an approval that may be of another application proves nothing then.
_doubted if {
	_held.app != "ok"
	not _settled
}

_silent contains rule if {
	is_array(input.approvals)
	not _met
	not _yardstick
	some rule in _rules
	rule != "app"
}

# A dataset that is not approved has no approved columns and no approved scope either: that says it all.
_silent contains rule if {
	some rule, verdict in _held
	verdict == "moot"
}
