package catalog

import (
	"maps"
	"slices"
	"strings"
)

// datasetsFile holds the datasets of Data Connect. Every other file holds permissions.
const datasetsFile = "data_connect.yaml"

// datasetsDocument is datasetsFile.
type datasetsDocument struct {
	Datasets []datasetEntry `yaml:"datasets"`
}

type datasetEntry struct {
	Name         string                   `yaml:"name"`
	Former       []string                 `yaml:"former"`
	Complete     *bool                    `yaml:"complete"`
	Columns      []string                 `yaml:"columns"`
	Sensitive    map[Sensitivity][]string `yaml:"sensitive"`
	AllSensitive Sensitivity              `yaml:"all_sensitive"`
	DateFilter   struct {
		Columns []string `yaml:"columns"`
		Window  bool     `yaml:"window"`
	} `yaml:"date_filter"`
}

// datasetsOf reads datasetsFile as strictly as permissions are read.
func (l *loader) datasetsOf(name string, data []byte) {
	var doc datasetsDocument
	at, err := decode(name, data, &doc)
	if err != nil {
		l.fault(err)
		return
	}
	if doc.Datasets == nil {
		l.fault(at.errorf("file has no datasets"))
	}
	tables := map[string]place{}
	for i, e := range doc.Datasets {
		here := at.field("datasets").item(i)
		faults := e.faults(here)
		for _, name := range append([]string{e.Name}, e.Former...) {
			if first, taken := tables[tableKey(name)]; taken && name != "" {
				faults = append(faults, here.errorf("table %s stands already at %s", name, first))
			}
			tables[tableKey(name)] = here
		}
		l.faults = append(l.faults, faults...)
		if len(faults) == 0 {
			l.datasets = append(l.datasets, e.dataset())
		}
	}
}

func (e datasetEntry) dataset() Dataset {
	d := Dataset{
		Name: e.Name, Former: e.Former, Columns: e.Columns, Complete: *e.Complete, AllSensitive: e.AllSensitive,
		Sensitive: map[string]Sensitivity{}, DateFilter: e.DateFilter.Columns, DateWindow: e.DateFilter.Window,
	}
	for why, columns := range e.Sensitive {
		for _, column := range columns {
			d.Sensitive[strings.ToLower(column)] = why
		}
	}
	return d
}

func (s Sensitivity) known() bool { return s == Content || s == ThirdParty || s == Personal }

// faults lists what is wrong with an entry by itself.
func (e datasetEntry) faults(at place) []error {
	var faults []error
	check := func(ok bool, field, format string, args ...any) {
		if !ok {
			faults = append(faults, at.field(field).errorf(format, args...))
		}
	}
	for _, name := range append([]string{e.Name}, e.Former...) {
		check(isName(name), "name", "name %q is not that of a table", name)
	}
	check(e.Complete != nil, "name", "whether the columns are complete is missing")
	check(e.Columns != nil, "name", "columns are missing; where none are known, write: columns: []")
	check(e.Complete == nil || !*e.Complete || len(e.Columns) > 0, "complete", "a table without columns cannot be complete")
	check(e.AllSensitive == "" || e.AllSensitive.known(), "all_sensitive", "unknown reason %q", e.AllSensitive)
	check(e.AllSensitive == "" || e.Sensitive == nil, "sensitive", "every column is sensitive already")
	check(!e.DateFilter.Window || e.DateFilter.Columns == nil, "date_filter", "a window needs no columns")
	return append(faults, e.columnFaults(at)...)
}

// columnFaults checks that every column is named once, and that what is said of columns is said of these.
func (e datasetEntry) columnFaults(at place) []error {
	var faults []error
	known := map[string]bool{}
	for i, column := range e.Columns {
		here := at.field("columns").item(i)
		if !isName(column) {
			faults = append(faults, here.errorf("%q is not a column", column))
		}
		if known[strings.ToLower(column)] {
			faults = append(faults, here.errorf("column %s is named twice", column))
		}
		known[strings.ToLower(column)] = true
	}
	sensitive := map[string]bool{}
	for _, why := range slices.Sorted(maps.Keys(e.Sensitive)) {
		columns, here := e.Sensitive[why], at.field("sensitive")
		if !why.known() {
			faults = append(faults, here.errorf("unknown reason %q", why))
		}
		for i, column := range columns {
			there := here.field(string(why)).item(i)
			switch {
			case !known[strings.ToLower(column)]:
				faults = append(faults, there.errorf("the table has no column %s", column))
			case sensitive[strings.ToLower(column)]:
				faults = append(faults, there.errorf("column %s is sensitive for two reasons", column))
			}
			sensitive[strings.ToLower(column)] = true
		}
	}
	for i, column := range e.DateFilter.Columns {
		if !known[strings.ToLower(column)] {
			faults = append(faults, at.field("date_filter").field("columns").item(i).errorf("the table has no column %s", column))
		}
	}
	return faults
}

func isName(s string) bool { return s != "" && !strings.ContainsAny(s, " \t\r\n,;*<>") }
