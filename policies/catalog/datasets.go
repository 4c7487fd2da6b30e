package catalog

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Sensitivity says why a column is sensitive. The criteria are ours and stand at the head of data_connect.yaml.
type Sensitivity string

// Why a column is sensitive.
const (
	Content    Sensitivity = "content"     // what people wrote, said, attached, or called their files
	ThirdParty Sensitivity = "third_party" // others than the person whose data is read
	Personal   Sensitivity = "personal"    // private or special facts of a person
)

// AllColumns is how an approval names all columns of a dataset.
const AllColumns = "*"

// Dataset is one table of Microsoft Graph Data Connect
// (https://learn.microsoft.com/graph/data-connect-datasets). Names of tables and columns compare without regard to case.
type Dataset struct {
	Name    string   `json:"name"`
	Former  []string `json:"former,omitempty"` // earlier names
	Columns []string `json:"columns"`          // sorted
	// Complete is true when these columns are known to be all.
	Complete bool `json:"complete,omitempty"`
	// Sensitive says of columns, in lower case, why they are.
	Sensitive map[string]Sensitivity `json:"sensitive,omitempty"`
	// AllSensitive is why every column is, whether or not it is in Columns; empty when not every one is.
	AllSensitive Sensitivity `json:"all_sensitive,omitempty"`
	// DateFilter are the columns of which a copy activity must filter on one
	// (https://learn.microsoft.com/graph/data-connect-filtering). DateWindow is true when it must name a start and an end,
	// without a column.
	DateFilter []string `json:"date_filter,omitempty"`
	DateWindow bool     `json:"date_window,omitempty"`
}

// SensitiveOf lists those of the columns that are sensitive, in their order and spelling; AllColumns stands for those of the
// dataset, in the catalogue's order. It is never nil.
func (d Dataset) SensitiveOf(columns []string) []string {
	sensitive := []string{}
	if slices.Contains(columns, AllColumns) {
		columns = d.Columns
		if d.AllSensitive != "" && !d.Complete {
			return []string{AllColumns}
		}
	}
	for _, column := range columns {
		if d.AllSensitive != "" || d.Sensitive[strings.ToLower(column)] != "" {
			sensitive = append(sensitive, column)
		}
	}
	return sensitive
}

// UnratedOf lists those of the columns that the catalogue does not know: whether they are sensitive it cannot say. AllColumns
// is one of them where the dataset may have others than those that are known. It is never nil.
func (d Dataset) UnratedOf(columns []string) []string {
	unrated := []string{}
	if d.AllSensitive != "" {
		return unrated
	}
	for _, column := range columns {
		if column == AllColumns && !d.Complete || column != AllColumns && !isMeta(column) && !d.has(column) {
			unrated = append(unrated, column)
		}
	}
	return unrated
}

// Selectable are the columns without those that Data Connect adds to every row by itself: nobody asks for these, nor
// approves them.
func (d Dataset) Selectable() []string {
	return slices.DeleteFunc(slices.Clone(d.Columns), isMeta)
}

func (d Dataset) has(column string) bool {
	return slices.ContainsFunc(d.Columns, func(known string) bool { return strings.EqualFold(known, column) })
}

// isMeta reports whether a column is one that Data Connect adds to rows by itself
// (https://learn.microsoft.com/graph/data-connect-datasets).
func isMeta(column string) bool {
	switch strings.ToLower(column) {
	case "puser", "ptenant", "pobjectid", "odatatype":
		return true
	}
	return false
}

func (d Dataset) clone() Dataset {
	d.Former, d.Columns, d.DateFilter = slices.Clone(d.Former), slices.Clone(d.Columns), slices.Clone(d.DateFilter)
	d.Sensitive = maps.Clone(d.Sensitive)
	return d
}

// prefix begins the names of almost all tables. Some pages and portals leave it out.
const prefix = "basicdataset_v0."

// tableKey is what names of tables are compared by.
func tableKey(name string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), prefix)
}

// Dataset finds a table of Data Connect by its name or a former one, in any letter case, with or without the prefix
// BasicDataSet_v0. of most of them.
func (c *Catalogue) Dataset(name string) (Dataset, bool) {
	i, ok := c.byTable[tableKey(name)]
	if !ok {
		return Dataset{}, false
	}
	return c.datasets[i].clone(), true
}

// Datasets yields every table of Data Connect, sorted by name.
func (c *Catalogue) Datasets() iter.Seq[Dataset] {
	return func(yield func(Dataset) bool) {
		for _, d := range c.datasets {
			if !yield(d.clone()) {
				return
			}
		}
	}
}

// addDatasets takes over what a loader found sound.
func (c *Catalogue) addDatasets(datasets []Dataset) {
	slices.SortFunc(datasets, func(a, b Dataset) int { return cmp.Compare(a.Name, b.Name) })
	c.datasets, c.byTable = datasets, make(map[string]int, len(datasets))
	for i, d := range datasets {
		for _, name := range append([]string{d.Name}, d.Former...) {
			c.byTable[tableKey(name)] = i
		}
	}
}
