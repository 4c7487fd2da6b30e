package dataconnect_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestAnEventOfSeveralFeedsIsOneRow(t *testing.T) {
	whole := consent(nil)
	lesser := with(maps.Clone(whole), map[string]any{"Datasets": nil, "DestinationSinks": nil})
	wrap := func(record map[string]any) map[string]any {
		return map[string]any{
			"id": "another", "createdDateTime": "2026-03-01T09:31:00Z", "auditLogRecordType": "FilteringRuntimeInfo", "service": "Other",
			"auditData": with(maps.Clone(record), map[string]any{"@odata.type": "#x", "RecordType@odata.type": "#Int64"}),
		}
	}
	saved := map[string]any{"RecordType": "MicrosoftGraphDataConnectConsent", "Identity": "another", "CreationDate": "/Date(1)/", "AuditData": encode(t, whole)}
	for _, c := range []struct {
		name       string
		first      []any
		second     []any
		rows       int
		duplicates int
		gaps       string
	}{
		{"the same", []any{whole}, []any{whole, whole}, 1, 2, ""},
		{"in envelopes", []any{wrap(whole)}, []any{saved, whole}, 1, 2, ""},
		{"one that tells less", []any{whole}, []any{wrap(lesser)}, 1, 1, ""},
		{"one that tells less, the other way round", []any{wrap(lesser)}, []any{whole}, 1, 1, ""},
		{"only the one that tells less", []any{wrap(lesser)}, nil, 1, 0, "/datasets Datasets is missing"},
		{"different", []any{whole}, []any{consent(map[string]any{"State": "Denied"})}, 2, 0, " two different rows have this id"},
		{"different, and less", []any{whole, lesser}, []any{consent(map[string]any{"State": "Denied"})}, 2, 1, " two different rows have this id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{
				&feed{records: c.first, covered: covers(window(5, 0))}, &feed{records: c.second, covered: covers(window(180, 0))},
			}})
			d, rows := s.Dataset(snapshot.DataConnectEvents), fakegraph.Rows(t, s, snapshot.DataConnectEvents)
			var gaps []string
			for _, gap := range d.Gaps {
				gaps = append(gaps, gap.Field+" "+gap.Reason)
			}
			if len(rows) != c.rows || d.Duplicates != c.duplicates || strings.Join(gaps, "|") != c.gaps {
				t.Errorf("%d rows, %d duplicates, gaps %q; want %d, %d, %q: %v", len(rows), d.Duplicates, gaps, c.rows, c.duplicates, c.gaps, rows)
			}
			if c.gaps == "" && rows[0] != wantConsent {
				t.Errorf("got %v", rows)
			}
		})
	}
}

func TestEventsAreTheSameInWhateverOrder(t *testing.T) {
	records := []any{
		consent(nil), operation(nil), consent(map[string]any{"Id": nil}), consent(map[string]any{"Id": "e2", "Datasets": nil}), consent(map[string]any{"Id": "e2"}),
		consent(map[string]any{"Id": "e3", "State": "Denied"}), consent(map[string]any{"Id": "e3"}), operation(map[string]any{"Id": "o2", "RunStartTime": "soon"}),
	}
	var want snapshot.Dataset
	for turn := range records {
		in := slices.Concat(records[turn:], records[:turn])
		if turn%2 == 1 {
			slices.Reverse(in)
		}
		cut := turn % 3
		d := collect(t, dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{
			&feed{records: in[:cut], covered: covers(window(5, 0))}, &feed{records: in[cut:], covered: covers(window(180, 0))},
		}}).Dataset(snapshot.DataConnectEvents)
		if turn == 0 {
			want = d
			continue
		}
		if d.SHA256 != want.SHA256 || d.Rows != 7 || !slices.Equal(d.Gaps, want.Gaps) {
			t.Errorf("turn %d: got %+v, want %+v", turn, d, want)
		}
	}
}
