package mirror

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// met are what a walk of a place in the mirror meets, as local name and path.
func (e *emulated) met(name string) []string {
	e.Helper()
	m, inside, err := Find(filepath.Join(e.Dir, name))
	if err != nil || m == nil {
		e.Fatal(m, err)
	}
	defer m.Close()
	var out []string
	err = m.Walk(context.Background(), inside, func(w Met) error {
		s := w.Local
		switch {
		case w.Err != nil:
			s += " error: " + w.Err.Error()
		case w.Entry == nil:
			s += " (own)"
		case w.Missing:
			s += " lacks " + w.Entry.Path + " " + w.Entry.Error + w.Entry.Skipped
		default:
			s += " = " + w.Entry.Path
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		e.Fatal(err)
	}
	return out
}

func TestWalk(t *testing.T) {
	e := start(t)
	long := strings.Repeat("n", 300)
	e.AddNotebook("/a/etl", source("PYTHON", ""))
	e.AddNotebook("/a/a:b", source("SQL", ""))
	e.AddNotebook("/a/"+long, source("PYTHON", ""))
	e.AddNotebook("/a/"+long+"dir/inner", source("R", ""))
	e.AddFile("/a/.gitignore", []byte("*\n"))
	e.AddNotebook("/a/node_modules/x", source("PYTHON", ""))
	e.AddNotebook("/b/refused", source("PYTHON", ""))
	e.AddNotebook("/c/hidden", source("PYTHON", ""))
	e.AddObject("/c/board", "DASHBOARD", nil)
	e.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", Object: "/b/refused", Times: -1, Kind: emulator.Status(403)})
	e.export()
	e.Inject(emulator.Fault{Path: "/api/2.0/workspace/list", Object: "/c", Times: -1, Kind: emulator.Status(403)})
	e.export()
	e.edit("a/mine.py", "")
	if err := os.Remove(e.file("a/etl.py")); err != nil {
		t.Fatal(err)
	}
	got := e.met(".")
	part := strings.Repeat("n", 200) + "%+/" + strings.Repeat("n", 100)
	want := []string{
		"@definitions/warehouse configuration of the workspace.json = warehouse configuration",
		"a/etl.py lacks /a/etl ",
		"a/.gitignore = /a/.gitignore",
		"a/a%3Ab.sql = /a/a:b",
		"a/mine.py (own)",
		"a/" + part + ".py = /a/" + long,
		"a/" + part + "dir/inner.r = /a/" + long + "dir/inner",
		"a/node_modules/x.py = /a/node_modules/x",
		" lacks /b/refused ",
		"c lacks /c ",
		" lacks /c/board a dashboard",
		"c/hidden.py = /c/hidden",
	}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%d: %q, want %q", i, got[i], want[i])
		}
	}
	for name, want := range map[string][]string{
		"a/a%3Ab.sql":       {"a/a%3Ab.sql = /a/a:b"},
		"a/mine.py":         {"a/mine.py (own)"},
		"a/" + part + ".py": {"a/" + part + ".py = /a/" + long},
		"a/node_modules":    {"a/node_modules/x.py = /a/node_modules/x"},
		"a/" + part + "dir": {"a/" + part + "dir/inner.r = /a/" + long + "dir/inner"},
		"../" + filepath.Base(e.Dir) + "/a/node_modules": {"a/node_modules/x.py = /a/node_modules/x"},
	} {
		if got := e.met(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if m, _, err := Find(t.TempDir()); m != nil || err != nil {
		t.Error(m, err)
	}
	e.edit(headFile, "{")
	if _, _, err := Find(e.Dir); err == nil {
		t.Error("takes a broken mirror for a plain folder")
	}
}

// A listing that somebody has changed leads to nothing outside of the mirror.
func TestForeignListing(t *testing.T) {
	for _, local := range []string{"../x", "/etc/passwd", "a/../../x", ".", ".imdsscan/mirror.json", `.imdsscan`, "a//b", "b/x", "a"} {
		l := listing{}
		in := "."
		if local == "b/x" || local == "a" {
			in = "a"
		}
		err := l.parse(strings.NewReader("{\"folder\":\"/\",\"local\":\"" + in + "\"}\n{\"path\":\"/x\",\"local\":\"" + local + "\"}\n"))
		if err == nil {
			t.Errorf("takes %q", local)
		}
	}
	if err := new(listing).parse(strings.NewReader("{\"folder\":\"/\",\"local\":\".\"}\n{\"path\":\"/x\",\"local\":\"x\"}\n")); err != nil {
		t.Error(err)
	}
}

func FuzzListing(f *testing.F) {
	f.Add("{\"folder\":\"/\",\"local\":\".\"}\n{\"path\":\"/x\",\"local\":\"x\"}\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := listing{}
		if err := l.parse(strings.NewReader(text)); err != nil {
			return
		}
		for _, e := range l.entries {
			if e.Local != "" && !filepath.IsLocal(e.Local) {
				t.Error(errors.New(e.Local))
			}
		}
	})
}
