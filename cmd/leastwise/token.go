package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
)

func (p *program) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "Look at tokens",
		Example: "  leastwise token inspect token.txt",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.tokenInspectCommand())
	return cmd
}

// inspectOptions are the flags of token inspect.
type inspectOptions struct {
	config, cloud, keys, asOf string
	json                      bool
}

func (p *program) tokenInspectCommand() *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect [FILE]",
		Short: "Show what a token allows, and verify it as far as others than its API can",
		Long: `Show what a token allows, and verify it as far as others than its API can.

FILE, or stdin, holds an access token or an id token, with or without "Bearer ", or the
JSON answer of a token endpoint. The token itself is no argument, because arguments are
seen by others, and it is never printed.

Tokens for Microsoft Graph can be verified by Graph alone, opaque ones by nobody else
than their API. For all others, such as those for the Office 365 Management APIs, and
for id tokens, the signature is checked with the keys of the cloud's authority, which
are fetched from there, or read from --keys. Issuer, tenant and times are checked always.

Exit codes:
  0  verified: signature, issuer, tenant and times are right
  1  the signature is wrong, or the token is not valid
  2  the tool could not do its work: no token, bad flags
  3  the token could not be verified: for Microsoft Graph, opaque, or no key for it`,
		Example: `  leastwise token inspect token.txt
  az account get-access-token --resource https://manage.office.com | leastwise token inspect
  leastwise token inspect token.txt --config leastwise.yaml --json
  leastwise token inspect token.txt --keys keys.json --as-of 2026-11-20`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 { // what they are is not repeated
				return fmt.Errorf("token inspect takes one FILE, not %d arguments; hint: a token is read from a file or from stdin", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.inspect(cmd.Context(), &o, strings.Join(args, ""))
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "configuration `FILE` (YAML): its cloud, and the tenant that tokens must be of")
	flags.StringVar(&o.cloud, "cloud", "", "`NAME` of the cloud that issued the token; default from the configuration, else global")
	flags.StringVar(&o.keys, "keys", "", "`FILE` with the authority's keys (JSON Web Key Set), so that none are fetched")
	flags.StringVar(&o.asOf, "as-of", "", "judge as of this `INSTANT` (RFC 3339, or a date: its 00:00:00Z); default now")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (p *program) inspect(ctx context.Context, o *inspectOptions, file string) error {
	inspector, err := p.inspector(o)
	if err != nil {
		return err
	}
	text, err := p.readToken(file)
	if err != nil {
		return err
	}
	const hint = "give a token, or the JSON answer of a token endpoint, in a file or on stdin"
	tokens, err := identity.ReadTokens(text)
	if err != nil {
		return withHint(err, hint)
	}
	var found []identity.Inspection
	code := exitClean
	for _, token := range tokens {
		one, err := inspector.Inspect(ctx, token)
		if err != nil {
			return withHint(err, hint)
		}
		found = append(found, one)
		switch {
		case one.Verdict == identity.Invalid:
			code = exitViolations
		case one.Verdict == identity.Unverifiable && code == exitClean:
			code = exitUnjudged
		}
	}
	if o.json {
		err = p.writeInspections(inspector, found)
	} else {
		err = p.showInspections(inspector, found)
	}
	if err == nil && code != exitClean {
		err = verdictError{code}
	}
	return err
}

// inspector checks the flags. Nothing is fetched yet.
func (p *program) inspector(o *inspectOptions) (identity.Inspector, error) {
	i := identity.Inspector{Now: p.now().UTC()}
	c, err := readConfig(o.config)
	if err != nil {
		return i, err
	}
	if o.asOf != "" {
		if i.Now, err = parseAsOf(o.asOf); err != nil {
			return i, err
		}
	}
	name := o.cloud
	if name == "" {
		name = c.cloudName()
	}
	cloud, client, err := c.connect(name)
	if err != nil {
		return i, err
	}
	i.Cloud, i.Tenant = cloud, c.Tenant
	i.Keys = func(ctx context.Context, tenant string) (identity.KeySet, error) {
		return identity.FetchKeySet(ctx, client, cloud, tenant)
	}
	if o.keys == "" {
		return i, nil
	}
	data, err := os.ReadFile(o.keys)
	if err != nil {
		return i, fmt.Errorf("read keys: %w; hint: --keys names a file with a JSON Web Key Set", err)
	}
	set, err := identity.ParseKeySet(data)
	if err != nil {
		return i, fmt.Errorf("read keys: %s: %w; hint: save what the authority serves at /TENANT/discovery/v2.0/keys", o.keys, err)
	}
	i.Keys = func(context.Context, string) (identity.KeySet, error) { return set, nil }
	return i, nil
}

// maxTokenFile is more than any answer of a token endpoint.
const maxTokenFile = 2 << 20

// readToken reads a file, or stdin. An argument that may be a token is not repeated.
func (p *program) readToken(file string) ([]byte, error) {
	in := p.stdin
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			if strings.Contains(file, "eyJ") || len(file) > 200 && !strings.ContainsRune(file, os.PathSeparator) {
				return nil, errors.New("the argument looks like a token; hint: put it into a file or pipe it to stdin: arguments are seen by others, and kept in the shell's history")
			}
			return nil, fmt.Errorf("read token: %w; hint: name a file, or pipe the token to stdin", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxTokenFile))
	if err != nil {
		return nil, fmt.Errorf("read token: %w; hint: name a file, or pipe the token to stdin", err)
	}
	return text, nil
}

