package mirror

import (
	"io/fs"
	"math/rand"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// file and book name a file or folder, and a notebook, in the tables below.
func file(name string) Child { return Child{Name: name} }
func book(name string) Child { return Child{name, true} }

func TestLocalNames(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		why      string
		children []Child
		want     []string
	}{
		{"ordinary names stay", []Child{file("ETL daily (v2).py"), book("Übersicht – 売上"), file("ana@example.org"), file(".bundle"), file("a~b"), book("rocket 🚀"), file("README.md"), file("全角　空白")},
			[]string{"ETL daily (v2).py", "Übersicht – 売上", "ana@example.org", ".bundle", "a~b", "rocket 🚀", "README.md", "全角　空白"}},
		{"what Windows refuses", []Child{file(`a:b|c\d"e<f>g?h*i`)}, []string{"a%3Ab%7Cc%5Cd%22e%3Cf%3Eg%3Fh%2Ai"}},
		{"the escape itself", []Child{file("100%"), file("%3A")}, []string{"100%25", "%253A"}},
		{"what nobody sees", []Child{file("a\x00b\x1b[31m\u202ec\u200b\ufeff")}, []string{"a%00b%1B[31m%E2%80%AEc%E2%80%8B%EF%BB%BF"}},
		{"bytes that are no text", []Child{file("a\xffb")}, []string{"a%FFb"}},
		{"dots and blanks at the ends", []Child{file("."), file(".."), file("..."), file(" "), file(" a "), file("a."), file("a. "), file(".a"), book("b.")},
			[]string{"%2E", ".%2E", "..%2E", "%20", "%20a%20", "a%2E", "a.%20", ".a", "b%2E"}},
		{"devices", []Child{book("CON"), file("nul.txt"), file("Com1"), file("lpt¹.log"), file("aux .x"), file("console"), file("com"), file("COM10")},
			[]string{"%43ON", "%6Eul.txt", "%43om1", "%6Cpt¹.log", "%61ux .x", "console", "com", "COM10"}},
		{"short names of Windows", []Child{file("PROGRA~1"), file("git~1"), file("a~1.py"), file("backup~old"), file("very-long~1")},
			[]string{"PROGRA%7E1", "git%7E1", "a%7E1.py", "backup~old", "very-long~1"}},
		{"names of the mirror and of git", []Child{file(".imdsscan"), file(".IMDSSCAN"), file(".git"), file(".gitignore"), file("@init-scripts")},
			[]string{"%2Eimdsscan", "%2E%49%4D%44%53%53%43%41%4E", "%2Egit", ".gitignore", "%40init-scripts"}},
		{"case", []Child{file("Foo"), file("foo"), file("FOO"), file("bar")}, []string{"%46oo", "foo", "%46%4F%4F", "bar"}},
		{"composed and decomposed", []Child{file("café"), file("cafe\u0301"), file("cafe")}, []string{"caf%C3%A9", "cafe%CC%81", "cafe"}},
		{"notebook beside a file of its local name", []Child{book("foo"), file("foo.py"), book("bar"), file("bar.txt")},
			[]string{"foo%notebook", "foo.py", "bar", "bar.txt"}},
		{"the same in another case", []Child{book("Foo"), file("foo.IPYNB")}, []string{"%46oo%notebook", "foo.%49%50%59%4E%42"}},
		{"notebook beside a folder", []Child{book("foo"), file("foo")}, []string{"foo", "foo"}},
		{"notebooks that look like files", []Child{book("a"), book("a.py"), book("A.py")}, []string{"a", "a.py", "%41.py"}},
		{"too long", []Child{file(long)}, []string{strings.Repeat("x", 200) + "%+/" + strings.Repeat("x", 100)}},
		{"too long when escaped", []Child{file(strings.Repeat(":", 90))}, []string{strings.Repeat("%3A", 66) + "%+/" + strings.Repeat("%3A", 24)}},
	} {
		if got := LocalNames(c.children); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.why, got, c.want)
		}
	}
}

