package codec_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func TestShellWord(t *testing.T) {
	for _, c := range []struct {
		name, src, want  string
		old, new, edited string
		refused          error
		bad              bool
		holes            string
	}{
		{name: "single", src: `'a b'`, want: "a b", old: "b", new: `it's "$x"`, edited: `'a it'\''s "$x"'`},
		{name: "double", src: `"a b"`, want: "a b", old: "b", new: "it's \"$x\" `y` \\ !", edited: "\"a it's \\\"\\$x\\\" \\`y\\` \\\\ !\""},
		{name: "escapes in double", src: `"\$a \"b\" \\ \d \'"`, want: `$a "b" \ \d \'`, old: `\d`, new: `\w`, edited: `"\$a \"b\" \\ \\w \'"`},
		{name: "bare", src: `abc`, want: "abc", old: "b", new: "d", edited: "adc"},
		{name: "bare gets quotes", src: `abc`, want: "abc", old: "b", new: "x y", edited: `a'x y'c`},
		{name: "bare gets double quotes", src: `abc`, want: "abc", old: "c", new: "it's", edited: `ab"it's"`},
		{name: "bare gets both", src: `abc`, want: "abc", old: "c", new: "'$x", edited: `ab''\''$x'`},
		{name: "backslashes", src: `a\ b\$c\'d`, want: "a b$c'd", old: "b", new: "e", edited: `a\ e\$c\'d`},
		{name: "quote in quotes", src: `'a'"'"'b'`, want: "a'b", old: "b", new: "c", edited: `'a'"'"'c'`},
		{name: "quote in quotes removed", src: `'a'\''b'`, want: "a'b", old: "a'b", new: "x", edited: `'x'`},
		{name: "over two quotings", src: `'ab'"cd"`, want: "abcd", old: "bc", new: "x", edited: `'ax'"d"`},
		{name: "over a quoting into bare", src: `'ab'cd`, want: "abcd", old: "bc", new: "x'", edited: `'ax'\'''d`},
		{name: "ansi", src: `$'a\n\t\x41\101\u00e9\'\\\e\q'`, want: "a\n\tAAé'\\\x1b\\q", old: "a", new: "b\n'", edited: `$'b\n\'\n\t\x41\101\u00e9\'\\\e\q'`},
		{name: "locale", src: `$"a"`, want: "a", old: "a", new: "$", edited: `$"\$"`},
		{name: "holes", src: `"a$X/${Y:-"q}"}/$(echo ")" 'x')/$((1+(2)))/` + "`date`" + `/$1$?$@"`, want: "a__hole0__/__hole1__/__hole2__/__hole3__/__hole4__/__hole5____hole6____hole7__",
			holes: `$X|${Y:-"q}"}|$(echo ")" 'x')|$((1+(2)))|` + "`date`" + `|$1|$?|$@`},
		{name: "bare hole", src: `a$X"b"`, want: "a__hole0__b", old: "b", new: "c d", edited: `a$X"c d"`, holes: "$X"},
		{name: "hole is opaque", src: `"a$X"`, want: "a__hole0__", old: "__hole0__", new: "", refused: errOpaque},
		{name: "text after a name", src: `"$X/b"`, want: "__hole0__/b", old: "__hole0__/", new: "__hole0__c/", edited: `"$X""c/b"`},
		{name: "text after a bare name", src: `$X/b`, want: "__hole0__/b", old: "__hole0__/", new: "__hole0__c/", edited: `$X"c"/b`},
		{name: "text after braces", src: `"${X}/b"`, want: "__hole0__/b", old: "__hole0__/", new: "__hole0__c/", edited: `"${X}c/b"`},
		{name: "name joined to a name", src: `"$X-b"`, want: "__hole0__-b", old: "-", new: "", edited: `"$X""b"`},
		{name: "case in a substitution", src: `$(case $x in a) echo 1;; (b) echo ")";; esac)`, want: "__hole0__", holes: `$(case $x in a) echo 1;; (b) echo ")";; esac)`},
		{name: "case as an argument", src: `$(echo case x)y`, want: "__hole0__y", holes: `$(echo case x)`},
		{name: "comment in a substitution", src: "$(a # it's )\n)b", want: "__hole0__b"},
		{name: "here-document in a substitution", src: "$(cat <<'E'\nit's )\nE\n)b", want: "__hole0__b"},
		{name: "process substitution", src: `<(curl x)`, want: "__hole0__", holes: `<(curl x)`},
		{name: "apostrophe in a default", src: `"${x:-don't}"`, want: "__hole0__"},
		{name: "lone dollar", src: `"a$ $/"`, want: "a$ $/", old: "a", new: "b", edited: `"b$ $/"`},
		{name: "line end in quotes", src: "'a\nb'", want: "a\nb", old: "b", new: "c\nb", edited: "'a\nc\nb'"},
		{name: "continued line", src: "\"a\\\nb\"", want: "ab", old: "b", new: "cb", edited: "\"a\\\ncb\""},
		{name: "empty", src: `''`, want: "", old: "", new: "a b", edited: `'a b'`},
		{name: "empty piece first", src: `""a`, want: "a", old: "a", new: "b c", edited: `""'b c'`},
		{name: "header", src: `"X-aws-ec2-metadata-token: $T"`, want: "X-aws-ec2-metadata-token: __hole0__", old: "token: ", new: "token:  ", edited: `"X-aws-ec2-metadata-token:  $T"`},
		{name: "two words", src: `a b`, bad: true},
		{name: "open quote", src: `'a`, bad: true},
		{name: "open double quote", src: `"a$(b"`, bad: true},
		{name: "operator", src: `a;b`, bad: true},
		{name: "trailing backslash", src: `a\`, bad: true},
		{name: "NUL escape", src: `$'a\0b'`, bad: true},
		{name: "nested too deep", src: strings.Repeat(`$(`, 500) + strings.Repeat(`)`, 500), bad: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := []byte(c.src)
			all := span.Span{Start: 0, End: len(src)}
			rng, layer, err := codec.ShellWord(src, all)
			if c.bad {
				if !errors.Is(err, span.ErrUndecodable) {
					t.Fatalf("got %v, want a refusal", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := span.File(src).Decode(rng, layer)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(text.Bytes()); got != c.want {
				t.Fatalf("decoded\n got %q\nwant %q", got, c.want)
			}
			checkGetPut(t, text)
			checkCuts(t, text, "x\ny")
			checkCuts(t, text, "'\"$\\")
			var holes []string
			for _, h := range codec.ShellHoles(src, all) {
				holes = append(holes, c.src[h.Start:h.End])
			}
			if got := strings.Join(holes, "|"); c.holes != "" && got != c.holes {
				t.Fatalf("holes %s, want %s", got, c.holes)
			}
			if c.edited == "" && c.refused == nil {
				return
			}
			i := strings.Index(c.want, c.old)
			edits := []span.Edit{{Span: span.Span{Start: i, End: i + len(c.old)}, New: c.new}}
			if err := checkLaws(t, text, edits); !errors.Is(err, c.refused) {
				t.Fatalf("edit gave %v, want %v", err, c.refused)
			}
			if c.refused != nil {
				return
			}
			lifted, _ := text.Lift(edits)
			if after, _ := span.Apply(src, lifted); string(after) != c.edited {
				t.Fatalf("edited\n got %s\nwant %s", after, c.edited)
			}
		})
	}
}

func needBash(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed: no second opinion on shell words")
	}
	return path
}

// bashReads runs a script that ends each of its outputs with a NUL. h is what
// holes show.
func bashReads(t *testing.T, script string) []string {
	t.Helper()
	cmd := exec.Command(needBash(t), "--norc", "-s")
	cmd.Env = []string{"LC_ALL=C.UTF-8", "h=__hole0__"}
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("bash: %v\n%s", err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// oneHole gives all holes the same name, as h has one value.
func oneHole(s string) string {
	for i := 1; i < 9; i++ {
		s = strings.ReplaceAll(s, codec.HoleName(i), codec.HoleName(0))
	}
	return s
}

// TestBashReadsTheSame decodes words made of likely confusions, edits them,
// and compares both with what bash makes of them.
func TestBashReadsTheSame(t *testing.T) {
	bits := []string{`a`, `'b c'`, `"d e"`, `\ `, `\$`, `\'`, `"\""`, `"\\"`, `"\d"`, `$'\n\x41'`, `$'\''`, `"$h"`, `"${h}"`, `"$(printf x)"`, `''`, `'"'`, `"'"`, `"$h""/"`, "\"a\\\nb\"", "a\\\nb", `"$"`, `é`, `\é`, `"a$h/"`}
	var script strings.Builder
	var words, want []string
	add := func(word, text string) {
		words = append(words, word)
		want = append(want, oneHole(strings.ReplaceAll(text, "__XX__", "")))
		script.WriteString("printf '%s\\0' " + word + "\n")
	}
	for i := range bits {
		for j := range bits {
			src := []byte(bits[i] + bits[j])
			rng, layer, err := codec.ShellWord(src, span.Span{Start: 0, End: len(src)})
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			text, err := span.File(src).Decode(rng, layer)
			if err != nil {
				t.Fatal(err)
			}
			plain := string(text.Bytes())
			if strings.Contains(string(src), "printf") {
				continue // its hole has another value
			}
			add(string(src), plain)
			for at := 0; at <= text.Len(); at += 1 + at/3 {
				edits := []span.Edit{{Span: span.Span{Start: at, End: at}, New: "x'\"$y \\\n`"}}
				if checkLaws(t, text, edits) != nil {
					continue
				}
				lifted, _ := text.Lift(edits)
				after, _ := span.Apply(src, lifted)
				edited, _ := span.Apply(text.Bytes(), edits)
				add(string(after), string(edited))
			}
		}
	}
	for i, got := range bashReads(t, script.String()) {
		// The value of printf's substitution stands for a hole too.
		if got != want[i] {
			t.Errorf("bash reads %s\n as %q\nwant %q", words[i], got, want[i])
		}
	}
	if len(words) < 1000 {
		t.Errorf("only %d words were compared", len(words))
	}
}

