// Package entra reads applications, service principals, their owners and
// credentials, what was granted to them, the directory roles and policies that bear
// on it, and when they last signed in, from Microsoft Graph.
package entra

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// pageSize is the most that directory collections give at once
// (https://learn.microsoft.com/graph/api/application-list). appRoleAssignedTo
// leaves out managed identities when asked for less
// (https://github.com/microsoftgraph/microsoft-graph-docs/issues/12243).
const pageSize = 999

// notAskedFor is why there are no certificate keys where the options do not ask for them.
const notAskedFor = "not asked for: it takes a request for each application and service principal with a certificate"

// Options of New.
type Options struct {
	Graph *graphapi.Client // with an app-only identity
	Clock func() time.Time
	// Since is an earlier snapshot of the tenant: what has changed after it is asked
	// for where Graph can tell, and the rest is taken over from it. Nil reads all.
	Since *snapshot.Snapshot
	// CertificateKeys has bits, hash and thumbprint of certificates read, which takes a
	// request for each application and service principal that has one, of 150 a minute.
	// Managed identities are not asked: the platform renews their certificates.
	CertificateKeys bool
	// Skip names datasets to leave out.
	Skip   []snapshot.Name
	Cloud  string       // name of the cloud; some do not offer every report
	Logger *slog.Logger // nil is silent
}

// Source reads the directory.
type Source struct{ opts Options }

// New makes the source.
func New(opts Options) *Source {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Source{opts: opts}
}

// Datasets lists what the source reads.
func (s *Source) Datasets() []snapshot.Name { return Datasets() }

// Datasets lists what the source can read.
func Datasets() []snapshot.Name {
	return []snapshot.Name{
		snapshot.Organization, snapshot.Applications, snapshot.ApplicationOwners, snapshot.ServicePrincipals,
		snapshot.ServicePrincipalOwners, snapshot.AppRoleAssignments, snapshot.DelegatedGrants,
		snapshot.FederatedCredentials, snapshot.CertificateKeys, snapshot.DirectoryRoleAssignments,
		snapshot.DirectoryRoleDefinitions, snapshot.AuthorizationPolicy, snapshot.PermissionGrantPolicies,
		snapshot.AdminConsentPolicy, snapshot.AppManagementPolicies, snapshot.SignInActivity, snapshot.CredentialActivity,
	}
}

// Collect reads the source's datasets: the tenant first, to be sure that it is the
// right one, and then what does not wait for each other side by side.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	session, err := s.opts.Graph.Open(ctx, w, s.Datasets())
	if err != nil || session == nil {
		return err
	}
	defer session.Close()
	r := &run{Options: s.opts, session: session, w: w}
	r.noteNeeds()
	if err := r.skipUnwanted(); err != nil {
		return err
	}
	if err := r.organization(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, line := range []func(context.Context) error{
		r.signIns, r.directory, r.delegatedGrants, r.roles, r.policies,
	} {
		group.Go(func() error { return line(ctx) })
	}
	return group.Wait()
}

// run is one collection.
type run struct {
	Options
	session *graphapi.Session
	w       *snapshot.Writer
	counts  counts
}

// noteNeeds notes what the identity needs before anything is read: a run that is
// interrupted has needed it, too.
func (r *run) noteNeeds() {
	for _, name := range Datasets() {
		if r.wanted(name) {
			r.lacking(name)
		}
	}
}

// skipUnwanted records what is left out, before a run that is interrupted could call
// it failed.
func (r *run) skipUnwanted() error {
	for _, name := range Datasets() {
		if r.wanted(name) {
			continue
		}
		why := "left out on request"
		if name == snapshot.CertificateKeys {
			why = notAskedFor
		}
		if err := r.w.Without(name, snapshot.Dataset{Status: snapshot.Skipped, Reason: why}); err != nil {
			return err
		}
	}
	return nil
}

