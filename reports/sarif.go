package reports

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"leastwise/policies/finding"
)

// Limits of GitHub code scanning: a file beyond one of them is refused as a whole
// (https://docs.github.com/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit,
// https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
const (
	sarifMaxResults     = 25_000
	sarifMaxTags        = 20      // of a rule; the first ten are shown
	sarifMaxName        = 255     // characters of a rule's name
	sarifMaxDescription = 1024    // characters of its descriptions
	sarifResultBytes    = 8 << 20 // of results, compressed; a file may have 10 MB
)

// Limits of our own, for texts that nobody reads to their end.
const (
	sarifMaxMessage  = 1000     // columns
	sarifMaxHelp     = 10_000   // columns of each part
	sarifMaxEvidence = 32 << 10 // bytes of one finding's evidence or key
)

// sarifSchema is where the published schema of SARIF 2.1.0 is.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// writeSARIF writes SARIF 2.1.0, for GitHub code scanning and every other reader of it. Findings are results: those
// that decide the verdict first, worst first, then those that are waived, known or for people. What passed or does
// not apply is counted in the properties of the run, because GitHub takes every result for an alert. Past GitHub's
// limits the rest is one result for each control and state, with its occurrenceCount.
func writeSARIF(w io.Writer, d *finding.Document) error {
	s, err := newSARIF(d)
	if err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	if err := s.writeTo(w); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

// sarif is a SARIF file in the making.
type sarif struct {
	out                  *bufio.Writer
	d                    *finding.Document
	rules                *sarifRules
	total                int                // findings
	kinds                map[sarifState]int // findings by what a summary tells apart
	maxResults, maxBytes int

	written int                      // results that are one finding
	summed  map[sarifState]*sarifSum // findings beyond the limits
	size    *compressedSize
}

// newSARIF reads the findings once, for what has to be known before the first of them is written.
func newSARIF(d *finding.Document) (*sarif, error) {
	size, err := newCompressedSize()
	if err != nil {
		return nil, err
	}
	s := &sarif{
		d: d, rules: newSARIFRules(&d.Report), kinds: map[sarifState]int{}, maxResults: sarifMaxResults, maxBytes: sarifResultBytes,
		summed: map[sarifState]*sarifSum{}, size: size,
	}
	for f, err := range finding.Rows[sarifGlance](d, finding.Findings) {
		if err != nil {
			return nil, err
		}
		s.total++
		s.kinds[s.stateOf(f.finding())]++
		s.rules.saw(f.Control, f.Severity)
	}
	return s, nil
}

// sarifGlance is what is needed of every finding before any is written.
type sarifGlance struct {
	Control  string           `json:"control"`
	Severity finding.Severity `json:"severity"`
	Outcome  finding.Outcome  `json:"outcome"`
	Since    string           `json:"since"`
	Waiver   *struct{}        `json:"waiver"`
	Known    bool             `json:"known"`
}

func (g sarifGlance) finding() *finding.Finding {
	f := &finding.Finding{Control: g.Control, Severity: g.Severity, Outcome: g.Outcome, Since: g.Since, Known: g.Known}
	if g.Waiver != nil {
		f.Waiver = &finding.Waiver{}
	}
	return f
}

func (s *sarif) writeTo(w io.Writer) error {
	s.out = bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(s.out, "{\n  \"$schema\": %q,\n  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n", sarifSchema)
	if err := s.members(s.head()); err != nil {
		return err
	}
	s.out.WriteString(",\n      \"results\": [")
	if err := s.results(); err != nil {
		return err
	}
	s.out.WriteString("\n      ],\n")
	if err := s.members(s.tail()); err != nil {
		return err
	}
	s.out.WriteString("\n    }\n  ]\n}\n")
	return s.out.Flush()
}

// members writes the members of a struct without its braces.
func (s *sarif) members(part any) error {
	text, err := json.MarshalIndent(part, "    ", "  ")
	if err != nil {
		return err
	}
	s.out.Write(text[len("{\n") : len(text)-len("\n    }")])
	return nil
}

// results writes the findings, and then what is beyond the limits.
func (s *sarif) results() error {
	if s.total > s.maxResults { // room for the summaries
		s.maxResults = max(s.maxResults-len(s.kinds), 0)
	}
	for _, deciding := range []bool{true, false} {
		if err := s.pass(deciding); err != nil {
			return err
		}
	}
	for i, result := range s.summaries() {
		if err := s.result(result, s.written+i == 0); err != nil {
			return err
		}
	}
	return nil
}

// pass reads the findings once, for those that decide the verdict or for the others.
func (s *sarif) pass(deciding bool) error {
	some := false
	for state := range s.kinds {
		some = some || state.decides() == deciding
	}
	if !some {
		return nil
	}
	for f, err := range s.d.Findings() {
		if err != nil {
			return err
		}
		if s.stateOf(&f).decides() != deciding {
			continue
		}
		if err := s.finding(&f); err != nil {
			return err
		}
	}
	return nil
}

// finding writes one finding, or puts it to those that are summed up.
func (s *sarif) finding(f *finding.Finding) error {
	if s.written >= s.maxResults || s.size.written() >= s.maxBytes {
		s.sum(f)
		return nil
	}
	s.written++
	return s.result(s.resultOf(f), s.written == 1)
}

func (s *sarif) result(r sarifResult, first bool) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if !first {
		s.out.WriteByte(',')
	}
	s.out.WriteString("\n        ")
	s.out.Write(line)
	return s.size.add(line)
}

// compressedSize tells how large what was added is once it is compressed, as uploads are.
type compressedSize struct {
	counted *byteCount
	zip     *gzip.Writer
}

func newCompressedSize() (*compressedSize, error) {
	counted := new(byteCount)
	zip, err := gzip.NewWriterLevel(counted, gzip.BestSpeed)
	return &compressedSize{counted: counted, zip: zip}, err
}

func (c *compressedSize) add(line []byte) error {
	_, err := c.zip.Write(line)
	return err
}

// written lags behind by what is still in the compressor.
func (c *compressedSize) written() int { return int(*c.counted) }

// byteCount is a writer that only counts.
type byteCount int

func (n *byteCount) Write(p []byte) (int, error) {
	*n += byteCount(len(p))
	return len(p), nil
}

// inertJSON is JSON of the report with every text in it made visible; nil for an empty object. Numbers stay as they
// are written. What is too long is replaced by its size.
func inertJSON(value json.RawMessage, limit int) any {
	if len(value) > limit {
		return map[string]any{"omitted": fmt.Sprintf("%d bytes; the JSON report has them", len(value))}
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var decoded any
	if decoder.Decode(&decoded) != nil {
		return nil
	}
	if object, ok := decoded.(map[string]any); ok && len(object) == 0 {
		return nil
	}
	return inertValue(decoded)
}

func inertValue(value any) any {
	switch v := value.(type) {
	case string:
		return visible(v)
	case []any:
		for i := range v {
			v[i] = inertValue(v[i])
		}
	case map[string]any:
		inert := make(map[string]any, len(v))
		for name, member := range v {
			inert[visible(name)] = inertValue(member)
		}
		return inert
	}
	return value
}
