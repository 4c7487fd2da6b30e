package manifest

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
)

// bicepParameters is a file of parameters in Bicep's own form, which is not read
// (https://learn.microsoft.com/azure/azure-resource-manager/bicep/parameter-files).
type bicepParameters struct {
	at   *node
	stem string // of the template that it is for, in lower case, without extension
}

var usingTemplate = regexp.MustCompile(`(?m)^[ \t]*using[ \t]+'([^']+)'`)

// noteParameters remembers a file of parameters that is not read.
func (w *world) noteParameters(s selected, text []byte) {
	at := usingTemplate.FindSubmatchIndex(text)
	abs, err := filepath.Abs(s.path)
	if at == nil || err != nil {
		return
	}
	target := filepath.ToSlash(filepath.Join(filepath.Dir(abs), filepath.FromSlash(string(text[at[2]:at[3]]))))
	w.untaken = append(w.untaken, bicepParameters{
		at:   &node{shape: aText, file: &file{name: s.name}, line: bytes.Count(text[:at[0]], []byte("\n")) + 1},
		stem: stemOf(target),
	})
}

func stemOf(path string) string {
	return strings.ToLower(strings.TrimSuffix(path, filepath.Ext(path)))
}

// giveUnread puts the parameters of a template in doubt that a file which is not read gives, where none that is read does.
func (w *world) giveUnread(a *arm, f *file, own []*parameterFile) {
	for _, p := range w.untaken {
		if len(own) == 0 && p.stem == stemOf(f.abs) {
			a.elsewhere = p.at
		}
	}
}
