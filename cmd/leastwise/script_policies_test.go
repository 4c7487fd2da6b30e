package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func policyCommands() map[string]scriptCommand {
	return map[string]scriptCommand{
		"bundle FILE DIR [NAME=SOURCE]": makeBundle,
	}
}

// makeBundle packs a folder as `opa build` does, with names that begin with a slash, and further files under the names
// that are given.
func makeBundle(ts *testscript.TestScript, args []string) error {
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	add := func(name, source string) error {
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		return errors.Join(archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}), write(archive, text))
	}
	root := ts.MkAbs(args[1])
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add("/"+filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))), path)
	})
	for _, arg := range args[2:] {
		name, source, _ := strings.Cut(arg, "=")
		err = errors.Join(err, add(name, ts.MkAbs(source)))
	}
	if err = errors.Join(err, archive.Close(), zipped.Close()); err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[0]), packed.Bytes(), 0o600)
}

func write(archive *tar.Writer, text []byte) error {
	_, err := archive.Write(text)
	return err
}
