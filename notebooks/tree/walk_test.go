package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// plant writes files into a new folder: "name: text", a folder when the name
// ends with a slash, a link when the text begins with "->".
func plant(t testing.TB, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		name, text, _ := strings.Cut(f, ": ")
		path := filepath.Join(root, name)
		dir := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			dir = path
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, ok := strings.CutPrefix(text, "->"); ok {
			err = os.Symlink(to, path)
		} else if dir != path {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// walk lists what a walk from within root meets.
func walk(t *testing.T, root string, opt Options, targets ...string) string {
	t.Helper()
	t.Chdir(root)
	var s strings.Builder
	err := Walk(context.Background(), targets, opt, func(e Entry) error {
		s.WriteString(e.Path)
		if e.Named {
			s.WriteString(" (named)")
		}
		if e.Mirror {
			s.WriteString(" (mirror)")
		}
		if e.Skip != "" {
			fmt.Fprintf(&s, " (skipped: %s)", e.Skip)
		}
		if e.Err != nil {
			fmt.Fprintf(&s, " (%v)", e.Err)
		}
		s.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestWalk(t *testing.T) {
	lines := func(s ...string) string { return strings.Join(append(s, ""), "\n") }
	for _, tt := range []struct {
		name    string
		files   []string
		targets []string
		opt     Options
		want    string
	}{
		{"in order of names", []string{"b.py", "a/z.py", "a.py", "c/", "a/b/c.sh", ".hidden"}, []string{"."}, Options{},
			lines(".hidden", "a/b/c.sh", "a/z.py", "a.py", "b.py")},
		{"under the target as given", []string{"a/b/c.py"}, []string{"./a//b/"}, Options{}, lines("a/b/c.py")},
		{"targets in their order", []string{"a.py", "b/x.py"}, []string{"b", "a.py"}, Options{}, lines("b/x.py", "a.py (named)")},
		{"overlapping targets", []string{"a/x.py", "a/y.py"}, []string{"a/y.py", "a", "./a/x.py", "."}, Options{},
			lines("a/y.py (named)", "a/x.py")},
		{"folders never entered", []string{".git/config", "node_modules/a.py", ".databricks/a.py", "a/node_modules/b.py", "node_modules.py"},
			[]string{"."}, Options{NoIgnore: true}, lines("node_modules.py")},
		{"but taken when named", []string{"node_modules/a.py"}, []string{"node_modules"}, Options{}, lines("node_modules/a.py")},
		{"ignored", []string{".gitignore: *.log\n/out\n", "a.log", "out/x", "a/out/x", "a/b.log"}, []string{"."}, Options{},
			lines(".gitignore", "a/out/x")},
		{"with the flag", []string{".gitignore: *.log\n", "a.log"}, []string{"."}, Options{NoIgnore: true},
			lines(".gitignore", "a.log")},
		{"ignored but named", []string{".gitignore: *.log\nout/\n", "a.log", "out/x"}, []string{"a.log", "out"}, Options{},
			lines("a.log (named)", "out/x")},
		{"inner rules come first", []string{".gitignore: *.log\n", "a/.gitignore: !keep.log\n", "a/keep.log", "a/b/keep.log", "keep.log"},
			[]string{"a"}, Options{}, lines("a/.gitignore", "a/b/keep.log", "a/keep.log")},
		{"rules of parents hold in a repository", []string{".git/HEAD", ".gitignore: *.log\n/a/b/x\n", "a/b/x", "a/b/y", "a/b/z.log"},
			[]string{"a/b"}, Options{}, lines("a/b/y")},
		{"and not outside of one", []string{".gitignore: *.log\n", "a/z.log"}, []string{"a"}, Options{}, lines("a/z.log")},
		{"the repository's own exclusions", []string{".git/info/exclude: *.tmp\n", "x.tmp", "a/y.tmp", "a/.gitignore: !y.tmp\n"},
			[]string{"."}, Options{}, lines("a/.gitignore", "a/y.tmp")},
		{"a repository inside of another", []string{".git/HEAD", ".gitignore: *.log\n", "sub/.git: gitdir: ../.git/modules/sub\n",
			".git/modules/sub/info/exclude: *.tmp\n", "sub/a.log", "sub/b.tmp"}, []string{"."}, Options{}, lines(".gitignore", "sub/a.log")},
		{"a worktree", []string{"main/.git/info/exclude: *.tmp\n", "main/.git/worktrees/w/commondir: ../..\n",
			"w/.git: gitdir: ../main/.git/worktrees/w\n", "w/a.tmp", "w/a.py"}, []string{"w"}, Options{}, lines("w/a.py")},
		{"links", []string{"in/a.py", "in/same.py: ->a.py", "in/up: ->..", "in/self: ->.", "in/out.py: ->../b.py", "in/none: ->nowhere",
			"in/loop: ->loop", "b.py"}, []string{"in"}, Options{},
			lines("in/a.py", "in/loop (skipped: a symbolic link that leads nowhere)", "in/none (skipped: a symbolic link that leads nowhere)",
				"in/out.py (skipped: a symbolic link that leads out of the target)", "in/up (skipped: a symbolic link that leads out of the target)")},
		{"a link into another target", []string{"in/x: ->../other/y.py", "other/y.py"}, []string{"in", "other"}, Options{}, lines("other/y.py")},
		{"a sibling with the target's name at its start", []string{"in/x: ->../inner/y.py", "inner/y.py"}, []string{"in"}, Options{},
			lines("in/x (skipped: a symbolic link that leads out of the target)")},
		{"links as targets", []string{"real/a.py", "d: ->real", "f.py: ->real/a.py"}, []string{"d", "f.py"}, Options{}, lines("d/a.py")},
		{"a mirror of a workspace", []string{"a.py", "m/.imdsscan/mirror.json: {}", "m/x.py", "n/.imdsscan/x.py", "n/y.py"}, []string{"."}, Options{},
			lines("a.py", "m (mirror)", "n/y.py")},
		{"missing", []string{"a.py"}, []string{"nope", "a.py", ""}, Options{},
			lines("nope (named) (no such file or directory)", "a.py (named)", " (named) (no such file or directory)")},
		{"a device", nil, []string{"/dev/null"}, Options{}, lines("/dev/null (named) (not a regular file)")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := walk(t, plant(t, tt.files...), tt.opt, tt.targets...); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestWalkPipe(t *testing.T) {
	root := plant(t, "a.py")
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	if got, want := walk(t, root, Options{}, "."), "a.py\npipe (skipped: not a regular file)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnreadableFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	root := plant(t, "a/x.py", "b/x.py", "c/x.py")
	if err := os.Chmod(filepath.Join(root, "b"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "b"), 0o755) })
	if got, want := walk(t, root, Options{}, "."), "a/x.py\nb (permission denied)\nc/x.py\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestVanishingFolder removes a folder after it was listed and before it is
// entered.
func TestVanishingFolder(t *testing.T) {
	root := plant(t, "a.py", "b/x.py", "c.py")
	var got []string
	err := Walk(context.Background(), []string{root}, Options{}, func(e Entry) error {
		got = append(got, filepath.Base(e.Path))
		if e.Path == filepath.Join(root, "a.py") {
			return os.RemoveAll(filepath.Join(root, "b"))
		}
		if e.Err != nil && !errors.Is(e.Err, fs.ErrNotExist) {
			t.Errorf("%+v", e)
		}
		return nil
	})
	if want := "[a.py b c.py]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
}

func TestWalkEnds(t *testing.T) {
	root := plant(t, "a/1", "a/2", "b/3")
	stop := errors.New("enough")
	n := 0
	err := Walk(context.Background(), []string{root}, Options{}, func(Entry) error { n++; return stop })
	if err != stop || n != 1 {
		t.Errorf("%v after %d entries", err, n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n = 0
	err = Walk(ctx, []string{root}, Options{}, func(Entry) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n != 2 {
		t.Errorf("%v after %d entries", err, n)
	}
}
