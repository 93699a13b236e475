// Command imdsscan finds code that calls the EC2 instance metadata service
// without a session token, and fixes it.
//
// A subcommand is a file. Everything a command reads and writes comes in
// through streams, so that tests run it in the process.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/imdsscan/imdsscan/cmd/imdsscan/emulator"
)

// The exit codes are part of the command line's contract.
const (
	exitClean       = 0   // nothing to report, or everything fixed
	exitFindings    = 1   // findings; with --diff: changes
	exitUsage       = 2   // wrong usage or configuration
	exitIncomplete  = 3   // something could not be read, analysed or written
	exitInterrupted = 130 // interrupted by the user
)

// streams are a command's way to the outside.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second one ends the program at once. Nothing is lost by that either.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// command is a subcommand; args are what follows its name.
type command struct {
	name  string
	about string
	run   func(ctx context.Context, args []string, s streams) int
}

// commands are the subcommands in the order help lists them.
func commands() []command {
	return []command{
		{"check", "scan files and folders, show or make fixes (the default)", check},
		{"plan", "write down what --fix would change in a workspace, for review and apply", planCommand},
		{"apply", "write what a plan says into a workspace, with backups", applyCommand},
		{"rollback", "put back what a run of apply overwrote", rollbackCommand},
		{"runs", "list the runs that wrote into workspaces, and what is left of them to do", runsCommand},
		{"export", "copy a folder of a workspace to this machine, or bring the copy up to date", exportCommand},
		{"report", "print saved results in another format, a readiness page among them", reportCommand},
		{"rules", "list the rules, or explain one", rulesCommand},
		{"preflight", "tell what stands in the way of enforcing IMDSv2 in a workspace", preflightCommand},
		{"enforce", "show whether IMDSv2 is enforced and since when, switch it on or off", enforceCommand},
		{"monitor", "tell from CloudWatch who calls without a token", monitor},
		{"emulate", "serve a strict metadata service on this machine to test code with", emulate},
		{"demo", "show the migration on a workspace that exists only in this process", demo},
		{"completion", "print a completion script for bash, zsh or fish", completion},
		{"version", "print the version", version},
	}
}

func run(ctx context.Context, args []string, s streams) int {
	if len(args) == 0 {
		fmt.Fprint(s.err, usage())
		return exitUsage
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:], s)
		}
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return help(ctx, args[1:], s)
	}
	if word := args[0]; isPlainWord(word) {
		if _, err := os.Lstat(word); err != nil {
			return usageError(s, fmt.Errorf("%q is neither a command nor a file; see imdsscan --help", word))
		}
	}
	return check(ctx, args, s)
}

// isPlainWord tells what looks like a command from flags and file names.
func isPlainWord(s string) bool {
	return !strings.HasPrefix(s, "-") && !strings.ContainsAny(s, `/\.:`) && filepath.Base(s) == s
}

func help(ctx context.Context, args []string, s streams) int {
	if len(args) == 0 {
		fmt.Fprint(s.out, usage())
		return exitClean
	}
	return run(ctx, []string{args[0], "--help"}, s)
}

func emulate(ctx context.Context, args []string, s streams) int {
	return emulator.Command(ctx, args, s.in, s.out, s.err)
}

func usageError(s streams, err error) int {
	fmt.Fprintf(s.err, "imdsscan: %v\n", err)
	return exitUsage
}

func usage() string {
	var sb strings.Builder
	sb.WriteString(`imdsscan finds code that calls the EC2 instance metadata service without a
session token (IMDSv1), in Databricks and Jupyter notebooks, Python and shell,
and rewrites it to use one.

Usage: imdsscan [check] [flags] TARGET...
       imdsscan COMMAND [flags] [ARG...]

  imdsscan src/                    list what would break under enforced IMDSv2
  imdsscan --diff src/ | less      show what --fix would change
  imdsscan --fix src/              make the safe fixes in place
  imdsscan rules IMDS001           explain a rule

Commands
`)
	for _, c := range commands() {
		fmt.Fprintf(&sb, "  %-12s %s\n", c.name, c.about)
	}
	sb.WriteString("\nimdsscan COMMAND --help tells the rest; imdsscan check --help the flags above.\n")
	return sb.String()
}