// inspectionRecord is an inspection as JSON.
type inspectionRecord struct {
	Name    string           `json:"name"`
	Verdict identity.Verdict `json:"verdict"`
	Reasons []string         `json:"reasons"`
	Claims  *claimsRecord    `json:"claims"` // null when they cannot be read
}

type claimsRecord struct {
	Tenant         string            `json:"tenant"`
	AppID          string            `json:"app_id,omitempty"`
	AppName        string            `json:"app_name,omitempty"`
	ObjectID       string            `json:"object_id,omitempty"`
	User           string            `json:"user,omitempty"`
	UserName       string            `json:"user_name,omitempty"`
	AppOnly        bool              `json:"app_only"`
	IdentityType   string            `json:"identity_type,omitempty"`
	Audience       []string          `json:"audience"`
	Issuer         string            `json:"issuer"`
	Version        string            `json:"version,omitempty"`
	Roles          []string          `json:"roles"`
	Scopes         []string          `json:"scopes"`
	DirectoryRoles []directoryRole   `json:"directory_roles,omitempty"`
	Issued         string            `json:"issued,omitempty"`
	NotBefore      string            `json:"not_before,omitempty"`
	Expires        string            `json:"expires,omitempty"`
	Header         map[string]string `json:"header"`
	Nonce          bool              `json:"nonce"`
}

type directoryRole struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

func (p *program) writeInspections(i identity.Inspector, found []identity.Inspection) error {
	document := struct {
		AsOf   string             `json:"as_of"`
		Cloud  string             `json:"cloud"`
		Tokens []inspectionRecord `json:"tokens"`
	}{instantText(i.Now), i.Cloud.Name, nil}
	for _, f := range found {
		record := inspectionRecord{Name: f.Name, Verdict: f.Verdict, Reasons: append([]string{}, f.Reasons...)}
		if f.Readable {
			record.Claims = recordClaims(f.Claims)
		}
		document.Tokens = append(document.Tokens, record)
	}
	encoder := json.NewEncoder(p.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document)
}

func recordClaims(c identity.Claims) *claimsRecord {
	record := &claimsRecord{
		Tenant: c.TenantID, AppID: c.AppID, AppName: c.AppName, ObjectID: c.ObjectID, User: c.User, UserName: c.UserName,
		AppOnly: c.AppOnly, IdentityType: c.IdentityType, Audience: append([]string{}, c.Audience...), Issuer: c.Issuer,
		Version: c.Version, Roles: append([]string{}, c.Roles...), Scopes: append([]string{}, c.Scopes...),
		Issued: instantText(c.Issued), NotBefore: instantText(c.NotBefore), Expires: instantText(c.Expires),
		Header: map[string]string{"alg": c.Algorithm, "kid": c.KeyID}, Nonce: c.HasNonce,
	}
	for _, id := range c.DirectoryRoles {
		record.DirectoryRoles = append(record.DirectoryRoles, directoryRole{id, identity.DirectoryRoleName(id)})
	}
	return record
}

func instantText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
