package catalog

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// publishedFormat is the first word of an imported file. The number grows when older versions cannot read it.
const publishedFormat = "leastwise-permissions/1"

// publishedHead is the second line of an imported file.
type publishedHead struct {
	Source   string          `json:"source"`
	Counts   PublishedCounts `json:"counts"`
	Warnings []string        `json:"warnings,omitempty"`
}

// Encode writes what was imported in the form that OpenPublished reads, and tells its SHA-256 in hex. Equal tables become
// equal files.
//
// The form is compressed text: the format; a line of JSON; the permissions, separated by blanks; then each path on a line
// of its own and below it its operations: method, a or d for the kind, and the alternatives as numbers of permissions,
// joined by + where several are needed, with * where they are the least.
func (p *Published) Encode() (file []byte, digest string, err error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, "", err
	}
	text, err := p.text()
	if err == nil {
		_, err = zip.Write(text)
	}
	if err := errors.Join(err, zip.Close()); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(out.Bytes())
	return out.Bytes(), hex.EncodeToString(sum[:]), nil
}

func (p *Published) text() ([]byte, error) {
	head, err := json.Marshal(publishedHead{p.Source, p.Counts, p.Warnings})
	if err != nil {
		return nil, err
	}
	var names []string
	number := map[string]int{}
	var body bytes.Buffer
	last := ""
	for _, op := range p.operations {
		if op.Path != last {
			body.WriteString(op.Path + "\n")
			last = op.Path
		}
		body.WriteString(op.Method + " " + string(op.Kind)[:1])
		for _, way := range op.Ways {
			for i, name := range way.Permissions {
				n, ok := number[name]
				if !ok {
					n = len(names)
					number[name], names = n, append(names, name)
				}
				body.WriteByte(" +"[min(i, 1)])
				body.WriteString(strconv.Itoa(n))
			}
			if way.Least {
				body.WriteByte('*')
			}
		}
		body.WriteByte('\n')
	}
	return fmt.Appendf(nil, "%s\n%s\n%s\n%s", publishedFormat, head, strings.Join(names, " "), body.Bytes()), nil
}

// PublishedName is the name of an imported file, which carries its digest.
func PublishedName(digest string) string { return "permissions-sha256-" + digest + ".gz" }

// ErrNotImported says that a file is not of the form that Encode writes.
var ErrNotImported = errors.New("the file holds no imported permissions")

var digestInName = regexp.MustCompile(`sha256-([0-9a-f]{64})`)

// OpenPublished reads an imported file. Where its name carries a digest, as that of PublishedName does, or want has one, the
// file must have it.
func OpenPublished(path, want string) (*Published, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > MaxPublished {
		err = fmt.Errorf("%s: %d bytes are more than such a file has", path, info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("read permissions: %w; hint: name a file that leastwise permissions import has written", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read permissions: %w", err)
	}
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	named := ""
	if match := digestInName.FindStringSubmatch(filepath.Base(path)); match != nil {
		named = match[1]
	}
	for _, demanded := range []struct{ digest, by string }{{named, "its name"}, {strings.ToLower(want), "the configuration"}} {
		if demanded.digest != "" && demanded.digest != digest {
			return nil, fmt.Errorf("%s: the file has the SHA-256 %s, and %s demands %s; hint: the file was changed or damaged, import it again", path, digest, demanded.by, demanded.digest)
		}
	}
	p, err := decodePublished(path, data)
	if err != nil {
		return nil, err
	}
	p.Digest = digest
	return p, nil
}

func decodePublished(path string, data []byte) (*Published, error) {
	const hint = "; hint: the file is damaged or of another version, import the table again"
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", path, ErrNotImported)
	}
	text, err := io.ReadAll(io.LimitReader(zip, MaxPublished+1))
	if err == nil && len(text) > MaxPublished {
		err = errors.New("it unpacks to more than such a file has")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: damaged: %w%s", path, err, hint)
	}
	d := publishedDecoder{p: &Published{}, line: 1}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, MaxPublished)
	for ; lines.Scan(); d.line++ {
		if err := d.take(lines.Text()); err != nil {
			return nil, fmt.Errorf("%s:%d: %w%s", path, d.line, err, hint)
		}
	}
	if len(d.p.operations) == 0 {
		return nil, fmt.Errorf("%s:%d: it has no operations%s", path, d.line, hint)
	}
	return d.p, nil
}

// publishedDecoder reads an imported file line by line.
type publishedDecoder struct {
	p     *Published
	line  int
	names []string
	path  string
}

func (d *publishedDecoder) take(line string) error {
	switch {
	case d.line == 1 && line != publishedFormat:
		return fmt.Errorf("want %s, got something else", publishedFormat)
	case d.line == 1:
		return nil
	case d.line == 2:
		var head publishedHead
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			return err
		}
		d.p.Source, d.p.Counts, d.p.Warnings = head.Source, head.Counts, head.Warnings
		return nil
	case d.line == 3:
		d.names = strings.Fields(line)
		return nil
	case strings.HasPrefix(line, "/"):
		d.path = line
		return nil
	default:
		return d.operation(strings.Split(line, " "))
	}
}

func (d *publishedDecoder) operation(fields []string) error {
	if d.path == "" || len(fields) < 2 {
		return errors.New("want a path, or a method with a kind")
	}
	op := Operation{Resource: microsoftGraph, Method: fields[0], Path: d.path, Imported: true}
	switch fields[1] {
	case "a":
		op.Kind = Application
	case "d":
		op.Kind = Delegated
	default:
		return fmt.Errorf("unknown kind %q", fields[1])
	}
	for _, field := range fields[2:] {
		way := Alternative{Resource: microsoftGraph}
		text, least := strings.CutSuffix(field, "*")
		way.Least = least
		for number := range strings.SplitSeq(text, "+") {
			n, err := strconv.Atoi(number)
			if err != nil || n < 0 || n >= len(d.names) {
				return fmt.Errorf("no permission has the number %q", number)
			}
			way.Permissions = append(way.Permissions, d.names[n])
		}
		op.Ways = append(op.Ways, way)
	}
	d.p.operations = append(d.p.operations, op)
	return nil
}
