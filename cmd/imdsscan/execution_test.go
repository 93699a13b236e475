//go:build linux

package main_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
)

// The execution suite proves fixes by running them: see
// testdata/execution/README.md.

// executionRoot has the programs; IMDSSCAN_PROGRAMS names another folder that
// holds folders of programs.
var executionRoot = cmp.Or(os.Getenv("IMDSSCAN_PROGRAMS"), "../../testdata/execution")

func TestExecution(t *testing.T) {
	if testing.Short() {
		t.Skip("runs hundreds of programs")
	}
	tool := buildTool(t)
	everyProgram(t, func(p program, pool *pool) error {
		tr, err := p.fix(tool)
		if err != nil || strings.HasPrefix(p.directives["expect"], "unfixed") {
			return err
		}
		return pool.with(tr.check)
	})
}

// TestExecutionSecondOpinion runs the same fixes against AWS's own emulator.
func TestExecutionSecondOpinion(t *testing.T) {
	if testing.Short() {
		t.Skip("runs hundreds of programs")
	}
	mock := installMock(t)
	tool := buildTool(t)
	everyProgram(t, func(p program, pool *pool) error {
		if d := p.directives["aemm"]; strings.HasPrefix(d, "skip") {
			return skip(d)
		}
		tr, err := p.fix(tool)
		if err != nil || strings.HasPrefix(p.directives["expect"], "unfixed") {
			return err
		}
		return pool.with(func(w *worker) error { return tr.checkMock(w, mock) })
	})
}

// skip is the error of a program that was not tried, with the reason.
type skip string

func (s skip) Error() string { return string(s) }

// everyProgram tries the whole suite side by side and prints the account.
func everyProgram(t *testing.T, try func(program, *pool) error) {
	pool := newPool(t, runtime.NumCPU()+1)
	list, err := programs(executionRoot, pool)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatalf("no programs below %s", executionRoot)
	}
	var (
		mu     sync.Mutex
		passed int
		failed []string
		skips  = map[string]int{}
	)
	t.Run("programs", func(t *testing.T) {
		for _, p := range list {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				var err error = skip(p.skip)
				if p.skip == "" {
					err = try(p, pool)
				}
				mu.Lock()
				defer mu.Unlock()
				var why skip
				switch {
				case err == nil:
					passed++
				case errors.As(err, &why):
					skips[why.Error()]++
					t.Skip(why)
				default:
					failed = append(failed, p.name)
					t.Error(err)
				}
			})
		}
	})
	t.Log(account(len(list), passed, failed, skips))
}

func account(all, passed int, failed []string, skips map[string]int) string {
	var b strings.Builder
	skipped := 0
	reasons := []string{}
	for why, n := range skips {
		skipped += n
		reasons = append(reasons, fmt.Sprintf("  %4d skipped: %s", n, why))
	}
	sort.Strings(reasons)
	sort.Strings(failed)
	fmt.Fprintf(&b, "%d programs: %d passed, %d failed, %d skipped", all, passed, len(failed), skipped)
	for _, r := range reasons {
		b.WriteString("\n" + r)
	}
	for _, f := range failed {
		b.WriteString("\n  FAILED " + f)
	}
	return b.String()
}

// buildTool builds imdsscan once for the whole test binary, unless
// IMDSSCAN_BINARY names one.
func buildTool(t *testing.T) string {
	t.Helper()
	if file := os.Getenv("IMDSSCAN_BINARY"); file != "" {
		return file
	}
	file, err := builtTool()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var builtTool = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "imdsscan-bin")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "imdsscan")
	if out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})

const mockModule = "github.com/aws/amazon-ec2-metadata-mock/cmd/ec2-metadata-mock@v1.13.0"

func installMock(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "install", mockModule)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-mod=mod")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("AWS's emulator cannot be installed here: %v: %s", err, out)
	}
	return filepath.Join(dir, "ec2-metadata-mock")
}
