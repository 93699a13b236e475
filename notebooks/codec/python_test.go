package codec_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// literalCase edits the text of a Python literal and compares the source.
type literalCase struct {
	name, src, want  string
	old, new, edited string
	refused          error
	bad              bool
	holes            []string
}

// run also adds the edited literal to results, with what it should mean.
func (c literalCase) run(t *testing.T, results map[string]string) {
	src := []byte(c.src)
	rng, layer, err := codec.PythonLiteral(src, span.Span{Start: 0, End: len(src)})
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
	checkCuts(t, text, `'"\{`)
	if c.holes != nil {
		var got []string
		for _, h := range codec.PythonHoles(src, span.Span{Start: 0, End: len(src)}) {
			got = append(got, string(src[h.Start:h.End]))
		}
		if strings.Join(got, "|") != strings.Join(c.holes, "|") {
			t.Fatalf("holes %q, want %q", got, c.holes)
		}
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
	after, _ := span.Apply(src, lifted)
	if string(after) != c.edited {
		t.Fatalf("edited\n got %s\nwant %s", after, c.edited)
	}
	if !strings.Contains(c.want, "__hole") && utf8.ValidString(c.want) && !strings.Contains(c.want, "\ufffd") {
		results[string(after)] = strings.Replace(c.want, c.old, c.new, 1)
	}
}

// pythonReads asks Python what literals mean: their UTF-8 bytes in
// hexadecimal, nil where it refuses. h is what a hole {h} shows.
func pythonReads(t *testing.T, literals []string) []*string {
	t.Helper()
	const program = `import sys, json, warnings
warnings.simplefilter("ignore")
out = []
for s in json.load(sys.stdin):
    try:
        v = eval("(" + s + "\n)", {"h": "__hole0__"})
        out.append((v if isinstance(v, bytes) else v.encode("utf-8", "surrogatepass")).hex())
    except Exception as e:
        out.append(None)
json.dump(out, sys.stdout)`
	cmd := exec.Command(needPython(t), "-c", program)
	input, err := json.Marshal(literals)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(string(input))
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read []*string
	if err := json.Unmarshal(output, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func needPython(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: no second opinion on Python strings")
	}
	return path
}

func TestPythonLiteral(t *testing.T) {
	edited := map[string]string{}
	for _, c := range []literalCase{
		{name: "single quotes", src: `'a b'`, want: "a b", old: "b", new: `b "c" 'd'`, edited: `'a b "c" \'d\''`},
		{name: "double quotes", src: `"a b"`, want: "a b", old: "b", new: `b "c" 'd'`, edited: `"a b \"c\" 'd'"`},
		{name: "escapes", src: `'\n\t\\\'\"\x41\101\u0041\U00000041\a\b\f\r\v'`, want: "\n\t\\'\"AAAA\a\b\f\r\v", old: "\t", new: "\t\n\x01", edited: `'\n\t\n\x01\\\'\"\x41\101\u0041\U00000041\a\b\f\r\v'`},
		{name: "not an escape", src: `'\d\ '`, want: `\d\ `, old: `\d`, new: `\w`, edited: `'\\w\ '`},
		{name: "triple", src: "\"\"\"a\nb\"\"\"", want: "a\nb", old: "b", new: "c \"d\"\nb", edited: "\"\"\"a\nc \"d\"\nb\"\"\""},
		{name: "triple, quote at the end", src: `"""a"""`, want: "a", old: "a", new: `a"`, edited: `"""a\""""`},
		{name: "triple, three quotes", src: `"""a"""`, want: "a", old: "a", new: `"""b`, edited: `"""""\"b"""`},
		{name: "triple, quotes before the place", src: `"""x""a"""`, want: `x""a`, old: "a", new: `"a`, edited: `"""x""\"a"""`},
		{name: "triple, line ends escaped", src: `"""a\nb"""`, want: "a\nb", old: "b", new: "c\nb", edited: `"""a\nc\nb"""`},
		{name: "first line continued", src: "'''\\\n#!/bin/sh\nx'''", want: "#!/bin/sh\nx", old: "#!/bin/sh\n", new: "#!/bin/sh\ny\n", edited: "'''\\\n#!/bin/sh\ny\nx'''"},
		{name: "continued line", src: "'a\\\nb'", want: "ab", old: "b", new: "cb", edited: "'a\\\ncb'"},
		{name: "raw", src: `r'a\d'`, want: `a\d`, old: `\d`, new: `\d"`, edited: `r'a\d"'`},
		{name: "raw keeps an escaped quote", src: `r'a\'b'`, want: `a\'b`, old: "b", new: "c", edited: `r'a\'c'`},
		{name: "raw refuses its quote", src: `r'ab'`, want: `ab`, old: "b", new: "b'c", refused: errUnencodable},
		{name: "raw refuses a line end", src: `r'ab'`, want: `ab`, old: "b", new: "b\nc", refused: errUnencodable},
		{name: "raw refuses a last backslash", src: `r'ab'`, want: `ab`, old: "b", new: `b\`, refused: errLens},
		{name: "raw triple", src: "r'''a\nb'''", want: "a\nb", old: "b", new: "c'\nb", edited: "r'''a\nc'\nb'''"},
		{name: "bytes", src: `b'a\xffb'`, want: "a\xffb", old: "b", new: "c\n", edited: `b'a\xffc\n'`},
		{name: "bytes know no u", src: `b'\u0041'`, want: `\u0041`},
		{name: "bytes refuse non-ASCII", src: `b'ab'`, want: "ab", old: "b", new: "é", refused: errUnencodable},
		{name: "raw bytes", src: `Rb"a\x41"`, want: `a\x41`, old: "a", new: "b", edited: `Rb"b\x41"`},
		{name: "unicode", src: `u'a'`, want: "a", old: "a", new: "é", edited: `u'é'`},
		{name: "unicode escaped as around", src: `'\xe9 a'`, want: "é a", old: "a", new: "ü€😀", edited: `'\xe9 \xfc\u20ac\U0001f600'`},
		{name: "lone surrogate", src: `'a\ud83d'`, want: "a\xed\xa0\xbd"},
		{name: "digit after an octal escape", src: `'\1a'`, want: "\x01a", old: "a", new: "2", edited: `'\1\x32'`},
		{name: "f-string", src: `f'a {b} {{c}}'`, want: "a __hole0__ {c}", old: "c", new: "${X}", edited: `f'a {b} {{${{X}}}}'`, holes: []string{"b"}},
		{name: "f-string holes", src: `f"{a!r:>{w}} {d['k']} {x = } {y:%H:%M} {(lambda z: z)(1)} {a != b} { {1: 2}[1] }"`,
			want:  "__hole0__ __hole1__ __hole2__ __hole3__ __hole4__ __hole5__ __hole6__",
			holes: []string{"a", "d['k']", "x", "y", "(lambda z: z)(1)", "a != b", "{1: 2}[1]"}},
		{name: "hole with the same quotes", src: `f"{d["k"]} {f"{x}"}"`, want: "__hole0__ __hole1__", holes: []string{`d["k"]`, `f"{x}"`}},
		{name: "hole is opaque", src: `f"a{b}"`, want: "a__hole0__", old: "__hole0__", new: "c", refused: errOpaque},
		{name: "text around a hole", src: `f"a{b}c"`, want: "a__hole0__c", old: "a__hole0__", new: "a__hole0__x", edited: `f"a{b}xc"`},
		{name: "backslash before a hole", src: `f"\{a}"`, want: `\__hole0__`, holes: []string{"a"}},
		{name: "raw f-string", src: `rf"\d{a}\{b}"`, want: `\d__hole0__\__hole1__`, holes: []string{"a", "b"}},
		{name: "named character", src: `"\N{EM DASH}a"`, want: "\ufffda", old: "a", new: "b", edited: `"\N{EM DASH}b"`},
		{name: "t-string", src: `t"a{b}"`, want: "a__hole0__", holes: []string{"b"}},
		{name: "concatenation", src: `"a " 'b'`, want: "a b", old: "b", new: `"b'`, edited: `"a " '"b\''`},
		{name: "concatenation of lines", src: "\"a\\n\"\n    \"b\\n\"", want: "a\nb\n", old: "b\n", new: "c\nb\n", edited: "\"a\\n\"\n    \"c\\n\"\n    \"b\\n\""},
		{name: "line added at the end", src: "\"a\\n\"\n    \"b\\n\"", want: "a\nb\n", old: "b\n", new: "b\nc\n", edited: "\"a\\n\"\n    \"b\\n\"\n    \"c\\n\""},
		{name: "line removed", src: "\"a\\n\"\n  \"b\\n\"\n  \"c\\n\"", want: "a\nb\nc\n", old: "b\n", new: "", edited: "\"a\\n\"\n  \"c\\n\""},
		{name: "edit over a seam joins", src: `"a b" "c d"`, want: "a bc d", old: "bc", new: "x", edited: `"a x d"`},
		{name: "edit over a seam of two kinds", src: `"a b" 'c d'`, want: "a bc d", old: "bc", new: "x", edited: `"a x" ' d'`},
		{name: "edit over a comment keeps it", src: "\"a b\" # why\n\"c d\"", want: "a bc d", old: "bc", new: "x", edited: "\"a x\" # why\n\" d\""},
		{name: "edit over three pieces", src: `"a" f"b" 'c'`, want: "abc", old: "ab", new: "{", edited: `"{" f"" 'c'`},
		{name: "mixed f and plain", src: `f"{a}/{{" "{b}/" f"{c}"`, want: "__hole0__/{{b}/__hole1__", old: "b", new: "x}", edited: `f"{a}/{{" "{x}}/" f"{c}"`, holes: []string{"a", "c"}},
		{name: "backslash between pieces", src: "'a' \\\n 'b'", want: "ab", old: "b", new: "c", edited: "'a' \\\n 'c'"},
		{name: "empty pieces", src: `'' "a" ''`, want: "a", old: "a", new: "b", edited: `'' "b" ''`},
		{name: "empty", src: `""`, want: "", old: "", new: "a", edited: `"a"`},
		{name: "empty triple", src: `""""""`, want: "", old: "", new: "a", edited: `"""a"""`},
		{name: "empty at the end", src: `'a'''`, want: "a", old: "a", new: "b", edited: `'b'''`},
		{name: "crlf in a triple", src: "'''a\r\nb'''", want: "a\nb", old: "b", new: "c\nb", edited: "'''a\r\nc\r\nb'''"},
		{name: "unterminated", src: `"a`, bad: true},
		{name: "line end in quotes", src: "'a\nb'", bad: true},
		{name: "something behind", src: `"a" + "b"`, bad: true},
		{name: "no string", src: `abc`, bad: true},
		{name: "prefix of no string", src: `bf"a"`, bad: true},
		{name: "single brace", src: `f"a}"`, bad: true},
		{name: "open hole", src: `f"a{b"`, bad: true},
		{name: "bad hex", src: `"\xg1"`, bad: true},
		{name: "nested too deep", src: strings.Repeat(`f"{`, 200) + "x" + strings.Repeat(`}"`, 200), bad: true},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, edited) })
	}
	t.Run("python agrees", func(t *testing.T) {
		literals := slices.Sorted(maps.Keys(edited))
		for i, got := range pythonReads(t, literals) {
			if got == nil || *got != hex.EncodeToString([]byte(edited[literals[i]])) {
				t.Errorf("python reads %s not as %q", literals[i], edited[literals[i]])
			}
		}
	})
}

