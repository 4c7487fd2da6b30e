package subject

import "testing"

func TestSinkLocations(t *testing.T) {
	const host = "https://acct.blob.core.windows.net"
	const arm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acct"
	for sink, want := range map[string]string{
		"https://acct.blob.core.windows.net":                   host,
		"https://acct.blob.core.windows.net/":                  host,
		" https://ACCT.Blob.core.windows.net:443/Data/ ":       host + "/Data",
		"HTTPS://acct.blob.core.windows.net/data/raw//":        host + "/data/raw",
		"https://acct.blob.core.windows.net/data?sv=1&sig=x":   host + "/data",
		"https://acct.blob.core.windows.net?sp=r&SIG=x":        "",
		"https://acct.blob.core.windows.net/?container=other":  "",
		"https://acct.blob.core.windows.net/?sv=1;sig=x":       "",
		"https://acct.blob.core.windows.net/data?comp=list":    "",
		"abfss://data@acct.dfs.core.windows.net/raw?x=y":       "",
		"https://acct.blob.core.windows.net/?sig=":             "",
		"https://acct.blob.core.windows.net/a%20b":             host + "/a b",
		"acct.blob.core.windows.net":                           host,
		"acct.blob.core.windows.net/data":                      host + "/data",
		"abfss://data@acct.dfs.core.windows.net/raw/":          "https://acct.dfs.core.windows.net/data/raw",
		"abfss://data@ACCT.dfs.core.windows.net":               "https://acct.dfs.core.windows.net/data",
		"wasbs://data@acct.blob.core.windows.net/raw":          host + "/data/raw",
		"https://acct.dfs.core.windows.net/data":               "https://acct.dfs.core.windows.net/data",
		"":                                                     "",
		"acct":                                                 "",
		"http://acct.blob.core.windows.net/data":               "",
		"https://acct.blob.core.windows.net:8443/data":         "",
		"https://acct.blob.core.windows.net/data/../other":     "",
		"https://acct.blob.core.windows.net/./data":            "",
		"https://acct.blob.core.windows.net/data/%2e%2e/other": "",
		"https://acct.blob.core.windows.net/data%2Fother":      "",
		"https://acct.blob.core.windows.net/data//other":       "",
		"https://acct.blob.core.windows.net/*":                 "",
		"https://acct.blob.core.windows.net/data#x":            "",
		"https://someone@acct.blob.core.windows.net/data":      "",
		"https://acct/data":                                    "",
		"abfss://acct.dfs.core.windows.net/data":               "",
		"abfss://data:secret@acct.dfs.core.windows.net/":       "",
		"abfss://data%2Fraw@acct.dfs.core.windows.net/":        "",
		"adl://acct.azuredatalakestore.net/data":               "",
		"https://":                                             "",
		"://x":                                                 "",
		"https://acct.blob.core.windows.net/%zz":               "",
		"Server=tcp:x.database.windows.net;Database=d":         "",
		arm: "",
	} {
		got, unclear := sinkLocations([]string{sink})
		if want == "" && (len(got) > 0 || got == nil || !unclear) || want != "" && (len(got) != 1 || got[0] != want || unclear) {
			t.Errorf("%q: got %q, unclear %v, want %q", sink, got, unclear, want)
		}
	}
	got, unclear := sinkLocations([]string{"https://b.c/x", "acct", "abfss://x@b.c/", "https://a.c"})
	same(t, "several", []string{"https://b.c/x", "https://a.c"}, got)
	if !unclear {
		t.Error("one is not clear, and nothing says so")
	}
	if got, unclear := sinkLocations(nil); got != nil || unclear {
		t.Errorf("sinks that were not read: got %#v, %v", got, unclear)
	}
	if got, unclear := sinkLocations([]string{}); got == nil || len(got) > 0 || unclear {
		t.Errorf("no sinks: got %#v, %v", got, unclear)
	}
}

func TestSinksUnread(t *testing.T) {
	got := sinksUnread([]string{"https://a.c/x?sig=secret", " acct ", "https://a.c/?sv=secret", "https://b.c:8443/x?sig=secret", "https://b.c"})
	same(t, "sinks", []string{"acct", "https://a.c/?…", "https://b.c:8443/x?…"}, got)
	if got := sinksUnread([]string{"https://b.c"}); got != nil {
		t.Errorf("got %q, want nothing", got)
	}
}
