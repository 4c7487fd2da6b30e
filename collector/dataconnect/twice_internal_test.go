package dataconnect

import (
	"cmp"
	"reflect"
	"slices"
	"testing"
)

// The members that are looked for are those that are decoded.
func TestMembersAreThoseOfTheTypes(t *testing.T) {
	for _, c := range []struct {
		of    reflect.Type
		names []string
	}{
		{reflect.TypeFor[record](), recordMembers},
		{reflect.TypeFor[directoryRecord](), directoryMembers},
		{reflect.TypeFor[entraRecord](), entraMembers},
		{reflect.TypeFor[mgdcDataset](), datasetMembers},
	} {
		var want []string
		for field := range c.of.Fields() {
			want = append(want, cmp.Or(field.Tag.Get("json"), field.Name))
		}
		if !slices.Equal(c.names, want) {
			t.Errorf("%s: got %v, want %v", c.of, c.names, want)
		}
	}
}