func TestHereDoc(t *testing.T) {
	quoted, plain := codec.HereDoc{Quoted: true, Delimiter: "EOF"}, codec.HereDoc{Delimiter: "EOF"}
	dash, dashQuoted := codec.HereDoc{Dash: true, Delimiter: "EOF"}, codec.HereDoc{Dash: true, Quoted: true}
	runCases(t, []layerCase{
		{name: "quoted", layer: quoted, outer: "a $x \\\n`y`\n", want: "a $x \\\n`y`\n", old: "a", new: "b\n$c\\", edited: "b\n$c\\ $x \\\n`y`\n"},
		{name: "unquoted", layer: plain, outer: "a $x \\$y \\`z\\` \\\\ \\d \"q\"\n", want: "a __hole0__ $y `z` \\ \\d \"q\"\n", old: "q", new: "$A `b` \\$ \\e", edited: "a $x \\$y \\`z\\` \\\\ \\d \"\\$A \\`b\\` \\\\\\$ \\e\"\n", picky: true},
		{name: "continued line", layer: plain, outer: "a\\\nb\n", want: "ab\n", old: "b", new: "c", edited: "a\\\nc\n"},
		{name: "substitution", layer: plain, outer: "a $(echo $(b) \")\") ${c:-d}\n", want: "a __hole0__ __hole1__\n", old: "a", new: "b", edited: "b $(echo $(b) \")\") ${c:-d}\n", picky: true},
		{name: "hole is opaque", layer: plain, outer: "a $x\n", want: "a __hole0__\n", old: "__hole0__", new: "b", refused: errOpaque, picky: true},
		{name: "name would grow", layer: plain, outer: "$x-y\n", want: "__hole0__-y\n", old: "-", new: "z", refused: errUnencodable, picky: true},
		{name: "delimiter", layer: plain, outer: "a\nb\n", want: "a\nb\n", old: "b", new: "EOF", refused: errLens},
		{name: "not quite the delimiter", layer: plain, outer: "a\nb\n", want: "a\nb\n", old: "b", new: "EOF ", edited: "a\nEOF \n"},
		{name: "delimiter already", layer: quoted, outer: "a\nEOF\n", bad: true},
		{name: "tabs", layer: dash, outer: "\t\ta\n\t\tb $x\n", want: "a\nb __hole0__\n", old: "b", new: "c\nb", edited: "\t\ta\n\t\tc\n\t\tb $x\n", picky: true},
		{name: "tabs, first line", layer: dashQuoted, outer: "\ta\n\t\tb\n", want: "a\nb\n", old: "a", new: "z\na", edited: "\tz\n\ta\n\t\tb\n"},
		{name: "tabs, appended", layer: dashQuoted, outer: "\ta\n\tb\n", want: "a\nb\n", old: "b\n", new: "b\nc\n", edited: "\ta\n\tb\n\tc\n"},
		{name: "tabs, delimiter", layer: dash, outer: "\ta\n", want: "a\n", old: "a", new: "EOF", refused: errLens},
		{name: "tabs cannot begin a line", layer: dash, outer: "\ta\n", want: "a\n", old: "a", new: "b\n\tc", refused: errUnencodable},
		{name: "blanks are not tabs", layer: dash, outer: "\t a\n", want: " a\n", old: "a", new: "b\n c", edited: "\t b\n\t c\n"},
		{name: "tabs without dash stay", layer: quoted, outer: "\ta\n", want: "\ta\n", old: "a", new: "b", edited: "\tb\n"},
		{name: "open substitution", layer: plain, outer: "a $(b\n", bad: true},
		{name: "empty", layer: plain, outer: "", want: "", old: "", new: "$a\n", edited: "\\$a\n"},
	})
}

