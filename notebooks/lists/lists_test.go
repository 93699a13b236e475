package lists

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string // the names; one that is not sure in brackets
	}{
		{"requirements.txt", "-r base.txt\n--constraint=c.txt # x\n  -c  other.in\nboto3 -r no.txt\n#-r no.txt\n", "base.txt c.txt other.in"},
		{"install.sh", "pip install -q -r deps/base.list -c 'c d.txt'\nsort -r names.txt\ncut -c 1-3\n", "deps/base.list c"},
		{"install.sh", "pip install \\\n  --requirement=a.txt && tar -c b.txt", "a.txt"},
		{"run.py", `subprocess.run([sys.executable, "-m", "pip", "install", "-r", "a/b.txt"])`, "a/b.txt"},
		{"nb.ipynb", `"source": ["%pip install -r ../req.txt\n", "x"]`, "../req.txt"},
		{"tox.ini", "[testenv]\ndeps =\n    -rreq.txt\n    py36: -c{toxinidir}/c.txt\n", "req.txt {toxinidir}/c.txt"},
		{"pyproject.toml", `dependencies = {file = ["requirements.in"]}`, "(requirements.in)"},
		{"bundle.yml", "dependencies:\n  - -r ./req.txt\n  - \"-r /Workspace/x.txt\"\nlibraries:\n  - requirements: ../y.txt\n", "(../y.txt) (./req.txt) (/Workspace/x.txt)"},
		{"words.sh", "uv pip sync -rx; grep -r pip -c", ""},
	} {
		var got []string
		for _, in := range Of(c.name, []byte(c.text), c.name == "requirements.txt") {
			if in.Sure {
				got = append(got, in.Name)
			} else {
				got = append(got, "("+in.Name+")")
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s %q names %q, not %q", c.name, c.text, s, c.want)
		}
	}
}

func TestSets(t *testing.T) {
	in := func(sure, own bool, names ...string) (out []Include) {
		for _, n := range names {
			out = append(out, Include{n, sure, own})
		}
		return out
	}
	files := []string{"p/requirements.txt", "p/deps/base", "p/deps/more", "p/job.py", "p/jobs/deep/job.sh", "q/requirements.txt", "p/notes"}
	s := New([]string{"."}, files, []File{
		{"p/requirements.txt", true, in(true, true, "deps/base", "gone.txt", "requirements.txt")},
		{"p/job.py", false, in(true, false, "/Workspace/Users/ana/p/requirements.txt")},
		{"p/jobs/deep/job.sh", false, append(in(true, false, "${ROOT}/requirements.txt"), in(false, false, "maybe")...)},
	}, func(name string) ([]byte, error) {
		if name == "p/deps/base" {
			return []byte("-r more\n-r ../requirements.txt\n"), nil
		}
		return nil, errors.New("none")
	})
	for name, want := range map[string]string{
		"p/requirements.txt": "p/deps/base p/deps/more p/job.py p/jobs/deep/job.sh",
		"p/deps/more":        "p/deps/base p/job.py p/jobs/deep/job.sh p/requirements.txt",
		"p/job.py":           "p/deps/base p/deps/more p/requirements.txt",
		"q/requirements.txt": "", "p/notes": "",
	} {
		if got, all := s.Together(name); strings.Join(got, " ") != want || !all {
			t.Errorf("beside %s: %v, not %s", name, got, want)
		}
	}
	if got := s.Missing(); !slices.Equal(got, []Missing{{"p/requirements.txt", "gone.txt"}}) {
		t.Errorf("missing: %v", got)
	}
	if got := s.Circles(); !slices.Equal(got, []Missing{{"p/requirements.txt", "requirements.txt"}, {"p/deps/base", "p/requirements.txt"}}) {
		t.Errorf("circles: %v", got)
	}
	if !s.Named("p/deps/more") || s.Named("p/notes") {
		t.Error("which files are named as lists")
	}
}

// Names and circles of any number end soon.
func TestHostileLists(t *testing.T) {
	start := time.Now()
	var files []string
	var naming []File
	for i := range 1000 {
		name := strings.Repeat("d/", i%25) + "l" + strings.Repeat("x", i/25)
		files = append(files, name)
		naming = append(naming, File{name, true, []Include{{"/" + files[i*7%len(files)], true, true}, {"/" + files[0], true, true}}})
	}
	s := New([]string{"."}, files, naming, func(string) ([]byte, error) { return nil, errors.New("none") })
	if _, all := s.Together(files[3]); all {
		t.Error("all of 1000 files are said to be looked at")
	}
	for _, text := range []string{strings.Repeat("-r ", 20_000), "pip" + strings.Repeat(" -r", 20_000), "pip install \\\n" + strings.Repeat("-r x \\\n", 10_000)} {
		Of("a.sh", []byte(text), false)
		Of("requirements.txt", []byte(text), true)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}
