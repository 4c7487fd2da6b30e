package policies.lib.requests

import data.policies.lib.approvals
import data.policies.lib.facts
import data.policies.lib.scopes

# A dataset that the files do not tell may be any: it is never broken.
_dataset(i) := "unknown" if {
	_doubtful("dataset", i)
} else := "unknown" if {
	"dataset" in _untold_rules
} else := "unknown" if {
	not is_array(_of_approval(i, "datasets"))
} else := "ok" if {
	count(_parts(i)) > 0
} else := "broken" if {
	_named(i)
} else := "unknown"

# An approval may list a dataset in several parts.
_parts(i) := [part | some part in input.approvals[i].datasets; approvals.table(part.name) == _table]

_table := approvals.table(input.dataset)

_named(i) if {
	_text(_told("dataset"))
	every part in input.approvals[i].datasets {
		is_string(part.name)
	}
}

_columns(i) := "unknown" if {
	not _clear(i)
} else := "ok" if {
	"*" in _approved_columns(i)
} else := "unknown" if {
	not _asks_columns
} else := "broken" if {
	count(_asked_columns - _approved_columns(i)) > 0
} else := "ok"

# METADATA
# description: The columns that the yardstick does not allow, as the request spells them.
excess_columns := sort({column |
	some column in input.columns
	lower(column) in (_asked_columns - _approved_columns(_yardstick))
})

# METADATA
# description: The columns of the dataset that the yardstick names.
approved_columns := sort({column | some part in _parts(_yardstick); some column in part.columns})

_clear(i) if {
	_dataset(i) == "ok"
	_named(i)
	every part in _parts(i) {
		is_array(part.columns)
	}
}

_approved_columns(i) := {lower(column) | some part in _parts(i); some column in part.columns}

_asked_columns contains lower(column) if {
	some column in input.columns
	not lower(column) in approvals.meta
}

_asks_columns if {
	is_array(input.columns)
	count(input.columns) > 0
	input.all_columns in {true, false}
	every column in input.columns {
		is_string(column)
	}
}

_scope(i) := "unknown" if {
	_dataset(i) != "ok"
} else := "unknown" if {
	not _named(i)
} else := _agreed(_scopes(i))

# Where a dataset is approved in several parts, it is not known which columns go with which scope.
_scopes(i) := {scopes.verdict([part], input.dataset, _whom) | some part in _parts(i)}

_whom := facts.pick(input, ["scope", "groups", "filter"])

_agreed(verdicts) := "ok" if {
	verdicts == {"within"}
} else := "broken" if {
	verdicts == {"beyond"}
} else := "unknown"
