package policies

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Limits of what a bundle may hold, far above any set of controls: a small file can unpack to anything.
const (
	bundleFiles    = 5_000
	bundleFileSize = 1 << 20
	bundleSize     = 32 << 20
)

const bundleTip = "a bundle is a .tar.gz of *.rego files and frameworks/*.yaml, as `opa build --bundle DIR` or `tar czf` makes it"

// readBundle reads an OPA bundle, https://www.openpolicyagent.org/docs/latest/management-bundles/. Nothing is
// written to disk. Every fault refuses the whole bundle.
func readBundle(file string) (*fileSet, error) {
	handle, err := os.Open(file)
	if err != nil {
		return nil, &LoadError{file, 0, err.Error(), "name a folder or a bundle that can be read"}
	}
	defer handle.Close()
	b := &bundle{file: file, seen: map[string]bool{}}
	if err := b.read(handle); err != nil {
		if fault, ok := errors.AsType[*LoadError](err); ok {
			return nil, fault
		}
		return nil, &LoadError{file, 0, bundleFault(err), bundleTip}
	}
	return &b.set, nil
}

// bundleFault says in words what is wrong with an archive.
func bundleFault(err error) string {
	switch {
	case errors.Is(err, gzip.ErrHeader):
		return "not a gzip file"
	case errors.Is(err, gzip.ErrChecksum):
		return "damaged: its checksum does not agree"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "damaged: the file ends early"
	case errors.Is(err, tar.ErrHeader):
		return "not a tar archive inside"
	}
	return "damaged: " + oneLine(err)
}

type bundle struct {
	file string
	set  fileSet
	seen map[string]bool // names, cleaned
}

func (b *bundle) read(handle io.Reader) error {
	unzipped, err := gzip.NewReader(bufio.NewReader(handle))
	if err != nil {
		return err
	}
	limited := &io.LimitedReader{R: unzipped, N: bundleSize + 1}
	archive := tar.NewReader(limited)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) && limited.N > 0 {
			break
		}
		if err == nil {
			err = b.entry(header, archive)
		}
		if limited.N <= 0 {
			return b.fault("", "unpacks to more than %d MB", bundleSize>>20)
		}
		if err != nil {
			return err
		}
	}
	return b.rest(limited)
}

// rest reads what follows the archive: padding, and the checksum behind it.
func (b *bundle) rest(limited *io.LimitedReader) error {
	after, err := io.ReadAll(limited)
	switch {
	case err != nil:
		return err
	case limited.N <= 0:
		return b.fault("", "unpacks to more than %d MB", bundleSize>>20)
	case len(bytes.Trim(after, "\x00")) > 0:
		return b.fault("", "something follows the archive")
	case len(b.seen) == 0:
		return b.fault("", "the archive is empty")
	}
	return nil
}

func (b *bundle) fault(name, format string, args ...any) error {
	return &LoadError{b.shown(name), 0, fmt.Sprintf(format, args...), bundleTip}
}

// shown names a file of the bundle in messages.
func (b *bundle) shown(name string) string {
	if name == "" {
		return b.file
	}
	return b.file + ":" + name
}

func (b *bundle) entry(header *tar.Header, content io.Reader) error {
	name, ok := cleanName(header.Name)
	if !ok {
		return b.fault("", "the name %q leads out of the bundle", header.Name)
	}
	switch header.Typeflag {
	case tar.TypeDir, tar.TypeXGlobalHeader:
		return nil
	case tar.TypeReg:
	default:
		return b.fault(name, "neither a file nor a folder: links and devices are refused")
	}
	if b.seen[name] {
		return b.fault(name, "the file is there twice")
	}
	if b.seen[name] = true; len(b.seen) > bundleFiles {
		return b.fault("", "more than %d files", bundleFiles)
	}
	if header.Size > bundleFileSize {
		return b.fault(name, "larger than %d MB", bundleFileSize>>20)
	}
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	return b.add(name, text)
}

// cleanName brings the name of an entry to the form a/b/c. OPA writes names with a leading slash.
func cleanName(name string) (string, bool) {
	name = strings.TrimPrefix(name, "/")
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", false
		}
	}
	if strings.ContainsAny(name, "\\\x00\n\r") || len(name) > 1 && name[1] == ':' {
		return "", false
	}
	return path.Clean(name), true
}

func (b *bundle) add(name string, text []byte) error {
	base := path.Base(name)
	switch {
	case name == ".manifest":
		return b.manifest(text)
	case name == ".signatures.json":
		b.set.signed = true
	case path.Ext(name) == ".rego":
		b.set.files = append(b.set.files, sourceFile{b.shown(name), string(text)})
	case isFramework(name):
		b.set.frameworks = append(b.set.frameworks, sourceFile{b.shown(name), string(text)})
	case base == "data.json" || base == "data.yaml" || base == "data.yml":
		if compact := strings.Join(strings.Fields(string(text)), ""); compact != "{}" && compact != "" {
			return b.fault(name, "data is refused: controls judge the input and data.config alone")
		}
	case path.Ext(name) == ".md" || strings.HasPrefix(base, "LICENSE"):
	default:
		return b.fault(name, "neither Rego nor a framework")
	}
	return nil
}

// manifest reads the roots, https://www.openpolicyagent.org/docs/latest/management-bundles/#bundle-file-format.
func (b *bundle) manifest(text []byte) error {
	var m struct {
		Roots       *[]string      `json:"roots"`
		RegoVersion *int           `json:"rego_version"`
		FileRego    map[string]int `json:"file_rego_versions"`
		Wasm        []any          `json:"wasm"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return &LoadError{b.shown(".manifest"), lineOfJSON(text, err), oneLine(err), "the manifest is a JSON object with revision, roots and rego_version"}
	}
	if m.RegoVersion != nil && *m.RegoVersion != 1 || len(m.FileRego) > 0 {
		return b.fault(".manifest", "another version of Rego than 1")
	}
	if len(m.Wasm) > 0 {
		return b.fault(".manifest", "WebAssembly is refused")
	}
	if m.Roots != nil {
		b.set.roots = append([]string{}, *m.Roots...)
	}
	return nil
}

func lineOfJSON(text []byte, err error) int {
	offset := int64(len(text))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	} else if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = mistyped.Offset
	}
	return 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n"))
}
