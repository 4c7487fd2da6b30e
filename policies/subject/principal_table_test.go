package subject

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each principal that is put into the table comes out of it as it was, packed or not: what was not read stays apart
// from what is not there.
func TestPrincipalsComeOutAsTheyWere(t *testing.T) {
	j := &Join{yes: true, principals: principalTable{byID: map[rowKey]uint32{}, byApp: map[rowKey]uint32{}, whole: map[uint32]*principal{}}}
	want := somePrincipals(j)
	for i, p := range want {
		p.id, p.appID = fmt.Sprintf("object-%d", i), fmt.Sprintf("app-%d", i)
		kept := *p // the table may keep what it is given
		j.addPrincipal(&kept)
	}
	packed := 0
	for _, seal := range []bool{false, true} {
		if seal {
			j.principals.texts.seal()
		}
		for i, p := range want {
			p.number = uint32(i)
			for _, got := range []*principal{j.principal(p.id), j.byApp(p.appID)} {
				if diff := cmp.Diff(p, got, cmp.AllowUnexported(principal{}, resource{})); diff != "" {
					t.Fatalf("principal %d (-want +got):\n%s", i, diff)
				}
			}
			if j.principals.whole[p.number] == nil {
				packed++
			}
		}
	}
	if packed == 0 || packed == 2*len(want) {
		t.Errorf("%d of %d are packed: the test shows nothing", packed/2, len(want))
	}
	if j.principal("app-1") != nil || j.byApp("object-1") != nil || j.byApp("") != nil {
		t.Error("a principal is found by an id that it does not have")
	}
}

// A field that is added to principals, or to what they publish, is not lost in packing.
func TestNoFieldOfPrincipalsIsLost(t *testing.T) {
	for _, of := range []reflect.Type{reflect.TypeFor[principal](), reflect.TypeFor[resource]()} {
		for field := range of.Fields() {
			// The table gives the number, orphans are not in it, and only long tables have an index by name.
			if slices.Contains([]string{"number", "orphan", "byName"}, field.Name) {
				continue
			}
			t.Run(of.Name()+" "+field.Name, func(t *testing.T) {
				j := &Join{yes: true, principals: principalTable{byID: map[rowKey]uint32{}, byApp: map[rowKey]uint32{}, whole: map[uint32]*principal{}}}
				built := func() *principal {
					p := &principal{id: "object", appID: "app", listed: true}
					target := reflect.ValueOf(p).Elem()
					if of != target.Type() {
						p.resource = &resource{number: 1, scopes: []wirePermission{{ID: "i", Value: "v"}}}
						target = reflect.ValueOf(p.resource).Elem()
					}
					member := target.FieldByIndex(field.Index)
					fill(t, reflect.NewAt(field.Type, member.Addr().UnsafePointer()).Elem())
					if p.resource != nil {
						p.resource.number = 1
					}
					return p
				}
				want := built()
				j.addPrincipal(built())
				if diff := cmp.Diff(want, j.principal(want.id), cmp.AllowUnexported(principal{}, resource{})); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// fill gives a value other contents than the usual ones.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("other")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	default:
		t.Fatalf("fill %s here too", v.Type())
	}
}

// somePrincipals combine what a principal may be known of.
func somePrincipals(j *Join) []*principal {
	one, other := wirePermission{ID: "i1", Value: "v1"}, wirePermission{ID: "i2"}
	resources := []func() *resource{
		func() *resource { return nil },
		func() *resource { return &resource{roles: []wirePermission{one}} },
		func() *resource { return &resource{scopes: []wirePermission{other}} },
		func() *resource { return &resource{roles: []wirePermission{one}, scopes: []wirePermission{other}} },
		func() *resource { return &resource{scopes: []wirePermission{one, other}} },
	}
	var list []*principal
	for i, enabled := range []*bool{nil, &j.yes, &j.no} {
		for _, credentials := range [][]Credential{nil, {}, {{KeyID: "k"}}} {
			for k, r := range resources {
				for _, gaps := range [][]Gap{nil, {{Dataset: "d", Reason: "r"}}} {
					p := &principal{
						name: strings.Repeat("n", 5000*k), ownerTenant: fmt.Sprint("tenant", i), kind: "Application", audience: "a",
						created: "c", enabled: enabled, verified: []*bool{&j.no, nil, &j.yes}[i], credentials: credentials, resource: r(),
						listed: k%2 == 0, disabledByMicrosoft: []string{"", "x"}[k%2], publisher: []string{"p", ""}[k%2], gaps: gaps,
					}
					if p.resource != nil {
						p.resource.number = uint32(len(list)) + 1
					}
					list = append(list, p)
				}
			}
		}
	}
	return list
}

func TestTextsAcrossChunks(t *testing.T) {
	var kept texts
	var want []string
	var at []text
	for i := range 3000 {
		s := strings.Repeat(fmt.Sprint(i%7), i%200)
		if i == 1500 {
			s = strings.Repeat("long", textChunk)
		}
		want, at = append(want, s), append(at, kept.add(s))
	}
	for i, s := range want {
		if got := kept.of(at[i]); got != s {
			t.Fatalf("text %d: got %d bytes, want %d", i, len(got), len(s))
		}
	}
	if len(kept.full) < 3 {
		t.Errorf("%d chunks: the test shows nothing", len(kept.full))
	}
}

func TestListsKeepTheirOrder(t *testing.T) {
	var l lists[string, int]
	want := map[string][]int{}
	for i := range 100 {
		key := fmt.Sprint(i * i % 7)
		l.add(key, i)
		want[key] = append(want[key], i)
	}
	for key, list := range want {
		if got := slices.Collect(l.of(key)); !slices.Equal(got, list) {
			t.Errorf("%s: got %v, want %v", key, got, list)
		}
	}
	if got := slices.Collect(l.of("none")); len(got) > 0 {
		t.Errorf("got %v of a key that is not there", got)
	}
	met := 0
	for range l.of("0") {
		if met++; met == 2 { // a reader may stop
			break
		}
	}
	if met != 2 {
		t.Errorf("%d rows of a key that has more", met)
	}
}
