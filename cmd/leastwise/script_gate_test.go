package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"leastwise/collector/snapshot"
)

func gateCommands() map[string]scriptCommand {
	return map[string]scriptCommand{"readon SNAPSHOT INSTANT": readOn}
}

// readOn makes a snapshot one that was read at an instant.
func readOn(ts *testscript.TestScript, args []string) error {
	at, err := time.Parse(time.RFC3339, args[1])
	if err != nil {
		return err
	}
	path := filepath.Join(ts.MkAbs(args[0]), "manifest.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var manifest snapshot.Manifest
	if err := json.Unmarshal(data, &manifest); err != nil {
		return err
	}
	manifest.Started, manifest.Ended = at, at
	for name, dataset := range manifest.Datasets {
		dataset.Collected = at
		manifest.Datasets[name] = dataset
	}
	if data, err = json.Marshal(manifest); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
