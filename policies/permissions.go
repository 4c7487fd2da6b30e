package policies

import (
	"leastwise/policies/catalog"
	"leastwise/policies/finding"
)

// permissionsTable says which imported table a report rests on; nil for none.
func permissionsTable(p *catalog.Published) *finding.PermissionsTable {
	if p == nil {
		return nil
	}
	return &finding.PermissionsTable{SHA256: p.Digest, SourceSHA256: p.Source, Operations: p.Counts.Cells}
}
