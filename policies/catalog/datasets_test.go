package catalog

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// publishedTables are the tables of Data Connect that Microsoft's pages name
// (https://learn.microsoft.com/graph/data-connect-datasets).
func publishedTables() []string {
	names := strings.Fields(`
		Message_v0 Message_v1 SentItem_v0 SentItem_v1 Inbox_v1 Event_v0 Event_v1 CalendarView_v0 ConferenceRoomCalendar_v0
		Contact_v0 Contact_v1 MailFolder_v0 MailFolder_v2 MailboxSettings_v0 TodoTasks_v0 TodoTaskFolders_v0 OutlookGroupConversations_v0
		User_v0 User_v1 Manager_v0 DirectReport_v0 GroupDetails_v0 GroupMembers_v0 GroupOwners_v0 LicenseDetails_v0 OwnedDevices_v0 RegisteredDevices_v0
		TeamChat_v1 TeamChat_v2 TeamsCallRecords_v1 TeamsChannelDetails_v0 TeamsStandardChannelMessages_v0 TeamsTranscript_v1 TeamsChannelActivity_v0 TeamsConversationActivity_v0
		SharePointSites_v1 SharePointPermissions_v1 SharePointGroups_v1 SharePointFiles_v1 SharePointFileActions_v1 OneDriveSyncHealth_v1 OneDriveSyncErrors_v0
		OutlookMailActivity_v0 OutlookMeetingActivity_v0 OutlookContactActivity_v0 PlannerTasks_v0`)
	for i, name := range names {
		names[i] = "BasicDataSet_v0." + name
	}
	return append(names, "VivaInsightsDataset_PersonReport_v1")
}

func TestEveryPublishedTableIsThere(t *testing.T) {
	var got []string
	for d := range load(t).Datasets() {
		got = append(got, d.Name)
	}
	want := publishedTables()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestDatasetLookUp(t *testing.T) {
	c := load(t)
	for asked, want := range map[string]string{
		"BasicDataSet_v0.Message_v1":                        "BasicDataSet_v0.Message_v1",
		"basicdataset_V0.MESSAGE_v1":                        "BasicDataSet_v0.Message_v1",
		"message_v1":                                        "BasicDataSet_v0.Message_v1",
		" BasicDataSet_v0.User_v0 ":                         "BasicDataSet_v0.User_v0",
		"BasicDataSet_v0.DocumentSharingDataset_v0_Preview": "BasicDataSet_v0.SharePointPermissions_v1",
		"SharePointSitesDataset_v0_Preview":                 "BasicDataSet_v0.SharePointSites_v1",
		"sharepointgroupsdataset_v0_preview":                "BasicDataSet_v0.SharePointGroups_v1",
		"vivainsightsdataset_personreport_v1":               "VivaInsightsDataset_PersonReport_v1",
		"BasicDataSet_v0.Message_v9":                        "",
		"Message":                                           "",
		"":                                                  "",
	} {
		if d, ok := c.Dataset(asked); d.Name != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", asked, d.Name, ok, want)
		}
	}
}

// What is complete decides what a pipeline that names no columns asks for.
func TestCompleteTables(t *testing.T) {
	var incomplete []string
	for d := range load(t).Datasets() {
		if !d.Complete {
			incomplete = append(incomplete, strings.TrimPrefix(d.Name, "BasicDataSet_v0."))
		}
	}
	want := strings.Fields(`CalendarView_v0 LicenseDetails_v0 MailFolder_v2 OneDriveSyncErrors_v0 OneDriveSyncHealth_v1 OutlookContactActivity_v0
		OutlookMailActivity_v0 OutlookMeetingActivity_v0 OwnedDevices_v0 PlannerTasks_v0 RegisteredDevices_v0 SharePointFileActions_v1 SharePointFiles_v1
		SharePointGroups_v1 SharePointPermissions_v1 SharePointSites_v1 TeamChat_v2 TeamsChannelActivity_v0 TeamsConversationActivity_v0 VivaInsightsDataset_PersonReport_v1`)
	if !slices.Equal(incomplete, want) {
		t.Errorf("got  %v\nwant %v", incomplete, want)
	}
}

