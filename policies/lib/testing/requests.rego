package policies.lib.testing

# METADATA
# description: A sound approval of another application, for another dataset and another sink.
other_approval := object.union(approval, {
	"id": "11111111-2222-3333-4444-555555555555/a1b2c3d4-0000-4000-8000-0000000000d2",
	"app_id": "a1b2c3d4-0000-4000-8000-0000000000d2",
	"name": "Room insights",
	"datasets": [{"name": "BasicDataSet_v0.CalendarView_v0", "columns": ["Subject"], "scope": "all", "catalogued": true}],
	"sinks": ["https://contosorooms.dfs.core.windows.net/rooms"],
	"sink_locations": ["https://contosorooms.dfs.core.windows.net/rooms"],
})

# METADATA
# description: The dataset that the sound request reads, as it is approved.
approved_messages := approval.datasets[0]

# METADATA
# description: Another approved dataset.
approved_users := approval.datasets[1]

# METADATA
# description: The sound request, held against its approval with these members changed, and one of another application.
against(changes) := against_all([object.union(approval, changes), other_approval])

# METADATA
# description: The sound request, held against these approvals only.
against_all(approvals) := object.union(object.remove(pipeline, ["approvals"]), {"approvals": approvals})

# METADATA
# description: A request and one field of it that the files do not tell.
untold(request, field) := object.union(object.remove(request, [field, "unresolved"]), {"unresolved": [{
	"field": field,
	"expression": sprintf("@pipeline().parameters.%s", [field]),
	"file": "factory/pipeline/CopyMail.json",
	"line": 20,
	"reason": "the parameter has no default value",
}]})

# METADATA
# description: A request and events that are complete for so many days.
known_since(request, days) := object.union(
	object.remove(request, ["coverage"]),
	{"coverage": {"from": "2026-09-01T00:00:00Z", "days": days, "whole": true}},
)
