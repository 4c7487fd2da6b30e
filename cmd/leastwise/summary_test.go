package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clipperhouse/displaywidth"

	"leastwise/collector/snapshot"
)

func summarised() map[string]snapshot.Dataset {
	return map[string]snapshot.Dataset{
		"applications": {
			Status: snapshot.Collected, Rows: 6427, Requests: 8,
			Reconciled: &snapshot.Reconciled{Against: "/v1.0/applications/$count", Want: 6427, Got: 6427},
		},
		"service_principals": {
			Status: snapshot.Partial, Rows: 110460, Requests: 112, Retries: 3, ThrottleSeconds: 1.2,
			Reason:     "Graph counts 110469 rows, 110460 were read\x1b[2J; 契約ポータルの行が足りません。もう一度お試しください。さもなければ全部",
			Reconciled: &snapshot.Reconciled{Against: "/v1.0/servicePrincipals/$count", Want: 110469, Got: 110460},
		},
		"sign_in_activity": {Status: snapshot.Denied, Reason: "the token carries no application permission for this"},
	}
}

func TestSummary(t *testing.T) {
	for columns, want := range map[int]string{
		0: `
DATASET             STATUS        ROWS  REQUESTS  RETRIES  WAITED          RECONCILED  NOTE
applications        collected    6,427         8        0      0s               6,427
service_principals  partial    110,460       112        3      2s  110,460 of 110,469  Graph counts 110469 rows, 110460 were read [2J; 契約ポータルの行が足りません。もう一度お試しくださ…
sign_in_activity    denied           -         0        0      0s                none  the token carries no application permission for this
total               1 of 3     116,887       120        3      2s              2 of 3  in 42s
`,
		120: `
DATASET             STATUS        ROWS  REQUESTS  RETRIES  WAITED          RECONCILED  NOTE
applications        collected    6,427         8        0      0s               6,427
service_principals  partial    110,460       112        3      2s  110,460 of 110,469  Graph counts 110469 rows, 11046…
sign_in_activity    denied           -         0        0      0s                none  the token carries no applicatio…
total               1 of 3     116,887       120        3      2s              2 of 3  in 42s
`,
		90: `
DATASET             STATUS        ROWS  REQUESTS  RETRIES  WAITED          RECONCILED
applications        collected    6,427         8        0      0s               6,427
service_principals  partial    110,460       112        3      2s  110,460 of 110,469
  Graph counts 110469 rows, 110460 were read [2J; 契約ポータルの行が足りません。もう一度…
sign_in_activity    denied           -         0        0      0s                none
  the token carries no application permission for this
total               1 of 3     116,887       120        3      2s              2 of 3
  in 42s
`,
	} {
		lines := summary(summarised(), 42*time.Second, columns)
		check(t, fmt.Sprint(columns, " columns"), strings.Join(lines, "\n")+"\n", want)
		for _, line := range lines {
			if width := displaywidth.String(line); columns > 0 && width >= columns {
				t.Errorf("%d columns: %q takes %d", columns, line, width)
			}
		}
	}
}

// Where the table is too wide for the terminal, columns of nothing but zeros are left out.
func TestSummaryNarrow(t *testing.T) {
	datasets := summarised()
	delete(datasets, "service_principals")
	check(t, "60 columns", strings.Join(summary(datasets, time.Second, 60), "\n"), `
DATASET           STATUS      ROWS  REQUESTS  RECONCILED
applications      collected  6,427         8       6,427
sign_in_activity  denied         -         0        none
  the token carries no application permission for this
total             1 of 2     6,427         8      1 of 2
  in 1s`)
}

func TestSummaryStyles(t *testing.T) {
	f := newFakeTerminal(0, 0)
	f.showSummary(progressStyle{quiet: true, json: true}, summarised(), time.Second)
	check(t, "quiet", f.sent.String(), "")
	f.showSummary(progressStyle{json: true}, summarised(), 42*time.Second)
	check(t, "JSON", f.sent.String(), `
{"time":"2026-11-20T12:00:00Z","level":"INFO","msg":"summary","dataset":"applications","status":"collected","rows":6427,"requests":8,"retries":0,"throttle_seconds":0,"reconciled":"equal","reconciled_against":"/v1.0/applications/$count","reconciled_want":6427,"reconciled_got":6427}
{"time":"2026-11-20T12:00:00Z","level":"WARN","msg":"summary","dataset":"service_principals","status":"partial","rows":110460,"requests":112,"retries":3,"throttle_seconds":1.2,"reconciled":"different","reconciled_against":"/v1.0/servicePrincipals/$count","reconciled_want":110469,"reconciled_got":110460,"reason":"Graph counts 110469 rows, 110460 were read\u001b[2J; 契約ポータルの行が足りません。もう一度お試しください。さもなければ全部"}
{"time":"2026-11-20T12:00:00Z","level":"WARN","msg":"summary","dataset":"sign_in_activity","status":"denied","requests":0,"retries":0,"throttle_seconds":0,"reconciled":"none","reason":"the token carries no application permission for this"}
{"time":"2026-11-20T12:00:00Z","level":"INFO","msg":"total","datasets":3,"collected":1,"reconciled":2,"rows":116887,"requests":120,"retries":3,"throttle_seconds":1.2,"seconds":42}
`)
}
