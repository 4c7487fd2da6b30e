package catalog

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write compiled.json anew")

// What is built in is what the files say.
func TestCompiledUpToDate(t *testing.T) {
	fromFiles, err := LoadFS(embedded)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fromFiles.compile()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("compiled.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(compiledText, want) {
		t.Fatal("compiled.json is out of date; hint: go generate ./policies/catalog")
	}
	again, err := load(t).compile()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, want) {
		t.Error("compiled.json loses something when it is read")
	}
}

func BenchmarkLoadFiles(b *testing.B) {
	for b.Loop() {
		if _, err := LoadFS(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
