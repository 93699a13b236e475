//go:build linux

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/imdsscan/imdsscan/cmd/imdsscan/emulator"
)

// This file is the inside of the execution suite: the test binary started
// again in a network namespace of its own, where the metadata address is the
// emulator and nothing else exists. It runs one program at a time.

const (
	workerEnv      = "IMDSSCAN_EXECUTION_WORKER" // set to the parent's namespaces
	programTimeout = 20 * time.Second
	address4       = "169.254.169.254"
	address6       = "fd00:ec2::254"
)

// A world is what a program finds at the metadata address.
type world struct {
	Mode      emulator.Mode
	KeepAlive bool
	// BareErrors leaves error answers without a body.
	BareErrors bool
	// Closed leaves nobody listening.
	Closed bool
	// Hang accepts every request and answers none.
	Hang bool
	// Elsewhere is another service, which knows none of the paths: it answers
	// PUT with this status and anything else with 404.
	Elsewhere int
	// Mock is the command line of another emulator to serve instead.
	Mock []string
}

type request struct {
	Dir   string
	Argv  []string
	Env   []string
	World world
	Limit time.Duration
}

type response struct {
	// Refused says why the program was not started at all.
	Refused  string
	Stdout   string
	Stderr   string
	Exit     int
	TimedOut bool
	Records  []emulator.Record
}

// hello is the worker's first word: what its namespace offers.
type hello struct {
	Refused string
	IPv6    bool
	Hosts   bool
}

func init() {
	if parent := os.Getenv(workerEnv); parent != "" {
		os.Exit(work(parent))
	}
}

// ownNamespaces names the network and the mount namespace of this process.
func ownNamespaces() (string, error) {
	network, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return "", err
	}
	mounts, err := os.Readlink("/proc/self/ns/mnt")
	return network + " " + mounts, err
}

func work(parent string) int {
	out := json.NewEncoder(os.Stdout)
	first := hello{}
	if err := apart(parent); err != nil {
		first.Refused = err.Error()
	} else if err := furnish(parent, &first); err != nil {
		first.Refused = err.Error()
	}
	if err := out.Encode(first); err != nil || first.Refused != "" {
		return 1
	}
	in := json.NewDecoder(os.Stdin)
	for {
		var req request
		if err := in.Decode(&req); errors.Is(err, io.EOF) {
			return 0
		} else if err != nil {
			return 1
		}
		if err := out.Encode(answer(parent, req, first.IPv6)); err != nil {
			return 1
		}
	}
}

// apart proves, before anything is run, that this process cannot reach
// another machine: its namespace is not the parent's, and has only loopback.
func apart(parent string) error {
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return err
	}
	if parent == "" || slices.Contains(strings.Fields(parent), own) {
		return errors.New("still in the network namespace of the machine")
	}
	return emulator.Isolated()
}

// furnish brings up loopback with the metadata addresses, and the host names
// that EC2's resolver knows.
func furnish(parent string, h *hello) error {
	for _, args := range [][]string{
		{"link", "set", "lo", "up"},
		{"addr", "add", address4 + "/32", "dev", "lo"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %v: %w: %s", args, err, out)
		}
	}
	h.IPv6 = exec.Command("ip", "-6", "addr", "add", address6+"/128", "dev", "lo", "nodad").Run() == nil
	h.Hosts = ownHosts(parent) == nil
	return nil
}

// ownHosts puts a hosts file over /etc/hosts, only if the mount namespace is
// this process's own.
func ownHosts(parent string) error {
	own, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return err
	}
	if slices.Contains(strings.Fields(parent), own) {
		return errors.New("the mount namespace is shared")
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	f, err := os.CreateTemp("", "hosts")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	fmt.Fprintf(f, "127.0.0.1 localhost\n::1 localhost\n%s instance-data instance-data.ec2.internal\n", address4)
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return syscall.Mount(f.Name(), "/etc/hosts", "", syscall.MS_BIND, "")
}

func answer(parent string, req request, ipv6 bool) response {
	if err := apart(parent); err != nil {
		return response{Refused: err.Error()}
	}
	if len(req.World.Mock) > 0 {
		stop, err := startMock(req.World.Mock)
		if err != nil {
			return response{Refused: err.Error()}
		}
		defer stop()
		return runProgram(req)
	}
	if req.World.Closed {
		return runProgram(req)
	}
	var (
		mu      sync.Mutex
		records []emulator.Record
	)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var service http.Handler = emulator.New(emulator.Config{
		Mode:       req.World.Mode,
		KeepAlive:  req.World.KeepAlive,
		BareErrors: req.World.BareErrors,
		Observe: func(r emulator.Record) {
			mu.Lock()
			defer mu.Unlock()
			records = append(records, r)
		},
	})
	if req.World.Hang {
		service = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	}
	if req.World.Elsewhere != 0 {
		service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status := http.StatusNotFound
			if r.Method == http.MethodPut {
				status = req.World.Elsewhere
			}
			http.Error(w, "not here", status)
		})
	}
	server := &http.Server{
		Handler:     service,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	addresses := []string{net.JoinHostPort(address4, "80")}
	if ipv6 {
		addresses = append(addresses, net.JoinHostPort(address6, "80"))
	}
	for _, a := range addresses {
		l, err := emulator.Listen(a)
		if err != nil {
			_ = server.Close()
			return response{Refused: err.Error()}
		}
		go func() { _ = server.Serve(l) }()
	}
	res := runProgram(req)
	cancel()
	_ = server.Close()
	mu.Lock()
	defer mu.Unlock()
	res.Records = records
	return res
}

// runProgram runs a program in a process group of its own and waits until all
// that holds its output is done, or the time is up.
func runProgram(req request) response {
	ctx, cancel := context.WithTimeout(context.Background(), req.Limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, req.Argv[0], req.Argv[1:]...)
	cmd.Dir, cmd.Env = req.Dir, req.Env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = req.Limit
	err := cmd.Run()
	res := response{Stdout: stdout.String(), Stderr: stderr.String(), TimedOut: ctx.Err() != nil}
	if cmd.Process != nil {
		// What the program left running must not meet the next world.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		res.Exit = exit.ExitCode()
	case errors.Is(err, exec.ErrWaitDelay):
		res.TimedOut = true
	default:
		res.Refused = err.Error()
	}
	return res
}

// startMock serves another emulator and waits until it listens.
func startMock(argv []string) (stop func(), err error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = filepath.Dir(argv[0])
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for range 200 {
		conn, err := net.Dial("tcp", net.JoinHostPort(address4, "80"))
		if err == nil {
			conn.Close()
			return stop, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("%s does not listen", argv[0])
}
