package manifest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// parts takes the parts out of an item of Fabric as its interface gives it out
// (https://learn.microsoft.com/rest/api/fabric/articles/item-management/definitions/data-pipeline-definition):
// each is a file, in base64. It returns the faults of those that cannot be read.
func (w *world) parts(f *file) []error {
	var faults []error
	for _, item := range candidates(f.root) {
		list := item.path("definition", "parts")
		if list == nil || !slices.ContainsFunc(list.list, func(p *node) bool { return p.get("payload") != nil || p.get("payloadType") != nil }) {
			continue
		}
		title := item.str("displayName")
		if title == "" || strings.ContainsAny(title, `/\`) {
			title = fileTitle(f, "")
		}
		for _, p := range list.list {
			if err := w.part(p, f, title); err != nil {
				faults = append(faults, err)
			}
		}
	}
	return faults
}

// part reads one part as a file in the folder that Git would have for the item. Its
// lines are those of the text that holds it.
func (w *world) part(p *node, outer *file, item string) error {
	name := p.str("path")
	content := p.get("payload")
	place := fmt.Sprintf("%s:%d", outer.name, p.line)
	if !strings.EqualFold(p.str("payloadType"), "InlineBase64") || content == nil || content.shape != aText {
		return fmt.Errorf("%s: a part of the item is not in base64 and cannot be read; hint: name the files of the item by themselves", place)
	}
	data, err := base64.StdEncoding.DecodeString(content.text)
	if err != nil {
		return fmt.Errorf("%s: the part %s is not in base64: %w; hint: name the files of the item by themselves", place, name, err)
	}
	if !isJSON(name) {
		if mentionLine(data) > 0 {
			return fmt.Errorf("%s: a source of Microsoft 365 data stands in the part %s, which is not read; hint: name the definition as JSON", place, name)
		}
		return nil
	}
	inner := &file{name: outer.name, abs: path.Join(outer.dir(), item+".DataPipeline", name), top: outer.top, fixed: content.line}
	if err := w.add(inner, data); err != nil {
		if broken, ok := errors.AsType[*Error](err); ok {
			err = fmt.Errorf("in its line %d: %s", broken.Line, broken.Reason)
		}
		return fmt.Errorf("%s: the part %s cannot be read: %w; hint: name the files of the item by themselves", place, name, err)
	}
	return nil
}
