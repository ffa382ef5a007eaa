package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"happycolis-reassigner/cmd/internal/terminal"
)

// The exit codes. Other programs rely on them.
const (
	ExitDone        = 0
	ExitFailed      = 1 // failed, or does not hold
	ExitUsage       = 2 // usage or configuration; nothing was started
	ExitRefused     = 3 // refused: nothing matches, or the state has changed meanwhile
	ExitUnreachable = 4 // the service cannot be reached, or refuses the login
)

// exit is an error with the exit code of the process. Without text nothing is printed, since it was printed before.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// exitError makes an error with an exit code. Foreign text in its arguments is made printable; an error among them
// keeps its lines.
func exitError(code int, format string, args ...any) error {
	return &exit{code, fmt.Errorf(format, terminal.PrintableArgs(args)...)}
}

func usageError(format string, args ...any) error { return exitError(ExitUsage, format, args...) }

// cli is what the verbs share.
type cli struct {
	getenv func(string) string
	stdin  io.Reader
	stdout *terminal.Output
	stderr *terminal.Output
	zone   *time.Location // of people, as the service said; nil: it did not yet
}

// Run runs the program and returns its exit code; main does nothing else.
func Run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &cli{getenv: getenv, stdin: stdin, stdout: terminal.NewOutput(stdout), stderr: terminal.NewOutput(stderr)}
	root := c.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	// An error of another type comes from parsing flags and arguments.
	code := ExitUsage
	var e *exit
	if errors.As(err, &e) {
		code = e.code
	}
	if text := err.Error(); text != "" {
		c.stderr.Print(text + "\n")
	}
	return code
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "reassigner",
		Short: "Moves the delivery orders of a location whose integration broke to a fallback",
		Long: "reassigner listens to HappyColis. When the integration of a location errs, it moves the delivery orders\n" +
			"that are in flight there to a fallback location, as a policy says, and puts before a person what it\n" +
			"cannot move safely.\n\nTry it without anything else: reassigner demo",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(c.stdin)
	root.SetOut(c.stdout.Writer())
	root.SetErr(c.stderr.Writer())
	asGroup(root)
	root.SetFlagErrorFunc(refuseFlag)
	root.AddGroup(&cobra.Group{ID: "run", Title: "Run:"}, &cobra.Group{ID: "steer", Title: "See and steer a running service:"},
		&cobra.Group{ID: "check", Title: "Prepare and check:"})
	in := func(id string, commands ...*cobra.Command) {
		for _, command := range commands {
			command.GroupID = id
			root.AddCommand(command)
		}
	}
	in("run", c.demo(), c.serve(), c.sandbox())
	in("steer", c.status(), c.plan(), c.incidents(), c.orders(), c.pause(), c.resume(), c.importing(), c.alerts(), c.audit())
	in("check", c.config(), c.policy(), c.event(), c.webhooks(), c.doctor(), c.version())
	root.SetCompletionCommandGroupID("check")
	root.InitDefaultCompletionCmd() // now, so that its examples can be added; it keeps the output set above
	addExamples(root)
	c.addCompletions(root)
	return root
}

// asGroup makes a command that only has subcommands: to call it without one is wrong usage.
func asGroup(command *cobra.Command) *cobra.Command {
	command.Args = cobra.ArbitraryArgs
	command.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownVerb(cmd, args[0])
		}
		cmd.SetOut(cmd.ErrOrStderr())
		_ = cmd.Help() // it fails only if stderr does
		return &exit{code: ExitUsage}
	}
	return command
}

// unknownVerb refuses a subcommand that a group does not have.
func unknownVerb(group *cobra.Command, name string) error {
	return usageError("%s: there is no %q; see %s --help", group.CommandPath(), name, group.CommandPath())
}

// refuseFlag returns the error for a flag that is not understood. Where it belongs to a verb that is not there, that verb is
// what is wrong.
func refuseFlag(command *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return usageError("--%s: %q is no %s", invalid.GetFlag().Name, invalid.GetValue(), describeType(invalid.GetFlag().Value.Type()))
	}
	if args := command.Flags().Args(); len(args) > 0 && command.HasSubCommands() {
		return unknownVerb(command, args[0])
	}
	return err
}

// describeType returns what a flag of a type wants.
func describeType(name string) string {
	switch name {
	case "int", "int64":
		return "whole number"
	case "bool":
		return "true or false"
	}
	return name
}

// confirm asks whether to go on. Without a terminal it cannot ask, so --yes is required.
func (c *cli) confirm(question string, yes bool) error {
	if yes {
		return nil
	}
	c.stderr.Printf("%s [y/N] ", question)
	var answer string
	if _, err := fmt.Fscanln(c.stdin, &answer); err != nil && answer == "" {
		c.stderr.Println()
	}
	if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
		return exitError(ExitRefused, "nothing was done")
	}
	return nil
}

// action has the flags of a verb that acts.
type action struct {
	reason string
	yes    bool
}

func (a *action) flags(command *cobra.Command) {
	command.Flags().StringVar(&a.reason, "reason", "", "why, for the audit log (required)")
	command.Flags().BoolVar(&a.yes, "yes", false, "do not ask; required where nobody can be asked")
}

// check refuses an action before any request is sent to the service.
func (a *action) check(c *cli) error {
	if strings.TrimSpace(a.reason) == "" {
		return usageError("say why: --reason TEXT")
	}
	if !a.yes && !terminal.IsTerminal(c.stdin) {
		return usageError("there is no terminal to ask on: add --yes")
	}
	return nil
}
