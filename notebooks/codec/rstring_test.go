package codec_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func rLiteral(src []byte) (*span.Text, error) {
	rng, l, err := codec.RLiteral(src, span.Span{Start: 0, End: len(src)})
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

func TestRLiteral(t *testing.T) {
	for _, c := range []struct {
		name, src, want  string
		old, new, edited string
		refused          error
		bad              bool
	}{
		{name: "double", src: `"a'b"`, want: "a'b", old: "b", new: `"c`, edited: `"a'\"c"`},
		{name: "single", src: `'a"b'`, want: `a"b`, old: "b", new: `'c"`, edited: `'a"\'c"'`},
		{name: "escapes", src: `"\a\b\f\n\r\t\v\\\"\'\` + "`" + `\ z"`, want: "\a\b\f\n\r\t\v\\\"'` z", old: "z", new: "y", edited: `"\a\b\f\n\r\t\v\\\"\'\` + "`" + `\ y"`},
		{name: "escaped line end", src: "'a\\\nb'", want: "a\nb"},
		{name: "line end inside", src: "'a\nb'", want: "a\nb", old: "b", new: "c\nd", edited: "'a\nc\nd'"},
		{name: "no line end yet", src: `"b"`, want: "b", old: "b", new: "c\nd", edited: `"c\nd"`},
		{name: "hex", src: `"\x41\x7az"`, want: "Azz"},
		{name: "short hex", src: `"\x9q"`, want: "\tq", old: "q", new: "b", edited: `"\x9\x62"`},
		{name: "full hex", src: `"\x41q"`, want: "Aq", old: "q", new: "b", edited: `"\x41b"`},
		{name: "octal", src: `"\101\60q"`, want: "A0q", old: "q", new: "7", edited: `"\101\60\x37"`},
		{name: "code points", src: `"\u00e9\u{1F600}\U0001f600q"`, want: "é😀😀q", old: "q", new: "7", edited: `"\u00e9\u{1F600}\U0001f6007"`, bad: true},
		{name: "braced", src: `"\u{e9}\U{1F600}q"`, want: "é😀q", old: "q", new: "7", edited: `"\u{e9}\U{1F600}7"`},
		{name: "short code point", src: `"\u41q"`, want: "Aq", old: "q", new: "b", edited: `"\u41\u0062"`},
		{name: "short long code point", src: `"\U41q"`, want: "Aq", old: "q", new: "b", edited: `"\U41\u0062"`},
		{name: "raw", src: `r"(a\n"b)"`, want: `a\n"b`, old: "b", new: "c\nd", edited: "r\"(a\\n\"c\nd)\""},
		{name: "raw dashes", src: `R'--[a)']b]--'`, want: `a)']b`, old: "b", new: "]-'", edited: `R'--[a)']]-']--'`},
		{name: "raw braces", src: `r"{a}"`, want: "a", old: "a", new: `\"`, edited: `r"{\"}"`},
		{name: "raw refuses its end", src: `r"(ab)"`, want: "ab", old: "b", new: `)"`, refused: span.ErrUnencodable},
		{name: "raw refuses half its end", src: `r"-(ab)-"`, want: "ab", old: "b", new: ")-\"", refused: span.ErrUnencodable},
		{name: "raw end made of two", src: `r"(a"b)"`, want: `a"b`, old: "a", new: ")", refused: span.ErrUnencodable},
		{name: "empty", src: `""`, want: "", old: "", new: "a", edited: `"a"`},
		{name: "Japanese", src: `"地域"`, want: "地域", old: "域", new: "\"é", edited: `"地\"é"`},
		{name: "unknown escape", src: `"\d"`, bad: true},
		{name: "NUL", src: `"\0"`, bad: true},
		{name: "no digits", src: `"\xg"`, bad: true},
		{name: "open brace", src: `"\u{41"`, bad: true},
		{name: "two kinds", src: `"\u41\x41"`, bad: true},
		{name: "surrogate", src: `"\ud83d"`, bad: true},
		{name: "unterminated", src: `"a`, bad: true},
		{name: "something behind", src: `"a" "b"`, bad: true},
		{name: "backslash at the end", src: `"a\"`, bad: true},
		{name: "no string", src: `abc`, bad: true},
		{name: "raw without bracket", src: `r"a"`, bad: true},
		{name: "raw of another end", src: `r"-(a)"`, bad: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := rLiteral([]byte(c.src))
			if c.bad {
				if !errors.Is(err, span.ErrUndecodable) {
					t.Fatalf("got %v, want a refusal", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := string(text.Bytes()); got != c.want {
				t.Fatalf("decoded\n got %q\nwant %q", got, c.want)
			}
			checkGetPut(t, text)
			checkCuts(t, text, "x\ny")
			checkCuts(t, text, `'"\)`)
			if c.edited == "" && c.refused == nil {
				return
			}
			i := bytes.Index(text.Bytes(), []byte(c.old))
			edits := []span.Edit{{Span: span.Span{Start: i, End: i + len(c.old)}, New: c.new}}
			if err := checkLaws(t, text, edits); !errors.Is(err, c.refused) {
				t.Fatalf("edit gave %v, want %v", err, c.refused)
			}
			if c.refused != nil {
				return
			}
			lifted, _ := text.Lift(edits)
			if after, _ := span.Apply([]byte(c.src), lifted); string(after) != c.edited {
				t.Fatalf("edited\n got %q\nwant %q", after, c.edited)
			}
		})
	}
}

// rReads gives the bytes of each literal as R reads it, in hexadecimal, and
// an empty pointer where R refuses it.
func rReads(t *testing.T, literals []string) []*string {
	t.Helper()
	rscript, err := exec.LookPath("Rscript")
	if err != nil {
		t.Skip("Rscript is not installed")
	}
	const program = `
for (line in readLines(file("stdin"))) {
  src <- rawToChar(as.raw(strtoi(substring(line, seq(1, nchar(line), 2), seq(2, nchar(line), 2)), 16L)))
  Encoding(src) <- "UTF-8"
  v <- tryCatch(eval(parse(text = src, keep.source = FALSE, encoding = "UTF-8")), error = function(e) NULL, warning = function(w) NULL)
  cat(if (is.character(v) && length(v) == 1) paste0("=", paste(charToRaw(v), collapse = "")) else "-", "\n", sep = "")
}`
	var in strings.Builder
	for _, l := range literals {
		in.WriteString(hex.EncodeToString([]byte(l)) + "\n")
	}
	cmd := exec.Command(rscript, "--vanilla", "-e", program)
	cmd.Env = append(cmd.Environ(), "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Rscript: %v", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(literals) {
		t.Fatalf("R read %d of %d literals", len(lines), len(literals))
	}
	read := make([]*string, len(lines))
	for i, l := range lines {
		if text, ok := strings.CutPrefix(l, "="); ok {
			read[i] = &text
		}
	}
	return read
}

// TestRReadsTheSame compares decoding with R's own, over literals made of
// pieces that are likely to be confused, and over edits of them.
func TestRReadsTheSame(t *testing.T) {
	var literals []string
	for _, open := range []string{`"`, `'`, `r"(`, `R'-[`, `r"{`} {
		end := open
		for _, pair := range []string{"()", "[]", "{}"} {
			if strings.HasSuffix(open, pair[:1]) {
				end = pair[1:] + strings.Repeat("-", strings.Count(open, "-")) + open[1:2]
			}
		}
		for i := range rBits {
			for j := range rBits {
				literals = append(literals, open+rBits[i]+rBits[j]+"z"+end)
			}
		}
	}
	same := 0
	for i, want := range rReads(t, literals) {
		text, err := rLiteral([]byte(literals[i]))
		switch {
		case want == nil && err != nil:
		case want == nil && strings.Contains(literals[i], `\x`), want == nil && strings.Contains(literals[i], `\3`):
			// Bytes that are no text: R has no string to give back as UTF-8.
		case want == nil:
			t.Errorf("R refuses %q, read as %q", literals[i], text.Bytes())
		case err != nil:
			t.Errorf("R reads %q, not decoded: %v", literals[i], err)
		case hex.EncodeToString(text.Bytes()) != *want:
			t.Errorf("R reads %q as %s, decoded as %q", literals[i], *want, text.Bytes())
		default:
			same++
		}
	}
	if same < 900 {
		t.Errorf("only %d literals were compared", same)
	}
	docs := editedDocuments(t, 300, func(l lawLayer) bool { return strings.HasPrefix(l.name, "r ") })
	var edits []string
	for _, d := range docs {
		edits = append(edits, d.before, d.after)
	}
	read, compared := rReads(t, edits), 0
	for i, d := range docs {
		switch before, after := read[2*i], read[2*i+1]; {
		case before == nil:
		case after == nil:
			t.Errorf("R reads %q, but not %q", d.before, d.after)
		case *after != hex.EncodeToString([]byte(d.want)):
			t.Errorf("R reads %q\n as %s\nwant %q", d.after, *after, d.want)
		default:
			compared++
		}
	}
	if compared < 500 {
		t.Errorf("only %d edits were compared", compared)
	}
}

// TestScriptInRInSource: a shell command in an R string in a marked cell.
func TestScriptInRInSource(t *testing.T) {
	file := "# MAGIC %r\n# MAGIC system('curl \"u\" \\\n# MAGIC  \"v\"')\n"
	text, err := source([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	command := descendInto(t, text, "system(", ")\n", codec.RLiteral)
	if got := string(command.Bytes()); got != "curl \"u\" \n \"v\"" {
		t.Fatalf("command %q", got)
	}
	insertBefore(t, command, "curl", "T='1'\n", strings.Replace(file, "curl", `T=\'1\'`+"\n# MAGIC curl", 1))
}

func TestBigRLiteral(t *testing.T) {
	start := time.Now()
	for _, src := range []string{
		`"` + strings.Repeat("long ", 500_000) + `"`, `"` + strings.Repeat(`\n`, 500_000) + `"`,
		`r"---(` + strings.Repeat(`)--"`, 300_000) + `)---"`, `"` + strings.Repeat(`\u{`, 300_000) + `"`,
	} {
		if text, err := rLiteral([]byte(src)); err == nil {
			if _, err := text.Lift([]span.Edit{{Span: span.Span{Start: 5, End: 5}, New: "x"}}); err != nil && !refusal(err) {
				t.Error(err)
			}
		} else if !errors.Is(err, span.ErrUndecodable) {
			t.Error(err)
		}
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