// lacking notes what a dataset takes, and tells when the token has none of it.
func (r *run) lacking(name snapshot.Name) *snapshot.Dataset {
	lack := r.session.Need(need(name))
	for _, further := range furtherNeeds(name) {
		r.session.Need(further) // without it, the dataset is partial
	}
	return lack
}

// wanted reports whether a dataset is to be read.
func (r *run) wanted(name snapshot.Name) bool {
	return !slices.Contains(r.Skip, name) && (name != snapshot.CertificateKeys || r.CertificateKeys)
}

// without records a dataset that is not read: it is to be skipped, or the token
// cannot read it, which is known without a call. It returns nil when it is to be
// read.
func (r *run) without(name snapshot.Name) (*snapshot.Dataset, error) {
	if slices.Contains(r.Skip, name) {
		skipped := &snapshot.Dataset{Status: snapshot.Skipped, Reason: "left out on request"}
		return skipped, r.w.Without(name, *skipped)
	}
	missing := r.lacking(name)
	if missing == nil {
		return nil, nil
	}
	return missing, r.w.Without(name, *missing)
}

// dependent records a dataset that hangs on another one which could not be read.
func (r *run) dependent(name snapshot.Name, because string, parent snapshot.Dataset) error {
	_, err := r.session.Dependent(name, because, parent)
	return err
}

// simple reads a dataset that is one listing.
func (r *run) simple(ctx context.Context, name snapshot.Name, path string, query graphapi.Query, row func(json.RawMessage) json.RawMessage) error {
	if missing, err := r.without(name); missing != nil {
		return err
	}
	_, err := r.session.Collect(ctx, name, func(reading *graphapi.Reading) error {
		return reading.All(ctx, "", reading.Graph.List(ctx, path, query), func(raw json.RawMessage) error { return reading.Add(row(raw)) })
	})
	return err
}

// asIs keeps a row.
func asIs(row json.RawMessage) json.RawMessage { return row }

func (r *run) organization(ctx context.Context) error {
	if missing, err := r.without(snapshot.Organization); missing != nil {
		return err
	}
	_, err := r.session.Collect(ctx, snapshot.Organization, func(reading *graphapi.Reading) error {
		listing := reading.Graph.List(ctx, "/v1.0/organization", graphapi.Query{})
		listed := 0
		err := reading.All(ctx, "", listing, func(row json.RawMessage) error {
			listed++
			var organization struct {
				ID          string `json:"id"`
				DisplayName string `json:"displayName"`
			}
			if json.Unmarshal(row, &organization) == nil && organization.ID != "" {
				if want := r.w.Tenant().ID; !strings.EqualFold(organization.ID, want) {
					return &identity.WrongTenantError{Want: want, Got: organization.ID}
				}
				r.w.NameTenant(organization.DisplayName)
			}
			return reading.Add(row)
		})
		if listed == 0 {
			reading.Fault("no organization was listed, and a tenant is one")
		}
		return err
	})
	return err
}

// signIns reads when applications and their credentials were last used. The reports
// are beta, and the worldwide cloud's only
// (https://learn.microsoft.com/graph/api/reportroot-list-serviceprincipalsigninactivities).
// They are limited to a request every two seconds, so they go one after the other.
func (r *run) signIns(ctx context.Context) error {
	for _, report := range []struct {
		name snapshot.Name
		path string
	}{
		{snapshot.SignInActivity, "/beta/reports/servicePrincipalSignInActivities"},
		{snapshot.CredentialActivity, "/beta/reports/appCredentialSignInActivities"},
	} {
		if slices.Contains([]string{"usgov", "dod", "china"}, r.Cloud) {
			absent := snapshot.Dataset{Status: snapshot.Skipped, Reason: "cloud " + r.Cloud + " does not offer this report"}
			if err := r.w.Without(report.name, absent); err != nil {
				return err
			}
			continue
		}
		if err := r.simple(ctx, report.name, report.path, graphapi.Query{Top: pageSize}, asIs); err != nil {
			return err
		}
	}
	return nil
}
