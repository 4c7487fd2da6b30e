package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// comparable refuses to compare applications with those of another tenant than the files are deployed in.
func (o *gateOptions) comparable(against *snapshot.Snapshot, kinds []subject.Kind) error {
	if against == nil || o.tenant == "" || !slices.Contains(kinds, subject.KindApplication) ||
		strings.EqualFold(o.tenant, against.Manifest.Tenant.ID) {
		return nil
	}
	return fmt.Errorf("the files define applications for tenant %s, and %s is a snapshot of tenant %s; hint: name a snapshot of the tenant that they are deployed in",
		strings.ToLower(o.tenant), o.against, tenantName(against.Manifest.Tenant))
}

// doubtAgainst puts in doubt what the snapshot says of approvals and applications where it was read too long ago.
func doubtAgainst(snap *snapshot.Snapshot, asOf time.Time, thresholds map[string]any) {
	if days, ok := thresholds["stale_days"].(int); ok {
		snap.DoubtBefore(asOf, time.Duration(days)*24*time.Hour, slices.Concat(approvalDatasets(), applicationDatasets())...)
	}
}

// sayUncompared warns that the snapshot does not tell which applications there are.
func (p *program) sayUncompared(o *gateOptions, against *snapshot.Snapshot, kinds []subject.Kind) {
	style := o.audit.log.style()
	if against == nil || style.quiet || !slices.Contains(kinds, subject.KindApplication) ||
		against.Manifest.Datasets[snapshot.Applications].Status.Readable() {
		return
	}
	const text = "the snapshot does not hold the tenant's applications: what the merge newly requests, and what was granted before, is not known"
	if style.json {
		p.event(slog.LevelWarn, text)
		return
	}
	_ = p.notice(style, "warning: "+text)
}

// absent notes the datasets of applications that a snapshot does not hold, for they were not looked at.
func absent(w *snapshot.Writer, defines bool, why string) error {
	if !defines {
		return nil
	}
	for _, name := range []snapshot.Name{
		snapshot.Applications, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.DelegatedGrants,
	} {
		if _, there := w.Has(name); there {
			continue
		}
		if err := w.Without(name, snapshot.Dataset{Status: snapshot.Skipped, Reason: why}); err != nil {
			return err
		}
	}
	return nil
}