func TestSensitiveColumns(t *testing.T) {
	c := load(t)
	for _, test := range []struct {
		table         string
		columns, want []string
	}{
		{"Message_v1", []string{"SUBJECT", "receivedDateTime", "Body"}, []string{"SUBJECT", "Body"}},
		{"Message_v1", []string{"receivedDateTime", "Surprise"}, []string{}},
		{"Message_v1", nil, []string{}},
		{"Message_v0", []string{"*"}, strings.Fields("Attachments BccRecipients CcRecipients From ReplyTo Sender Subject ToRecipients UniqueBody")},
		{"Message_v0", []string{"Id", "*"}, strings.Fields("Attachments BccRecipients CcRecipients From ReplyTo Sender Subject ToRecipients UniqueBody")},
		{"TeamsTranscript_v1", []string{"Entries", "Id"}, []string{"Entries"}},
		{"SharePointPermissions_v1", []string{"SharedWith", "SiteId"}, []string{"SharedWith"}},
		{"GroupDetails_v0", []string{"*"}, []string{}},
		{"VivaInsightsDataset_PersonReport_v1", []string{"Collaboration_hours", "Whatever"}, []string{"Collaboration_hours", "Whatever"}},
		{"VivaInsightsDataset_PersonReport_v1", []string{"*"}, []string{"*"}},
	} {
		d, ok := c.Dataset(test.table)
		if !ok {
			t.Fatalf("no table %s", test.table)
		}
		if got := d.SensitiveOf(test.columns); got == nil || !slices.Equal(got, test.want) {
			t.Errorf("%s %v: got %#v, want %v", test.table, test.columns, got, test.want)
		}
	}
	for table, reasons := range map[string]map[string]Sensitivity{
		"Message_v1":             {"body": Content, "sender": ThirdParty, "importance": ""},
		"Event_v1":               {"attendees": ThirdParty, "bodypreview": Content},
		"User_v1":                {"birthday": Personal, "mobilephone": Personal, "onpremisessecurityidentifier": Personal, "displayname": "", "department": ""},
		"Contact_v1":             {"spousename": ThirdParty, "personalnotes": Content, "id": ""},
		"SharePointFiles_v1":     {"filename": Content, "sizeinbytes": ""},
		"MailboxSettings_v0":     {"automaticrepliessetting": Content, "timezone": ""},
		"TeamsChannelDetails_v0": {"displayname": ""},
	} {
		d, _ := c.Dataset(table)
		for column, want := range reasons {
			if d.Sensitive[column] != want {
				t.Errorf("%s %s: got %q, want %q", table, column, d.Sensitive[column], want)
			}
		}
	}
}

// What the catalogue does not list it cannot call harmless.
func TestColumnsThatAreNotRated(t *testing.T) {
	c := load(t)
	for _, test := range []struct {
		table   string
		columns []string
		want    []string
	}{
		{"Message_v0", []string{"Subject", "ID"}, []string{}},
		{"Message_v0", []string{"Subject", "Novel", "all"}, []string{"Novel", "all"}},
		{"Message_v0", []string{"*"}, []string{}},
		{"Message_v0", []string{"PUser", "ptenant", "pObjectId", "ODataType"}, []string{}},
		{"Message_v0", nil, []string{}},
		{"SharePointFiles_v1", []string{"FileName", "*", "Novel"}, []string{"*", "Novel"}},
		{"VivaInsightsDataset_PersonReport_v1", []string{"Whatever", "*"}, []string{}},
	} {
		d, ok := c.Dataset(test.table)
		if !ok {
			t.Fatalf("no table %s", test.table)
		}
		if got := d.UnratedOf(test.columns); got == nil || !slices.Equal(got, test.want) {
			t.Errorf("%s %v: got %#v, want %v", test.table, test.columns, got, test.want)
		}
	}
}

// Nobody asks for what Data Connect adds to every row by itself.
func TestSelectable(t *testing.T) {
	d, _ := load(t).Dataset("Message_v0")
	added := []string{"ODataType", "ptenant", "puser"}
	want := slices.DeleteFunc(slices.Clone(d.Columns), func(column string) bool { return slices.Contains(added, column) })
	if got := d.Selectable(); !slices.Equal(got, want) || len(got) != len(d.Columns)-len(added) {
		t.Errorf("got %v, want %v", got, want)
	}
	few := Dataset{Columns: []string{"PObjectId", "id", "PUSER"}}
	if got := few.Selectable(); !slices.Equal(got, []string{"id"}) || len(few.Columns) != 3 {
		t.Errorf("got %v, and left %v", got, few.Columns)
	}
}

