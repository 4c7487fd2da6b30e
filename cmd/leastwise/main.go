// Command leastwise audits what applications may do in a Microsoft 365 tenant.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		now: time.Now, env: os.Getenv, tempDir: os.TempDir(),
	}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