// TestPythonReadsTheSame compares decoding with Python's own, over literals
// made of pieces that are likely to be confused.
func TestPythonReadsTheSame(t *testing.T) {
	bits := []string{`a`, `\n`, `\\`, `\'`, `\"`, `\x41`, `\101`, `\0`, `\d`, `é`, `\u00e9`, ` `, `\t`, `\ud83d`, `\U0001f600`, `7`, `\N`, `%`, "\\\n", `{{`, `}}`, `{h}`}
	var literals []string
	for _, open := range []string{`'`, `"`, `'''`, `"""`, `r"`, `b'`, `rb"`, `f"`, `F'''`, `rf'`, `u"`} {
		quote := strings.TrimLeft(open, "rbfuF")
		for i := range bits {
			for j := range bits {
				literals = append(literals, open+bits[i]+bits[j]+"z"+quote)
			}
		}
	}
	want := pythonReads(t, literals)
	valid := 0
	for i, literal := range literals {
		src := []byte(literal)
		rng, layer, err := codec.PythonLiteral(src, span.Span{Start: 0, End: len(src)})
		if want[i] == nil {
			continue // Python refuses more than we need to
		}
		if err != nil {
			if strings.Contains(literal, `\N`) {
				continue
			}
			t.Errorf("%s: %v", literal, err)
			continue
		}
		valid++
		text, err := span.File(src).Decode(rng, layer)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(string(text.Bytes()), "__hole1__", "__hole0__")
		if hex.EncodeToString([]byte(got)) != *want[i] {
			t.Errorf("%s: got %q, python reads %s", literal, got, *want[i])
		}
	}
	if valid < 2000 {
		t.Errorf("only %d literals were compared", valid)
	}
}
