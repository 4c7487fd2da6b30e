package finding

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
)

// Document is a report with its rows on disk: what every format is made from.
type Document struct {
	Report
	path    string
	offsets map[Section]int64 // of the first byte after the section's "["
}

// OpenDocument reads the header of a JSON report and finds its row tables. The
// whole file is scanned, so that a damaged one is refused before anything is made
// from it. Errors name file and line.
func OpenDocument(path string) (*Document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	defer file.Close()
	d := &Document{path: path, offsets: map[Section]int64{}}
	dec := json.NewDecoder(file)
	if err := d.scan(dec); err != nil {
		line, lineErr := lineAt(path, position(path, dec, err))
		return nil, errors.Join(fmt.Errorf("read report: %s:%d: %w", path, line, err), lineErr)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Document) check() error {
	major, _, _ := strings.Cut(SchemaVersion, ".")
	got, _, _ := strings.Cut(d.SchemaVersion, ".")
	if got != major {
		return fmt.Errorf("read report: %s: schema version %q, this program reads %s.x", d.path, d.SchemaVersion, major)
	}
	for _, section := range append(InventorySections(), Findings) {
		if _, ok := d.offsets[section]; !ok && !slices.Contains(youngSections(), section) {
			return fmt.Errorf("read report: %s: table %q is missing", d.path, section)
		}
	}
	return nil
}

// youngSections are the tables that reports of earlier minor versions lack: pipelines came with
// 1.2, containers with 1.3, the others with 1.4.
func youngSections() []Section {
	return []Section{Pipelines, Containers, Credentials, Consents, Differences}
}

func (d *Document) scan(dec *json.Decoder) error {
	seen := map[string]bool{}
	err := members(dec, func(name string) error {
		folded := strings.ToLower(name) // as decoding does
		if seen[folded] {
			return fmt.Errorf("the member %q is there twice", name)
		}
		seen[folded] = true
		switch name {
		case "inventory":
			return members(dec, func(table string) error { return d.skipRows(dec, Section(table)) })
		case "findings":
			return d.skipRows(dec, Findings)
		default:
			return d.headerMember(dec, name)
		}
	})
	if err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the report")
	}
	return nil
}

// headerMember reads one member of the header into the report.
func (d *Document) headerMember(dec *json.Decoder, name string) error {
	var value json.RawMessage
	if err := dec.Decode(&value); err != nil {
		return noEOF(err)
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return err
	}
	member := slices.Concat([]byte("{"), quoted, []byte(":"), value, []byte("}"))
	if err := json.Unmarshal(member, &d.Report); err != nil {
		before := dec.InputOffset() - int64(len(value))
		if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			before += max(mistyped.Offset-int64(len(quoted))-3, 0)
		}
		return &memberError{before: before, err: err}
	}
	return nil
}

// memberError is a member of the header that is JSON, and not what it should be.
type memberError struct {
	before int64 // bytes of the file up to the fault
	err    error
}

func (e *memberError) Error() string { return e.err.Error() }
func (e *memberError) Unwrap() error { return e.err }

// members calls each for every member of the object that dec stands before; each
// consumes the member's value.
func members(dec *json.Decoder, each func(name string) error) error {
	if err := expect(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return noEOF(err)
		}
		if err := each(fmt.Sprint(token)); err != nil {
			return err
		}
	}
	return expect(dec, '}')
}

func expect(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err != nil {
		return noEOF(err)
	}
	if token != want {
		return fmt.Errorf("expected %q, found %v", want, token)
	}
	return nil
}

func (d *Document) skipRows(dec *json.Decoder, section Section) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	if _, ok := d.offsets[section]; ok {
		return fmt.Errorf("table %q is there twice", section)
	}
	d.offsets[section] = dec.InputOffset()
	var row json.RawMessage
	for dec.More() {
		if err := dec.Decode(&row); err != nil {
			return noEOF(err)
		}
	}
	return expect(dec, ']')
}

var errEndsEarly = errors.New("the file ends early")

// noEOF says what an unexpected end of a report means.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errEndsEarly
	}
	return err
}

