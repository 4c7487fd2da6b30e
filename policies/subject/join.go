package subject

import (
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
)

// Microsoft's own tenants: service principals owned by them are first-party.
// (Source: the appOwnerOrganizationId of first-party service principals, see
// https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in)
func microsoftTenant(id string) bool {
	return id == "f8cdef31-a31e-4b4a-93e4-5f571e91255a" || id == "72f988bf-86f1-41af-91ab-2d7cd011db47"
}

// Options of a join.
type Options struct {
	AsOf      time.Time // the instant that days are counted from
	Catalogue *catalog.Catalogue
	// Declared are what applications are built to call, for the least sets.
	Declared []DeclaredOperations
	// Facts are what the operator says of applications, by lower-cased appId.
	Facts map[string]*DeclaredFacts
	// Kinds are those whose documents are asked for; nil means all. What others need is
	// not read.
	Kinds []Kind
}

// Join holds the side tables of a snapshot in memory, keyed for look-up, so that
// the large tables can be streamed past them. After Open it is safe for concurrent
// use.
type Join struct {
	snap     *snapshot.Snapshot
	asOf     time.Time
	tenantID string
	resolver resolver

	principals  principalTable
	assignments lists[string, assignment] // by object id of the service principal, and
	delegated   lists[string, delegation]
	owners      lists[rowKey, *Owner] // by object id of the owned application or principal
	ownerGaps   map[string][]Gap      // likewise
	orphans     map[string]*principal
	auditors    map[string]bool // appIds that the snapshot was collected with

	gaps map[snapshot.Name]map[string]string // dataset → row id → reason
	// loose names datasets with a fault that could not be tied to a subject.
	loose map[snapshot.Name]string

	mu     sync.Mutex
	known  map[string]registration // appId → what other kinds need of it, for wanted appIds
	wanted map[string]bool
	// listed is true once all registrations were streamed past and each said its appId:
	// one that is wanted and not known is then not there.
	listed              bool
	unnamed             bool // a service principal does not say its appId
	types               []*ContainerType
	typesOf             map[string][]*ContainerType // by owning appId
	typeByID            map[string]*ContainerType
	containers          containerFacts
	keys                map[credentialKey]certificateKey
	credentialUses      map[credentialKey]credentialUse
	credentialsReported bool                             // the report of credentials' sign-ins was read whole
	signIns             map[string]*signIn               // by appId, of applications without service principal
	federated           map[string][]FederatedCredential // by object id of the registration
	federatedGaps       map[string][]Gap
	roles               directoryRoles
	grantedTypes        map[string][]grantedType // by appId
	auditorFacts        map[string]auditorFacts  // by appId
	consents            consentFacts
	usage               usageFacts
	leastSets           leastSets
	declared            map[string][]DeclaredOperations // by appId
	facts               map[string]*DeclaredFacts       // by appId
	searchable          *SearchableTypes
	allPrincipals       bool // every service principal of the tenant was read
	yes, no             bool // what truth points to
	connect             connectFacts
	defined             defined // by the files of a repository
	// approvals are what every pipeline is held against, built once.
	approvals   func() []Approval
	approvers   approvers
	auditLog    string                        // on, off, or "" when not known
	feeds       map[string][]FeedSubscription // by the client that they are of; "" where that is not told
	feedsListed bool
}

// registration is what container types and Data Connect applications need to know
// of an application.
type registration struct {
	objectID, name, audience string
	twin                     bool   // two registrations have the appId
	gap                      string // why its owners are not known for sure
}

// Document is one subject, ready to be judged.
type Document struct {
	Kind       Kind
	ID, Name   string
	Value      any // a pointer to the type of the kind
	Incomplete []Gap
	File       string // where it stands, when it is of a repository
	Line       int
	// Of what a repository defines: the lines of what stands in keys of findings, the keys of the permissions that
	// merging it brings, the fields that it tells of, and those that it does not.
	Lines       map[string]int
	New         map[string]bool
	Told, Blank []string
}

// Builder makes one document. It may be called on any goroutine.
type Builder func() (Document, error)

