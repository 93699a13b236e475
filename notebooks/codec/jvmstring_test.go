package codec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// jvmCase edits the text of a literal of Scala or Java and compares the source.
type jvmCase struct {
	name, src, want  string
	old, new, edited string
	refused          error
	bad              bool
	holes            string
}

func (c jvmCase) run(t *testing.T, read func([]byte, span.Span) (span.Span, span.Layer, error)) {
	src := []byte(c.src)
	all := span.Span{Start: 0, End: len(src)}
	rng, layer, err := read(src, all)
	var text *span.Text
	if err == nil {
		text, err = span.File(src).Decode(rng, layer)
	}
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
	checkCuts(t, text, `'"\$%`)
	var holes []string
	for _, h := range codec.ScalaHoles(src, all) {
		holes = append(holes, string(src[h.Start:h.End]))
	}
	if got := strings.Join(holes, "|"); got != c.holes {
		t.Fatalf("holes %q, want %q", got, c.holes)
	}
	if c.edited == "" && c.refused == nil {
		return
	}
	i := strings.Index(string(text.Bytes()), c.old)
	if i < 0 {
		t.Fatalf("%q is not in %q", c.old, text.Bytes())
	}
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
}

func TestScalaLiterals(t *testing.T) {
	for _, c := range []jvmCase{
		{name: "escapes", src: `"a\tb\"\u0041\\\101"`, want: "a\tb\"A\\A", old: "b", new: "\n\"$x\" \\", edited: `"a\t\n\"$x\" \\\"\u0041\\\101"`},
		{name: "surrogates", src: `"\ud83d\ude00\ud83d"`, want: "\U0001f600\xed\xa0\xbd"},
		{name: "empty", src: `""`, want: "", new: "x", edited: `"x"`},
		{name: "triple", src: `"""a\n"b" $x"""`, want: `a\n"b" $x`, old: "a", new: "\"$T\"\n\\", edited: "\"\"\"\"$T\"\n\\\\n\"b\" $x\"\"\""},
		{name: "quotes at the end of a triple", src: `"""a"""""`, want: `a""`, old: "a", new: `"b`, edited: `""""b"""""`},
		{name: "three quotes in a triple", src: `"""a"b"""`, want: `a"b`, old: "a", new: `""`, refused: errUnencodable},
		{name: "empty triple", src: `""""""`, want: "", new: `"`, edited: `"""""""`},
		{name: `\u in a triple`, src: `"""C:\users \u0041"""`, want: `C:\users \u0041`, old: ":", new: `\u`, refused: errUnencodable},
		{name: "interpolated", src: `s"$a/${b.c("}")} $$d\n"`, want: "__hole0__/__hole1__ $d\n", holes: `a|b.c("}")`, old: "/", new: `/ "$x"`, edited: `s"$a/ ${'"'}$$x${'"'}${b.c("}")} $$d\n"`},
		{name: "quotes as found", src: `s"a \"b\" $c"`, want: `a "b" __hole0__`, holes: "c", old: "a", new: `"`, edited: `s"\" \"b\" $c"`},
		{name: "quote in a hole", src: `s"a ${'"'}b${"\""}"`, want: `a "b"`, old: "b", new: "c", edited: `s"a ${'"'}c${"\""}"`},
		{name: "interpolated triple", src: `s"""a "$b"` + "\n" + `"""`, want: "a \"__hole0__\"\n", holes: "b", old: "a", new: `$T "`, edited: `s"""$$T " "$b"` + "\n" + `"""`},
		{name: "three quotes interpolated", src: `s"""a"""`, want: `a`, old: "a", new: `"""`, edited: `s"""""\""""`},
		{name: "nested interpolation", src: `s"${s"${x}"}/a"`, want: "__hole0__/a", holes: `s"${x}"`},
		{name: "comment and character in a hole", src: `s"${a /* } */ + '}' + '\''}b"`, want: "__hole0__b", holes: `a /* } */ + '}' + '\''`},
		{name: "hole followed by text", src: `s"$a/b"`, want: "__hole0__/b", holes: "a", old: "/", new: "c/", refused: errLens},
		{name: "f", src: `f"$a%% $b"`, bad: true},
		{name: "f with conversions", src: `f"$a%5.2f 5%% %n$b"`, want: "__hole0__ 5% \n__hole1__", holes: "a|b", old: "5", new: "100%", edited: `f"$a%5.2f 100%%%% %n$b"`},
		{name: "raw", src: `raw"a\n$b"`, want: `a\n__hole0__`, holes: "b", old: "a", new: "\n", refused: errUnencodable},
		{name: "another interpolator", src: `sql"a $b"`, want: `a __hole0__`, holes: "b", old: "a", new: "c", refused: errUnencodable},
		{name: "dollar alone", src: `s"a $ b"`, bad: true},
		{name: "open hole", src: `s"a ${b"`, bad: true},
		{name: "no such escape", src: `"\q"`, bad: true},
		{name: "a quote before the string is read", src: `"\u0022"`, bad: true},
		{name: "line end", src: "\"a\nb\"", bad: true},
		{name: "no quotes", src: "a", bad: true},
		{name: "open", src: `"`, bad: true},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, codec.ScalaLiteral) })
	}
}

