//go:build linux

package main_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/cmd/imdsscan/emulator"
)

// A trial is a program with its fixed text.
type trial struct {
	program
	original, fixed []byte
	// beside are the other files of a program that is a folder, as they are
	// and as fixed.
	beside, besideFixed map[string][]byte
	limit               time.Duration // programTimeout if zero
}

// fix runs the tool on a copy, as a user would, and wants a change, no finding
// left, and a second run without effect.
func (p program) fix(tool string) (trial, error) {
	t := trial{program: p}
	var err error
	if t.original, t.beside, err = p.read(p.path, p.folder); err != nil {
		return t, err
	}
	dir, err := os.MkdirTemp("", "imdsscan-fix")
	if err != nil {
		return t, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Base(p.path)
	if err := writeAll(dir, name, t.original, t.beside); err != nil {
		return t, err
	}
	target := name
	if p.folder != "" {
		target = "."
	}
	said, err := runTool(tool, dir, "--fix", target)
	if err != nil {
		return t, err
	}
	read := func() ([]byte, map[string][]byte, error) {
		if p.folder == "" {
			return p.read(filepath.Join(dir, name), "")
		}
		return p.read(filepath.Join(dir, name), dir)
	}
	if t.fixed, t.besideFixed, err = read(); err != nil {
		return t, err
	}
	changed := !bytes.Equal(t.original, t.fixed) || !maps.EqualFunc(t.beside, t.besideFixed, bytes.Equal)
	if reason := p.directives["expect"]; strings.HasPrefix(reason, "unfixed") {
		if changed {
			return t, fmt.Errorf("was fixed, though it should be left alone (%s):\n%s", reason, t.fixed)
		}
		return t, nil
	}
	if !changed {
		return t, fmt.Errorf("was not fixed:\n%s", said)
	}
	left, err := runTool(tool, dir, target)
	if err != nil {
		return t, err
	}
	if strings.Contains(left, "IMDS001") {
		return t, fmt.Errorf("still has IMDS001 after the fix:\n%s\nfixed:\n%s", left, t.fixed)
	}
	if _, err := runTool(tool, dir, "--fix", target); err != nil {
		return t, err
	}
	again, besideAgain, err := read()
	if err != nil {
		return t, err
	}
	if !bytes.Equal(t.fixed, again) || !maps.EqualFunc(t.besideFixed, besideAgain, bytes.Equal) {
		return t, fmt.Errorf("a second --fix changed it again, from\n%s\nto\n%s", t.fixed, again)
	}
	return t, nil
}

// read reads a program, and the other files of its folder.
func (p program) read(path, folder string) (text []byte, beside map[string][]byte, err error) {
	if text, err = os.ReadFile(path); err != nil || folder == "" {
		return text, nil, err
	}
	beside = map[string][]byte{}
	err = filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || file == path {
			return err
		}
		name, err := filepath.Rel(folder, file)
		if err == nil {
			beside[name], err = os.ReadFile(file)
		}
		return err
	})
	return text, beside, err
}

// writeAll puts a program into a folder.
func writeAll(dir, name string, text []byte, beside map[string][]byte) error {
	for file, b := range beside {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, name), text, 0o755)
}

