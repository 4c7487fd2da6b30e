package catalog

import "testing"

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	c, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.Lookup("00000003-0000-0000-c000-000000000000", Application, "Sites.ReadWrite.All")
	}
}

func BenchmarkAllows(b *testing.B) {
	c, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.Allows(Delegated, "GET", "/users/{id}/messages")
	}
}
