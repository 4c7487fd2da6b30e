package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
	"leastwise/collector/onboarding"
	"leastwise/policies/finding"
	"leastwise/policies/waiver"
)

// newWaiver are the flags of waivers new.
type newWaiver struct {
	fingerprint, control, subject, permission          string
	id, reason, requester, approver, approved, expires string
	file, asOf                                         string
}

func (p *program) waiversNewCommand() *cobra.Command {
	var o newWaiver
	cmd := &cobra.Command{
		Use:   "new FINDINGS.json",
		Short: "Write a waiver for a finding of a report",
		Long: `Write a waiver for one finding of a JSON report: to standard output, or to the end of
--file, of which every byte stays as it is. The finding is named by its fingerprint,
or by control and subject where these have only one. What audit would report as a
fault of the waiver is refused.`,
		Example: `  leastwise waivers new report.json --control SPE-001 --subject application/2f4ad5ff-dbda-4393-b153-b221718e445e \
    --reason "the vendor mends it with version 4" --requester ann@contoso.com --approver bob@contoso.com --expires 2027-03-31
  leastwise waivers new report.json --fingerprint 887e2240e219485b59e10f0910789abb --file waivers.yaml \
    --reason "see R-114" --requester ann@contoso.com --approver bob@contoso.com --expires 2027-03-31`,
		Args: exactArgs("FINDINGS.json"),
		RunE: func(_ *cobra.Command, args []string) error { return p.newWaiver(&o, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.fingerprint, "fingerprint", "", "`FINGERPRINT` of the finding, or its first 8 digits or more")
	flags.StringVar(&o.control, "control", "", "`ID` of its control")
	flags.StringVar(&o.subject, "subject", "", "`KIND/ID` of its subject")
	flags.StringVar(&o.permission, "permission", "", "`NAME` or key of the permission that it is about, where control and subject have several")
	flags.StringVar(&o.id, "id", "", "`ID` of the waiver; default the first digits of the fingerprint")
	flags.StringVar(&o.reason, "reason", "", "`TEXT` that says why the risk is accepted")
	flags.StringVar(&o.requester, "requester", "", "`WHO` asks for it: a user principal name")
	flags.StringVar(&o.approver, "approver", "", "`WHO` accepts it: somebody else")
	flags.StringVar(&o.approved, "approved", "", "`INSTANT` of the approval (RFC 3339, or a date)")
	flags.StringVar(&o.expires, "expires", "", "`INSTANT` of expiry (RFC 3339, or a date), at most 365 days after the approval")
	flags.StringVar(&o.file, "file", "", "append to this waiver `FILE`; it is made when it is not there")
	flags.StringVar(&o.asOf, "as-of", "", "check as of this `INSTANT`; default now, or the report's where that is later")
	return cmd
}

// required names the first flag that is missing.
func (o *newWaiver) required() error {
	for _, flag := range []struct{ name, value, hint string }{
		{"reason", o.reason, "say why the risk is accepted, the reason stands in every report"},
		{"requester", o.requester, "who asks for it, by user principal name"},
		{"approver", o.approver, "who accepts it; it must be somebody else"},
		{"expires", o.expires, "a date at most 365 days ahead"},
	} {
		if strings.TrimSpace(flag.value) == "" {
			return fmt.Errorf("--%s is missing; hint: %s", flag.name, flag.hint)
		}
	}
	if o.fingerprint == "" && (o.control == "" || o.subject == "") {
		return errors.New("no finding is named; hint: --fingerprint, or --control and --subject")
	}
	if waiver.IsOwn(o.control) {
		return fmt.Errorf("%s cannot be waived: it judges waivers; hint: mend the waiver that it tells of, or take it out", oneLine(o.control))
	}
	return nil
}

func (p *program) newWaiver(o *newWaiver, report string) error {
	if err := o.required(); err != nil {
		return err
	}
	document, err := openReport(report)
	if err != nil {
		return err
	}
	f, err := p.choose(o, document)
	if err != nil {
		return err
	}
	asOf, err := p.waiversAsOf(o.asOf, document)
	if err != nil {
		return err
	}
	entry := waiver.Draft{
		ID: o.id, Control: f.Control, Subject: f.Subject.Kind + "/" + f.Subject.ID, Fingerprint: waiver.Print(f), Severity: string(f.Severity), Reason: o.reason,
		Requester: o.requester, Approver: o.approver, Approved: o.approved, Expires: o.expires,
	}
	if id := strings.ToLower(document.Tenant.ID); identity.IsTenantID(id) { // gate may not know it
		entry.Tenant = id
	}
	if o.file == "" {
		text, err := entry.Append("the new waiver", []byte("waivers:\n"), asOf)
		if err != nil {
			return err
		}
		_, err = p.stdout.Write(text)
		return err
	}
	if err := appendWaiver(o.file, entry, asOf); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s: %s on %s/%s, until %s\n", harmless(o.file), harmless(f.Control), harmless(f.Subject.Kind), harmless(f.Subject.ID), o.expires)
	return nil
}

// appendWaiver adds an entry to a file, which nobody else does meanwhile.
func appendWaiver(name string, entry waiver.Draft, asOf time.Time) error {
	path, err := resolve(name)
	if err != nil {
		return err
	}
	unlock, err := onboarding.LockFolder(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write waivers: %w; hint: make sure that the folder exists and can be written to", err)
	}
	defer unlock()
	if err := writable(path); err != nil {
		return fmt.Errorf("write waivers: %w", err)
	}
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read waivers: %w; hint: name a file that can be read and written", err)
	}
	after, err := entry.Append(filepath.ToSlash(name), before, asOf)
	if err != nil {
		return err
	}
	if err := replaceFile(path, after); err != nil {
		return fmt.Errorf("write waivers: %w; hint: make sure that the folder exists and can be written to", err)
	}
	return nil
}

// replaceFile writes a file beside path and moves it there, with the rights that path had.
func replaceFile(path string, data []byte) (err error) {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if mode = info.Mode().Perm(); !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no ordinary file", path)
		}
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ignoreMissing(os.Remove(file.Name()))) }()
	_, err = file.Write(data)
	if err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// choose finds the one finding that is meant; of several, all are listed.
