package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"leastwise/policies"
	"leastwise/policies/subject"
)

// policyFlags say which controls are run, and how long each may take.
type policyFlags struct {
	framework string
	timeout   time.Duration // 0: as configured
}

func (f *policyFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.framework, "framework", "", "run the controls of this framework only, and group by its requirements: `NAME`")
	cmd.Flags().DurationVar(&f.timeout, "policy-timeout", 0, "longest `DURATION` that a control may take on one subject; default 10s")
}

// check refuses a duration that no control could keep.
func (f *policyFlags) check() error {
	if f.timeout < 0 {
		return fmt.Errorf("--policy-timeout %s is negative; hint: a duration such as 10s", f.timeout)
	}
	return nil
}

// load says what a run needs of the controls.
func (o *auditOptions) load(kinds ...subject.Kind) policies.LoadOptions {
	return policies.LoadOptions{Folders: o.policies, Only: o.only, Framework: o.framework, Kinds: kinds}
}

// policyTimeout reads policy_timeout; 0 when it is not configured.
func (c *config) policyTimeout() (time.Duration, error) {
	if c.PolicyTimeout == "" {
		return 0, nil
	}
	timeout, err := time.ParseDuration(c.PolicyTimeout)
	if err != nil || timeout <= 0 {
		return 0, fmt.Errorf("policy_timeout %q is no duration above 0; hint: write 10s or 500ms", c.PolicyTimeout)
	}
	return timeout, nil
}

// restrict adds to the options of an engine what flags and configuration say of controls.
func (o *auditOptions) restrict(options *policies.Options, c *config) (err error) {
	options.Framework = o.framework
	if options.Timeout = o.timeout; options.Timeout == 0 {
		options.Timeout, err = c.policyTimeout()
	}
	return err
}
