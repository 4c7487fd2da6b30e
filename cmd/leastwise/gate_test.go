package main

import (
	"strings"
	"testing"

	"leastwise/collector/snapshot"
)

// The tenant that definitions are deployed in: the flag, then the snapshot, then the
// configuration, where it names the tenant by its id.
func TestDeployedIn(t *testing.T) {
	const one, two, three = "11111111-2222-3333-4444-55555555555A", "22222222-2222-3333-4444-555555555555", "33333333-2222-3333-4444-555555555555"
	against := &snapshot.Snapshot{Manifest: snapshot.Manifest{Tenant: snapshot.Tenant{ID: two}}}
	for _, test := range []struct {
		name    string
		flag    string
		against *snapshot.Snapshot
		config  string
		want    string
		fault   bool
	}{
		{name: "the flag", flag: one, against: against, config: three, want: strings.ToLower(one)},
		{name: "the snapshot", against: against, config: three, want: two},
		{name: "the configuration", config: three, want: three},
		{name: "a domain in the configuration", config: "contoso.example"},
		{name: "nothing"},
		{name: "a domain", flag: "contoso.example", against: against, fault: true},
		{name: "any tenant", flag: "organizations", against: against, fault: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := &gateOptions{tenant: test.flag}
			got, err := o.deployedIn(test.against, &config{Tenant: test.config})
			if got != test.want || (err != nil) != test.fault {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}
