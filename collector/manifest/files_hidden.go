package manifest

import (
	"bytes"
	"os"
)

// hidden looks into a file of a hidden folder. One that may define applications is read like any other; settings of
// tools, which are what mostly stands there, are left alone.
func (w *world) hidden(s selected) error {
	handle, err := os.Open(s.path)
	if err != nil {
		return nil // it is not known to be about applications
	}
	defer handle.Close()
	text, err := plainText(handle)
	switch {
	case err != nil:
	case !isJSON(s.path):
		w.noteSource(s, text)
	case holdsAny(bytes.ToLower(text), signs):
		return w.load(s)
	}
	return nil
}
