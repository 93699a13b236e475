//go:build linux

package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// A worker is the test binary running in a namespace of its own.
type worker struct {
	hello
	cmd *exec.Cmd
	in  io.WriteCloser
	enc *json.Encoder
	dec *json.Decoder
}

// startWorker starts one with the given namespaces; none is for the test that
// a worker outside refuses to run anything.
func startWorker(attr *syscall.SysProcAttr) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	own, err := ownNamespaces()
	if err != nil {
		return nil, err
	}
	w := &worker{cmd: exec.Command(self)}
	w.cmd.Env = append(os.Environ(), workerEnv+"="+own)
	w.cmd.Stderr = os.Stderr
	w.cmd.SysProcAttr = attr
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	w.enc, w.dec = json.NewEncoder(w.in), json.NewDecoder(out)
	if err := w.dec.Decode(&w.hello); err != nil {
		w.stop()
		return nil, fmt.Errorf("the worker did not start: %w", err)
	}
	if w.Refused != "" {
		w.stop()
		return nil, errors.New(w.Refused)
	}
	return w, nil
}

func (w *worker) run(req request) (response, error) {
	var res response
	if err := w.enc.Encode(req); err != nil {
		return res, err
	}
	if err := w.dec.Decode(&res); err != nil {
		return res, err
	}
	if res.Refused != "" {
		return res, fmt.Errorf("not run: %s", res.Refused)
	}
	return res, nil
}

func (w *worker) stop() {
	_ = w.in.Close()
	_ = w.cmd.Wait()
}

// namespaces asks for own network and mount namespaces, as root directly,
// otherwise (or where that is not allowed) inside a user namespace.
func namespaces(user bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if user {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return attr
}

// pool hands out workers to the subtests that run side by side.
type pool struct {
	workers chan *worker
	ipv6    bool
	hosts   bool
}

// newPool skips the test if the machine gives no namespace, unless
// IMDSSCAN_EXECUTION=require asks for a failure.
func newPool(t *testing.T, size int) *pool {
	t.Helper()
	p := &pool{workers: make(chan *worker, size), ipv6: true, hosts: true}
	for range size {
		w, err := startWorker(namespaces(os.Getuid() != 0))
		if err != nil && os.Getuid() == 0 {
			w, err = startWorker(namespaces(true))
		}
		if err != nil {
			if os.Getenv("IMDSSCAN_EXECUTION") == "require" {
				t.Fatalf("no isolated network namespace: %v", err)
			}
			t.Skipf("no isolated network namespace, so no program is run: %v", err)
		}
		t.Cleanup(w.stop)
		p.ipv6, p.hosts = p.ipv6 && w.IPv6, p.hosts && w.Hosts
		p.workers <- w
	}
	return p
}

// with lends a worker.
func (p *pool) with(use func(*worker) error) error {
	w := <-p.workers
	defer func() { p.workers <- w }()
	return use(w)
}
