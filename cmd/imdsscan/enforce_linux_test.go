package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/imdsscan/imdsscan/workspace/setting"
)

// terminal is one at which lines are typed.
func terminal(t *testing.T) (typed, in *os.File) {
	t.Helper()
	typed, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = typed.Close() })
	fd := int(typed.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	if in, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	return typed, in
}

// At a terminal it shows what it is about and asks; anything but yes is no.
func TestEnforceAsks(t *testing.T) {
	for _, c := range []struct {
		typed        string // empty: Ctrl-C
		args         []string
		code         int
		set, restart bool
		stderr       string
	}{
		{"n\n", []string{"on"}, exitUsage, false, false, "Switch the enforcement of IMDSv2 on? [y/N] imdsscan: nothing was changed\n"},
		{"\n", []string{"on"}, exitUsage, false, false, "nothing was changed\n"},
		{"y\n", []string{"on"}, exitClean, true, false, "[y/N] imdsscan: to undo: "},
		{"yes\nn\n", []string{"on", "--restart"}, exitClean, true, false, "Restart 1 cluster, 1 at the same time? What runs on them ends. [y/N] imdsscan: nothing was restarted; to do it later: imdsscan enforce on --state-dir "},
		{"yes\nyes\n", []string{"on", "--restart"}, exitClean, true, true, "[y/N] imdsscan: to see what still runs from before: "},
		{"", []string{"on"}, exitInterrupted, false, false, "interrupted; nothing was changed\n"},
	} {
		w := newEnforceWorld(t)
		typed, in := terminal(t)
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := typed.WriteString(c.typed); err != nil {
			t.Fatal(err)
		}
		var stdout bytes.Buffer
		stderr := &watchUntil{text: "[y/N]", stop: func() {
			if c.typed == "" {
				cancel()
			}
		}}
		code := run(ctx, append([]string{"enforce"}, append(c.args, "--state-dir", w.state)...), streams{in, &stdout, stderr})
		cancel()
		_, set := w.Conf(setting.EnforceIMDSv2)
		if restarts := w.Count("POST", "/api/2.1/clusters/restart"); code != c.code || set != c.set || restarts > 0 != c.restart || !strings.Contains(stderr.sb.String(), c.stderr) {
			t.Errorf("%q: status %d, set %v, %d restarts\n%s%s", c.typed, code, set, restarts, stdout.String(), stderr.sb.String())
		}
		w.Close()
	}
}
