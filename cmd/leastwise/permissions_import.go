package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
	"leastwise/policies/catalog"
)

// importOptions are the flags of permissions import.
type importOptions struct {
	output, caFile, format string
}

// fetchTimeout bounds the download of the published table.
const fetchTimeout = 2 * time.Minute

func (p *program) permissionsImportCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE|URL",
		Short: "Import the published table of which permission allows which call",
		Long: `Import the published table of which permission allows which call: permissions.json in
the form of Microsoft's tool kibali. It knows thousands of calls of Microsoft Graph;
what leastwise has built in keeps the last word on those that both know.

The table is read strictly and written in a compact form, to a file whose name carries
the SHA-256 of the file. Name that file as permissions in the configuration, or with
--permissions. FILE may be - for stdin. A URL must be https; it is the only address that
is called, and no redirect to another host is followed.`,
		Example: `  leastwise permissions import permissions.json
  leastwise permissions import https://raw.githubusercontent.com/microsoftgraph/microsoft-graph-devx-content/dev/permissions/new/permissions.json
  leastwise permissions import permissions.json -o catalogue/`,
		Args: exactArgs("FILE|URL"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.importPermissions(cmd.Context(), &o, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.output, "output", "o", "", "`FILE` to write, or a folder; default a name with the digest in the current folder")
	flags.StringVar(&o.caFile, "ca-file", "", "PEM `FILE` with certificates that are trusted beside the system's")
	flags.StringVar(&o.format, "format", "text", "`FORMAT` of what is said of the import: text or json")
	return cmd
}

func (p *program) importPermissions(ctx context.Context, o *importOptions, from string) error {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--format %q is unknown; hint: text or json", o.format)
	}
	data, err := p.readTable(ctx, o, from)
	if err != nil {
		return err
	}
	published, err := catalog.ParsePublished(tableName(from), data)
	if err != nil {
		return withHint(fmt.Errorf("nothing is imported: %w", err), "the table must be the permissions.json that microsoft-graph-devx-content publishes under permissions/new")
	}
	file, digest, err := published.Encode()
	if err != nil {
		return err
	}
	path := o.output
	if info, err := os.Stat(path); path == "" || err == nil && info.IsDir() {
		path = filepath.Join(path, catalog.PublishedName(digest))
	}
	if err := putTable(path, file); err != nil {
		return fmt.Errorf("write imported permissions: %w; hint: name a file in a folder that can be written to", err)
	}
	for _, warning := range published.Warnings {
		fmt.Fprintln(p.stderr, "warning:", oneLine(warning))
	}
	if o.format == "json" {
		return writeAsJSON(p.stdout, struct {
			File     string                  `json:"file"`
			SHA256   string                  `json:"sha256"`
			Source   string                  `json:"source_sha256"`
			Counts   catalog.PublishedCounts `json:"counts"`
			Warnings []string                `json:"warnings,omitempty"`
		}{path, digest, published.Source, published.Counts, published.Warnings})
	}
	return p.showImport(path, digest, published)
}

func (p *program) showImport(path, digest string, published *catalog.Published) error {
	c := published.Counts
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "file\t%s\nsha256\t%s\nsource sha256\t%s\n", path, digest, published.Source)
	for _, line := range []struct {
		text  string
		count int
	}{
		{"permissions", c.Permissions},
		{"paths", c.Paths},
		{"operations, by kind of permission", c.Cells},
		{"without a least permission", c.NoLeast},
		{"several least, one serves this method alone", c.SoleMethod},
		{"several least, one serves the fewest methods", c.FewestMethods},
		{"several least, kept as alternatives", c.Ambiguous},
		{"reading with a least permission that writes", c.WriteToRead},
		{"ways that take several permissions", c.AlsoRequires},
		{"paths with words that are new", c.NewWords},
	} {
		fmt.Fprintf(table, "%s\t%d\n", line.text, line.count)
	}
	for _, reason := range slices.Sorted(maps.Keys(c.Dropped)) {
		fmt.Fprintf(table, "left out: %s\t%d\n", reason, c.Dropped[reason])
	}
	return table.Flush()
}

// tableName is how errors call what is imported.
func tableName(from string) string {
	switch u, err := url.Parse(from); {
	case from == "-":
		return "stdin"
	case err == nil && u.Host != "":
		return u.Host + u.Path
	default:
		return from
	}
}

// readTable reads the published table from a file, from stdin or from an address.
func (p *program) readTable(ctx context.Context, o *importOptions, from string) ([]byte, error) {
	var in io.Reader
	switch {
	case strings.Contains(from, "://"):
		body, err := p.fetch(ctx, o, from)
		if err != nil {
			return nil, err
		}
		defer body.Close()
		in = body
	case o.caFile != "":
		return nil, errors.New("--ca-file is about https, and a file is imported; hint: leave the flag out")
	case from == "-":
		in = p.stdin
	default:
		file, err := os.Open(from)
		if err != nil {
			return nil, fmt.Errorf("read permissions: %w; hint: name a permissions.json, or its https address", err)
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, catalog.MaxPublished+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read permissions: %s: %w; hint: nothing is imported, try again", tableName(from), err)
	case len(data) > catalog.MaxPublished:
		return nil, fmt.Errorf("read permissions: %s has more than %d bytes; hint: the published table has three millions", tableName(from), catalog.MaxPublished)
	}
	return data, nil
}

// fetch downloads the table. The host is told before it is called.
func (p *program) fetch(ctx context.Context, o *importOptions, address string) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Host == "": // what it is may hold a secret, and is not repeated
		return nil, errors.New("the address is none; hint: download the file yourself and import that")
	case u.Scheme != "https" || u.User != nil:
		return nil, fmt.Errorf("%s://%s: the address must be https, without a user; hint: download the file yourself and import that", u.Scheme, u.Host)
	}
	var ca []byte
	if o.caFile != "" {
		if ca, err = os.ReadFile(o.caFile); err != nil {
			return nil, fmt.Errorf("--ca-file: %w; hint: name a PEM file", err)
		}
	}
	client, err := identity.NewHTTPClient(identity.HTTPOptions{CA: ca, Proxy: http.ProxyFromEnvironment})
	if err != nil {
		return nil, withHint(fmt.Errorf("--ca-file: %w", err), "name a PEM file")
	}
	client.Timeout = fetchTimeout
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(p.stderr, "fetching from", u.Host)
	response, err := client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the address, whose query may hold a secret
	}
	if err != nil {
		return nil, withHint(fmt.Errorf("fetch permissions from %s: %w", u.Host, err), "download the file yourself and import that")
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("fetch permissions: %s answers %s; hint: check the address", u.Host, response.Status), response.Body.Close())
	}
	return response.Body, nil
}

// putTable writes an imported table under another name and renames it when it is complete.
func putTable(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".permissions-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	if err == nil {
		err = temporary.Chmod(0o644)
	}
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
