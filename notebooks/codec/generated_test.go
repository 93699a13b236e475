package codec_test

import (
	"errors"
	"math/rand"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// lawLayer is a layer as the law suite tries it: pieces that documents are
// made of, chosen to be confused, and how a document is decoded.
type lawLayer struct {
	name   string
	bits   []string
	open   string // stands before the pieces
	end    string
	decode func(src []byte) (*span.Text, error)
}

// whole decodes all of a document through one layer.
func whole(l span.Layer) func([]byte) (*span.Text, error) {
	return func(src []byte) (*span.Text, error) {
		return span.File(src).Decode(span.Span{Start: 0, End: len(src)}, l)
	}
}

// inside decodes what stands within open and end.
func inside(l span.Layer, open, end string) func([]byte) (*span.Text, error) {
	return func(src []byte) (*span.Text, error) {
		if len(src) < len(open)+len(end) {
			return nil, span.ErrUndecodable
		}
		return span.File(src).Decode(span.Span{Start: len(open), End: len(src) - len(end)}, l)
	}
}

func literal(src []byte) (*span.Text, error) {
	rng, l, err := codec.PythonLiteral(src, span.Span{Start: 0, End: len(src)})
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

func word(src []byte) (*span.Text, error) {
	rng, l, err := codec.ShellWord(src, span.Span{Start: 0, End: len(src)})
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

func scalaLiteral(src []byte) (*span.Text, error) { return jvm(src, codec.ScalaLiteral) }
func javaLiteral(src []byte) (*span.Text, error)  { return jvm(src, codec.JavaLiteral) }

func jvm(src []byte, read func([]byte, span.Span) (span.Span, span.Layer, error)) (*span.Text, error) {
	rng, l, err := read(src, span.Span{Start: 0, End: len(src)})
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

// marginCell decodes a shell word in a script with a margin in a Scala cell of
// a SOURCE notebook: five layers.
func marginCell(src []byte) (*span.Text, error) {
	cell, err := source(src)
	if err != nil {
		return nil, err
	}
	b := string(cell.Bytes())
	start, end := strings.Index(b, "s\"\"\""), strings.LastIndex(b, ".stripMargin")
	if start < 0 || end < start {
		return nil, span.ErrUndecodable
	}
	rng, l, err := codec.ScalaLiteral(cell.Bytes(), span.Span{Start: start, End: end})
	if err != nil {
		return nil, err
	}
	text, err := cell.Decode(rng, l)
	if err != nil {
		return nil, err
	}
	return text.Decode(text.All(), codec.Margin{Mark: '|'})
}

// javaCell decodes a format string in a Java literal in an ipynb.
func javaCell(src []byte) (*span.Text, error) {
	cell, err := inside(codec.JSONLines{}, `["`, `"]`)(src)
	if err != nil {
		return nil, err
	}
	rng, l, err := codec.JavaLiteral(cell.Bytes(), cell.All())
	if err != nil {
		return nil, err
	}
	text, err := cell.Decode(rng, l)
	if err != nil {
		return nil, err
	}
	return text.Decode(text.All(), codec.JavaFormat{})
}

// source decodes the lines of a magic cell in a SOURCE notebook: two layers.
func source(src []byte) (*span.Text, error) {
	lines, err := whole(codec.Newlines{})(src)
	if err != nil {
		return nil, err
	}
	return lines.Decode(lines.All(), codec.MagicPrefix{Mark: "# MAGIC"})
}

// pythonCell decodes an ipynb cell that runs a shell word from a Python
// string: three layers and two slices.
func pythonCell(src []byte) (*span.Text, error) {
	lines, err := inside(codec.JSONLines{}, `["`, `"]`)(src)
	if err != nil {
		return nil, err
	}
	cell := lines.Slice(lines.All())
	masked, err := cell.Decode(cell.All(), codec.Mask{})
	if err != nil {
		return nil, err
	}
	b := string(masked.Bytes())
	start, end := strings.Index(b, "run("), strings.LastIndex(b, ")")
	if start < 0 || end < start+4 {
		return nil, span.ErrUndecodable
	}
	rng, layer, err := codec.PythonLiteral(masked.Bytes(), span.Span{Start: start + 4, End: end})
	if err != nil {
		return nil, err
	}
	script, err := masked.Decode(rng, layer)
	if err != nil {
		return nil, err
	}
	rng, layer, err = codec.ShellWord(script.Bytes(), script.All())
	if err != nil {
		return nil, err
	}
	return script.Decode(rng, layer)
}

// templateHeredoc decodes a here-document in a script that is a format
// template in a Python string.
func templateHeredoc(src []byte) (*span.Text, error) {
	script, err := literal(src)
	if err != nil {
		return nil, err
	}
	filled, err := script.Decode(script.All(), codec.FormatTemplate{})
	if err != nil {
		return nil, err
	}
	return filled.Decode(filled.All(), codec.HereDoc{Dash: true, Delimiter: "E"})
}

var (
	pyBits     = []string{`a`, `b c`, `\n`, `\\`, `\'`, `\"`, `\x41`, `\1`, `\q`, `é`, `\u00e9`, `{h}`, `{{`, `}}`, `{a!r:>{w}}`, "\n", "\\\n", `"`, `'`, `" "`, "\\n\"\n  \"", `' '`, `" f"`, `' r'`, "\" # c\n \"", `7`, `"""`, `{d["k"]}`}
	shBits     = []string{`a`, `b c`, `'`, `"`, `'"'`, `\ `, `\$`, `$x`, `${x:-"y"}`, `$(a "b")`, "`c`", `\\`, `\"`, `$'`, `\n`, "\n", "\\\n", `é`, `$`, `/`, `$((1+2))`, `!`, `#`}
	jsonBits   = []string{`a`, `b c`, `\n`, `\"`, `\\`, `\/`, `/`, `\u00e9`, `é`, `\ud83d`, `\ude00`, `\u0000`, "\\n\",\n    \"", `\n","`, `","`, `\r\n", "`, `<`, `\u003c`}
	lineBits   = []string{`a`, `b c`, "\n", "\r\n", "\r", "\n# MAGIC ", "\n# MAGIC", "\r\n# MAGIC", "# MAGIC ", " ", "\n# MAGICAL", "é"}
	maskBits   = []string{`a`, ` `, "\n", "\n!ls", "\n%pip x", "= !c", "= %sql", "(", ")", `'`, `"""`, "#", "\\\n", "?", "%time ", "\n    ", "%%sh", "f'{", "}'", "!=", "="}
	hereBits   = []string{`a`, "\n", "\t", `$x`, `\$`, `\\`, "\\\n", "`b`", `\d`, `$(c)`, `"`, `'`, `é`, ` `, `E`, "\nEO"}
	formatBits = []string{`a`, `{}`, `{{`, `}}`, `{n!r:>{w}}`, `%s`, `%%`, `%(n)d`, `$n`, `${n}`, `$$`, `{a[}]}`, "\n", "é"}
	jvmBits    = []string{`a`, `b c`, `\n`, `\\`, `\'`, `\"`, `\u0041`, `\101`, `\7`, `é`, `\u00e9`, `$h`, `${h}`, `$$`, `${m("}")}`, `${'"'}`, "\n", "\n    ", "\n  |", `"`, `""`, `%`, `%%`, `$h%5d`, `7`, ` `, `{`, `|`, `\ud83d`, `\ude00`, "\t", `${s"$a"}`}
	blockBits  = []string{`a`, `b c`, `\n`, `\\`, `\s`, `\"`, `\"""`, "\n    ", "\n      ", "\n", " \n    ", "\\\n    ", "\r\n    ", `"`, `""`, `é`, `\u0041`, "\n\n    ", "\t"}
	marginBits = []string{`a`, "\n", "\n  |", "\n  | ", "\n\t|", `|`, ` `, `é`, `  |`}
	concatBits = []string{`a`, `b c`, `\n`, `\\`, `\"`, `" + x + "`, `" + "`, "\"\n  + \"", `" + y.z(1 + 2, "+") + "`, `" /* + */ + '"' + "`, `é`, `$h`, "\" // +\n + \"", `'`}
	javaBits   = []string{`a`, `%s`, `%1$s`, `%%`, `%n`, `%-5d`, `%<s`, `$`, "\n"}
	rBits      = []string{`a`, `b c`, `\n`, `\\`, `\'`, `\"`, `\x41`, `\x9`, `\101`, `\7`, `\u00e9`, `\u{e9}`, `\u4`, `\U0001f600`, `\ `, "\\\n", "\n", `é`, `'`, `"`, `)`, `]`, `}`, `-`, `7`, `\t`, `\0`, `\d`}
	bangBits   = []string{`a`, `$h`, `$$h`, `{h}`, `{h!r}`, `{{`, `}}`, `'`, `"`, `$`, "\\\n", `.`, ` `}
)

var (
	base64Bits  = []string{"YWJj", "MTY5", "w6ll", "\n", " ", "\r\n", "YQ==", "YWI=", "====", "YW", "Yh==", "-_-_"}
	percentBits = []string{`a`, `/`, `%20`, `%C3%A9`, `%c3`, `%A9`, `%25`, `é`, `%`, `%zz`, `+`, `%F0%9F%98%80`, `'`}
)

var lawLayers = []lawLayer{
	{name: "base64", bits: base64Bits, decode: whole(codec.Base64{})},
	{name: "percent encoding", bits: percentBits, decode: whole(codec.Percent{})},
	{name: "newlines", bits: lineBits, decode: whole(codec.Newlines{})},
	{name: "magic", bits: lineBits, open: "# MAGIC ", decode: whole(codec.MagicPrefix{Mark: "# MAGIC"})},
	{name: "json string", bits: jsonBits, open: `"`, end: `"`, decode: inside(codec.JSONString{}, `"`, `"`)},
	{name: "json lines", bits: jsonBits, open: `["`, end: `"]`, decode: inside(codec.JSONLines{}, `["`, `"]`)},
	{name: "python double", bits: pyBits, open: `"`, end: `"`, decode: literal},
	{name: "python single", bits: pyBits, open: `u'`, end: `'`, decode: literal},
	{name: "python triple", bits: pyBits, open: `"""`, end: `"""`, decode: literal},
	{name: "python f", bits: pyBits, open: `f"`, end: `"`, decode: literal},
	{name: "python f triple", bits: pyBits, open: `F'''`, end: `'''`, decode: literal},
	{name: "python raw", bits: pyBits, open: `r"`, end: `"`, decode: literal},
	{name: "python raw bytes", bits: pyBits, open: `Rb'''`, end: `'''`, decode: literal},
	{name: "python bytes", bits: pyBits, open: `b"`, end: `"`, decode: literal},
	{name: "r double", bits: rBits, open: `"`, end: `"`, decode: rLiteral},
	{name: "r single", bits: rBits, open: `'`, end: `'`, decode: rLiteral},
	{name: "r raw", bits: rBits, open: `r"(`, end: `)"`, decode: rLiteral},
	{name: "r raw dashes", bits: rBits, open: `R'--[`, end: `]--'`, decode: rLiteral},
	{name: "word bare", bits: shBits, decode: word},
	{name: "word double", bits: shBits, open: `"`, end: `"`, decode: word},
	{name: "word single", bits: shBits, open: `'`, end: `'`, decode: word},
	{name: "word ansi", bits: shBits, open: `$'`, end: `'`, decode: word},
	{name: "heredoc", bits: hereBits, decode: whole(codec.HereDoc{Delimiter: "EOF"})},
	{name: "heredoc quoted", bits: hereBits, decode: whole(codec.HereDoc{Quoted: true, Delimiter: "EOF"})},
	{name: "heredoc dash", bits: hereBits, decode: whole(codec.HereDoc{Dash: true, Delimiter: "EOF"})},
	{name: "heredoc dash quoted", bits: hereBits, decode: whole(codec.HereDoc{Dash: true, Quoted: true})},
	{name: "backquotes", bits: shBits, decode: whole(codec.Backquotes{})},
	{name: "backquotes in double", bits: shBits, decode: whole(codec.Backquotes{InDouble: true})},
	{name: "mask", bits: maskBits, decode: whole(codec.Mask{})},
	{name: "format", bits: formatBits, decode: whole(codec.FormatTemplate{})},
	{name: "percent", bits: formatBits, decode: whole(codec.PercentTemplate{})},
	{name: "dollar", bits: formatBits, decode: whole(codec.DollarTemplate{})},
	{name: "dollar safe", bits: formatBits, decode: whole(codec.DollarTemplate{Safe: true})},
	{name: "bang", bits: bangBits, decode: whole(codec.BangCommand{})},
	{name: "bang expanded", bits: bangBits, decode: whole(codec.BangCommand{Expanded: true})},
	{name: "scala double", bits: jvmBits, open: `"`, end: `"`, decode: scalaLiteral},
	{name: "scala triple", bits: jvmBits, open: `"""`, end: `"""`, decode: scalaLiteral},
	{name: "scala s", bits: jvmBits, open: `s"`, end: `"`, decode: scalaLiteral},
	{name: "scala s triple", bits: jvmBits, open: `s"""`, end: `"""`, decode: scalaLiteral},
	{name: "scala f", bits: jvmBits, open: `f"`, end: `"`, decode: scalaLiteral},
	{name: "scala f triple", bits: jvmBits, open: `f"""`, end: `"""`, decode: scalaLiteral},
	{name: "scala raw", bits: jvmBits, open: `raw"`, end: `"`, decode: scalaLiteral},
	{name: "scala raw triple", bits: jvmBits, open: `raw"""`, end: `"""`, decode: scalaLiteral},
	{name: "java double", bits: jvmBits, open: `"`, end: `"`, decode: javaLiteral},
	{name: "java block", bits: blockBits, open: "\"\"\"\n    ", end: `"""`, decode: javaLiteral},
	{name: "java block closed below", bits: blockBits, open: "\"\"\" \n    x", end: "\n    \"\"\"", decode: javaLiteral},
	{name: "scala concat", bits: concatBits, open: `"`, end: `"`, decode: whole(codec.JVMConcat{})},
	{name: "java concat", bits: concatBits, open: `"`, end: `"`, decode: whole(codec.JVMConcat{Java: true})},
	{name: "margin", bits: marginBits, decode: whole(codec.Margin{Mark: '|'})},
	{name: "margin of another mark", bits: []string{`a`, "\n", "\n  #", `|`, `#`, ` `}, open: "#!\n", decode: whole(codec.Margin{Mark: '#'})},
	{name: "java format", bits: javaBits, decode: whole(codec.JavaFormat{})},
	{name: "tower: margin", bits: []string{`a`, "\n# MAGIC   |", "\r\n# MAGIC   |", `$h`, `$$`, `"`, `\n`, `\\`, ` `, `|`, "\n# MAGIC"}, open: "# MAGIC x = s\"\"\"|", end: "\"\"\".stripMargin", decode: marginCell},
	{name: "tower: java", bits: []string{`a`, `\\n`, `\\\"`, `'`, `%s`, `%%`, `é`, `\\\\`, ` `}, open: `["\"`, end: `\""]`, decode: javaCell},
	{name: "scala interpolated concat", bits: []string{`a`, `lmn op`, `http://`, `q r s t`, `v/w/x/y`, `$h`, `" + x + s"`, `" + "b c" + s"`, `$$`, `\n`, `é`, ` d e f`, `/gh/`, "\"\n+ s\"", `i`}, open: `s"curl -s http://`, end: `"`, decode: whole(codec.JVMConcat{})},
	{name: "tower: source", bits: lineBits, open: "# MAGIC ", decode: source},
	{name: "tower: python cell", bits: []string{`a`, `\\n`, `\"`, `'`, ` `, `\n", "`, `$x`, `é`, `\\\\`, `{h}`, `\" \"`, `\"\n  f\"`},
		open: `["!ls\n","run(f\"'`, end: `'\")"]`, decode: pythonCell},
	{name: "tower: template", bits: []string{`a`, `\n`, `\n\t`, `{}`, `{{`, `}}`, `$x`, `\\$`, `'`, `\"`, `" "`, "\\n\"\n \""}, open: `"\t`, end: `\n"`, decode: templateHeredoc},
}

var lawTexts = []string{"", "x", "x\ny", "\n", `'`, `"`, `\`, "$", "{", "%", "é", "\t", "`", "\r\n", "'''", `"""`, "T=$(curl -H \"a: 21600\" 'b')\n", "a b", "\\n", "7", "EOF", "# MAGIC", "\U0001f600"}

func (l lawLayer) document(r *rand.Rand) []byte {
	var s strings.Builder
	s.WriteString(l.open)
	for n := r.Intn(7); n > 0; n-- {
		s.WriteString(l.bits[r.Intn(len(l.bits))])
	}
	s.WriteString(l.end)
	return []byte(s.String())
}

// randomEdits makes up to three edits that do not overlap.
func randomEdits(r *rand.Rand, n int) (edits []span.Edit) {
	at := 0
	for k := 1 + r.Intn(3); k > 0 && at <= n; k-- {
		start := at + r.Intn(n-at+1)
		end := start + min(r.Intn(4), n-start)
		edits = append(edits, span.Edit{Span: span.Span{Start: start, End: end}, New: lawTexts[r.Intn(len(lawTexts))]})
		at = end
	}
	return edits
}

// TestLaws holds generated documents in every layer, and in towers of several,
// against the laws.
func TestLaws(t *testing.T) {
	rounds := 1500
	if testing.Short() {
		rounds = 200
	}
	for _, l := range lawLayers {
		t.Run(l.name, func(t *testing.T) {
			r := rand.New(rand.NewSource(1))
			decoded, lifted, plain, kept := 0, 0, 0, 0
			for range rounds {
				src := l.document(r)
				text, err := l.decode(src)
				if err != nil {
					if !errors.Is(err, span.ErrUndecodable) {
						t.Fatalf("%q: %v", src, err)
					}
					continue
				}
				decoded++
				checkGetPut(t, text)
				if checkLaws(t, text, randomEdits(r, text.Len())) == nil {
					lifted++
				}
				ok, all := checkCutSafety(t, text)
				kept, plain = kept+ok, plain+all
			}
			if decoded < rounds/20 || lifted < decoded/4 {
				t.Errorf("of %d documents %d were decodable and %d edited", rounds, decoded, lifted)
			}
			// A letter fits nearly everywhere into plain text: not behind
			// a backslash of a raw string, say.
			if kept < plain*9/10 {
				t.Errorf("a letter could be written at %d of %d places in verbatim text", kept, plain)
			}
		})
	}
}

// checkCutSafety writes a letter into the verbatim text of a document and
// counts where that is possible.
func checkCutSafety(t *testing.T, text *span.Text) (ok, all int) {
	t.Helper()
	for _, a := range text.Atoms() {
		for i := a.In.Start + 1; a.Kind == span.Verbatim && i < a.In.End; i++ {
			if text.Bytes()[i]&0xc0 == 0x80 || text.Bytes()[i-1] == '$' || !verbatimAllTheWay(text, span.Span{Start: i - 1, End: i + 1}) {
				continue // inside a character or a piece of another layer, or in a name
			}
			all++
			if checkLaws(t, text, []span.Edit{{Span: span.Span{Start: i, End: i}, New: "q"}}) == nil {
				ok++
			}
		}
	}
	return ok, all
}

// FuzzLaws is TestLaws over documents that the fuzzer makes.
func FuzzLaws(f *testing.F) {
	r := rand.New(rand.NewSource(2))
	for i, l := range lawLayers {
		for range 5 {
			f.Add(uint8(i), string(l.document(r)), uint16(r.Intn(20)), uint8(r.Intn(4)), lawTexts[r.Intn(len(lawTexts))])
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, src string, at uint16, n uint8, new string) {
		if len(src) > 2000 || len(new) > 200 {
			t.Skip("longer than it takes")
		}
		text, err := lawLayers[int(which)%len(lawLayers)].decode([]byte(src))
		if err != nil {
			if !errors.Is(err, span.ErrUndecodable) {
				t.Fatal(err)
			}
			return
		}
		checkGetPut(t, text)
		start := int(at) % (text.Len() + 1)
		end := min(start+int(n), text.Len())
		checkLaws(t, text, []span.Edit{{Span: span.Span{Start: start, End: end}, New: new}})
		checkLaws(t, text, []span.Edit{{Span: span.Span{Start: start, End: end}, New: new}, {Span: span.Span{Start: end, End: text.Len()}, New: "x\n"}})
	})
}