// laws checks what holds for the names of every set of children.
func laws(t *testing.T, children []Child) {
	names := LocalNames(children)
	seen := map[string]int{}
	for i, c := range children {
		suffixes := []string{""}
		if c.Notebook {
			suffixes = Suffixes
		}
		for _, s := range suffixes {
			local := names[i] + s
			if other, ok := seen[fold(local)]; ok {
				t.Fatalf("injective: %q and %q are both %q", children[other].Name, c.Name, local)
			}
			seen[fold(local)] = i
			if name, ok := RemoteName(local, c.Notebook); !ok || name != c.Name {
				t.Fatalf("reversible: %q is %q, which reads %q", c.Name, local, name)
			}
			if !filepath.IsLocal(local) || !fs.ValidPath(local) || path.Clean(local) != local || !utf8.ValidString(local) {
				t.Fatalf("local: %q is %q", c.Name, local)
			}
			for _, level := range strings.Split(local, "/") {
				if len(level) > 255 || strings.HasSuffix(level, ".") || strings.Trim(level, " ") != level || needsOther(level) {
					t.Fatalf("every system takes it: %q is %q", c.Name, level)
				}
			}
		}
	}
	order := rand.New(rand.NewSource(int64(len(children)))).Perm(len(children))
	shuffled := make([]Child, len(children))
	for i, from := range order {
		shuffled[i] = children[from]
	}
	for i, name := range LocalNames(shuffled) {
		if name != names[order[i]] {
			t.Fatalf("stable: %q is %q or %q, as it comes", shuffled[i].Name, name, names[order[i]])
		}
	}
}

// FuzzLocalNames makes children of the lines of a text; one that begins with
// an asterisk is a notebook.
func FuzzLocalNames(f *testing.F) {
	for _, s := range []string{
		"*foo\nfoo.py\nFOO.py\n*Foo\n%46oo", "CON\ncon\n%43ON\nCoN", "é\né\nÉ\n%C3%A9", "ß\nss\nẞ\n*ı\nI\ni\nİ", "K\nk\nK", " \n  \n.\n..\n%",
		"*a%notebook\n*a\na.py\na%notebook.py", strings.Repeat("A", 250) + "\n" + strings.Repeat("a", 250) + "\n*" + strings.Repeat("a", 250),
		strings.Repeat("x", 200) + "%+", strings.Repeat("é", 140) + "\n" + strings.Repeat("é", 140), ".git\n.GIT\n.imdsscan\n*.imdsscan", "a~1\nA~1\n\xff\n\ufffd",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var children []Child
		known := map[string]bool{}
		for line := range strings.SplitSeq(text, "\n") {
			c := Child{}
			if c.Name, c.Notebook = strings.CutPrefix(line, "*"); !known[c.Name] {
				known[c.Name] = true
				children = append(children, c)
			}
		}
		laws(t, children)
	})
}

func FuzzRemoteName(f *testing.F) {
	f.Add("a%3Ab.py", true)
	f.Add("%+/x", false)
	f.Fuzz(func(t *testing.T, local string, notebook bool) { RemoteName(local, notebook) })
}

// TestRandomNames mixes the pieces that names get into trouble with.
func TestRandomNames(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	pieces := []string{"a", "A", "b", "é", "e\u0301", "É", "%", "%46", ".py", ".PY", ".ipynb", "%notebook", "%+", "con", "CON", ".", " ", "~1", "/", `\`, "ß", "ss", "K", "k", "ſ", "s", "ı", "i", "I", strings.Repeat("y", 110), strings.Repeat("Y", 110), "\u0300", "\u200d"}
	for range 3000 {
		var children []Child
		known := map[string]bool{}
		for range 2 + r.Intn(12) {
			name := ""
			for range 1 + r.Intn(4) {
				name += pieces[r.Intn(len(pieces))]
			}
			if !known[name] {
				known[name] = true
				children = append(children, Child{name, r.Intn(2) == 0})
			}
		}
		laws(t, children)
	}
}
