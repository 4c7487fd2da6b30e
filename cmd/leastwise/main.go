// Command leastwise audits what applications may do in a Microsoft 365 tenant.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// A scan makes much garbage and keeps little. Collecting it less often saves a
// tenth of the time; the limit makes the collector work harder before memory does.
const (
	gcPercent   = 400
	memoryLimit = 440 << 20
)

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	// Without this, a reader that closes its end early would kill the program before
	// it has tidied up.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		now: time.Now, env: os.Getenv, tempDir: os.TempDir(),
	}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