func TestJavaLiterals(t *testing.T) {
	for _, c := range []jvmCase{
		{name: "escapes", src: `"a\tb\"\uu0041\\u0041\s\7"`, want: "a\tb\"A\\u0041 \a", old: "b", new: "\n\"$x\" \\", edited: `"a\t\n\"$x\" \\\"\uu0041\\u0041\s\7"`},
		{name: "digit after an octal", src: `"\7 "`, want: "\a ", old: " ", new: "7", edited: `"\7\u0037"`},
		{name: "dollar", src: `"$a ${b}"`, want: `$a ${b}`, old: "a", new: "$c", edited: `"$$c ${b}"`},
		{name: "ASCII only", src: `"\u00e9"`, want: "é", old: "é", new: "\U0001f600è", edited: `"\ud83d\ude00\u00e8"`},
		{name: "block", src: "\"\"\"\n    a \"b\"\n      c  \n\n    d\\\n    e\n    \"\"\"", want: "a \"b\"\n  c\n\nde\n", old: "  c", new: "\"\"\"\n\nx ", edited: "\"\"\"\n    a \"b\"\n    \"\"\\\"\n\n    x\\s  \n\n    d\\\n    e\n    \"\"\""},
		{name: "block closed on its last line", src: "\"\"\"\n  a\n  b\"\"\"", want: "a\nb", old: "b", new: `b"`, edited: "\"\"\"\n  a\n  b\\\"\"\"\""},
		{name: "text after a block's last line", src: "\"\"\"\n  a\n  \"\"\"", want: "a\n", old: "\n", new: "\nb\n", edited: "\"\"\"\n  a\n  b\n  \"\"\""},
		{name: "block with windows line ends", src: "\"\"\"\r\n  a\r\n  \"\"\"", want: "a\n", old: "a", new: "a\nb", edited: "\"\"\"\r\n  a\r\n  b\r\n  \"\"\""},
		{name: "no block", src: `"""a"""`, bad: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, codec.JavaLiteral)
		})
	}
}

func TestMargin(t *testing.T) {
	bar := codec.Margin{Mark: '|'}
	runCases(t, []layerCase{
		{name: "script", layer: bar, outer: "#!/bin/sh\n    |curl a\n    |  | jq\n    ", want: "#!/bin/sh\ncurl a\n  | jq\n    ", old: "curl", new: "T=1\ncurl", edited: "#!/bin/sh\n    |T=1\n    |curl a\n    |  | jq\n    "},
		{name: "bar on the first line", layer: bar, outer: "|a\n  |b", want: "a\nb", old: "a", new: "x\ny", edited: "|x\n  |y\n  |b"},
		{name: "a pipe at the start of a line", layer: bar, outer: "a\n |b", want: "a\nb", old: "b", new: "c\n|d", edited: "a\n |c\n ||d"},
		{name: "no margin", layer: bar, outer: "a\nb", want: "a\nb", old: "b", new: "c\nd", edited: "a\nc\nd"},
		{name: "another mark", layer: codec.Margin{Mark: '#'}, outer: "a\n #b\n |c", want: "a\nb\n |c", old: "b", new: "x\ny", edited: "a\n #x\n #y\n |c"},
		{name: "carriage return", layer: bar, outer: "a\r\n |b", bad: true},
	})
}

func TestJavaFormat(t *testing.T) {
	l := codec.JavaFormat{}
	runCases(t, []layerCase{
		{name: "fields", layer: l, outer: "curl %s/%2$s %-5d%n100%%", want: "curl __hole0__/__hole1__ __hole2__\n100%", old: "curl", new: "curl -w %{http_code}", edited: "curl -w %%{http_code} %s/%2$s %-5d%n100%%", picky: true},
		{name: "no such conversion", layer: l, outer: "100% yes", bad: true},
		{name: "at the end", layer: l, outer: "100%", bad: true},
	})
	var got []string
	for _, h := range codec.JavaFormatHoles([]byte("%s %3$s %<s %d %%")) {
		got = append(got, string(rune('0'+h.Index))+map[bool]string{true: "s", false: ""}[h.Plain])
	}
	if s := strings.Join(got, " "); s != "0s 2s 2s 1" {
		t.Errorf("arguments %s", s)
	}
}
