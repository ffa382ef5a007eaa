// Command reassigner moves the in-flight delivery orders of a location whose fulfilment-service
// integration broke to a fallback location. One binary: the worker, the tools of those who run it, and a
// demo of everything on this machine alone.
package main

import (
	"context"
	"os"

	"happycolis-reassigner/cmd/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
