package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"leastwise/collector/entra"
	"leastwise/collector/sharepoint"
	"leastwise/collector/snapshot"
)

// extentOptions are the flags that say how much of a tenant is read.
type extentOptions struct {
	since           string
	resume          bool
	skip            []string
	certificateKeys bool
	maxContainers   int
	backfill        string

	flags *pflag.FlagSet // to tell what was given
}

// collectConfig is how much is read, as the configuration has it.
type collectConfig struct {
	Skip            []string `yaml:"skip"`
	CertificateKeys bool     `yaml:"certificate_keys"`
	MaxContainers   *int     `yaml:"max_containers"`
}

// extent is how much of a tenant is read.
type extent struct {
	since           *snapshot.Snapshot // nil reads everything
	resume          bool
	skip            []snapshot.Name
	certificateKeys bool
	maxContainers   int // less than 0 is none
	connecting      connecting
}

func (o *extentOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.since, "since", "", "read only what has changed since the snapshot in `DIR`, where Graph can tell")
	flags.BoolVar(&o.resume, "resume", false, "go on where an interrupted collection to the same folder ended")
	flags.StringSliceVar(&o.skip, "skip", nil, "`DATASETS` of Entra to leave out, separated by commas, such as sign_in_activity,credential_activity")
	flags.BoolVar(&o.certificateKeys, "certificate-keys", false, "read key size and signature of certificates too: a request for each application and service principal that has one")
	flags.IntVar(&o.maxContainers, "max-containers", sharepoint.DefaultMaxContainers, "`NUMBER` of containers whose permissions are read, of which 120 a minute can be; 0 reads none")
	flags.StringVar(&o.backfill, "backfill", "", "search the audit log `DAYS` back, at most 180d, for events of Data Connect, of directory roles and of consent that no former run has; takes AuditLogsQuery.Read.All")
	o.flags = flags
}

// parse takes over how much is read: flags over the configuration.
func (o *extentOptions) parse(run *collecting) (extent, error) {
	given := run.config.Collect
	e := extent{resume: o.resume, certificateKeys: o.certificateKeys || given.CertificateKeys, skip: o.skip}
	if e.skip == nil {
		e.skip = given.Skip
	}
	for _, name := range e.skip {
		if !slices.Contains(skippable(), name) {
			return e, fmt.Errorf("dataset %q cannot be left out; hint: one of %s", name, strings.Join(skippable(), ", "))
		}
	}
	containers := sharepoint.DefaultMaxContainers
	switch {
	case o.given("max-containers"):
		containers = o.maxContainers
	case given.MaxContainers != nil:
		containers = *given.MaxContainers
	}
	if containers < 0 {
		return e, fmt.Errorf("%d containers are less than none; hint: --max-containers 0 reads no permissions of containers", containers)
	}
	e.maxContainers = cmp.Or(containers, -1)
	if err := o.check(run); err != nil {
		return e, err
	}
	var err error
	if e.since, err = o.open(run.tenant); err != nil {
		return e, err
	}
	e.connecting, err = o.parseConnecting(run)
	return e, err
}

func (o *extentOptions) given(name string) bool { return o.flags != nil && o.flags.Changed(name) }

// check refuses flags that would do nothing: whoever gives one expects something of
// it.
func (o *extentOptions) check(run *collecting) error {
	for name, sources := range map[string][]string{
		"since": {sourceEntra, sourceDataConnect}, "skip": {sourceEntra}, "certificate-keys": {sourceEntra},
		"max-containers": {sourceSharePoint}, "backfill": {sourceDataConnect}, "resume": allSources(),
	} {
		switch {
		case !o.given(name):
		case run.folder != nil:
			return fmt.Errorf("--%s and --from exclude each other; hint: saved responses are read as they are", name)
		case !slices.ContainsFunc(sources, func(source string) bool { return slices.Contains(run.sources, source) }):
			return fmt.Errorf("--%s is about source %s, which is not collected; hint: add it to --sources, or leave the flag out", name, strings.Join(sources, " or "))
		}
	}
	return nil
}

// open opens the earlier snapshot, if there is one to start from.
func (o *extentOptions) open(tenant snapshot.Tenant) (*snapshot.Snapshot, error) {
	if o.since == "" {
		return nil, nil
	}
	since, err := snapshot.Open(o.since)
	if err != nil {
		return nil, fmt.Errorf("--since: %w; hint: name the folder of an earlier snapshot", err)
	}
	if was := since.Manifest.Tenant; !strings.EqualFold(was.ID, tenant.ID) || was.Cloud != tenant.Cloud {
		return nil, fmt.Errorf("--since: %s holds tenant %s in cloud %s; hint: name an earlier snapshot of the tenant that is collected",
			o.since, was.ID, was.Cloud)
	}
	return since, nil
}

// describe says what is collected, for a checkpoint: only the same can be resumed.
func (c *collecting) describe() string {
	parts := []string{"sources " + strings.Join(c.sources, ",")}
	if c.folder != nil {
		parts = []string{"saved responses"}
	}
	if len(c.skip) > 0 {
		parts = append(parts, "without "+strings.Join(c.skip, ","))
	}
	if c.certificateKeys {
		parts = append(parts, "with certificate keys")
	}
	if c.connecting.backfill > 0 {
		parts = append(parts, fmt.Sprintf("backfill %d days", c.connecting.backfill/(24*time.Hour)))
	}
	if c.since != nil {
		parts = append(parts, "since "+c.since.Manifest.Ended.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(append(parts, fmt.Sprintf("containers %d", c.maxContainers)), ", ")
}

// skippable are the datasets that --skip takes: without the others nothing else could
// be read. Of consent events it leaves out what only the directory's own audit log tells.
func skippable() []snapshot.Name {
	return slices.DeleteFunc(append(entra.Datasets(), snapshot.ConsentEvents), func(name snapshot.Name) bool {
		return name == snapshot.Organization || name == snapshot.Applications || name == snapshot.ServicePrincipals
	})
}