// TestBashReadsHereDocs compares bodies, and edited ones, with bash.
func TestBashReadsHereDocs(t *testing.T) {
	lines := []string{"a b", "\\$x \\`y\\` \\\\ \\d", "$h/x", "\tt", "\t\tu $h", "\"q\" 'r'", "c\\", "", "\\\\\\$", "v\tw"}
	var script strings.Builder
	var bodies, want []string
	for _, layer := range []codec.HereDoc{{Delimiter: "EOF"}, {Quoted: true, Delimiter: "EOF"}, {Dash: true, Delimiter: "EOF"}, {Dash: true, Quoted: true, Delimiter: "EOF"}} {
		add := func(body, text string) {
			bodies = append(bodies, body)
			want = append(want, oneHole(text))
			op, word := "<<", "EOF"
			if layer.Dash {
				op = "<<-"
			}
			if layer.Quoted {
				word = "'EOF'"
			}
			script.WriteString("IFS= read -r -d '' v " + op + word + "\n" + body + "EOF\nprintf '%s\\0' \"$v\"\n")
		}
		for i := range lines {
			for j := range lines {
				src := []byte(lines[i] + "\n" + lines[j] + "\nz\n")
				text, err := span.File(src).Decode(span.Span{Start: 0, End: len(src)}, layer)
				if err != nil {
					t.Fatalf("%q: %v", src, err)
				}
				add(string(src), string(text.Bytes()))
				for at := 0; at <= text.Len(); at += 1 + at/2 {
					edits := []span.Edit{{Span: span.Span{Start: at, End: at}, New: "x$y\n`\\z\n"}}
					if checkLaws(t, text, edits) != nil {
						continue
					}
					lifted, _ := text.Lift(edits)
					after, _ := span.Apply(src, lifted)
					edited, _ := span.Apply(text.Bytes(), edits)
					add(string(after), string(edited))
				}
			}
		}
	}
	for i, got := range bashReads(t, script.String()) {
		if got != want[i] {
			t.Errorf("bash reads %q\n as %q\nwant %q", bodies[i], got, want[i])
		}
	}
	if len(bodies) < 1000 {
		t.Errorf("only %d bodies were compared", len(bodies))
	}
}

