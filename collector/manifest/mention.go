package manifest

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sourceForms are the forms that definitions are written in besides JSON, which are not
// read here.
var sourceForms = []string{".bicep", ".bicepparam", ".hcl", ".j2", ".json5", ".jsonc", ".tf", ".tofu", ".tfvars", ".tftpl", ".tpl", ".yaml", ".yml"}

// isOther tells files that are not read, and may hold definitions nevertheless.
func isOther(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".zip" || slices.Contains(sourceForms, ext)
}

// mentionedTypes are what a definition that reads Microsoft 365 cannot do without, in lower case.
var mentionedTypes = [][]byte{[]byte("365source"), []byte("365table")}

// mentionLine is the first line that names the type of a source or a dataset of Microsoft
// 365; 0 when none does.
func mentionLine(text []byte) int {
	lower := bytes.ToLower(text)
	first := -1
	for _, kind := range mentionedTypes {
		for at := 0; ; {
			i := bytes.Index(lower[at:], kind)
			if i < 0 {
				break
			}
			at += i
			if before := lower[:at]; bytes.HasSuffix(before, []byte("office")) || bytes.HasSuffix(before, []byte("microsoft")) {
				if first < 0 || at < first {
					first = at
				}
				break
			}
			at += len(kind)
		}
	}
	if first < 0 {
		return 0
	}
	return bytes.Count(lower[:first], []byte("\n")) + 1
}

func mentioned(text string) bool { return mentionLine([]byte(text)) > 0 }

// other looks into a file that is not read. What reads Microsoft 365 in it must not go
// unsaid.
func (w *world) other(s selected) []error {
	if strings.EqualFold(filepath.Ext(s.path), ".zip") {
		return w.zipped(s)
	}
	handle, err := os.Open(s.path)
	if err != nil {
		return []error{fmt.Errorf("%s:1: it cannot be looked into: %w; hint: make it readable, or name the files to read", s.name, bare(err))}
	}
	defer handle.Close()
	text, err := plainText(handle)
	if err != nil {
		return []error{fmt.Errorf("%s:1: it cannot be looked into: %w; hint: make it readable, or name the files to read", s.name, err)}
	}
	w.noteSource(s, text)
	if strings.EqualFold(filepath.Ext(s.path), ".bicep") && w.builtTo(s) != nil {
		return nil
	}
	return mention(s.name, text)
}

func mention(name string, text []byte) []error {
	line := mentionLine(text)
	if line == 0 {
		return nil
	}
	advice := "save the definition as JSON"
	if strings.EqualFold(filepath.Ext(name), ".bicep") {
		advice = "build it to a template beside it"
	}
	return []error{fmt.Errorf("%s:%d: a source of Microsoft 365 data stands in a file that is not read; hint: %s, or name the definition as it is deployed", name, line, advice)}
}

// builtTo is the template that a Bicep file builds to, where it stands beside it.
func (w *world) builtTo(s selected) *file {
	abs, err := filepath.Abs(s.path)
	if err != nil {
		return nil
	}
	stem := stemOf(filepath.ToSlash(abs))
	i := slices.IndexFunc(w.files, func(f *file) bool { return stemOf(f.abs) == stem && isTemplate(f.root) })
	if i < 0 {
		return nil
	}
	return w.files[i]
}

// bare is an error of the system without the path, which its message has already.
func bare(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}

// zipped looks into the files of an archive.
func (w *world) zipped(s selected) []error {
	archive, err := zip.OpenReader(s.path)
	if err != nil {
		return []error{fmt.Errorf("%s:1: the archive cannot be looked into: %w; hint: unpack it, or move it elsewhere", s.name, bare(err))}
	}
	defer archive.Close()
	var faults []error
	left := int64(maxFile)
	for _, entry := range archive.File {
		name := s.name + "/" + entry.Name
		if strings.EqualFold(filepath.Ext(name), ".zip") {
			faults = append(faults, fmt.Errorf("%s:1: an archive in an archive is not looked into; hint: unpack it, or move it elsewhere", name))
		}
		if !isJSON(name) && !isOther(name) || strings.EqualFold(filepath.Ext(name), ".zip") {
			continue
		}
		text, err := unzipped(entry, left)
		if err != nil {
			return append(faults, fmt.Errorf("%s:1: it cannot be looked into: %w; hint: unpack the archive, or move it elsewhere", name, err))
		}
		left -= int64(len(text))
		if at := sourceOfOther.FindIndex(text); at != nil {
			w.sources = append(w.sources, appSource{selected: selected{path: s.path, name: name}, line: bytes.Count(text[:at[0]], []byte("\n")) + 1})
		}
		if line := mentionLine(text); line > 0 {
			faults = append(faults, fmt.Errorf("%s:%d: a source of Microsoft 365 data stands in an archive, which is not read; hint: unpack it", name, line))
		}
	}
	return faults
}

func unzipped(entry *zip.File, limit int64) ([]byte, error) {
	content, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	data, err := io.ReadAll(io.LimitReader(content, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it holds more than %d MB", maxFile>>20)
	}
	if err != nil {
		return nil, err
	}
	return plainText(bytes.NewReader(data))
}
