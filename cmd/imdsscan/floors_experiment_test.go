//go:build linux

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/cmd/imdsscan/emulator"
)

// TestFloors proves the floors of Python packages, and the fixes of their
// pins, by experiment: see testdata/floors/README.md.
func TestFloors(t *testing.T) {
	if testing.Short() {
		t.Skip("installs packages from the package index")
	}
	python := oldPython(t)
	lists, err := filepath.Glob("../../testdata/floors/*.txt")
	if err != nil || len(lists) == 0 {
		t.Fatal("no lists of requirements found", err)
	}
	tool := buildTool(t)
	pool := newPool(t, 2)
	for _, list := range lists {
		name := strings.TrimSuffix(filepath.Base(list), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			requirements := filepath.Join(dir, "requirements.txt")
			if err := os.WriteFile(requirements, text, 0o644); err != nil {
				t.Fatal(err)
			}
			fix := exec.Command(tool, "--fix", "--unsafe-fixes", "-q", "--exit-zero", requirements)
			if out, err := fix.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			fixed, err := os.ReadFile(requirements)
			if err != nil {
				t.Fatal(err)
			}
			if works := strings.HasSuffix(name, ".works"); works != (string(fixed) == string(text)) {
				t.Fatalf("the list became\n%s", fixed)
			} else if !works {
				res := probed(t, pool, python, dir, "old", text)
				if res.Exit == 0 || len(offences(res.Records)) == 0 {
					t.Errorf("the old versions get along without a request that is refused\n%s\n%v", show(res), res.Records)
				}
			}
			res := probed(t, pool, python, dir, "new", fixed)
			if res.Exit != 0 || len(offences(res.Records)) > 0 || !usesToken(res.Records) {
				t.Errorf("with these versions it fails, or asks without a token\n%s%s\n%v", fixed, show(res), res.Records)
			}
		})
	}
}

// TestFloorsOfOthers does the same for Maven's and npm's packages: a folder has
// the manifest and the probe.
func TestFloorsOfOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("installs packages from their registries")
	}
	tool := buildTool(t)
	pool := newPool(t, 2)
	for _, p := range []struct {
		folder, manifest string
		install, probe   []string
	}{
		{"java1", "pom.xml", []string{"mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"}, []string{"java", "-cp", "libs/*", "Probe.java"}},
		{"java2", "pom.xml", []string{"mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"}, []string{"java", "-cp", "libs/*", "Probe.java"}},
		{"node", "package.json", []string{"npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"}, []string{"node", "probe.js"}},
	} {
		t.Run(p.folder, func(t *testing.T) {
			t.Parallel()
			run := func(dir string) response {
				install := exec.Command(p.install[0], p.install[1:]...)
				install.Dir = dir
				if out, err := install.CombinedOutput(); err != nil {
					t.Skipf("%s installs nothing: %v\n%s", p.install[0], err, out)
				}
				program, err := exec.LookPath(p.probe[0])
				if err != nil {
					t.Skip(err)
				}
				var res response
				err = pool.with(func(w *worker) (err error) {
					res, err = w.run(request{Dir: dir, Argv: append([]string{program}, p.probe[1:]...), World: world{Mode: emulator.Required}, Limit: time.Minute,
						Env: []string{"PATH=" + searchPath(), "HOME=" + dir, "LC_ALL=C.UTF-8"}})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return res
			}
			before, after := t.TempDir(), t.TempDir()
			for _, dir := range []string{before, after} {
				if err := os.CopyFS(dir, os.DirFS(filepath.Join("../../testdata/floors", p.folder))); err != nil {
					t.Fatal(err)
				}
			}
			if res := run(before); res.Exit == 0 || len(offences(res.Records)) == 0 {
				t.Errorf("the old version gets along without a request that is refused\n%s\n%v", show(res), res.Records)
			}
			fix := exec.Command(tool, "--fix", "-q", filepath.Join(after, p.manifest))
			if out, err := fix.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if res := run(after); res.Exit != 0 || len(offences(res.Records)) > 0 || !usesToken(res.Records) {
				t.Errorf("the new version fails, or asks without a token\n%s\n%v", show(res), res.Records)
			}
		})
	}
}

// probed installs the requirements into a folder of their own and runs the
// probe with them under a service that requires tokens.
func probed(t *testing.T, pool *pool, python, dir, name string, requirements []byte) response {
	t.Helper()
	list := filepath.Join(dir, name+".txt")
	if err := os.WriteFile(list, requirements, 0o644); err != nil {
		t.Fatal(err)
	}
	target, home := filepath.Join(dir, name), filepath.Join(dir, name+"-home")
	pip := exec.Command(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile", "--target", target, "-r", list)
	if out, err := pip.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	probe, err := filepath.Abs("../../testdata/floors/probe.py")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(requirements), "\n")
	var res response
	err = pool.with(func(w *worker) (err error) {
		res, err = w.run(request{
			Dir: home, Argv: []string{python, probe, strings.TrimSpace(strings.TrimPrefix(first, "#"))},
			World: world{Mode: emulator.Required}, Limit: time.Minute,
			Env: []string{"PATH=" + searchPath(), "HOME=" + home, "PYTHONPATH=" + target, "PYTHONDONTWRITEBYTECODE=1", "LC_ALL=C.UTF-8",
				"AWS_METADATA_SERVICE_TIMEOUT=5", "AWS_METADATA_SERVICE_NUM_ATTEMPTS=1", "AWS_DEFAULT_REGION=eu-west-1"},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// oldPython finds a Python that old versions run on, with a pip that reaches
// the package index.
func oldPython(t *testing.T) string {
	t.Helper()
	why := ""
	for _, name := range []string{"python3.11", "python3.10", "python3.9", "python3.8", "python3"} {
		python, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.Command(python, "-c", "import sys; print(sys.executable); sys.exit(sys.version_info >= (3, 12))").Output()
		if err != nil {
			continue
		}
		python = strings.TrimSpace(string(out))
		pip := exec.Command(python, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--retries", "1", "--timeout", "10", "--no-deps", "-d", t.TempDir(), "jmespath==0.10.0")
		if out, err := pip.CombinedOutput(); err != nil {
			why = fmt.Sprintf(": %v %s", err, out)
			continue
		}
		return python
	}
	t.Skipf("no Python up to 3.11 whose pip reaches the package index%s", why)
	return ""
}
