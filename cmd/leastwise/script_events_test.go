package main

import (
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"
)

// clockVariable is the environment variable that moves the program's clock in scripts: the duration by which it is ahead.
const clockVariable = "CLOCK"

// startShifted is the program, by a clock that scripts can move.
func startShifted() {
	var ahead time.Duration
	if text := os.Getenv(clockVariable); text != "" {
		var err error
		if ahead, err = time.ParseDuration(text); err != nil {
			panic(err)
		}
	}
	os.Exit(start(func() time.Time { return time.Now().Add(ahead) }))
}

// eventCommands are what scripts about audit events use besides the others.
func eventCommands() map[string]scriptCommand {
	return map[string]scriptCommand{
		"at INSTANT":                                           setClock,
		"event DIR ID AT KIND [NAME=JSON]":                     writeEvent,
		"events SNAPSHOT DATASET [ID...]":                      checkEvents,
		"coverage SNAPSHOT DATASET FROM [window|hole FROM TO]": checkCoverage,
		"export DIR FILE":                                      exportEvents,
	}
}

// setClock lets the clock of leastwise show an instant from now on; a simulator is given it with clock=$CLOCK.
func setClock(ts *testscript.TestScript, args []string) error {
	at, err := time.Parse(time.RFC3339, args[0])
	if err == nil {
		ts.Setenv(clockVariable, time.Until(at).String())
	}
	return err
}

// later moves the clocks of leastwise and of a server.
func (s *servers) later(ts *testscript.TestScript, args []string) error {
	ahead, err := time.ParseDuration(ts.Getenv(clockVariable))
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	ts.Setenv(clockVariable, (ahead + d).String())
	return s.advance(ts, args)
}

// eventID makes a GUID of a short number.
func eventID(id string) string {
	if n, err := strconv.Atoi(id); err == nil {
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	}
	return id
}

// eventKinds are the members of audit records beside those that every record has.
var eventKinds = map[string]string{
	"approved": `{"RecordType": 219, "Operation": "Approved or denied an app", "Workload": "MicrosoftGraphDataConnect",
		"ApplicationId": "11111111-1111-4111-8111-111111111111", "ApplicationVersion": "1",
		"AppRegistrationTenantId": "b6f0d6c2-51f7-4c0e-9d0a-3f1e6a2c7d48", "Approver": "adm-nadia.rahman@contoso.com",
		"ApprovalValidDays": 180, "DestinationSinks": "https://contosoanalytics.dfs.core.windows.net/mgdc",
		"DestinationTenantId": "b6f0d6c2-51f7-4c0e-9d0a-3f1e6a2c7d48", "Reason": "", "State": "Approved",
		"Datasets": [{"DatasetName": "BasicDataSet_v0.User_v1", "DatasetColumns": "id,department", "DenyGroups": "",
			"Scope": "All", "ScopeFiltersUris": "", "ScopeList": "", "PrivacyPolicyType": "None"}]}`,
	"extraction": `{"RecordType": 183, "Operation": "Extracted data", "Workload": "MicrosoftGraphDataConnect",
		"ApplicationId": "11111111-1111-4111-8111-111111111111", "ApplicationName": "Scripted App",
		"PipelineName": "scripted-weekly", "PipelineRunId": "22222222-2222-4222-8222-222222222222",
		"DatasetName": "BasicDataSet_v0.User_v1", "DatasetColumns": "id", "ScopeList": "", "RowCount": 1, "Status": "Succeeded"}`,
	"role": `{"RecordType": 8, "Operation": "Add member to role.", "Workload": "AzureActiveDirectory",
		"ObjectId": "763e2f29-8607-4821-b056-a8258ab8ed2e", "Target": [{"ID": "User_763e2f29-8607-4821-b056-a8258ab8ed2e", "Type": 2},
			{"ID": "763e2f29-8607-4821-b056-a8258ab8ed2e", "Type": 2}, {"ID": "adm-nadia.rahman@contoso.com", "Type": 5}],
		"ModifiedProperties": [{"Name": "Role.DisplayName", "NewValue": "Microsoft Graph Data Connect Administrator", "OldValue": ""},
			{"Name": "Role.TemplateId", "NewValue": "ee67aa9c-e510-4759-b906-227085a7fd4d", "OldValue": ""}]}`,
	"other": `{"RecordType": 20, "Operation": "ViewReport", "Workload": "PowerBI"}`,
}

// writeEvent writes an audit record of a kind that happened at an instant (RFC 3339), with members of its own. A short
// number stands for an id.
func writeEvent(ts *testscript.TestScript, args []string) error {
	dir, id, kind := args[0], eventID(args[1]), args[3]
	at, err := time.Parse(time.RFC3339, args[2])
	if err != nil {
		return err
	}
	wire := at.UTC().Format("2006-01-02T15:04:05") // no zone, as it comes
	record := map[string]any{
		"Id": id, "CreationTime": wire, "OrganizationId": "b6f0d6c2-51f7-4c0e-9d0a-3f1e6a2c7d48", "ResultStatus": "Succeeded",
		"UserKey": "1003200A4DA6606", "UserType": 2, "UserId": "adm-nadia.rahman@contoso.com", "Version": 1,
	}
	switch kind {
	case "approved":
		record["ApprovalUpdatedDateInUTC"] = wire + "Z"
		record["ApprovalExpiryDateInUTC"] = at.UTC().AddDate(0, 0, 180).Format(time.RFC3339)
	case "extraction":
		record["RunStartTime"] = at.UTC().Add(-10 * time.Minute).Format(time.RFC3339)
		record["RunEndTime"] = wire + "Z"
	}
	if err := json.Unmarshal([]byte(eventKinds[kind]), &record); err != nil {
		return fmt.Errorf("kind %q: %w", kind, err)
	}
	for _, setting := range args[4:] {
		name, text, _ := strings.Cut(setting, "=")
		var value any = text
		if json.Valid([]byte(text)) {
			value = json.RawMessage(text)
		}
		record[name] = value
	}
	encoded, err := json.MarshalIndent([]any{record}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(ts.MkAbs(dir), 0o700); err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(filepath.Join(dir, id+".json")), encoded, 0o600)
}