// runTool returns what imdsscan said; findings (exit 1) are no error.
func runTool(tool, dir string, args ...string) (string, error) {
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		return string(out), fmt.Errorf("imdsscan %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

var (
	permissive = world{Mode: emulator.Optional}
	strict     = world{Mode: emulator.Required, KeepAlive: true}
	denying    = world{Mode: emulator.Deny}
	blackhole  = world{Mode: emulator.Blackhole}
	// failing are the ways in which the original's own request can fail. A
	// call without -f takes a 403 page for a value, which no fixed program
	// should imitate: a service that sends no page, or none that listens,
	// shows the same program's failure path.
	failing = []world{
		{Mode: emulator.Refuse},
		{Mode: emulator.Refuse, BareErrors: true},
		{Closed: true},
	}
)

// check runs the original and the fixed program through the worlds.
func (t trial) check(w *worker) error {
	base, err := t.run(w, false, permissive)
	if err != nil {
		return fmt.Errorf("original: %w", err)
	}
	if len(offences(base.Records)) == 0 {
		return fmt.Errorf("the original makes no request without a token, so its fix proves nothing\n%s", show(base))
	}
	for _, wd := range []world{strict, permissive} {
		got, err := t.run(w, true, wd)
		if err != nil {
			return fmt.Errorf("fixed, %s: %w", wd.Mode, err)
		}
		if bad := offences(got.Records); len(bad) > 0 {
			return fmt.Errorf("fixed, %s: %s\n%s", wd.Mode, strings.Join(bad, "\n"), t.show(got))
		}
		if !sameOutcome(base, got) {
			return fmt.Errorf("fixed, %s: differs from the original\noriginal:\n%s\nfixed:\n%s", wd.Mode, show(base), t.show(got))
		}
		if !usesToken(got.Records) {
			return fmt.Errorf("fixed, %s: no request carried a token\n%s", wd.Mode, t.show(got))
		}
	}
	if !strings.HasPrefix(t.directives["deny"], "skip") {
		if err := t.checkFailure(w, denying); err != nil {
			return err
		}
	}
	if t.directives["elsewhere"] == "yes" {
		if err := t.checkElsewhere(w); err != nil {
			return err
		}
	}
	if t.directives["timeout"] == "yes" {
		return t.checkFailure(w, blackhole)
	}
	return nil
}

// checkElsewhere wants that a program goes on to notice that it does not run
// on EC2, whether the service there knows no such path or no such method.
func (t trial) checkElsewhere(w *worker) error {
	for _, status := range []int{http.StatusNotFound, http.StatusMethodNotAllowed} {
		want, err := t.run(w, false, world{Elsewhere: status})
		if err != nil {
			return fmt.Errorf("original elsewhere: %w", err)
		}
		got, err := t.run(w, true, world{Elsewhere: status})
		if err != nil {
			return fmt.Errorf("fixed elsewhere: %w", err)
		}
		if !sameOutcome(want, got) {
			return fmt.Errorf("where PUT is answered with %d: differs from the original\noriginal:\n%s\nfixed:\n%s", status, show(want), t.show(got))
		}
	}
	return nil
}

// checkFailure wants that a token request that fails sends nothing without a
// token, and ends like a failure of the original's own request.
func (t trial) checkFailure(w *worker, wd world) error {
	got, err := t.run(w, true, wd)
	if err != nil {
		return fmt.Errorf("fixed, %s: %w", wd.Mode, err)
	}
	if bad := offences(got.Records); len(bad) > 0 {
		return fmt.Errorf("fixed, %s: %s\n%s", wd.Mode, strings.Join(bad, "\n"), t.show(got))
	}
	worlds := failing
	if wd.Mode == emulator.Blackhole {
		worlds = append(slices.Clone(failing), world{Hang: true})
	}
	var ends []string
	for _, f := range worlds {
		want, err := t.run(w, false, f)
		if err != nil {
			ends = append(ends, err.Error())
			continue
		}
		// Which number a failing client ends with is its own affair.
		if got.Stdout == want.Stdout && (got.Exit == 0) == (want.Exit == 0) {
			return nil
		}
		ends = append(ends, show(want))
	}
	return fmt.Errorf("fixed, %s: ends as no failure of the original does\noriginal (403, 403 without a page, nobody listening, no answer):\n%s\nfixed:\n%s",
		wd.Mode, strings.Join(ends, "\n"), t.show(got))
}

// checkMock compares the original under AWS's own emulator with the fixed
// program under the same where it requires tokens.
func (t trial) checkMock(w *worker, mock string) error {
	lax := []string{mock, "-n", address4, "-p", "80"}
	want, err := t.run(w, false, world{Mock: lax})
	if err != nil {
		return fmt.Errorf("original: %w", err)
	}
	got, err := t.run(w, true, world{Mock: append(slices.Clone(lax), "-I")})
	if err != nil {
		return fmt.Errorf("fixed: %w", err)
	}
	// Its interruption notices are always two minutes ahead.
	want.Stdout, got.Stdout = aTime.ReplaceAllString(want.Stdout, "TIME"), aTime.ReplaceAllString(got.Stdout, "TIME")
	if !sameOutcome(want, got) {
		return fmt.Errorf("fixed: differs from the original\noriginal:\n%s\nfixed:\n%s", show(want), t.show(got))
	}
	return nil
}

var aTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// run runs the program, as it is or as fixed.
func (t trial) run(w *worker, fixed bool, wd world) (response, error) {
	text, beside := t.original, t.beside
	if fixed {
		text, beside = t.fixed, t.besideFixed
	}
	dir, err := os.MkdirTemp("", "imdsscan-run")
	if err != nil {
		return response{}, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Base(t.path)
	if err := writeAll(dir, name, text, beside); err != nil {
		return response{}, err
	}
	argv := append(append([]string{}, t.argv...), name)
	if t.jvm != nil {
		if argv, err = t.jvm.command(name, text); err != nil {
			return response{}, err
		}
	}
	if argv[0], err = absolute(argv[0]); err != nil {
		return response{}, err
	}
	limit := cmp.Or(t.limit, programTimeout)
	res, err := w.run(request{
		Dir:   dir,
		Argv:  argv,
		World: wd,
		Limit: limit,
		Env: []string{
			"PATH=" + searchPath(), "HOME=" + dir, "TMPDIR=" + dir, "LC_ALL=C.UTF-8",
			"PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8",
		},
	})
	if err == nil && res.TimedOut {
		err = fmt.Errorf("did not end in %v\n%s", limit, show(res))
	}
	// The folder's random name may be printed.
	res.Stdout = strings.ReplaceAll(res.Stdout, dir, "DIR")
	return res, err
}

func absolute(command string) (string, error) {
	if filepath.IsAbs(command) {
		return command, nil
	}
	return lookPath(command)
}

func sameOutcome(a, b response) bool { return a.Stdout == b.Stdout && a.Exit == b.Exit }

var awsPath = regexp.MustCompile(`^/(latest|1\.0|\d{4}-\d\d-\d\d)?(/|$)`)

// offences are the requests that enforcement refuses; other clouds' paths on
// the same address are none of its business.
func offences(records []emulator.Record) []string {
	var out []string
	for _, r := range records {
		if r.Refusal != "" && awsPath.MatchString(r.Path) {
			out = append(out, r.String())
		}
	}
	return out
}

func usesToken(records []emulator.Record) bool {
	for _, r := range records {
		if r.Token == emulator.TokenValid {
			return true
		}
	}
	return false
}

func show(r response) string {
	const most = 1500
	cut := func(s string) string {
		if len(s) > most {
			return s[:most] + "…"
		}
		return s
	}
	return fmt.Sprintf("  exit %d, stdout %q\n  stderr %q", r.Exit, cut(r.Stdout), cut(r.Stderr))
}

// show of a trial adds the fixed text: the reader wants to see the culprit.
func (t trial) show(r response) string {
	s := show(r) + "\n--- fixed text ---\n" + string(t.fixed)
	for _, name := range slices.Sorted(maps.Keys(t.besideFixed)) {
		s += "\n--- " + name + " ---\n" + string(t.besideFixed[name])
	}
	return s
}
