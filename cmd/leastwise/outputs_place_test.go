package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestPlaceAllOrNone lets the last of three reports meet a place that it cannot take, which nobody could have known before.
func TestPlaceAllOrNone(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"former": "former", ".former-1": "one", ".fresh-1": "two", ".taken-1": "three"} {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(path("taken/full"), 0o700); err != nil {
		t.Fatal(err)
	}
	files := []staged{{path(".former-1"), path("former")}, {path(".fresh-1"), path("fresh")}, {path(".taken-1"), path("taken")}}
	if err := place(files); err == nil {
		t.Error("a report took the place of a folder")
	}
	if text, err := os.ReadFile(path("former")); err != nil || string(text) != "former" {
		t.Errorf("the former report is %q, %v", text, err)
	}
	if _, err := os.Stat(path("fresh")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the new report is there: %v", err)
	}

	if err := os.RemoveAll(path("taken")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".former-1", ".fresh-1"} {
		if err := os.WriteFile(path(name), []byte("again"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := place(files); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
