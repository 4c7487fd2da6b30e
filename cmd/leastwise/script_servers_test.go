package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"leastwise/fixtures"
	"leastwise/fixtures/simulator"
)

// servers are the simulators that scripts have started, by the folders of their access files.
type servers struct {
	ctx   context.Context
	mu    sync.Mutex
	byDir map[string]*server
}

// server is a simulator with a second listener, which nobody shall call.
type server struct {
	*simulator.Simulator
	told    simulator.Statistics // what statistics has written already
	foreign net.Listener
	callers atomic.Int64 // of foreign
}

// serve serves a tenant of fixtures/tenants, or one that is generated at the scale that TENANT is, until the script ends.
// It writes what is needed to reach it, as simulate does, and DIR/truth. Where there is a server for DIR already, the new
// one takes its place and addresses. Settings are those of simulator.Options: latency=20ms, max-page=40, seed=1,
// token-lifetime=1h, throttle=documented, generation=1, traps=all,incomplete, faults=503:3; clock=-192h makes the server's
// clock wrong; containers=30 and types=6 are numbers of objects of a generated tenant; tenant.licences=["P1"] and the like
// replace members of tenant.json. audit=none takes the audit records of the tenant away, live=DIR adds others, polls=N is how
// often an audit log query is asked for before it has succeeded, subscriptions=Audit.General@-30d replaces those of the tenant,
// and subscriptions=carry takes them over from the server before, together with the instant that relative times count from
// (epoch=INSTANT).
func (s *servers) serve(ts *testscript.TestScript, args []string) error {
	settings := slices.Clone(args[2:])
	for i, setting := range settings {
		if dir, ok := strings.CutPrefix(setting, "live="); ok {
			settings[i] = "live=" + ts.MkAbs(dir)
		}
		if former, err := s.of(ts, args[1]); err == nil && setting == "subscriptions=carry" {
			settings[i] = "subscriptions=" + simulator.FormatSubscriptions(former.Subscriptions())
			settings = append(settings, "epoch="+former.Epoch().Format(time.RFC3339Nano))
		}
	}
	srv, err := s.start(args[0], settings, s.addresses(ts.MkAbs(args[1])))
	if err != nil {
		return err
	}
	ts.Defer(srv.close)
	dir := ts.MkAbs(args[1])
	s.mu.Lock()
	s.byDir[dir] = srv
	s.mu.Unlock()
	return errors.Join(srv.WriteFiles(dir), srv.WriteTruth(filepath.Join(dir, "truth")))
}

// addresses closes the server of a folder, if there is one, and says where it listened.
func (s *servers) addresses(dir string) []string {
	s.mu.Lock()
	former := s.byDir[dir]
	s.mu.Unlock()
	if former == nil {
		return nil
	}
	former.close()
	var all []string
	for _, url := range []string{former.LoginURL(), former.GraphURL(), former.ManagementURL()} {
		all = append(all, strings.TrimPrefix(url, "https://"))
	}
	return all
}

