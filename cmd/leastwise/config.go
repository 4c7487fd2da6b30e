package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"leastwise/policies"
	"leastwise/policies/finding"
)

// config is the configuration file. Unknown keys are errors.
type config struct {
	Tenant              string                      `yaml:"tenant"`
	Cloud               string                      `yaml:"cloud"`
	CustomCloud         customCloud                 `yaml:"custom_cloud"`
	Credential          credential                  `yaml:"credential"`
	DelegatedCredential credential                  `yaml:"delegated_credential"`
	Sources             []string                    `yaml:"sources"`
	Collect             collectConfig               `yaml:"collect"`
	Thresholds          map[string]int              `yaml:"thresholds"`
	Severity            map[string]finding.Severity `yaml:"severity"`
	Disabled            map[string]string           `yaml:"disabled"`
	DataConnect         dataConnect                 `yaml:"data_connect"`
	ManagementAPI       managementAPI               `yaml:"management_api"`
	Usage               usageConfig                 `yaml:"usage"`
	Permissions         permissionsConfig           `yaml:"permissions"`
	Choices             choices                     `yaml:"choices"`
	Stated              declarations                `yaml:"declared"`
	Waivers             string                      `yaml:"waivers"` // file of accepted risks; "" for none
	Tenants             string                      `yaml:"tenants"` // file of onboarded tenants; "" for tenants.yaml beside this one

	PolicyTimeout string `yaml:"policy_timeout"` // of one control on one subject; "" for the default

	path string // of the file; "" without one
}

type customCloud struct {
	Login      string `yaml:"login"`
	Graph      string `yaml:"graph"`
	Management string `yaml:"management"`
	CAFile     string `yaml:"ca_file"`
}

// readConfig reads a configuration file; without one everything is at its default.
func readConfig(path string) (*config, error) {
	c := &config{path: path}
	if path == "" {
		return c, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w; hint: name a readable YAML file with --config", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read configuration: %s:%s; hint: the keys are listed in the README", path, yamlFault(err))
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read configuration: %s: more than one YAML document; hint: keep everything in the first one", path)
	}
	return c, c.check(data)
}

// line finds where a key of the configuration stands, for error messages.
func line(data []byte, path ...string) int {
	var document yaml.Node
	if yaml.Unmarshal(data, &document) != nil || len(document.Content) == 0 {
		return 1
	}
	node, at := document.Content[0], 1
	for _, key := range path {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				at, node = node.Content[i].Line, node.Content[i+1]
				break
			}
		}
	}
	return at
}

// yamlFault makes one line of a YAML error.
func yamlFault(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	text, _, _ = strings.Cut(text, "\n")
	text = strings.ReplaceAll(text, "in type main.", "in ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		return rest // begins with the number
	}
	return " " + text
}

func (c *config) check(data []byte) error {
	at := func(path ...string) string { return fmt.Sprintf("%s:%d", c.path, line(data, path...)) }
	defaults := policies.DefaultThresholds()
	if err := wholeThresholds(data, at); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Thresholds)) {
		if _, ok := defaults[name]; !ok {
			return fmt.Errorf("%s: unknown threshold %q; hint: one of %s", at("thresholds", name), name, strings.Join(slices.Sorted(maps.Keys(defaults)), ", "))
		}
		if c.Thresholds[name] < 0 {
			return fmt.Errorf("%s: threshold %s is negative; hint: thresholds are days", at("thresholds", name), name)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Severity)) {
		if severity := c.Severity[id]; severity.Rank() < 0 {
			return fmt.Errorf("%s: severity of %s: %q is not a severity; hint: one of %v", at("severity", id), id, severity, finding.Severities())
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Disabled)) {
		if strings.TrimSpace(c.Disabled[id]) == "" {
			return fmt.Errorf("%s: %s is disabled without a reason; hint: say why, the reason stands in every report", at("disabled", id), id)
		}
	}
	if _, err := c.policyTimeout(); err != nil {
		return fmt.Errorf("%s: %w", at("policy_timeout"), err)
	}
	if err := c.DataConnect.check(at); err != nil {
		return err
	}
	if err := c.Usage.check(at); err != nil {
		return err
	}
	if err := c.Permissions.check(at); err != nil {
		return err
	}
	if err := c.checkChoices(data); err != nil {
		return err
	}
	return c.checkDeclared(data)
}

// thresholds are the values in force: those of the file over the defaults.
func (c *config) thresholds() map[string]any {
	values := policies.DefaultThresholds()
	for name, value := range c.Thresholds {
		values[name] = value
	}
	return values
}

// file resolves a path of the configuration against the folder it stands in.
func (c *config) file(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.path), path)
}
