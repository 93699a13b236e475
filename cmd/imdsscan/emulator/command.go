package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
)

// Exit codes, as everywhere in imdsscan.
const (
	exitClean      = 0
	exitRefused    = 1
	exitUsage      = 2
	exitIncomplete = 3
)

const help = `Usage: imdsscan emulate [flags] [-- COMMAND ARG...]

Serves an instance metadata service on this machine and reports every request
that an instance with IMDSv2 enforcement would refuse: client, User-Agent,
method, path and reason. With a COMMAND it runs that, then stops; without one it
serves until it is interrupted.

Modes
  required   as an instance with enforcement: no valid token, no answer (401)
  optional   answers requests without a token too, and reports them
  deny       refuses token requests (403); reports requests that come without one
  blackhole  never answers token requests, like a hop limit of 1 in a container
  refuse     answers 403 to everything

To test changed code, point its AWS SDK here. The SDKs and the AWS CLI read
this variable; a COMMAND gets it by itself:

  imdsscan emulate &
  export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338
  curl -s "$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest/meta-data/instance-id"

Code that spells out http://169.254.169.254 needs that address. On Linux a network
namespace has it without root, and nothing in it can reach another machine:

  unshare -rn sh -c '
    ip link set lo up
    ip addr add 169.254.169.254/32 dev lo
    ip -6 addr add fd00:ec2::254/128 dev lo nodad
    imdsscan emulate --listen 169.254.169.254:80 --listen "[fd00:ec2::254]:80" -- \
      python3 job.py'

--data FILE lays your own values over the built-in ones, in YAML or JSON:

  meta-data/instance-id: i-0123456789abcdef0
  meta-data/placement: {region: eu-west-1, availability-zone: eu-west-1b}
  meta-data/tags: null            # not there: 404

Exit status: 0 nothing to report, 1 a request that enforcement would refuse was
seen, 2 wrong usage, 3 the COMMAND failed or a file could not be written.

Flags
`

type options struct {
	mode      string
	listen    []string
	data      string
	log       string
	keepAlive bool
	command   []string
}

// Command is the subcommand: args are what follows "emulate" on the command
// line. Reports and the summary go to stdout, the rest to stderr.
func Command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// A file takes whole writes from several writers; anything else must not
	// be written by the command and the service at once.
	if _, ok := stdout.(*os.File); !ok {
		stdout = &lockedWriter{w: stdout}
	}
	opts, done, err := parse(args, stdout)
	if err != nil {
		fmt.Fprintf(stderr, "imdsscan emulate: %v\n", err)
		return exitUsage
	}
	if done {
		return exitClean
	}
	cfg, err := opts.config()
	if err != nil {
		fmt.Fprintf(stderr, "imdsscan emulate: %v\n", err)
		return exitUsage
	}
	listeners, err := openAll(opts.listen)
	if err != nil {
		fmt.Fprintf(stderr, "imdsscan emulate: %v\n", err)
		return exitUsage
	}
	journal, err := newJournal(opts.log, stdout)
	if err != nil {
		closeAll(listeners)
		fmt.Fprintf(stderr, "imdsscan emulate: %v\n", err)
		return exitUsage
	}
	cfg.Observe = journal.add
	service := New(cfg)

	endpoint := "http://" + listeners[0].Addr().String()
	for _, l := range listeners {
		fmt.Fprintf(stderr, "metadata service (mode %s) on http://%s\n", opts.mode, l.Addr())
	}
	failure := serveWhile(ctx, service, listeners, func(ctx context.Context) error {
		if len(opts.command) == 0 {
			fmt.Fprintf(stderr, "export AWS_EC2_METADATA_SERVICE_ENDPOINT=%s    (ctrl-c stops)\n", endpoint)
			<-ctx.Done()
			return nil
		}
		return runCommand(ctx, opts.command, endpoint, stdin, stdout, stderr)
	})
	if err := journal.close(); err != nil && failure == nil {
		failure = err
	}
	summary := service.Summary()
	fmt.Fprintln(stdout, summary)
	switch {
	case failure != nil:
		fmt.Fprintf(stderr, "imdsscan emulate: %v\n", failure)
		return exitIncomplete
	case summary.RefusedTotal() > 0:
		return exitRefused
	default:
		return exitClean
	}
}

