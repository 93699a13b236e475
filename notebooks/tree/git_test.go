package tree

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// git runs git in dir without the machine's own settings.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "core.excludesFile="}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}

// gitFiles are the files that git would add, in order.
func gitFiles(t testing.TB, root string) []string {
	out := strings.Split(git(t, root, "ls-files", "-z", "--others", "--exclude-standard"), "\x00")
	out = out[:len(out)-1]
	slices.Sort(out)
	return out
}

func walkFiles(t testing.TB, root string) []string {
	var out []string
	err := Walk(context.Background(), []string{root}, Options{}, func(e Entry) error {
		rel, err := filepath.Rel(root, e.Path)
		out = append(out, rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func needGit(t testing.TB) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
}

// gitTree is a repository with names that patterns have trouble with.
func gitTree(t testing.TB) string {
	needGit(t)
	var files []string
	for _, dir := range []string{"", "a/", "a/b/", "a/b/c/", "b/", "doc/a/", "x/y/z/"} {
		for _, name := range []string{"a", "b.log", "c.py", "foo", "foobar", "Foo", "a b", "#x", "!x", "a ", "[a]", "é", "a-1", "*", `a\b`, "]", ".hid"} {
			if name != "a" && name != "b" || dir == "x/y/z/" { // these are folders elsewhere
				files = append(files, dir+name+": .")
			}
		}
	}
	root := plant(t, files...)
	git(t, root, "init", "-q")
	return root
}

func TestIgnoreAsGitDoes(t *testing.T) {
	root := gitTree(t)
	for _, text := range []string{
		"", "\n\n# comment\n", "*", "*\n!*/\n!*.py", "*.log", "/*.log", "a", "a/", "/a", "/a/", "a/b", "a/b/", "/a/b/c.py", "b/c.py",
		"**", "**/", "/**", "**/foo", "a/**", "a/**/", "a/**/c.py", "a/**/**/c.py", "**/b/**", "**/b/**/foo", "x/**/z/a", "x**", "x/**z/a", "x/y**/a", "**foo", "foo**",
		"foo*", "*foo*", "f?o", "?oo", "[fF]oo", "[!f]oo", "[^f]oo", "[a-z]oo", "[!a-z]oo", "[[:upper:]]oo", "[[:alpha:]-]oo", "[[:nosuch:]]oo", "[]]", "[!]]", "[]-a]", "[a-]-1",
		"[", "[a", "[a-", "[!", `\[a]`, `[\[]a]`, `[[]a]`, `\*`, `\!x`, "!x", `\#x`, "#x", `a\ b`, "a b", "a b   ", `a\ `, "a ", "a  ", `a\  `, `a\\b`, `foo\`, `\foo`, `\`,
		"foo\r\n*.log\r", "\xef\xbb\xbffoo", "/", "//", "!", "!/", "a//b", "./foo", "../a", "a/b/../b", ".hid", ".*", "é", "?", "??", "a/*/c.py", "*/*/c.py", "*/c.py", "/*/c.py",
		"foo\n!foo", "!foo\nfoo", "a/\n!a/b/c.py", "a/*\n!a/b\n", "*.py\n!/a/b/*.py", "*.p[xyz]", "c.p{y,x}", "a/b\n!a/b/", "**/a/b", "/**/b", "doc/**/a/c.py", "FOO",
	} {
		if err := os.WriteFile(filepath.Join(root, ".gitignore"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, want := walkFiles(t, root), gitFiles(t, root); !slices.Equal(got, want) {
			t.Errorf("%q: %s", text, difference(got, want))
		}
	}
}

// TestIgnoreRandomly compares ignore files made of random pieces, one in the
// root and one further down.
func TestIgnoreRandomly(t *testing.T) {
	root := gitTree(t)
	r := rand.New(rand.NewSource(2))
	pieces := []string{"a", "b", "c.py", "foo", "*", "*", "**", "?", "/", "/", "/", "[a-f]", "[!b]", ".log", "x", "y", "!", " ", "\n", "\n", "\n!"}
	for range 150 {
		for _, name := range []string{".gitignore", "a/.gitignore", "a/b/.gitignore"} {
			var s strings.Builder
			for range r.Intn(12) {
				s.WriteString(pieces[r.Intn(len(pieces))])
			}
			if err := os.WriteFile(filepath.Join(root, name), []byte(s.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := walkFiles(t, root), gitFiles(t, root); !slices.Equal(got, want) {
			text := ""
			for _, name := range []string{".gitignore", "a/.gitignore", "a/b/.gitignore"} {
				b, _ := os.ReadFile(filepath.Join(root, name))
				text += fmt.Sprintf("%s %q ", name, b)
			}
			t.Errorf("%s: %s", text, difference(got, want))
		}
	}
}

func difference(got, want []string) string {
	var s strings.Builder
	for _, f := range got {
		if !slices.Contains(want, f) {
			fmt.Fprintf(&s, "+%q ", f)
		}
	}
	for _, f := range want {
		if !slices.Contains(got, f) {
			fmt.Fprintf(&s, "-%q ", f)
		}
	}
	return s.String()
}

// TestPatternsAreBounded: a pattern of many stars against a name that nearly
// matches takes no longer than the product of their lengths.
func TestPatternsAreBounded(t *testing.T) {
	p, _ := parsePattern(strings.Repeat("*a", 200) + "b")
	if p.match(strings.Repeat("a", 4000)) {
		t.Error("matched")
	}
	if !p.match(strings.Repeat("a", 4000) + "b") {
		t.Error("not matched")
	}
	p, _ = parsePattern(strings.Repeat("**/a/", 200) + "b")
	if p.match(strings.Repeat("a/", 2000) + "a") {
		t.Error("matched")
	}
	if !p.match(strings.Repeat("a/", 2000) + "b") {
		t.Error("not matched")
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"a/**/b", "[!a-z]", `\`, "[[:alpha:]]", "!*.log/ ", "[a-\\"} {
		f.Add(s, "a/b")
	}
	f.Fuzz(func(_ *testing.T, line, path string) {
		if p, ok := parsePattern(line); ok {
			p.match(path) // must not panic or hang
		}
	})
}

// BenchmarkWalk walks 100,000 files in 1,000 folders.
func BenchmarkWalk(b *testing.B) {
	root := b.TempDir()
	for i := range 1000 {
		dir := filepath.Join(root, fmt.Sprint("d", i%30), fmt.Sprint("e", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		for k := range 100 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("notebook", k, ".py")), nil, 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	ignore := "*.pyc\n__pycache__/\n.venv\n/build\n*.egg-info/\n.ipynb_checkpoints\n*.log\ndist/\n**/target/\n*.so\n.DS_Store\nsecret*.json\n"
	if err := os.WriteFile(filepath.Join(root, ".gitignore"), []byte(ignore), 0o644); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		n := 0
		if err := Walk(context.Background(), []string{root}, Options{}, func(Entry) error { n++; return nil }); err != nil || n != 100_001 {
			b.Fatal(n, err)
		}
	}
}