func (s *servers) start(tenant string, settings, addresses []string) (*server, error) {
	srv := &server{}
	var err error
	if srv.foreign, err = new(net.ListenConfig).Listen(s.ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	go srv.countCallers()
	spec, opts, changed, err := readSettings(settings)
	if err != nil {
		return nil, err
	}
	opts.ForeignHost = "https://" + srv.foreign.Addr().String()
	spec.Generation = opts.Generation
	if spec.Scale, err = strconv.ParseFloat(tenant, 64); err == nil {
		srv.Simulator, err = simulator.NewGenerated(spec, opts)
	} else {
		var folder fs.FS
		if folder, err = changeTenant(tenant, changed); err == nil {
			srv.Simulator, err = simulator.New(folder, opts)
		}
	}
	if err != nil {
		return nil, errors.Join(err, srv.foreign.Close())
	}
	return srv, srv.Start(s.ctx, addresses...)
}

// countCallers counts connections: what comes before the first byte of a request is too much already.
func (srv *server) countCallers() {
	for {
		connection, err := srv.foreign.Accept()
		if err != nil {
			return
		}
		srv.callers.Add(1)
		_ = connection.Close()
	}
}

func (srv *server) close() {
	_ = srv.foreign.Close()
	_ = srv.Close()
}

// changedTenant is a tenant of fixtures/tenants with another tenant.json.
type changedTenant struct {
	folder, file fs.FS
	silent       bool // no audit records
}

// Open implements fs.FS.
func (t changedTenant) Open(name string) (fs.File, error) {
	if name == "tenant.json" {
		return t.file.Open(name)
	}
	if t.silent && slices.Contains([]string{"audit", "live"}, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return t.folder.Open(name)
}

// withoutAudit stands among the changed members of tenant.json for a tenant without audit records of its own.
const withoutAudit = "_silent"

func changeTenant(name string, changed map[string]json.RawMessage) (fs.FS, error) {
	folder, err := fs.Sub(fixtures.Tenants, "tenants/"+name)
	if err != nil || len(changed) == 0 {
		return folder, err
	}
	text, err := fs.ReadFile(folder, "tenant.json")
	if err != nil {
		return nil, err
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	maps.Copy(members, changed)
	_, silent := members[withoutAudit]
	delete(members, withoutAudit)
	if text, err = json.Marshal(members); err != nil {
		return nil, err
	}
	return changedTenant{folder, fstest.MapFS{"tenant.json": {Data: text}}, silent}, nil
}

func readSettings(settings []string) (spec simulator.Spec, opts simulator.Options, changed map[string]json.RawMessage, err error) {
	changed = map[string]json.RawMessage{}
	opts = simulator.Options{AutoApproveDevices: true}
	wrong, subscriptions := time.Duration(0), ""
	opts.Clock = func() time.Time { return time.Now().Add(wrong) }
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		if member, ok := strings.CutPrefix(name, "tenant."); ok {
			changed[member] = json.RawMessage(value)
			continue
		}
		if setting == "audit=none" {
			changed[withoutAudit] = json.RawMessage("true")
			continue
		}
		number := func(to *int) { *to, err = strconv.Atoi(value) }
		duration := func(to *time.Duration) { *to, err = time.ParseDuration(value) }
		switch name {
		case "latency":
			duration(&opts.Latency)
		case "token-lifetime":
			duration(&opts.TokenLifetime)
		case "clock":
			duration(&wrong)
		case "max-page":
			number(&opts.MaxPage)
		case "generation":
			number(&opts.Generation)
		case "containers":
			number(&spec.Counts.Containers)
		case "types":
			number(&spec.Counts.ContainerTypes)
		case "polls":
			if number(&opts.QueryPolls); opts.QueryPolls == 0 {
				opts.QueryPolls = -1
			}
		case "live":
			opts.AuditFiles = os.DirFS(value)
		case "subscriptions":
			subscriptions = setting
		case "epoch":
			opts.Epoch, err = time.Parse(time.RFC3339Nano, value)
		case "seed":
			spec.Seed, err = strconv.ParseUint(value, 10, 64)
			opts.Seed = spec.Seed
		case "throttle":
			opts.Throttle = value
		case "traps":
			opts.Traps = strings.Split(value, ",")
		case "faults":
			opts.Faults = strings.Split(value, ",")
		default:
			err = fmt.Errorf("setting %q is not known", setting)
		}
		if err != nil {
			return spec, opts, changed, err
		}
	}
	if _, text, found := strings.Cut(subscriptions, "="); found {
		opts.Subscriptions, err = simulator.ParseSubscriptions(text, opts.Clock())
	}
	return spec, opts, changed, err
}

// advance moves the clock of a server.
func (s *servers) advance(ts *testscript.TestScript, args []string) error {
	srv, err := s.of(ts, args[0])
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(args[1])
	if err == nil {
		srv.AdvanceClock(d)
	}
	return err
}

func (s *servers) of(ts *testscript.TestScript, dir string) (*server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if srv := s.byDir[ts.MkAbs(dir)]; srv != nil {
		return srv, nil
	}
	return nil, fmt.Errorf("no server writes to %s; hint: serve TENANT %s", dir, dir)
}

// generation lets a tenant change: N is how many rounds of change it has gone through.
func (s *servers) generation(ts *testscript.TestScript, args []string) error {
	srv, err := s.of(ts, args[0])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	return errors.Join(srv.SetGeneration(n), srv.WriteTruth(ts.MkAbs(filepath.Join(args[0], "truth"))))
}