func TestBackquotes(t *testing.T) {
	bare, double := codec.Backquotes{}, codec.Backquotes{InDouble: true}
	runCases(t, []layerCase{
		{name: "escapes", layer: bare, outer: "a \\`b \\$c\\` \\\\ \\d \"q\"", want: "a `b $c` \\ \\d \"q\"", old: "q", new: "$X `y` \\$ \\e", edited: "a \\`b \\$c\\` \\\\ \\d \"$X \\`y\\` \\\\$ \\e\""},
		{name: "quotes in double quotes", layer: double, outer: `a \"b\"`, want: `a "b"`, old: "b", new: `c" "d`, edited: `a \"c\" \"d\"`},
		{name: "bare quotes in double quotes", layer: double, outer: `a "b"`, want: `a "b"`, old: "b", new: `c" "d`, edited: `a "c" "d"`},
		{name: "quotes outside of double quotes", layer: bare, outer: `a \"b`, want: `a \"b`, old: "b", new: `\"`, edited: `a \"\"`},
		{name: "backslash at the end", layer: bare, outer: `ab`, want: `ab`, old: "b", new: `\`, edited: `a\\`},
		{name: "closing one inside", layer: bare, outer: "a`b", bad: true},
		{name: "cut escape", layer: bare, outer: `a\`, bad: true},
	})
}
