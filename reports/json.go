package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"leastwise/policies/finding"
)

// writeJSON writes the complete report in the layout of finding.Writer: a document
// that came from there comes out byte for byte as it was, any other normalised.
func writeJSON(w io.Writer, d *finding.Document) error {
	header, err := json.MarshalIndent(&d.Report, "", "  ")
	if err != nil {
		return fmt.Errorf("write JSON report: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	out.Write(header[:len(header)-len("\n}")])
	separator := ",\n  \"inventory\": {\n    "
	for _, section := range finding.InventorySections() {
		fmt.Fprintf(out, "%s%q: [", separator, section)
		if err := copyRows(out, d, section); err != nil {
			return fmt.Errorf("write JSON report: %w", err)
		}
		separator = "],\n    "
	}
	out.WriteString("]\n  },\n  \"findings\": [")
	if err := copyRows(out, d, finding.Findings); err != nil {
		return fmt.Errorf("write JSON report: %w", err)
	}
	out.WriteString("]\n}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write JSON report: %w", err)
	}
	return nil
}

// copyRows copies rows as they are, without spaces around their members, so that
// members which a newer program added stay in them.
func copyRows(out *bufio.Writer, d *finding.Document, section finding.Section) error {
	indent := "\n" + strings.Repeat(" ", 6)
	separator := indent
	var compact bytes.Buffer
	for row, err := range finding.Rows[json.RawMessage](d, section) {
		if err != nil {
			return err
		}
		compact.Reset()
		if err := json.Compact(&compact, row); err != nil {
			return err
		}
		out.WriteString(separator)
		out.Write(compact.Bytes())
		separator = "," + indent
	}
	if separator != indent {
		out.WriteString("\n    ")
	}
	return nil
}