func (p *program) choose(o *newWaiver, document *finding.Document) (*finding.Finding, error) {
	var found []*finding.Finding
	prints := map[string]bool{}
	manual := false
	for f, err := range document.Findings() {
		if err != nil {
			return nil, err
		}
		if !o.means(&f) || prints[waiver.Print(&f)] {
			continue
		}
		if f.Outcome == finding.Manual || waiver.IsOwn(f.Control) {
			manual = true
			continue
		}
		prints[waiver.Print(&f)] = true
		found = append(found, new(f))
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0 && manual:
		return nil, errors.New("the finding cannot be waived: it is for people to judge, or tells of a waiver; hint: it needs no waiver")
	case len(found) == 0:
		return nil, fmt.Errorf("%s has no such finding; hint: fingerprints, controls and subjects stand in the report, as JSON and in the workbook", document.Path())
	}
	const most = 50
	for _, f := range found[:min(len(found), most)] {
		fmt.Fprintf(p.stderr, "%s  %s  %s  %s/%s  %s\n", waiver.Print(f), f.Severity, harmless(f.Control), harmless(f.Subject.Kind), harmless(f.Subject.ID), harmless(clipped(f.Message)))
	}
	if len(found) > most {
		fmt.Fprintf(p.stderr, "and %d more\n", len(found)-most)
	}
	return nil, fmt.Errorf("%d findings are meant; hint: name one by --fingerprint, or narrow it down with --permission", len(found))
}

func clipped(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// means reports whether the flags name a finding.
func (o *newWaiver) means(f *finding.Finding) bool {
	const least = 8
	if o.fingerprint != "" && (len(o.fingerprint) < least || !strings.HasPrefix(waiver.Print(f), strings.ToLower(o.fingerprint))) {
		return false
	}
	if o.control != "" && !strings.EqualFold(o.control, f.Control) || o.subject != "" && !strings.EqualFold(o.subject, f.Subject.Kind+"/"+f.Subject.ID) {
		return false
	}
	return o.permission == "" || namesPermission(f.Key, o.permission)
}

// namesPermission reports whether a key has a text that is the permission, or its last part.
func namesPermission(key json.RawMessage, permission string) bool {
	var value any
	if json.Unmarshal(key, &value) != nil {
		return false
	}
	var holds func(value any) bool
	holds = func(value any) bool {
		switch v := value.(type) {
		case string:
			return strings.EqualFold(v, permission) || strings.EqualFold(v[strings.LastIndexByte(v, '/')+1:], permission)
		case []any:
			return slices.ContainsFunc(v, holds)
		case map[string]any:
			for _, member := range v {
				if holds(member) {
					return true
				}
			}
		}
		return false
	}
	return holds(value)
}