// position finds the byte that a scan stopped at. A decoder does not count the
// bytes of the tokens around a value, so the value at fault is read once more by
// itself.
func position(path string, dec *json.Decoder, err error) int64 {
	offset := dec.InputOffset()
	if member, ok := errors.AsType[*memberError](err); ok {
		return member.before
	}
	if errors.Is(err, errEndsEarly) {
		return math.MaxInt64
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok {
		return offset
	}
	file, err := os.Open(path)
	if err != nil {
		return offset
	}
	defer file.Close()
	start, err := skipDelimiters(file, offset)
	if err != nil {
		return offset
	}
	var value json.RawMessage
	if syntax, ok := errors.AsType[*json.SyntaxError](json.NewDecoder(file).Decode(&value)); ok {
		return start + syntax.Offset - 1
	}
	return start
}

// skipDelimiters moves file from offset to where the next value begins.
func skipDelimiters(file io.ReadSeeker, offset int64) (int64, error) {
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	reader := bufio.NewReader(file)
	for {
		c, err := reader.ReadByte()
		if err != nil {
			return 0, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n,:"), rune(c)) {
			return file.Seek(offset, io.SeekStart)
		}
		offset++
	}
}

func lineAt(path string, offset int64) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	line := 1
	buffer := make([]byte, 1<<16)
	limited := io.LimitReader(file, offset)
	for {
		n, err := limited.Read(buffer)
		line += bytes.Count(buffer[:n], []byte("\n"))
		if errors.Is(err, io.EOF) {
			return line, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// Rows yields the rows of a section as T, in the order of the file. An error ends
// the loop; it names file and line.
func Rows[T any](d *Document, section Section) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		start, there := d.offsets[section]
		if !there {
			return
		}
		file, err := os.Open(d.path)
		if err != nil {
			yield(zero, fmt.Errorf("read report: %w", err))
			return
		}
		defer file.Close()
		if _, err := file.Seek(start, io.SeekStart); err != nil {
			yield(zero, fmt.Errorf("read report: %w", err))
			return
		}
		// The decoder is put back inside the array by a "[" of its own.
		dec := json.NewDecoder(io.MultiReader(strings.NewReader("["), file))
		if err := rows(dec, func(row T) bool { return yield(row, nil) }); err != nil {
			line, lineErr := lineAt(d.path, start+dec.InputOffset()-1)
			yield(zero, errors.Join(fmt.Errorf("read report: %s:%d: %s: %w", d.path, line, section, err), lineErr))
		}
	}
}

// rows decodes an array of T until yield has enough.
func rows[T any](dec *json.Decoder, yield func(T) bool) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		var row T
		if err := dec.Decode(&row); err != nil {
			return noEOF(err)
		}
		if !yield(row) {
			return nil
		}
	}
	return expect(dec, ']')
}

// Inventory and findings, in the order of the report.

// Applications yields the inventory of applications.
func (d *Document) Applications() iter.Seq2[Application, error] {
	return Rows[Application](d, Applications)
}

// Permissions yields the inventory of permissions.
func (d *Document) Permissions() iter.Seq2[Permission, error] {
	return Rows[Permission](d, Permissions)
}

// ContainerTypes yields the inventory of container types.
func (d *Document) ContainerTypes() iter.Seq2[ContainerType, error] {
	return Rows[ContainerType](d, ContainerTypes)
}

// Approvals yields the inventory of Data Connect approvals.
func (d *Document) Approvals() iter.Seq2[Approval, error] { return Rows[Approval](d, Approvals) }

// Containers yields the inventory of containers; nothing for a report from before version 1.3.
func (d *Document) Containers() iter.Seq2[Container, error] { return Rows[Container](d, Containers) }

// Pipelines yields the inventory of pipelines; nothing for a report from before version 1.2.
func (d *Document) Pipelines() iter.Seq2[Pipeline, error] { return Rows[Pipeline](d, Pipelines) }

// Credentials yields the inventory of credentials; nothing for a report from before version 1.4.
func (d *Document) Credentials() iter.Seq2[Credential, error] {
	return Rows[Credential](d, Credentials)
}

// Consents yields the inventory of consents; nothing for a report from before version 1.4.
func (d *Document) Consents() iter.Seq2[ConsentEvent, error] { return Rows[ConsentEvent](d, Consents) }

// Differences yields what differs from the previous report, by area; nothing without one.
func (d *Document) Differences() iter.Seq2[Difference, error] {
	return Rows[Difference](d, Differences)
}

// Has reports whether the report holds a table at all; an older one may not, which is not the
// same as an empty one.
func (d *Document) Has(section Section) bool {
	_, there := d.offsets[section]
	return there
}

// Findings yields the findings, worst severity first, then by control.
func (d *Document) Findings() iter.Seq2[Finding, error] { return Rows[Finding](d, Findings) }

// Path is the JSON file the document was opened from.
func (d *Document) Path() string { return d.path }
