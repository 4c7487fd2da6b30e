package main

import (
	"errors"
	"fmt"
	"slices"

	"leastwise/collector/usage"
)

// usageConfig is what the configuration says of usage evidence: exports that somebody
// saved, and the time of which they are declared to be whole.
type usageConfig struct {
	Activity []string `yaml:"activity"` // files and folders; - is stdin
	From     string   `yaml:"from"`
	To       string   `yaml:"to"` // "" for the last call
}

// check checks what can be checked without the files. at says where in the file a key
// stands.
func (u *usageConfig) check(at func(path ...string) string) error {
	for _, end := range []struct{ key, text string }{{"from", u.From}, {"to", u.To}} {
		if _, ok := instant(end.text); end.text != "" && !ok {
			return fmt.Errorf("%s: %s %q is not an instant; hint: write 2026-08-01 or 2026-08-01T00:00:00Z", at("usage", end.key), end.key, end.text)
		}
	}
	switch {
	case u.From == "" && u.To == "":
	case len(u.Activity) == 0:
		return fmt.Errorf("%s: an interval without activity; hint: name the exports that it is of", at("usage"))
	case u.From == "":
		return fmt.Errorf("%s: to without from; hint: say from when on the exports hold every call", at("usage", "to"))
	}
	if slices.Contains(u.Activity, "") {
		return fmt.Errorf("%s: an empty path; hint: name a file or a folder", at("usage", "activity"))
	}
	return nil
}

// usageInputs are the exports of one run.
type usageInputs struct {
	paths []string
	read  usage.SourceOptions // From and To
}

// parse takes over what is given: flags over the configuration. An interval belongs to the
// paths that it stands beside.
func (o *usageOptions) parse(p *program, run *collecting) (in usageInputs, err error) {
	c := run.config
	from, to, says := o.from, o.to, "--activity-"
	in.paths = o.activity
	switch {
	case len(o.activity) > 0 && !slices.Contains(run.sources, sourceUsage):
		return in, errors.New("--activity is about source usage, which is not collected; hint: add it to --sources, or leave the flag out")
	case len(o.activity) == 0 && (o.from != "" || o.to != ""):
		return in, errors.New("--activity-from and --activity-to go with --activity; hint: name the exports with --activity, or the interval in the configuration")
	case len(o.activity) == 0:
		from, to, says = c.Usage.From, c.Usage.To, "usage: "
		for _, path := range c.Usage.Activity {
			if path != "-" {
				path = c.file(path)
			}
			in.paths = append(in.paths, path)
		}
	}
	in.read.From, in.read.To, err = usage.ParseInterval(from, to, instant, p.now())
	if err != nil {
		err = fmt.Errorf("%s%w", says, err)
	}
	return in, err
}
