package subject

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"strings"

	"leastwise/collector/snapshot"
)

// pipelines yields the reads of Data Connect that repository files define, in the order
// of their ids.
func (j *Join) pipelines() iter.Seq2[Builder, error] {
	return func(yield func(Builder, error) bool) {
		for line, err := range j.snap.Rows(snapshot.Pipelines) {
			if err != nil {
				yield(nil, err)
				return
			}
			row := bytes.Clone(line)
			if !yield(func() (Document, error) { return j.pipeline(row) }, nil) {
				return
			}
		}
	}
}

func (j *Join) pipeline(line []byte) (Document, error) {
	row, fault, err := decodeRow[wirePipeline](line)
	if err != nil {
		return Document{}, fmt.Errorf("read dataset %s: %w", snapshot.Pipelines, err)
	}
	p := &Pipeline{
		Kind: KindPipeline, ID: row.ID, Name: row.Name, File: row.File, Line: row.Line, Pipeline: row.Pipeline,
		Activity: row.Activity, Product: row.Product, Type: row.Type, Inactive: row.Inactive,
		AppID: strings.ToLower(row.AppID), AppTenantID: strings.ToLower(row.AppTenantID), DataTenantID: strings.ToLower(row.DataTenantID),
		Dataset: row.Dataset, AllColumns: row.AllColumns, Columns: row.Columns,
		Scope: row.Scope, Groups: row.Groups, Filter: row.Filter,
		DestinationTenantID: strings.ToLower(row.DestinationTenantID), DestinationAssumed: row.DestinationAssumed,
		Unresolved: []Unresolved{}, Coverage: j.coverage(snapshot.DataConnectEvents),
	}
	if row.Destination != nil {
		destination := Destination(*row.Destination)
		p.Destination = &destination
	}
	for _, u := range row.Unresolved {
		p.Unresolved = append(p.Unresolved, Unresolved(u))
	}
	known, catalogued := j.resolver.catalogue.Dataset(row.Dataset)
	p.Catalogued = catalogued
	if p.AllColumns {
		p.Columns = nil
		if known.Complete {
			p.Columns = known.Selectable()
		}
	}
	switch {
	case p.DataTenantID != "" && p.DataTenantID != j.tenantID:
		// It is the tenant whose data is read that approves.
		reason := fmt.Sprintf("data of tenant %s is read, and these are the approvals of tenant %s", p.DataTenantID, j.tenantID)
		p.Incomplete = append(p.Incomplete, Gap{Dataset: snapshot.DataConnectEvents, Reason: reason})
	case j.readable(snapshot.DataConnectEvents):
		p.Approvals = j.approvals()
	}
	if reason := j.gap(snapshot.Pipelines, row.ID, fault); reason != "" {
		p.Incomplete = append(p.Incomplete, Gap{Dataset: snapshot.Pipelines, Reason: reason})
	}
	return Document{
		Kind: KindPipeline, ID: p.ID, Name: p.Name, Value: p, Incomplete: p.Incomplete, File: p.File, Line: p.Line,
	}, nil
}

// allApprovals are the approvals of the tenant, by id: the latest decision on each
// application, or what the register declares of one that nobody decided on.
func (j *Join) allApprovals() []Approval {
	approvals := []Approval{}
	for _, key := range sortedKeys(j.connect.apps) {
		facts := j.connect.apps[key]
		if facts.told == 0 && facts.register == nil {
			continue // it ran, or was decided on later, and nothing is known of an approval
		}
		approvals = append(approvals, j.approval(key, facts))
	}
	return approvals
}

func (j *Join) approval(key string, facts *connectApp) Approval {
	a := Approval{ID: key, AppID: facts.appID, AppTenantID: facts.tenantID}
	for _, gap := range facts.gaps {
		a.Doubts = append(a.Doubts, gap.Reason+" ("+gap.Dataset+")")
	}
	latest := facts.latest()
	if latest != nil {
		a.Name, a.State = latest.AppName, latest.State
		if latest.dated {
			a.ApprovedAt = formatInstant(latest.decided)
		}
		end := latest.expiry()
		a.ExpiresAt, a.DaysLeft = end.in(j.asOf)
		if end.doubt != "" {
			a.Doubts = append(a.Doubts, end.doubt+" ("+snapshot.DataConnectEvents+")")
		}
		a.StateSeen = j.unseen(latest) == ""
		a.Datasets, a.Sinks = j.approvedDatasets(latest.Datasets), latest.Sinks
		a.SinkLocations, a.SinksUnclear = sinkLocations(latest.Sinks)
		a.SinksUnread = sinksUnread(latest.Sinks)
		a.DestinationID = strings.ToLower(latest.DestinationTenantID)
	}
	if facts.register != nil {
		a.Name = cmp.Or(facts.register.Name, a.Name)
		if state, over := declaredState(facts.register, latest); state != "" {
			a.State, a.SelfDeclared = state, true
			if over {
				a.DaysLeft = new(int)
			}
		}
	}
	a.Name = cmp.Or(a.Name, j.appName(facts.appID), j.connect.runs.names[facts.appID])
	return a
}