func TestDateFilters(t *testing.T) {
	c := load(t)
	got := map[string]string{}
	for d := range c.Datasets() {
		if len(d.DateFilter) > 0 || d.DateWindow {
			got[strings.TrimPrefix(d.Name, "BasicDataSet_v0.")] = strings.ToLower(strings.Join(d.DateFilter, " "))
		}
	}
	const event, mail = "createddatetime lastmodifieddatetime", "createddatetime lastmodifieddatetime receiveddatetime sentdatetime"
	want := map[string]string{
		"Event_v0": event, "Event_v1": event, "Message_v0": mail, "Message_v1": mail, "SentItem_v0": mail, "SentItem_v1": mail, "CalendarView_v0": "",
	}
	for name := range want {
		if _, ok := got[name]; !ok || got[name] != want[name] {
			t.Errorf("%s: got %q, want %q", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want these tables only", got)
	}
}

// A caller that changes what it was given changes nothing for others.
func TestDatasetsAreCopies(t *testing.T) {
	c := load(t)
	d, _ := c.Dataset("Message_v1")
	d.Columns[0], d.Sensitive["importance"] = "changed", Content
	if again, _ := c.Dataset("Message_v1"); again.Columns[0] == "changed" || again.Sensitive["importance"] != "" {
		t.Error("the catalogue has changed")
	}
}

func TestDatasetsAreRefused(t *testing.T) {
	const sound = "datasets:\n  - name: A_v0\n    complete: true\n    columns: [a, b]\n"
	for _, test := range []struct{ name, text, want string }{
		{"an empty file", "# nothing\n", ":1: file is empty"},
		{"no list", "other: 1\n", ":1: field other not found"},
		{"an empty list", "datasets: ~\n", ":1: value is empty"},
		{"no datasets", "{}\n", ":1: file has no datasets"},
		{"a second document", sound + "---\ndatasets: []\n", ":5: file has a second document"},
		{"an unknown field", sound + "    colums: [c]\n", ":5: field colums not found"},
		{"an empty element", sound + "    former: [~]\n", ":5: value is empty"},
		{"no name", "datasets:\n  - complete: true\n    columns: [a]\n", `:2: name "" is not that of a table`},
		{"a name with blanks", "datasets:\n  - name: A v0\n    complete: true\n    columns: [a]\n", `:2: name "A v0" is not that of a table`},
		{"nothing about completeness", "datasets:\n  - name: A\n    columns: [a]\n", ":2: whether the columns are complete is missing"},
		{"no columns", "datasets:\n  - name: A\n    complete: false\n", ":2: columns are missing"},
		{"complete without columns", "datasets:\n  - name: A\n    complete: true\n    columns: []\n", ":3: a table without columns cannot be complete"},
		{"a column twice", strings.Replace(sound, "[a, b]", "[a, b, A]", 1), ":4: column A is named twice"},
		{"a list in one column", strings.Replace(sound, "[a, b]", `["a, b"]`, 1), `:4: "a, b" is not a column`},
		{"an unknown reason", sound + "    sensitive: {secret: [a]}\n", `:5: unknown reason "secret"`},
		{"a sensitive column that is not there", sound + "    sensitive:\n      content: [a]\n      personal: [c]\n", ":7: the table has no column c"},
		{"two reasons", sound + "    sensitive:\n      content: [a]\n      personal: [A]\n", ":7: column A is sensitive for two reasons"},
		{"an unknown reason for all", sound + "    all_sensitive: yes please\n", `:5: unknown reason "yes please"`},
		{"all and some sensitive", sound + "    all_sensitive: content\n    sensitive: {content: [a]}\n", ":6: every column is sensitive already"},
		{"a filter on a column that is not there", sound + "    date_filter: {columns: [c]}\n", ":5: the table has no column c"},
		{"a window on a column", sound + "    date_filter: {columns: [a], window: true}\n", ":5: a window needs no columns"},
		{"a table twice", sound + "  - name: basicdataset_v0.a_V0\n    complete: false\n    columns: []\n", ":5: table basicdataset_v0.a_V0 stands already at " + datasetsFile + ":2"},
		{"a former name that is another's", sound + "  - name: B\n    former: [A_v0]\n    complete: false\n    columns: []\n", ":5: table A_v0 stands already at " + datasetsFile + ":2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := LoadFS(fstest.MapFS{
				"a.yaml":     {Data: []byte(header + entryOf("User.Read", "delegated", "1", "low"))},
				datasetsFile: {Data: []byte(test.text)},
			})
			if err == nil || !strings.Contains(err.Error(), datasetsFile+test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}
