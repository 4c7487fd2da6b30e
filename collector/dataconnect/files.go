package dataconnect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

// savedTypes are the ends of the names of files that a folder of events may hold.
var savedTypes = []string{".csv", ".json", ".jsonl", ".ndjson"}

// eventFile is a file of saved events; name is its path in the folder of events.
type eventFile struct{ path, name string }

// eventFiles lists the files of saved events at path, those of its folders included, in
// order of name. What else it holds, hidden files excepted, may be events too: problems
// name it.
func eventFiles(path string) (files []eventFile, problems []string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, []string{err.Error()}
	case info.Mode().IsRegular():
		return []eventFile{{path, filepath.Base(path)}}, nil
	case !info.IsDir():
		return nil, []string{path + " is no regular file"}
	}
	files, problems = listFolder(path, "")
	if len(files) == 0 && len(problems) == 0 {
		problems = []string{fmt.Sprintf("%s holds no *%s", path, strings.Join(savedTypes, ", *"))}
	}
	return files, problems
}

// listFolder lists a folder; name is its path in the folder of events.
func listFolder(path, name string) (files []eventFile, problems []string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, []string{err.Error()}
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		file := eventFile{filepath.Join(path, entry.Name()), filepath.ToSlash(filepath.Join(name, entry.Name()))}
		if entry.IsDir() {
			inside, wrong := listFolder(file.path, file.name)
			files, problems = append(files, inside...), append(problems, wrong...)
			continue
		}
		if problem := unreadable(file); problem != "" {
			problems = append(problems, problem)
			continue
		}
		files = append(files, file)
	}
	return files, problems
}

// unreadable says why a file is not read.
func unreadable(file eventFile) string {
	info, err := os.Stat(file.path)
	switch {
	case err != nil:
		return err.Error()
	case info.IsDir():
		return file.name + " is a link to a folder, which is not followed"
	case !info.Mode().IsRegular():
		return file.name + " is no regular file"
	case !slices.Contains(savedTypes, strings.ToLower(filepath.Ext(file.name))):
		return fmt.Sprintf("%s is not read; hint: save it as *%s, or take it out of the folder", file.name, strings.Join(savedTypes, ", *"))
	}
	return ""
}

// savedEvents reads the saved events.
func (s *Source) savedEvents(ctx context.Context, in intake) error {
	if s.opts.Events == "" {
		return nil
	}
	in.seen = &sightings{now: in.ledgers()[0].now}
	relay := newRelay(in)
	problems, err := readFiles(ctx, s.opts.Events, relay)
	if err := relay.end(); err != nil {
		return err
	}
	if err != nil && ctx.Err() == nil {
		return err
	}
	problems = append(problems, in.seen.searches.cut()...)
	for _, l := range in.ledgers() {
		switch {
		case err != nil:
			l.add(interrupted())
		case in.seen.records == 0 && len(problems)+len(l.lost.undated) > 0:
			reason := append(problems, l.lost.undated)[0]
			l.lost = losses{}
			l.add(Coverage{Missing: &snapshot.Dataset{Status: snapshot.Failed, Reason: reason}})
		default:
			for _, problem := range problems {
				l.fault(problem)
			}
			s.countFiles(l, *in.seen, len(problems) == 0)
		}
	}
	return nil
}

// readFiles reads the files at path. What is wrong with them is a problem; the error
// ends the run.
func readFiles(ctx context.Context, path string, to *relay) (problems []string, err error) {
	files, problems := eventFiles(path)
	for _, file := range files {
		problem, err := readFile(ctx, file, to)
		if err != nil {
			return problems, err
		}
		if problem != "" {
			problems = append(problems, problem)
		}
	}
	return problems, nil
}

func readFile(ctx context.Context, from eventFile, to *relay) (problem string, ending error) {
	file, err := os.Open(from.path)
	if err != nil {
		return err.Error(), nil
	}
	defer file.Close()
	name := from.name
	each := func(record json.RawMessage, line int) error {
		if ending = ctx.Err(); ending == nil {
			ending = to.record(record, fmt.Sprintf("%s:%d", name, line))
		}
		return ending
	}
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		err = saved.ReadTable(file, name, func(fields map[string]string, line int) error {
			record, err := tableRecord(fields)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", name, line, err)
			}
			return each(record, line)
		})
	} else {
		_, err = saved.ReadRecords(file, name, func(row saved.Row) error { return each(row.JSON, row.Line) })
	}
	if ending != nil || err == nil {
		return "", ending
	}
	return err.Error(), nil
}

// tableRecord makes an envelope of a line that Export-Csv wrote of the output of
// Search-UnifiedAuditLog, or that the portal exported.
func tableRecord(fields map[string]string) (json.RawMessage, error) {
	envelope, found := map[string]string{}, false
	for column, field := range fields {
		for _, member := range []string{"AuditData", "RecordType", "Identity", "RecordId", "CreationDate", "ResultIndex", "ResultCount"} {
			if strings.EqualFold(column, member) && (field != "" || member == "AuditData") {
				envelope[member] = field
				found = found || member == "AuditData"
			}
		}
	}
	if !found {
		return nil, errors.New("the table has no column AuditData; hint: export the output of Search-UnifiedAuditLog with all of its columns")
	}
	return snapshot.Encode(envelope)
}

// countFiles notes how far the saved events reach: from where they are said to be
// complete to the newest of them, when all of them could be read. Of roles and of consent
// they say nothing unless they hold such events: they are often saved by their type.
func (s *Source) countFiles(l *ledger, seen sightings, whole bool) {
	newest := seen.newest
	if l.name != snapshot.DataConnectEvents {
		if l.name == snapshot.RoleEvents && seen.roleChanges == 0 || l.name == snapshot.ConsentEvents && seen.consents == 0 {
			l.lost = losses{}
			return
		}
		newest = seen.directory
	}
	l.saved = true
	covered := Coverage{}
	if from := s.opts.EventsFrom; from != nil {
		why := ""
		switch {
		case !whole || l.lost.undated != "":
			why = "not all of them could be read"
		case newest.Before(*from):
			why = "they end before"
		default:
			covered.Windows = []snapshot.Window{{From: from.UTC(), To: newest}}
			covered.Reason = "saved events end at " + minute(newest)
		}
		if why != "" {
			covered.Reason = fmt.Sprintf("saved events are not taken for complete from %s: %s", minute(from.UTC()), why)
		}
	}
	l.add(covered)
}
