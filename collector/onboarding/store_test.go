package onboarding

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	contoso  = "b6f0d6c2-51f7-4c0e-9d0a-3f1e6a2c7d48"
	fabrikam = "2f9a7c31-6d0e-4b8a-8c55-9e4d1b07f3a6"
	app      = "43e6abba-3748-4fc8-a476-17a6d4a6e798"
)

func entry(id string) Tenant {
	return NewTenant(id, "global", app, FlowCode, time.Date(2026, 11, 20, 9, 30, 0, 0, time.FixedZone("", 3600)))
}

func TestStoreTenant(t *testing.T) {
	const stored = `  - id: b6f0d6c2-51f7-4c0e-9d0a-3f1e6a2c7d48
    cloud: global
    client_id: 43e6abba-3748-4fc8-a476-17a6d4a6e798
    flow: code
    onboarded: "2026-11-20T08:30:00Z"
`
	for name, c := range map[string]struct{ before, want string }{
		"no file":       {"", "tenants:\n" + stored},
		"comments only": {"# ours", "# ours\ntenants:\n" + stored},
		"empty list":    {"tenants: []\n", "tenants:\n" + stored},
		"no list":       {"tenants:\n", "tenants:\n" + stored},
		"others and comments": {
			"# ours\ntenants:\n  # the first\n  - id: " + fabrikam + " # kept\n    name: fabrikam\n# end\n",
			"# ours\ntenants:\n  # the first\n  - id: " + fabrikam + " # kept\n    name: fabrikam\n" + stored + "# end\n",
		},
		"same id": {
			"tenants:\n  - name: ours # a name\n    id: B6F0D6C2-51F7-4C0E-9D0A-3F1E6A2C7D48\n    cloud: gcc # once\n",
			"tenants:\n  - name: ours # a name\n    id: " + contoso + "\n    cloud: global # once\n" + strings.Join(strings.SplitAfter(stored, "\n")[2:], ""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tenants.yaml")
			if c.before != "" {
				if err := os.WriteFile(path, []byte(c.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := StoreTenant(path, entry(strings.ToUpper(contoso))); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != c.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, c.want)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("got mode %v, %v", info.Mode(), err)
			}
			if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
				t.Errorf("the folder holds %v, %v", names, err)
			}
		})
	}
}

func TestStoreTenantRefused(t *testing.T) {
	for name, c := range map[string]struct {
		before string
		tenant Tenant
		want   string
	}{
		"damaged":        {"tenants: [", entry(contoso), "tenants.yaml"},
		"name taken":     {"tenants:\n  - {id: " + fabrikam + ", name: Ours}\n", Tenant{ID: contoso, Name: "ours", Cloud: "global"}, `"ours" is there twice`},
		"no id":          {"", Tenant{ID: "contoso"}, "no tenant id"},
		"two documents":  {"tenants: []\n---\ntenants: []\n", entry(contoso), "more than one YAML document"},
		"null entry":     {"tenants:\n  -\n", entry(contoso), "entry that is empty"},
		"not a list":     {"tenants: {a: b}\n", entry(contoso), "tenants.yaml:1"},
		"unknown flow":   {"", Tenant{ID: contoso, Flow: "implicit"}, "unknown flow"},
		"no instant":     {"", Tenant{ID: contoso, Onboarded: "yesterday"}, "no instant"},
		"no application": {"", Tenant{ID: contoso, ClientID: "app"}, "no application id"},
		"unknown cloud":  {"", Tenant{ID: contoso, Cloud: "cumulus"}, "unknown cloud"},
		"alias for list": {"a: &a []\ntenants: *a\n", entry(contoso), "tenants.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tenants.yaml")
			if c.before != "" {
				if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := StoreTenant(path, c.tenant); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if got, _ := os.ReadFile(path); string(got) != c.before {
				t.Errorf("the file was changed to %s", got)
			}
			if names, _ := os.ReadDir(filepath.Dir(path)); len(names) > 1 {
				t.Errorf("the folder holds %v", names)
			}
		})
	}
	if err := StoreTenant(filepath.Join(t.TempDir(), "nowhere", "tenants.yaml"), entry(contoso)); err == nil || !strings.Contains(err.Error(), "--tenants") {
		t.Errorf("got %v", err)
	}
}

func TestStoreTenantsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenants.yaml")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := StoreTenant(path, entry(fmt.Sprintf("%08d%s", i, contoso[8:]))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if tenants, err := ReadTenants(path); err != nil || len(tenants) != 20 {
		t.Errorf("got %d tenants, %v", len(tenants), err)
	}
}

func TestStoreTenantThroughLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real.yaml"), filepath.Join(dir, "tenants.yaml")
	if err := StoreTenant(target, entry(fabrikam)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if err := StoreTenant(link, entry(contoso)); err != nil {
		t.Fatal(err)
	}
	if tenants, err := ReadTenants(target); err != nil || len(tenants) != 2 {
		t.Errorf("got %v, %v", tenants, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link has become %v, %v", info.Mode(), err)
	}
}

func FuzzReadTenants(f *testing.F) {
	f.Add("tenants:\n  - {id: " + contoso + ", name: a}\n")
	f.Add("tenants: [~]")
	f.Add("a: &a [1]\ntenants: *a")
	f.Add("tenants:\n  - <<: {id: a}\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "tenants.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := ReadTenants(path)
		if err != nil {
			return
		}
		if err := StoreTenant(path, entry(contoso)); err != nil {
			return
		}
		after, err := ReadTenants(path)
		if err != nil {
			t.Fatalf("what was stored cannot be read: %v", err)
		}
		for _, tenant := range append(before, entry(contoso)) {
			if _, ok := FindListed(after, tenant.ID); !ok {
				t.Errorf("%s is lost", tenant.ID)
			}
		}
	})
}
