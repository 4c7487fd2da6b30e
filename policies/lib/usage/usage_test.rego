package policies.lib.usage_test

import data.policies.lib.testing
import data.policies.lib.usage

whole := {"activity": {
	"from": "2026-08-21T00:00:00Z",
	"to": "2026-11-19T00:00:00Z",
	"days": 90,
	"ago": 7,
	"whole": true,
}}

changed(member, value) := json.patch(whole, [{"op": "add", "path": ["activity", member], "value": value}])

test_as_long_and_as_late_as_it_has_to_be if {
	usage.proves_absence(whole) with data.config as testing.config
}

test_gaps_of_other_datasets_do_not_matter if {
	app := object.union(whole, {"incomplete": [{"dataset": "applications", "reason": "x"}]})
	usage.proves_absence(app) with data.config as testing.config
}

test_proves_nothing[name] if {
	some name, app in {
		"not read": {},
		"too short": changed("days", 89),
		"length not known": changed("days", null),
		"with a hole": changed("whole", false),
		"perhaps with a hole": changed("whole", null),
		"too old": changed("ago", 8),
		"age not known": changed("ago", null),
		"damaged": object.union(whole, {"incomplete": [{"dataset": "graph_activity", "reason": "x"}]}),
	}
	not usage.proves_absence(app) with data.config as testing.config
}

test_taken[name] if {
	some name, case in {
		"of late": [{"used": "used", "used_days": 90, "idle": true}, "used"],
		"too long ago": [{"used": "used", "used_days": 91, "idle": true}, "not_used"],
		"too long ago, and something since may have taken it": [{"used": "used", "used_days": 91}, "unclear"],
		"never": [{"used": "not_used"}, "not_used"],
		"of late, not told": [{"used_days": 1, "idle": true}, "unclear"],
		"long ago, not told": [{"used_days": 91, "idle": true}, "unclear"],
		"nobody knows when": [{"used": "used", "idle": true}, "unclear"],
		"null": [{"used": "used", "used_days": null, "idle": true}, "unclear"],
		"no evidence": [{}, "unclear"],
		"another word": [{"used": "perhaps", "used_days": 1}, "unclear"],
	}
	[grant, want] := case
	usage.taken(grant) == want with data.config as testing.config
}

test_called[name] if {
	some name, case in {
		"of late": [whole, {"days": 90}, "used"],
		"of late, in a look-back that is too short": [changed("days", 3), {"days": 1}, "used"],
		"too long ago": [whole, {"days": 91}, "not_used"],
		"too long ago, and perhaps since": [changed("whole", false), {"days": 91}, "unclear"],
		"nobody knows when": [whole, {}, "unclear"],
		"null": [whole, {"days": null}, "unclear"],
	}
	[app, use, want] := case
	usage.called(app, use) == want with data.config as testing.config
}

test_silence[name] if {
	some name, case in {
		"never used": [{"used": "not_used", "used_days": 20, "last_used_at": "x"}, ["2026-08-21T00:00:00Z", 90]],
		"since the last use": [{"used": "used", "used_days": 47, "last_used_at": "x"}, ["x", 40]],
		"since the first day": [{"used": "used", "used_days": 97, "last_used_at": "x"}, ["x", 90]],
		"used before": [{"used": "used", "used_days": 98, "last_used_at": "x"}, ["2026-08-21T00:00:00Z", 90]],
		"nobody knows when": [{"used": "used"}, ["2026-08-21T00:00:00Z", 90]],
	}
	[grant, [from, days]] := case
	usage.silence(whole, grant) == {"from": from, "to": "2026-11-19T00:00:00Z", "days": days}
}

test_look_back if {
	usage.look_back(whole) == {"from": "2026-08-21T00:00:00Z", "to": "2026-11-19T00:00:00Z", "days": 90}
}

test_standing[name] if {
	some name, case in {
		"long enough": [90, {"stood_least": 90, "stood_most": 90}, "standing"],
		"a day too short": [90, {"stood_least": 89, "stood_most": 89}, "young"],
		"at least long enough": [110, {"stood_least": 90}, "standing"],
		"at most too short": [110, {"stood_most": 89}, "young"],
		"exactly long enough at most": [110, {"stood_least": 43, "stood_most": 90}, "unclear"],
		"between": [110, {"stood_least": 43, "stood_most": 110}, "unclear"],
		"at most long enough": [110, {"stood_most": 110}, "unclear"],
		"at most long enough, and less than all of it": [110, {"stood_most": 100}, "unclear"],
		"throughout a look-back that is short": [80, {"stood_least": 80, "stood_most": 80}, "unclear"],
		"part of a look-back that is short": [80, {"stood_least": 79, "stood_most": 79}, "young"],
		"not known": [110, {}, "unclear"],
		"null": [110, {"stood_least": null, "stood_most": null}, "unclear"],
	}
	[days, grant, want] := case
	usage.standing(changed("days", days), grant) == want with data.config as testing.config
}

test_standing_without_a_look_back if {
	usage.standing({}, {"stood_most": 10}) == "unclear" with data.config as testing.config
}

test_left_out[name] if {
	some name, case in {
		"its calls are left out": [{"usage_left_out": true}, true],
		"calls are declared": [{"usage_left_out": true, "least": []}, false],
		"they are not": [{"usage_left_out": false}, false],
		"not told": [{"auditor": true}, false],
	}
	[app, want] := case
	[1 | usage.left_out(app)] == [1 | want]
}
