package policies.lib.requests_test

variants contains {"name": "own, seen in part", "of": "own, seen in part", "unclear": {"app": set(), "state": set()}}

variants contains {
	"name": "without unresolved: own, seen in part",
	"of": "own, seen in part",
	"at": "/unresolved",
	"says": {
		"approval": "Near",
		"standing": "expired",
		"yardstick": "c-near",
		"broken": set(),
	},
	"unclear": {
		"app": {
			"approvals from before 2026-09-01T00:00:00Z, when the events that are known begin",
			"unresolved",
		},
		"app_tenant": {"unresolved"},
		"columns": {"unresolved"},
		"dataset": {"unresolved"},
		"destination": {"unresolved"},
		"destination_tenant": {"unresolved"},
		"scope": {"unresolved"},
		"state": {"unresolved"},
	},
}

variants contains {
	"name": "two open",
	"of": "two open",
	"says": {"broken": set()},
	"unclear": {"destination": {"all approved sinks (approval of Own)"}},
}

variants contains {
	"name": "self-declared",
	"of": "self-declared",
	"says": {"broken": set()},
	"unclear": {
		"state": {
			"whether it is approved: the register says so, no event does (approval of Mail insights)",
		},
	},
}

variants contains {
	"name": "without destination_tenant_id: own and others",
	"of": "own and others",
	"at": "/destination_tenant_id",
	"says": {
		"approval": "Own",
		"evidence": {
			"approval": "Own",
			"approved_at": "2026-09-01T00:00:00Z",
			"expires_at": "2027-02-28T00:00:00Z",
			"id": "d-own",
			"self_declared": false,
			"state": "denied",
		},
		"yardstick": "d-own",
	},
	"unclear": {"destination_tenant": {"destination_tenant_id"}},
}

variants contains {
	"name": "dataset untold",
	"of": "dataset untold",
	"unclear": {
		"dataset": {
			"dataset: @pipeline().parameters.dataset (factory/pipeline/CopyMail.json:20): the parameter has no default value",
		},
		"scope": {
			"dataset: @pipeline().parameters.dataset (factory/pipeline/CopyMail.json:20): the parameter has no default value",
		},
	},
}

variants contains {
	"name": "approvals.1.datasets.0.columns.0 is null: own, seen in part",
	"of": "own, seen in part",
	"at": "/approvals/1/datasets/0/columns/0",
	"becomes": null,
	"says": {"broken": {"state"}},
}

variants contains {
	"name": "without approvals.0.datasets.0.scope: sound",
	"of": "sound",
	"at": "/approvals/0/datasets/0/scope",
	"says": {"approved_scope": [], "allowed_words": ["users of a scope that is not known"]},
}

variants contains {
	"name": "app_id is null: no approvals, seen in part",
	"of": "no approvals, seen in part",
	"at": "/app_id",
	"becomes": null,
	"says": {"broken": set()},
	"unclear": {
		"app": {
			"app_id",
			"approvals from before 2026-09-01T00:00:00Z, when the events that are known begin",
		},
	},
}

variants contains {
	"name": "without app_tenant_id: own and others",
	"of": "own and others",
	"at": "/app_tenant_id",
	"says": {
		"approval": "Own",
		"broken": {"state"},
		"evidence": {
			"approval": "Own",
			"approved_at": "2026-09-01T00:00:00Z",
			"expires_at": "2027-02-28T00:00:00Z",
			"id": "d-own",
			"self_declared": false,
			"state": "denied",
		},
		"standing": "denied",
		"yardstick": "d-own",
	},
	"unclear": {"app_tenant": {"app_tenant_id"}},
}

variants contains {"name": "doubts", "of": "doubts", "unclear": {"app_tenant": set()}}

variants contains {
	"name": "without destination: two open",
	"of": "two open",
	"at": "/destination",
	"unclear": {"destination": {"destination"}},
}

variants contains {
	"name": "coverage.from is null: others, seen in part",
	"of": "others, seen in part",
	"at": "/coverage/from",
	"becomes": null,
	"unclear": {"app": {"from when on approvals are known"}},
}

variants contains {
	"name": "approvals.0.app_id is null: two open",
	"of": "two open",
	"at": "/approvals/0/app_id",
	"becomes": null,
	"says": {"broken": set()},
}

variants contains {
	"name": "without approvals.1.approved_at: two open",
	"of": "two open",
	"at": "/approvals/1/approved_at",
	"unclear": {"destination": {"all approved sinks (approval of Own)"}},
}

variants contains {
	"name": "without all_columns: own, seen in part",
	"of": "own, seen in part",
	"at": "/all_columns",
	"unclear": {"columns": {"all columns of BasicDataSet_v0.Message_v1 (approval of Own)"}},
}

variants contains {
	"name": "without coverage.whole: three of others",
	"of": "three of others",
	"at": "/coverage/whole",
	"unclear": {"app": {"approvals among the events that are missing since 2026-01-01T00:00:00Z"}},
}

variants contains {
	"name": "without data_tenant_id: own, seen in part",
	"of": "own, seen in part",
	"at": "/data_tenant_id",
	"unclear": {
		"app": {
			"approvals from before 2026-09-01T00:00:00Z, when the events that are known begin",
			"data_tenant_id",
		},
	},
}

variants contains {
	"name": "approvals.0.datasets.1 is null: own, seen in part",
	"of": "own, seen in part",
	"at": "/approvals/0/datasets/1",
	"becomes": null,
	"unclear": {"columns": {"the approved columns (approval of Own)"}},
}

