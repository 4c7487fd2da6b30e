package waiver

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/policies/finding"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

const homeTenant, otherTenant = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"

// f is a finding of a test: control, application, key, outcome, severity.
type f struct {
	control, app, key string
	outcome           finding.Outcome
	severity          finding.Severity
	reasons           []string // of an unknown: what is not known
}

func (x f) finding() finding.Finding {
	made := finding.Finding{
		Control: x.control, Severity: x.severity, Outcome: x.outcome, Subject: finding.Subject{Kind: "application", ID: x.app},
		Key: json.RawMessage(x.key), Evidence: json.RawMessage(`{}`), Message: x.control + " of " + x.app,
	}
	if len(x.reasons) > 0 {
		made.Evidence = json.RawMessage(`{"reasons":["not known: ` + strings.Join(x.reasons, `","not known: `) + `"]}`)
	}
	if made.Severity == "" {
		made.Severity = finding.High
	}
	if made.Outcome == "" {
		made.Outcome = finding.Fail
	}
	made.Fingerprint = made.Print()
	return made
}

// run is a report of findings, with the applications a, b, c, d; b passes ENTRA-001, c is no concern of it.
func run(t *testing.T, findings ...f) (*finding.Report, *finding.Writer) {
	t.Helper()
	w, err := finding.NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	for _, id := range []string{"a", "b", "c", "d"} {
		if err := w.Add(finding.Applications, []byte(`{"app_id":"`+id+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	r := &finding.Report{
		SchemaVersion: finding.SchemaVersion, Tenant: finding.Tenant{ID: homeTenant}, AsOf: noon, FailOn: finding.Low,
		Totals: finding.Totals{Subjects: map[string]int{"application": 4}, Failed: map[finding.Severity]int{}, Unknown: map[finding.Severity]int{}},
		Controls: []finding.Control{
			{ID: "ENTRA-001", Subject: "application", Passed: []byte{0b10}, Inapplicable: []byte{0b100}},
			{ID: "ENTRA-002", Subject: "application"},
			{ID: "ENTRA-003", Subject: "application", Disabled: "not ours"},
			{ID: "ENTRA-004", Subject: "application", OutOfScope: "no files"},
		},
	}
	for _, x := range findings {
		made := x.finding()
		line, err := encode(made)
		if err == nil {
			err = w.AddFinding(made.Severity, made.Control, made.Outcome, line)
		}
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Controls, func(c finding.Control) bool { return c.ID == made.Control })
		for _, counts := range []*finding.Counts{&r.Controls[i].Counts, &r.Totals.Outcomes} {
			switch made.Outcome {
			case finding.Fail:
				counts.Fail++
			case finding.Unknown:
				counts.Unknown++
			case finding.Manual:
				counts.Manual++
			}
		}
		switch made.Outcome {
		case finding.Fail:
			r.Totals.Failed[made.Severity]++
		case finding.Unknown:
			r.Totals.Unknown[made.Severity]++
		}
	}
	return r, w
}

// document writes a report and opens it.
func document(t testing.TB, r *finding.Report, w *finding.Writer) *finding.Document {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteReport(file, r); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Recount(); err != nil {
		t.Error(err)
	}
	return d
}

func entry(x f, more ...string) string {
	made := x.finding()
	members := map[string]string{
		"control": x.control, "subject": "application/" + x.app, "fingerprint": `"` + made.Fingerprint + `"`, "reason": "x",
		"requester": "ann@contoso.com", "approver": "bob@contoso.com", "expires": "2027-06-30",
	}
	for _, m := range more {
		name, value, _ := strings.Cut(m, "=")
		members[name] = value
	}
	text := "  -\n"
	for name, value := range members {
		text += "    " + name + ": " + value + "\n"
	}
	return text
}

func waivers(t *testing.T, entries ...string) *File {
	t.Helper()
	file, err := Parse("w.yaml", []byte("waivers:\n"+strings.Join(entries, "")))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// said is what findings come to: control, subject, outcome, then what covers it, in order.
func said(t *testing.T, d *finding.Document) []string {
	t.Helper()
	var lines []string
	for x, err := range d.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%s %s %s", x.Control, x.Subject.ID, x.Outcome)
		if x.Waiver != nil {
			line += " waived by " + x.Waiver.ID
		}
		if x.Known {
			line += " known"
		}
		if x.Since != "" {
			line += " since " + x.Since[:10]
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func known(id string) bool { return strings.HasPrefix(id, "ENTRA-00") }

func TestWaivers(t *testing.T) {
	hit := f{control: "ENTRA-001", app: "a", key: `{"permission":"Mail.Read"}`}
	wide := f{control: "ENTRA-001", app: "a", key: `{"permission":"Mail.ReadWrite"}`}
	unsure := f{control: "ENTRA-001", app: "a", key: `{}`, outcome: finding.Unknown}
	manual := f{control: "ENTRA-001", app: "a", key: `{}`, outcome: finding.Manual}
	all := f{control: "ENTRA-001", app: "*", key: `{}`, outcome: finding.Unknown}
	on := func(control, app string) f { return f{control: control, app: app, key: `{"permission":"Mail.Read"}`} }
	for name, c := range map[string]struct {
		findings []f
		waivers  []string
		files    bool
		want     []string // findings
		statuses string
		detail   string // part of the first waiver's
	}{
		"applied":                  {[]f{hit}, []string{entry(hit, "id=W")}, false, []string{"ENTRA-001 a fail waived by W"}, "applied", ""},
		"applied to an unknown":    {[]f{unsure}, []string{entry(unsure, "id=W")}, false, []string{"ENTRA-001 a unknown waived by W"}, "applied", ""},
		"expired":                  {[]f{hit}, []string{entry(hit, "id=W", "expires=2026-11-20T12:00:00Z")}, false, []string{"ENTRA-001 a fail", "WAV-001 W fail"}, "expired", "expired on 2026-11-20T12:00:00Z"},
		"a second before":          {[]f{hit}, []string{entry(hit, "id=W", "expires=2026-11-20T12:00:01Z")}, false, []string{"ENTRA-001 a fail waived by W"}, "applied", ""},
		"expired today":            {[]f{hit}, []string{entry(hit, "id=W", "expires=2026-11-20")}, false, []string{"ENTRA-001 a fail", "WAV-001 W fail"}, "expired", "expired on 2026-11-20T00:00:00Z"},
		"self-approved":            {[]f{hit}, []string{entry(hit, "id=W", "approver=Ann <ANN@contoso.com>")}, false, []string{"ENTRA-001 a fail", "WAV-003 W fail"}, "self_approved", "one person"},
		"expired, self-approved":   {[]f{hit}, []string{entry(hit, "id=W", "expires=2026-11-01", "approver=ann@contoso.com")}, false, []string{"ENTRA-001 a fail", "WAV-001 W fail", "WAV-003 W fail"}, "expired", "one person"},
		"not yet":                  {[]f{hit}, []string{entry(hit, "id=W", "approved=2026-11-20T12:00:01Z")}, false, []string{"ENTRA-001 a fail"}, "not_yet", "yet to come"},
		"from now on":              {[]f{hit}, []string{entry(hit, "id=W", "approved=2026-11-20T12:00:00Z")}, false, []string{"ENTRA-001 a fail waived by W"}, "applied", ""},
		"365 days":                 {[]f{hit}, []string{entry(hit, "id=W", "expires=2027-11-20T12:00:00Z")}, false, []string{"ENTRA-001 a fail waived by W"}, "applied", ""},
		"too long":                 {[]f{hit}, []string{entry(hit, "id=W", "expires=2027-11-20T12:00:01Z")}, false, []string{"ENTRA-001 a fail", "WAV-005 W fail"}, "too_long", "365 days"},
		"too long from approval":   {[]f{hit}, []string{entry(hit, "id=W", "approved=2026-10-01", "expires=2027-10-02")}, false, []string{"ENTRA-001 a fail", "WAV-005 W fail"}, "too_long", "approval on 2026-10-01"},
		"twice":                    {[]f{hit}, []string{entry(hit, "id=V"), entry(hit, "id=W")}, false, []string{"ENTRA-001 a fail", "WAV-004 V fail", "WAV-004 W fail"}, "duplicate duplicate", "W (line "},
		"renewed":                  {[]f{hit}, []string{entry(hit, "id=V", "expires=2026-11-01"), entry(hit, "id=W")}, false, []string{"ENTRA-001 a fail waived by W", "WAV-001 V fail"}, "expired applied", ""},
		"widened":                  {[]f{wide}, []string{entry(hit, "id=W")}, false, []string{"ENTRA-001 a fail", "WAV-002 W fail"}, "stale", wide.finding().Fingerprint},
		"widened, both waived":     {[]f{wide}, []string{entry(hit, "id=W"), entry(wide, "id=V")}, false, []string{"ENTRA-001 a fail waived by V", "WAV-002 W fail"}, "stale applied", "other waivers cover"},
		"unknown now":              {[]f{unsure}, []string{entry(hit, "id=W")}, false, []string{"ENTRA-001 a unknown"}, "unjudged", "could not judge"},
		"known now":                {[]f{hit}, []string{entry(unsure, "id=W")}, false, []string{"ENTRA-001 a fail", "WAV-002 W fail"}, "stale", "that this is unknown was accepted"},
		"passes now":               {nil, []string{entry(on("ENTRA-001", "b"), "id=W")}, false, []string{"WAV-002 W fail"}, "stale", "passes for application/b"},
		"no concern now":           {nil, []string{entry(on("ENTRA-001", "c"), "id=W")}, false, []string{"WAV-002 W fail"}, "stale", "no longer concerns"},
		"subject gone":             {nil, []string{entry(on("ENTRA-001", "z"), "id=W")}, false, []string{"WAV-002 W fail"}, "stale", "there is no application/z"},
		"subjects not listed":      {[]f{all}, []string{entry(on("ENTRA-001", "z"), "id=W")}, false, []string{"ENTRA-001 * unknown"}, "unjudged", "could be listed"},
		"not among the files":      {nil, []string{entry(on("ENTRA-001", "z"), "id=W")}, true, nil, "unjudged", "files"},
		"no such control":          {nil, []string{entry(on("ENTRA-999", "a"), "id=W")}, false, []string{"WAV-002 W fail"}, "stale", "no control has the id ENTRA-999"},
		"control left out":         {nil, []string{entry(on("ENTRA-005", "a"), "id=W")}, false, nil, "unjudged", "not among"},
		"control off":              {nil, []string{entry(on("ENTRA-003", "a"), "id=W")}, false, nil, "unjudged", "not ours"},
		"control out of scope":     {nil, []string{entry(on("ENTRA-004", "a"), "id=W")}, false, nil, "unjudged", "no files"},
		"another subject written":  {[]f{hit}, []string{entry(hit, "id=W", "subject=application/b")}, false, []string{"ENTRA-001 a fail", "WAV-002 W fail"}, "stale", "that of ENTRA-001 on application/a"},
		"another control written":  {[]f{hit}, []string{entry(hit, "id=W", "control=ENTRA-002")}, false, []string{"ENTRA-001 a fail", "WAV-002 W fail"}, "stale", "that of ENTRA-001 on application/a"},
		"another kind written":     {[]f{hit}, []string{entry(on("ENTRA-001", "x"), "id=W", "subject=app/a")}, false, []string{"ENTRA-001 a fail", "WAV-002 W fail"}, "stale", "judges subjects of the kind application"},
		"manual":                   {[]f{manual}, []string{entry(manual, "id=W")}, false, []string{"ENTRA-001 a manual", "WAV-002 W fail"}, "stale", "for people to judge"},
		"as severe as accepted":    {[]f{hit}, []string{entry(hit, "id=W", "severity=high")}, false, []string{"ENTRA-001 a fail waived by W"}, "applied", ""},
		"milder than accepted":     {[]f{hit}, []string{entry(hit, "id=W", "severity=Critical")}, false, []string{"ENTRA-001 a fail waived by W"}, "applied", ""},
		"worse than accepted":      {[]f{hit}, []string{entry(hit, "id=W", "severity=medium")}, false, []string{"ENTRA-001 a fail", "WAV-002 W fail"}, "stale", "accepted as medium, and is high now"},
		"unknown, and worse":       {[]f{unsure}, []string{entry(unsure, "id=W", "severity=low")}, false, []string{"ENTRA-001 a unknown", "WAV-002 W fail"}, "stale", "accepted as low, and is high now"},
		"of this tenant":           {[]f{hit}, []string{entry(hit, "id=W", "tenant="+strings.ToUpper(homeTenant))}, false, []string{"ENTRA-001 a fail waived by W"}, "applied", ""},
		"of another tenant":        {[]f{hit}, []string{entry(hit, "id=W", "tenant="+otherTenant)}, false, []string{"ENTRA-001 a fail"}, "other_tenant", "for the tenant " + otherTenant},
		"of another, and broken":   {[]f{hit}, []string{entry(hit, "id=W", "tenant="+otherTenant, "approver=ann@contoso.com", "expires=2026-01-01")}, false, []string{"ENTRA-001 a fail"}, "other_tenant", ""},
		"of two tenants":           {[]f{hit}, []string{entry(hit, "id=V", "tenant="+otherTenant), entry(hit, "id=W", "tenant="+homeTenant)}, false, []string{"ENTRA-001 a fail waived by W"}, "other_tenant applied", ""},
		"of this and of any":       {[]f{hit}, []string{entry(hit, "id=V"), entry(hit, "id=W", "tenant="+homeTenant)}, false, []string{"ENTRA-001 a fail", "WAV-004 V fail", "WAV-004 W fail"}, "duplicate duplicate", ""},
		"scripts mixed":            {[]f{hit}, []string{entry(hit, "id=W", "approver=b\u043eb@contoso.com")}, false, []string{"ENTRA-001 a fail", "WAV-003 W fail"}, "self_approved", "cannot be told apart"},
		"until the year 9999":      {[]f{hit}, []string{entry(hit, "id=W", "expires=9999-12-31")}, false, []string{"ENTRA-001 a fail", "WAV-005 W fail"}, "too_long", "9999"},
		"the other finding counts": {[]f{hit, wide}, []string{entry(hit, "id=W")}, false, []string{"ENTRA-001 a fail", "ENTRA-001 a fail waived by W"}, "applied", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := run(t, c.findings...)
			if err := Apply(r, w, Options{Waivers: waivers(t, c.waivers...), Known: known, Files: c.files}); err != nil {
				t.Fatal(err)
			}
			d := document(t, r, w)
			same(t, said(t, d), c.want...)
			var statuses []string
			for _, s := range d.Waivers {
				statuses = append(statuses, s.Status)
			}
			if got := strings.Join(statuses, " "); got != c.statuses {
				t.Errorf("got status %s (%s), want %s", got, d.Waivers[0].Detail, c.statuses)
			}
			if got := d.Waivers[0].Detail; !strings.Contains(got, c.detail) {
				t.Errorf("got detail %q, want %q", got, c.detail)
			}
			for _, s := range d.Waivers {
				if (s.DaysLeft > 0) != (s.Expires > "2026-11-20T12:00:00Z") {
					t.Errorf("%s expires %s, and has %d days left", s.ID, s.Expires, s.DaysLeft)
				}
			}
			checkSums(t, d)
		})
	}
}

// checkSums holds the totals against the findings and the controls.
func checkSums(t *testing.T, d *finding.Document) {
	t.Helper()
	waived, covered := 0, 0
	for x, err := range d.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if x.Waiver != nil {
			waived++
		}
		if x.Fingerprint != x.Print() {
			t.Errorf("%s: the fingerprint is not that of the finding", x.Control)
		}
	}
	for _, s := range d.Waivers {
		covered += s.Findings
		if s.Findings > 0 && s.Status != Applied {
			t.Errorf("%s is %s and covers %d", s.ID, s.Status, s.Findings)
		}
	}
	if waived != covered || waived != d.Totals.Waived {
		t.Errorf("%d findings are waived, waivers cover %d, totals say %d", waived, covered, d.Totals.Waived)
	}
	for _, c := range d.Controls {
		if n := c.Counts; c.Subject == Kind && n.Pass+n.Fail+n.NotApplicable != len(d.Waivers) {
			t.Errorf("%s: %+v of %d waivers", c.ID, n, len(d.Waivers))
		}
	}
}

// Which tenant files of a repository are for may not be known: what was accepted for one is then not applied.
func TestTenantNotKnown(t *testing.T) {
	hit := f{control: "ENTRA-001", app: "a", key: `{}`}
	for _, id := range []string{"", "not known"} {
		r, w := run(t, hit)
		r.Tenant.ID = id
		if err := Apply(r, w, Options{Waivers: waivers(t, entry(hit, "id=W", "tenant="+homeTenant)), Known: known}); err != nil {
			t.Fatal(err)
		}
		d := document(t, r, w)
		same(t, said(t, d), "ENTRA-001 a fail")
		if d.Waivers[0].Status != Unjudged || d.Waivers[0].Tenant != homeTenant {
			t.Errorf("tenant %q: got %+v", id, d.Waivers[0])
		}
	}
}

func TestControlsOfWaiversAreConfigured(t *testing.T) {
	hit := f{control: "ENTRA-001", app: "a", key: `{}`}
	r, w := run(t, hit)
	file := waivers(t, entry(hit, "id=V", "approver=ann@contoso.com"), entry(hit, "id=W", "expires=2026-11-01"))
	err := Apply(r, w, Options{
		Waivers: file, Known: known, Severity: map[string]finding.Severity{"WAV-003": finding.Info}, Disabled: map[string]string{"WAV-001": "we look ourselves"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := document(t, r, w)
	same(t, said(t, d), "ENTRA-001 a fail", "WAV-003 V fail")
	if d.Totals.Failed[finding.Info] != 1 || d.Totals.Failed[finding.High] != 1 {
		t.Errorf("got totals %+v", d.Totals)
	}
	i := slices.IndexFunc(d.Controls, func(c finding.Control) bool { return c.ID == "WAV-001" })
	if c := d.Controls[i]; c.Disabled != "we look ourselves" || c.Counts != (finding.Counts{}) {
		t.Errorf("got %+v", c)
	}
	if d.Waivers[1].Status != Expired {
		t.Errorf("a control that is off changed the status: %+v", d.Waivers[1])
	}
}

// earlierOf reads a report as an earlier one.
func earlierOf(t *testing.T, r *finding.Report, w *finding.Writer) *Earlier {
	t.Helper()
	e, err := ReadEarlier(document(t, r, w))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestBaseline(t *testing.T) {
	hit := f{control: "ENTRA-001", app: "a", key: `{"permission":"Mail.Read"}`, severity: finding.Medium}
	worse, milder := hit, hit
	worse.severity, milder.severity = finding.High, finding.Low
	other := f{control: "ENTRA-001", app: "a", key: `{"permission":"Mail.ReadWrite"}`}
	unsure := f{control: "ENTRA-001", app: "a", key: `{}`, outcome: finding.Unknown}
	manual := f{control: "ENTRA-001", app: "a", key: `{}`, outcome: finding.Manual}
	all := f{control: "ENTRA-001", app: "*", key: `{}`, outcome: finding.Unknown}
	because := func(facts ...string) f {
		why := unsure
		why.reasons = facts
		return why
	}
	for name, c := range map[string]struct {
		before, now      []f
		want             []string
		known, new, gone int
	}{
		"unchanged":          {[]f{hit}, []f{hit}, []string{"ENTRA-001 a fail known"}, 1, 0, 0},
		"new":                {nil, []f{hit}, []string{"ENTRA-001 a fail"}, 0, 1, 0},
		"another":            {[]f{hit}, []f{other}, []string{"ENTRA-001 a fail"}, 0, 1, 1},
		"one more":           {[]f{hit}, []f{hit, other}, []string{"ENTRA-001 a fail known", "ENTRA-001 a fail"}, 1, 1, 0},
		"nothing listed now": {[]f{hit}, []f{all}, []string{"ENTRA-001 * unknown"}, 0, 1, 0},
		"further cause":      {[]f{because("owners")}, []f{because("owners", "developer")}, []string{"ENTRA-001 a unknown"}, 0, 1, 0},
		"another cause":      {[]f{because("owners")}, []f{because("developer")}, []string{"ENTRA-001 a unknown"}, 0, 1, 0},
		"fewer causes":       {[]f{because("owners", "developer")}, []f{because("owners")}, []string{"ENTRA-001 a unknown known"}, 1, 0, 0},
		"other details":      {[]f{because("events: known from 1 May on")}, []f{because("events: known from 2 May on")}, []string{"ENTRA-001 a unknown known"}, 1, 0, 0},
		"gone":               {[]f{hit, other}, []f{hit}, []string{"ENTRA-001 a fail known"}, 1, 0, 1},
		"unknown now":        {[]f{hit}, []f{unsure}, []string{"ENTRA-001 a unknown"}, 0, 1, 0},
		"known now":          {[]f{unsure}, []f{hit}, []string{"ENTRA-001 a fail"}, 0, 1, 1},
		"unknown still":      {[]f{unsure}, []f{unsure}, []string{"ENTRA-001 a unknown known"}, 1, 0, 0},
		"worse":              {[]f{hit}, []f{worse}, []string{"ENTRA-001 a fail"}, 0, 1, 0},
		"milder":             {[]f{hit}, []f{milder}, []string{"ENTRA-001 a fail known"}, 1, 0, 0},
		"twice now":          {[]f{hit}, []f{hit, hit}, []string{"ENTRA-001 a fail known", "ENTRA-001 a fail"}, 1, 1, 0},
		"twice, once milder": {[]f{worse, hit}, []f{hit, worse}, []string{"ENTRA-001 a fail known", "ENTRA-001 a fail known"}, 2, 0, 0},
		"manual":             {[]f{manual}, []f{manual}, []string{"ENTRA-001 a manual"}, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := run(t, c.before...)
			baseline := earlierOf(t, r, w)
			r, w = run(t, c.now...)
			if err := Apply(r, w, Options{Baseline: baseline}); err != nil {
				t.Fatal(err)
			}
			d := document(t, r, w)
			same(t, said(t, d), c.want...)
			if b := *d.Baseline; b.Known != c.known || b.New != c.new || b.Gone != c.gone || b.SHA256 == "" || b.AsOf != "2026-11-20T12:00:00Z" {
				t.Errorf("got %+v, want known %d, new %d, gone %d", b, c.known, c.new, c.gone)
			}
			if d.Totals.Known != c.known {
				t.Errorf("got %d known in the totals", d.Totals.Known)
			}
		})
	}
}

// What was waived in the baseline counts once its waiver is gone, and findings of waivers always do.
func TestBaselineDoesNotStandInForWaivers(t *testing.T) {
	hit := f{control: "ENTRA-001", app: "a", key: `{}`}
	spoiled := f{control: "ENTRA-001", app: "b", key: `{}`}
	r, w := run(t, hit, spoiled)
	file := waivers(t, entry(hit, "id=W", "expires=2026-12-01"), entry(spoiled, "id=V", "approver=ann@contoso.com"))
	if err := Apply(r, w, Options{Waivers: file, Known: known}); err != nil {
		t.Fatal(err)
	}
	baseline := earlierOf(t, r, w)
	r, w = run(t, hit, spoiled)
	r.AsOf = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	if err := Apply(r, w, Options{Waivers: file, Baseline: baseline, Known: known}); err != nil {
		t.Fatal(err)
	}
	d := document(t, r, w)
	same(t, said(t, d), "ENTRA-001 a fail", "ENTRA-001 b fail known", "WAV-001 W fail", "WAV-003 V fail")
	if d.Baseline.New != 3 || d.Baseline.Known != 1 || d.Baseline.Gone != 0 {
		t.Errorf("got %+v", d.Baseline)
	}
}

func TestSince(t *testing.T) {
	hit := f{control: "ENTRA-001", app: "a", key: `{}`}
	unsure := f{control: "ENTRA-001", app: "b", key: `{}`, outcome: finding.Unknown}
	fails := f{control: "ENTRA-001", app: "b", key: `{}`}
	first, w1 := run(t, hit)
	first.AsOf = noon.AddDate(0, -2, 0)
	second, w2 := run(t, hit, unsure)
	second.AsOf = noon.AddDate(0, -1, 0)
	if err := Apply(second, w2, Options{Previous: earlierOf(t, first, w1)}); err != nil {
		t.Fatal(err)
	}
	same(t, said(t, document(t, second, w2)), "ENTRA-001 a fail since 2026-09-20", "ENTRA-001 b unknown since 2026-10-20")
	third, w3 := run(t, hit, fails, f{control: "ENTRA-002", app: "a", key: `{}`})
	if err := Apply(third, w3, Options{Previous: earlierOf(t, second, w2)}); err != nil {
		t.Fatal(err)
	}
	d := document(t, third, w3)
	same(t, said(t, d), "ENTRA-001 a fail since 2026-09-20", "ENTRA-001 b fail since 2026-11-20", "ENTRA-002 a fail since 2026-11-20")
	if d.Previous == nil || d.Previous.AsOf != "2026-10-20T12:00:00Z" || d.Totals.Known != 0 || d.Totals.Failed[finding.High] != 3 {
		t.Errorf("got %+v, %+v", d.Previous, d.Totals)
	}
	// A report from later on says nothing of before.
	again, w4 := run(t, hit)
	again.AsOf = noon.AddDate(0, -3, 0)
	if err := Apply(again, w4, Options{Previous: earlierOf(t, first, w1)}); err != nil {
		t.Fatal(err)
	}
	same(t, said(t, document(t, again, w4)), "ENTRA-001 a fail since 2026-08-20")
}

func TestNothingGivenChangesNothing(t *testing.T) {
	r, w := run(t, f{control: "ENTRA-001", app: "a", key: `{}`})
	before, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := Apply(r, w, Options{}); err != nil {
		t.Fatal(err)
	}
	if after, err := json.Marshal(r); err != nil || string(after) != string(before) {
		t.Errorf("got %s, want %s", after, before)
	}
	same(t, said(t, document(t, r, w)), "ENTRA-001 a fail")
}

// Controls that this report did not run took nothing away.
func TestGoneIsWhatWasJudged(t *testing.T) {
	r, w := run(t, f{control: "ENTRA-001", app: "a", key: `{}`}, f{control: "ENTRA-002", app: "a", key: `{}`})
	baseline := earlierOf(t, r, w)
	r, w = run(t)
	r.Controls = slices.DeleteFunc(r.Controls, func(c finding.Control) bool { return c.ID == "ENTRA-002" })
	if err := Apply(r, w, Options{Baseline: baseline}); err != nil || r.Baseline.Gone != 1 {
		t.Errorf("got %+v, %v, want one gone", r.Baseline, err)
	}
}