// Open reads the side tables of a snapshot. An error means that the snapshot
// cannot be trusted; missing or damaged facts are no error.
func Open(snap *snapshot.Snapshot, options Options) (*Join, error) {
	j := &Join{
		snap: snap, asOf: options.AsOf.UTC(), tenantID: strings.ToLower(snap.Manifest.Tenant.ID),
		resolver:       resolver{catalogue: options.Catalogue, cloud: snap.Manifest.Tenant.Cloud},
		principals:     principalTable{byID: map[rowKey]uint32{}, byApp: map[rowKey]uint32{}, whole: map[uint32]*principal{}},
		ownerGaps:      map[string][]Gap{},
		orphans:        map[string]*principal{},
		gaps:           map[snapshot.Name]map[string]string{},
		loose:          map[snapshot.Name]string{},
		known:          map[string]registration{},
		wanted:         map[string]bool{},
		typesOf:        map[string][]*ContainerType{},
		auditors:       map[string]bool{},
		keys:           map[credentialKey]certificateKey{},
		credentialUses: map[credentialKey]credentialUse{},
		signIns:        map[string]*signIn{},
		federated:      map[string][]FederatedCredential{}, federatedGaps: map[string][]Gap{},
		grantedTypes: map[string][]grantedType{}, auditorFacts: map[string]auditorFacts{},
		yes:   true,
		feeds: map[string][]FeedSubscription{},
	}
	for _, id := range snap.Manifest.Identities {
		j.auditors[strings.ToLower(id.ClientID)] = id.ClientID != ""
	}
	j.declared, j.facts = declaredByApp(options.Declared), options.Facts
	j.readGaps()
	j.credentialsReported = j.whole(snapshot.CredentialActivity)
	j.approvals = sync.OnceValue(j.allApprovals)
	for _, loads := range j.loads(options.Kinds) {
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for _, load := range loads {
			group.Go(load)
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	j.allPrincipals = j.whole(snapshot.ServicePrincipals) && j.Loose(snapshot.ServicePrincipals) == ""
	j.findOrphans()
	return j, j.loadManifests()
}

// loads are the side tables that the kinds need; those of one step need the step before.
func (j *Join) loads(kinds []Kind) [][]func() error {
	if kinds != nil && !slices.ContainsFunc(kinds, func(k Kind) bool { return k != KindPipeline }) {
		return [][]func() error{{j.loadDataConnect}}
	}
	return [][]func() error{
		{j.loadCertificateKeys, j.loadCredentialActivity, j.loadSubscriptions, j.loadFederated},
		{j.loadPrincipals, j.loadOwners}, // these look keys up
		{ // these look principals up
			j.loadAssignments, j.loadDelegated, j.loadContainerTypes, j.loadDataConnect, j.loadSignIns, j.loadConsents, j.loadRoles,
		},
		{j.loadApprovers, j.loadContainers, j.loadUsage}, // these look approvals, owners and sign-ins up
	}
}

func (j *Join) readGaps() {
	for name, dataset := range j.snap.Manifest.Datasets {
		if len(dataset.Gaps) == 0 {
			continue
		}
		j.gaps[name] = make(map[string]string, len(dataset.Gaps))
		for _, gap := range dataset.Gaps {
			// An unreadable member is absent from the document, and controls that
			// need it say so themselves: it does not put the rest of the row in doubt.
			if gap.Field == "" {
				j.gaps[name][strings.ToLower(gap.Row)] = gap.Reason
			}
		}
	}
}

// Loose returns a fault of a dataset that could not be tied to one subject; "" when
// there is none. Such a dataset is partial for every subject.
func (j *Join) Loose(name snapshot.Name) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.loose[name]
}

// Documents yields a builder per subject of a kind, in a fixed order.
func (j *Join) Documents(kind Kind) iter.Seq2[Builder, error] {
	switch kind {
	case KindTenant:
		return func(yield func(Builder, error) bool) { yield(j.tenant, nil) }
	case KindContainer:
		return j.containerDocuments()
	case KindApplication:
		return j.applications()
	case KindContainerType:
		return built(j.types, func(t *ContainerType) Document { return j.containerType(t) })
	case KindDataConnectApp:
		return built(sortedKeys(j.connect.apps), func(key string) Document { return j.dataConnectApp(key) })
	case KindPipeline:
		return j.pipelines()
	case KindAuditor: // in the order of the manifest, which is the report's
		return built(j.snap.Manifest.Identities, j.auditor)
	default:
		return func(yield func(Builder, error) bool) {
			yield(nil, fmt.Errorf("unknown kind of subject %q", kind))
		}
	}
}

func built[T any](items []T, build func(T) Document) iter.Seq2[Builder, error] {
	return func(yield func(Builder, error) bool) {
		for _, item := range items {
			if !yield(func() (Document, error) { return build(item), nil }, nil) {
				return
			}
		}
	}
}

// gap returns what is known to be wrong with a row, joined with a fault met while
// decoding it; "" when nothing is.
func (j *Join) gap(name snapshot.Name, rowID, fault string) string {
	reason := j.gaps[name][strings.ToLower(rowID)]
	switch {
	case reason == "":
		return fault
	case fault == "" || strings.Contains(reason, fault):
		return reason
	default:
		return reason + "; " + fault
	}
}

// setLoose records a fault that may concern any subject.
func (j *Join) setLoose(name snapshot.Name, reason string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.loose[name] == "" {
		j.loose[name] = reason
	}
}

// readable reports whether all of the datasets have rows to judge.
func (j *Join) readable(names ...snapshot.Name) bool {
	return !slices.ContainsFunc(names, func(name snapshot.Name) bool {
		return !j.snap.Dataset(name).Status.Readable()
	})
}

// whole reports whether every row of a dataset was read.
func (j *Join) whole(name snapshot.Name) bool {
	return j.snap.Dataset(name).Whole()
}

// want asks the stream of applications to remember one for other kinds.
func (j *Join) want(appID string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if appID != "" {
		j.wanted[strings.ToLower(appID)] = true
	}
}

// remember keeps what other kinds need of an application that is streamed past. The
// first of two registrations with one appId stays, and is in doubt.
func (j *Join) remember(appID string, row []byte) {
	if !j.wanted[appID] {
		return
	}
	var app wireApplication
	if _, err := decode(row, &app); err != nil {
		return // whoever decodes the row for good will say so
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	known, twin := j.known[appID]
	if !twin {
		known = registration{objectID: app.ID, name: app.DisplayName, audience: app.SignInAudience}
		if app.ID == "" {
			known.gap = "the id of the registration was not read"
		}
	} else {
		known.gap, known.twin = "two registrations have this appId", true
	}
	j.known[appID] = known
}

// appName is the display name of an application, as far as it is known.
func (j *Join) appName(appID string) string {
	appID = strings.ToLower(appID)
	j.mu.Lock()
	known, ok := j.known[appID]
	j.mu.Unlock()
	if ok && known.name != "" {
		return known.name
	}
	if p := j.byApp(appID); p != nil {
		return p.name
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