variants contains {
	"name": "without approvals.0.datasets: own, seen in part",
	"of": "own, seen in part",
	"at": "/approvals/0/datasets",
	"unclear": {
		"columns": {"the approved columns (approval of Own)"},
		"dataset": {"names of the approved datasets (approval of Own)"},
		"scope": {"the scope that is asked for or approved (approval of Own)"},
	},
}

variants contains {
	"name": "without approvals: no approvals, seen in part",
	"of": "no approvals, seen in part",
	"at": "/approvals",
	"unclear": {"app": {"approvals"}},
}

variants contains {
	"name": "without approvals.1.app_tenant_id: own and others",
	"of": "own and others",
	"at": "/approvals/1/app_tenant_id",
	"says": {
		"approval": "Far",
		"broken": {"destination_tenant", "state"},
		"evidence": {
			"approval": "Far",
			"approved_at": "2026-09-01T00:00:00Z",
			"expires_at": "2027-02-28T00:00:00Z",
			"id": "a-far",
			"self_declared": false,
			"state": "denied",
		},
		"yardstick": "a-far",
	},
	"unclear": {"app_tenant": set()},
}

variants contains {
	"name": "dataset is null: others, seen in part",
	"of": "others, seen in part",
	"at": "/dataset",
	"becomes": null,
	"says": {"broken": set()},
}

variants contains {
	"name": "columns is null: others, seen in part",
	"of": "others, seen in part",
	"at": "/columns",
	"becomes": null,
	"says": {"broken": set()},
}

variants contains {
	"name": "approvals.0.name is null: own, seen in part",
	"of": "own, seen in part",
	"at": "/approvals/0/name",
	"becomes": null,
	"says": {"broken": {"state"}},
}

variants contains {
	"name": "datasets that are no list",
	"of": "sound",
	"at": "/approvals/0/datasets",
	"becomes": {},
	"unclear": {
		"dataset": {"names of the approved datasets (approval of Mail insights)"},
		"columns": {"the approved columns (approval of Mail insights)"},
	},
}

variants contains {
	"name": "a dataset without letters",
	"of": "sound",
	"at": "/dataset",
	"becomes": "",
	"unclear": {"dataset": {"names of the approved datasets (approval of Mail insights)"}},
}

variants contains {
	"name": "sinks that are no list",
	"of": "other sink",
	"at": "/approvals/0/sink_locations",
	"becomes": {},
	"unclear": {"destination": {"all approved sinks (approval of Mail insights)"}},
}

variants contains {
	"name": "an approved dataset without letters",
	"of": "other sink",
	"at": "/approvals/0/datasets/1/name",
	"becomes": "",
	"says": {"approved_datasets": ["BasicDataSet_v0.Message_v1"]},
}

variants contains {
	"name": "neither approvals nor the application",
	"of": "application untold",
	"at": "/approvals",
	"unclear": {"app": {"approvals"}},
}

variants contains {
	"name": "an expression that is null",
	"of": "columns untold",
	"at": "/unresolved/0/expression",
	"becomes": null,
	"unclear": {"columns": {"columns: the parameter has no default value (factory/pipeline/CopyMail.json:20)"}},
}

variants contains {
	"name": "an expression without a reason",
	"of": "columns untold",
	"at": "/unresolved/0/reason",
	"unclear": {"columns": {"columns: @pipeline().parameters.columns (factory/pipeline/CopyMail.json:20)"}},
}

variants contains {
	"name": "an expression whose reason is null",
	"of": "columns untold",
	"at": "/unresolved/0/reason",
	"becomes": null,
	"unclear": {"columns": {"columns: @pipeline().parameters.columns (factory/pipeline/CopyMail.json:20)"}},
}

variants contains {
	"name": "neither state nor expiry was seen",
	"of": "state not seen",
	"at": "/approvals/0/days_left",
	"becomes": null,
	"unclear": {"state": {"state or expiry, from an event (approval of Mail insights)"}},
}

variants contains {
	"name": "sinks are clear, though some could not be read",
	"of": "destination in part, and sinks that could not be read",
	"unclear": {"destination": {
		"where in https://contosoinsights.blob.core.windows.net it writes to (approval of Mail insights)",
	}},
}

variants contains {
	"name": "in the register only, application not told",
	"of": "register only",
	"at": "/approvals/0/app_id",
	"unclear": {"app": {"the application (approval of Mail insights)"}},
}

variants contains {
	"name": "in the register only, tenant not told",
	"of": "register only",
	"at": "/approvals/0/app_tenant_id",
	"unclear": {"app_tenant": {"the tenant of the registration (approval of Mail insights)"}},
}

variants contains {
	"name": "no approvals, and days that are no number",
	"of": "no approvals",
	"at": "/coverage/days",
	"becomes": "x",
	"says": {"broken": set()},
}

variants contains {
	"name": "a destination tenant without letters",
	"of": "sound",
	"at": "/destination_tenant_id",
	"becomes": "",
	"unclear": {"destination_tenant": {"the approved destination tenant (approval of Mail insights)"}},
}

variants contains {
	"name": "a list that has a filter too",
	"of": "more groups than a list that has a filter too",
	"says": {
		"approved_scope": ["a1b2c3d4-0000-4000-8000-0000000000e1", "a1b2c3d4-0000-4000-8000-0000000000e2"],
		"asked_words": "groups g1",
	},
}

variants contains {
	"name": "a list, and all users",
	"of": "two parts, denied",
	"says": {"allowed_words": [
		"all users",
		"groups a1b2c3d4-0000-4000-8000-0000000000e1, a1b2c3d4-0000-4000-8000-0000000000e2",
	]},
}

variants contains {
	"name": "events with a hole, since nobody knows when",
	"of": "others, since nobody knows when",
	"unclear": {"app": {"from when on approvals are known"}},
}
