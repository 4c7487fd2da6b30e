package dataconnect_test

import (
	"slices"
	"strings"
	"testing"

	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestRegisterIsWrittenAsDeclared(t *testing.T) {
	s := collect(t, dataconnect.Options{Register: &dataconnect.Register{Apps: []dataconnect.Entry{{
		TenantID: strings.ToUpper(fakegraph.TenantID), AppID: "AAAAAAAA-0000-4000-8000-000000000001", Name: "Reports", Developer: "dev@testco", State: "pending",
		Datasets: []dataconnect.EntryDataset{{Name: "d1", Columns: []string{"Id"}}, {Name: "d2"}},
	}}}})
	want := `{"tenantId":"10000000-0000-4000-8000-000000000001","appId":"aaaaaaaa-0000-4000-8000-000000000001","name":"Reports",` +
		`"developer":"dev@testco","state":"pending","datasets":[{"name":"d1","columns":["Id"]},{"name":"d2"}]}`
	if got := fakegraph.Rows(t, s, snapshot.DataConnectRegister); !slices.Equal(got, []string{want}) {
		t.Errorf("got %v, want %s", got, want)
	}
	if d := s.Manifest.Datasets[snapshot.DataConnectEvents]; d.Status != snapshot.Skipped || d.Reason != "no saved audit events given" {
		t.Errorf("events: %+v", d)
	}
	s = collect(t, dataconnect.Options{})
	if d := s.Manifest.Datasets[snapshot.DataConnectRegister]; d.Status != snapshot.Collected || d.Rows != 0 {
		t.Errorf("empty register: %+v", d)
	}
}
