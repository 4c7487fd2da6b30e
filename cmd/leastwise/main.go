// Command leastwise audits what applications may do in a Microsoft 365 tenant.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() { os.Exit(start(time.Now)) }

// start runs the program by a clock, and returns its exit code.
func start(now func() time.Time) int {
	// Without this, a reader that closes its end early would kill the program before
	// it has tidied up.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends the program at once
	p := program{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		now: now, env: os.Getenv, tempDir: os.TempDir(),
		memory: memory.apply,
	}
	code := p.run(ctx, os.Args[1:])
	stop()
	return code
}
