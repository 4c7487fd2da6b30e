package dataconnect

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

// eventFiles lists the files of saved events at path, in order of name.
func eventFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && strings.EqualFold(filepath.Ext(name), ".json") && !strings.HasPrefix(name, ".") {
			files = append(files, filepath.Join(path, name))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no *.json", path)
	}
	return files, nil
}

// sink turns saved records into rows.
type sink struct {
	rows    *snapshot.DatasetWriter
	tenant  string
	read    int    // records of any kind that could be read
	problem string // the first file that broke
}

// file reads the records of one file. The error ends the run; what is wrong with
// the file does not.
func (s *sink) file(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		s.fault(err.Error())
		return nil
	}
	defer file.Close()
	name := filepath.Base(path)
	var ending error
	_, err = saved.Read(file, name, func(row saved.Row) error {
		if ending = ctx.Err(); ending == nil {
			ending = s.record(row.JSON, fmt.Sprintf("%s:%d", name, row.Line))
		}
		return ending
	})
	if ending == nil && err != nil {
		s.fault(err.Error())
	}
	return ending
}

func (s *sink) fault(reason string) {
	s.rows.Fault(reason)
	if s.problem == "" {
		s.problem = reason
	}
}