// checkEvents demands that a dataset of a snapshot has exactly these rows; names of rows may come in one argument.
func checkEvents(ts *testscript.TestScript, args []string) error {
	snap, err := openWhole(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	var got, want []string
	for line, err := range snap.Rows(args[1]) {
		if err != nil {
			return err
		}
		var row struct{ ID string }
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		got = append(got, row.ID)
	}
	for id := range strings.FieldsSeq(strings.Join(args[2:], " ")) {
		want = append(want, eventID(id))
	}
	if !slices.IsSorted(got) {
		return fmt.Errorf("%s is not in order: %q", args[1], got)
	}
	slices.Sort(want)
	if told := snap.Dataset(args[1]).Rows; told != len(got) {
		return fmt.Errorf("the manifest tells of %d rows, there are %d", told, len(got))
	}
	return compareLines(got, want)
}

// elapsed is more than a script takes, and far less than the intervals that scripts are about.
const elapsed = 20 * time.Minute

// checkCoverage demands that a dataset is complete from an instant on (- for one that is not known), and of which windows and
// holes; there are no others. Instants may be up to 20 minutes later than said, because clocks go on while a script runs.
func checkCoverage(ts *testscript.TestScript, args []string) error {
	snap, err := openWhole(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	dataset := snap.Dataset(args[1])
	var windows, holes []string
	for _, w := range dataset.Windows {
		windows = append(windows, "window "+interval(w.From, w.To))
	}
	var wrong []error
	for _, h := range dataset.Holes {
		holes = append(holes, "hole "+interval(h.From, h.To))
		if strings.TrimSpace(h.Reason) == "" {
			wrong = append(wrong, errors.New("a hole has no reason"))
		}
		if !strings.Contains(dataset.Reason, h.From.UTC().Format("2006-01-02")) || !strings.Contains(dataset.Reason, h.To.UTC().Format("2006-01-02")) {
			wrong = append(wrong, fmt.Errorf("the reason %q does not name the hole", dataset.Reason))
		}
	}
	from := "-"
	if dataset.From != nil {
		from = dataset.From.UTC().Format(time.RFC3339)
	}
	if !about(from, args[2]) {
		wrong = append(wrong, fmt.Errorf("complete from %s, want %s", from, args[2]))
	}
	got := slices.Concat(windows, holes)
	if len(args[3:]) != 3*len(got) {
		return errors.Join(append(wrong, fmt.Errorf("got %q, want %q", got, args[3:]))...)
	}
	for i, line := range got {
		fields := strings.Fields(line)
		want := args[3+3*i : 6+3*i]
		if fields[0] != want[0] || !about(fields[1], want[1]) || !about(fields[2], want[2]) {
			wrong = append(wrong, fmt.Errorf("got %q, want %q", fields, want))
		}
	}
	return errors.Join(wrong...)
}

func interval(from, to time.Time) string {
	return from.UTC().Format(time.RFC3339) + " " + to.UTC().Format(time.RFC3339)
}

func about(got, want string) bool {
	a, err := time.Parse(time.RFC3339, got)
	b, other := time.Parse(time.RFC3339, want)
	if err != nil || other != nil {
		return got == want
	}
	return !a.Before(b.Add(-time.Second)) && a.Before(b.Add(elapsed))
}

// exportEvents writes the records of a folder as Search-UnifiedAuditLog saves them: as CSV in UTF-16, or as JSON.
func exportEvents(ts *testscript.TestScript, args []string) error {
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*.json"))
	if err != nil {
		return err
	}
	var table [][]string
	var objects []map[string]any
	for _, file := range files {
		var records []map[string]any
		if err := json.Unmarshal([]byte(ts.ReadFile(file)), &records); err != nil {
			return err
		}
		for _, record := range records {
			delete(record, "_available")
			data, err := json.Marshal(record)
			if err != nil {
				return err
			}
			table = append(table, []string{
				"MicrosoftGraphDataConnect", fmt.Sprint(record["CreationTime"]), fmt.Sprint(record["UserId"]), fmt.Sprint(record["Operation"]), string(data),
			})
			objects = append(objects, map[string]any{
				"RecordType": record["RecordType"], "CreationDate": record["CreationTime"], "UserIds": record["UserId"],
				"Operations": record["Operation"], "AuditData": string(data),
			})
		}
	}
	if filepath.Ext(args[1]) == ".json" {
		encoded, err := json.MarshalIndent(objects, "", "  ")
		return errors.Join(err, os.WriteFile(ts.MkAbs(args[1]), encoded, 0o600))
	}
	var text strings.Builder
	writer := csv.NewWriter(&text)
	writer.UseCRLF = true
	header := []string{"RecordType", "CreationDate", "UserIds", "Operations", "AuditData"}
	if err := writer.WriteAll(append([][]string{header}, table...)); err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), utf16Text(text.String()), 0o600)
}

// utf16Text is a text as UTF-16, little endian with a byte order mark.
func utf16Text(text string) []byte {
	encoded := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = binary.LittleEndian.AppendUint16(encoded, unit)
	}
	return encoded
}
