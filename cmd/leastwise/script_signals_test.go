package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// beat is how often is looked whether the moment has come.
const beat = time.Millisecond

// strike runs a command and sends it a signal as soon as due says so. It reports whether the command was running then, and
// its exit code, which is -1 when the signal ended it.
func strike(ts *testscript.TestScript, signal os.Signal, due func() bool, command []string) (hit bool, code int, err error) {
	file := ts.MkAbs("strike.pid")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return false, 0, err
	}
	done := make(chan struct{})
	var striker sync.WaitGroup
	striker.Go(func() { hit = strikeWhen(done, file, signal, due) })
	// The shell becomes the command, so that its process id is the command's.
	ran := ts.Exec("sh", append([]string{"-c", `echo $$ >"$0"; exec "$@"`, file}, command...)...)
	close(done)
	striker.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](ran); ok {
		return hit, exit.ExitCode(), os.Remove(file)
	}
	return hit, 0, errors.Join(ran, os.Remove(file))
}

func strikeWhen(done chan struct{}, file string, signal os.Signal, due func() bool) bool {
	var target *os.Process
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return false
		case <-tick.C:
		}
		if target == nil {
			text, _ := os.ReadFile(file)
			id, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil || !bytes.HasSuffix(text, []byte("\n")) {
				continue // the shell has not told yet
			}
			if target, err = os.FindProcess(id); err != nil {
				return false
			}
		}
		if due() {
			return target.Signal(signal) == nil
		}
	}
}

// asked is due when a server was asked so many times from now on, and a while after that.
func (srv *server) asked(times int, after time.Duration) func() bool {
	all := func() int {
		now := srv.Statistics()
		return now.Requests + now.Activity.Requests
	}
	before := all()
	var since time.Time
	return func() bool {
		if all()-before < times {
			return false
		}
		if since.IsZero() {
			since = time.Now()
		}
		return time.Since(since) >= after
	}
}

// struck sends a signal (INT, TERM, KILL) to a command when the server of DIR was asked N times, and demands its exit code;
// -1 is that of a command that was killed.
func (s *servers) struck(ts *testscript.TestScript, args []string) error {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	srv, err := s.of(ts, args[2])
	if err != nil {
		return err
	}
	hit, code, err := strike(ts, signals[args[0]], srv.asked(n, 0), args[4:])
	switch {
	case err != nil:
		return err
	case !hit:
		return fmt.Errorf("the command ended before %d requests", n)
	case strconv.Itoa(code) != args[3]:
		return fmt.Errorf("got exit code %d, want %s", code, args[3])
	}
	return nil
}

// killing is a number of runs that are killed and resumed.
type killing struct {
	ts            *testscript.TestScript
	srv           *server
	collect       []string
	whole, former string
	requests      int // of a run that is left alone
	resumed       int // runs that found something of those before them
	random        *rand.Rand
}

// killed collects the tenant of DIR N times, each time killing the run at a random moment and resuming it, and demands
// that each ends with the datasets of a run that is left alone. Every other run begins with the snapshot FORMER at its
// destination, every fourth is killed again while it resumes.
func (s *servers) killed(ts *testscript.TestScript, args []string) error {
	srv, err := s.of(ts, args[1])
	if err != nil {
		return err
	}
	trials, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	k := &killing{ts: ts, srv: srv, whole: "left-alone/snap", former: args[2], random: rand.New(rand.NewPCG(3, 20))}
	k.collect = append([]string{"leastwise", "collect", "--config", filepath.Join(args[1], "leastwise.yaml")}, args[3:]...)
	before := srv.Statistics().Requests
	if err := exitCode(ts, k.command("0", k.whole)); err != nil {
		return err
	}
	k.requests = srv.Statistics().Requests - before
	for i := range trials {
		// The moments are spread over the whole run, its very end included.
		at := 1 + (i*k.requests+k.random.IntN(k.requests))/trials
		if err := k.trial(i, min(at, k.requests)); err != nil {
			return fmt.Errorf("run %d, killed after request %d of %d: %w", i, at, k.requests, err)
		}
	}
	ts.Logf("%d of %d runs, of %d requests each, found what another had left", k.resumed, trials, k.requests)
	if k.resumed < trials/2 {
		return fmt.Errorf("only %d of %d runs found something to resume", k.resumed, trials)
	}
	return nil
}

func (k *killing) command(code, dest string, flags ...string) []string {
	return append(slices.Concat([]string{code}, k.collect, []string{"-o", dest}), flags...)
}

func (k *killing) trial(i, at int) error {
	parent := fmt.Sprintf("killed-%d", i)
	dest := filepath.Join(parent, "snap")
	if err := os.Mkdir(k.ts.MkAbs(parent), 0o700); err != nil {
		return err
	}
	if i%2 == 1 {
		if err := copyTree(k.ts, []string{k.former, dest}); err != nil {
			return err
		}
	}
	before := k.srv.Statistics().Requests
	if err := k.kill(at, dest, i%2 == 1); err != nil {
		return err
	}
	if i%4 == 0 {
		if err := k.kill(1+k.random.IntN(max(1, k.requests-at)), dest, i%2 == 1, "--resume"); err != nil {
			return err
		}
	}
	spent := k.srv.Statistics().Requests - before
	if err := exitCode(k.ts, k.command("0", dest, "--resume")); err != nil {
		return err
	}
	found := strings.Contains(k.ts.ReadFile("stderr"), "resuming")
	rest := k.srv.Statistics().Requests - before - spent
	k.ts.Logf("run %d: %d requests until it was killed, then %d; found something: %v", i, spent, rest, found)
	if found {
		k.resumed++
		// What was under way at the moment of a kill is asked for again, and little else.
		if again := spent + rest - k.requests; again > 4+k.requests/4 {
			return fmt.Errorf("%d requests after %d make %d more than the %d of a run that was left alone", rest, spent, again, k.requests)
		}
	}
	return errors.Join(sameDatasets(k.ts, []string{k.whole, dest}), checkHolds(k.ts, []string{parent, "snap"}))
}

// kill runs a collection that does not survive. What is at its destination then is what was there before, or complete.
func (k *killing) kill(at int, dest string, former bool, flags ...string) error {
	due := k.srv.asked(at, time.Duration(k.random.Int64N(int64(20*time.Millisecond))))
	if _, _, err := strike(k.ts, os.Kill, due, k.command("", dest, flags...)[1:]); err != nil {
		return err
	}
	if _, err := os.Stat(k.ts.MkAbs(dest)); err != nil && !former {
		return nil
	}
	untouched := sameTree(k.ts.MkAbs(k.former), k.ts.MkAbs(dest))
	if former && untouched == nil {
		return nil
	}
	if err := sameDatasets(k.ts, []string{k.whole, dest}); err != nil {
		return fmt.Errorf("after the kill the snapshot is neither the former one (%w) nor complete: %w", untouched, err)
	}
	return nil
}
