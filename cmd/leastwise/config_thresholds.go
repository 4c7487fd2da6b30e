package main

import (
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// wholeThresholds refuses thresholds that are no whole numbers, which the decoder would cut off without a word, and a
// look-back of no days, in which everything is unused. at says where in the file a key stands.
func wholeThresholds(data []byte, at func(path ...string) string) error {
	var file struct {
		Thresholds map[string]yaml.Node `yaml:"thresholds"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil //nolint:nilerr // what is wrong elsewhere is told where it is read
	}
	for _, name := range slices.Sorted(maps.Keys(file.Thresholds)) {
		value := file.Thresholds[name]
		node := &value
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		if node.Kind == yaml.ScalarNode && node.ShortTag() != "!!int" {
			return fmt.Errorf("%s: threshold %s is %s; hint: write a whole number of days", at("thresholds", name), name, node.Value)
		}
		if days := 1; name == "unused_days" && node.Decode(&days) == nil && days == 0 {
			return fmt.Errorf("%s: threshold unused_days is 0, so that everything would be unused; hint: write for how many days a permission may be idle, such as 90", at("thresholds", name))
		}
	}
	return nil
}