func parse(args []string, stdout io.Writer) (o options, done bool, err error) {
	flags := pflag.NewFlagSet("emulate", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&o.mode, "mode", string(Required), "required, optional, deny, blackhole or refuse")
	flags.StringArrayVar(&o.listen, "listen", []string{"127.0.0.1:1338"}, "`address:port` to serve; repeatable; port 0 takes a free one")
	flags.StringVar(&o.data, "data", "", "`file` of values to lay over the built-in ones")
	flags.StringVar(&o.log, "log", "", "`file` that gets every request as a JSON line; - is stdout")
	flags.BoolVar(&o.keepAlive, "keep-alive", false, "leave connections open after an answer; the real service closes them")
	err = flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprint(stdout, help, flags.FlagUsages())
		return o, true, nil
	}
	if err != nil {
		return o, false, err
	}
	// Without the dashes a misspelt flag's value would be run as a program.
	if flags.NArg() > 0 && flags.ArgsLenAtDash() != 0 {
		return o, false, fmt.Errorf("unexpected argument %q: a command goes after --", flags.Arg(0))
	}
	if len(o.listen) == 0 {
		return o, false, errors.New("--listen needs an address")
	}
	o.command = flags.Args()
	return o, false, nil
}

func (o options) config() (Config, error) {
	mode, err := ParseMode(o.mode)
	if err != nil {
		return Config{}, err
	}
	tree := DefaultTree()
	if o.data != "" {
		data, err := os.ReadFile(o.data)
		if err != nil {
			return Config{}, err
		}
		if err := tree.Override(data); err != nil {
			return Config{}, fmt.Errorf("%s: %w", o.data, err)
		}
	}
	return Config{Mode: mode, Tree: tree, KeepAlive: o.keepAlive}, nil
}

func openAll(addresses []string) ([]net.Listener, error) {
	var out []net.Listener
	for _, a := range addresses {
		l, err := Listen(a)
		if err != nil {
			closeAll(out)
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

// serveWhile serves the handler on all listeners until work returns.
func serveWhile(ctx context.Context, h http.Handler, listeners []net.Listener, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The base context ends the handlers that wait in mode blackhole.
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	var wg sync.WaitGroup
	for _, l := range listeners {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				cancel(fmt.Errorf("serving %s: %w", l.Addr(), err))
			}
		}()
	}
	err := work(ctx)
	_ = server.Close()
	wg.Wait()
	if cause := context.Cause(ctx); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return err
}

// runCommand runs the user's command with the endpoint in its environment.
func runCommand(ctx context.Context, argv []string, endpoint string, stdin io.Reader, stdout, stderr io.Writer) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	cmd.Env = append(os.Environ(), "AWS_EC2_METADATA_SERVICE_ENDPOINT="+endpoint)
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	return nil
}

// journal writes what Observe delivers: refused requests for a person, all
// requests as JSON lines for a program.
type journal struct {
	out  io.Writer
	file *os.File
	enc  *json.Encoder
	err  error
}

func newJournal(name string, stdout io.Writer) (*journal, error) {
	j := &journal{out: stdout}
	switch name {
	case "":
	case "-":
		j.enc = json.NewEncoder(stdout)
	default:
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return nil, err
		}
		j.file, j.enc = f, json.NewEncoder(f)
	}
	return j, nil
}

func (j *journal) add(r Record) {
	if r.Refusal != "" {
		fmt.Fprintln(j.out, "refused by IMDSv2:", r)
	}
	if j.enc != nil && j.err == nil {
		j.err = j.enc.Encode(r)
	}
}

func (j *journal) close() error {
	if j.file != nil {
		if err := j.file.Close(); j.err == nil {
			j.err = err
		}
	}
	return j.err
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
