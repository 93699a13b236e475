package report

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gitApply makes the change of the diff with git and returns the file.
func gitApply(t *testing.T, name, before, diff string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	cmd.Dir = dir
	// Apply outside of any repository, whatever the user's configuration says.
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+dir, "GIT_DIR=/nonexistent", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	cmd.Stdin = strings.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, diff)
	}
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(after)
}

func unified(name, before, after string) string {
	var b bytes.Buffer
	UnifiedDiff(&b, name, before, after)
	return b.String()
}

func TestDiffText(t *testing.T) {
	before := "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	after := strings.Replace(before, "5\n", "5a\n5b\n", 1)
	want := `diff --git a/x/y.py b/x/y.py
--- a/x/y.py
+++ b/x/y.py
@@ -2,7 +2,8 @@
 2
 3
 4
-5
+5a
+5b
 6
 7
 8
`
	if got := unified("x/y.py", before, after); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := unified("x", before, before); got != "" {
		t.Errorf("no change gives %q", got)
	}
}

func TestChanges(t *testing.T) {
	if got := Changes("a\r\nb\r\nc", "a\r\nB\r\nB2\r\nc"); got != "- b\n+ B\n+ B2\n" {
		t.Errorf("got %q", got)
	}
}

func TestGitAppliesDiff(t *testing.T) {
	long := strings.Repeat("line\n", 40)
	for _, c := range []struct{ name, before, after string }{
		{"crlf.py", "a\r\nb\r\nc\r\n", "a\r\nX\r\nb\r\nc\r\n"},
		{"mixed.py", "a\r\nb\nc\r\n", "a\r\nB\nc\r\n"},
		{"cr.py", "a\rb\nc\n", "a\rB\nc\n"},
		{"no-end.py", "a\nb", "a\nX\nb"},
		{"end-appended.py", "a\nb", "a\nb\nc"},
		{"end-gained.py", "a\nb", "a\nb\n"},
		{"end-lost.py", "a\nb\n", "a\nb"},
		{"first.sh", "a\nb\n", "X\na\nb\n"},
		{"emptied.sh", "a\n", ""},
		{"two-hunks.py", "A\n" + long + "B\n", "a\n" + long + "b\n"},
		{"near.py", "A\n1\n2\n3\n4\n5\n6\nB\n", "a\n1\n2\n3\n4\n5\n6\nb\n"},
		{"apart.py", "A\n1\n2\n3\n4\n5\n6\n7\nB\n", "a\n1\n2\n3\n4\n5\n6\n7\nb\n"},
		{"with space.py", "a\n", "b\n"},
		{"dir/日本.py", "日\n", "本\n"},
		{"tab\there.py", "a\n", "b\n"},
		{"quote\"back\\slash.py", "a\n", "b\n"},
		{"new\nline \xff.py", "a\n", "b\n"},
		{"compact.ipynb", `{"cells":[{"source":"a\nb"}]}`, `{"cells":[{"source":"a\nX\nb"}]}`},
		{"invalid.py", "a\xff\n\xc3\n", "a\xff\nb\xfe\n\xc3\n"},
	} {
		t.Run(strings.ToValidUTF8(c.name, "_"), func(t *testing.T) {
			diff := unified(c.name, c.before, c.after)
			if got := gitApply(t, c.name, c.before, diff); got != c.after {
				t.Errorf("git made %q, want %q, of\n%s", got, c.after, diff)
			}
		})
	}
}

// Random edits of random files: many hunks, near and far, at all edges.
func TestGitAppliesRandomDiffs(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for range 40 {
		var a, b []string
		for i := range rnd.Intn(60) {
			line := fmt.Sprintf("line %d\n", i%7)
			if rnd.Intn(6) > 0 {
				a = append(a, line)
			}
			switch rnd.Intn(8) {
			case 0:
				b = append(b, "new\n", line)
			case 1:
			default:
				b = append(b, line)
			}
		}
		before, after := strings.Join(a, "")+"end", strings.Join(b, "")+"end"
		if diff := unified("f", before, after); diff != "" {
			if got := gitApply(t, "f", before, diff); got != after {
				t.Fatalf("git made %q, want %q, of\n%s", got, after, diff)
			}
		}
	}
}

func TestDiffOfManyLines(t *testing.T) {
	var sb strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&sb, "line %d\n", i)
	}
	before := sb.String()
	after := "new\n" + before + "last\n"
	if got := strings.Count(unified("x", before, after), "\n"); got != 3+2*5 {
		t.Errorf("the diff has %d lines", got)
	}
}
