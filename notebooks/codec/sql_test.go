package codec_test

import (
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
)

func init() {
	bits := []string{`a`, `b c`, `\n`, `\\`, `\'`, `\q`, `\é`, `"`, `'`, `$`, `$f`, `$$`, "\n", `é`}
	lawLayers = append(lawLayers,
		lawLayer{name: "sql string", bits: bits, open: `'`, end: `'`, decode: inside(codec.SQLString{Quote: '\''}, `'`, `'`)},
		lawLayer{name: "sql double", bits: bits, open: `"`, end: `"`, decode: inside(codec.SQLString{Quote: '"'}, `"`, `"`)},
		lawLayer{name: "sql raw", bits: bits, open: `r'`, end: `'`, decode: inside(codec.SQLString{Quote: '\'', Raw: true}, `r'`, `'`)},
		lawLayer{name: "sql dollars", bits: bits, open: `$$`, end: `$$`, decode: inside(codec.DollarQuoted{Tag: "$$"}, `$$`, `$$`)},
		lawLayer{name: "sql tag", bits: bits, open: `$f$`, end: `$f$`, decode: inside(codec.DollarQuoted{Tag: "$f$"}, `$f$`, `$f$`)})
}

func TestSQL(t *testing.T) {
	single := codec.SQLString{Quote: '\''}
	dollars := codec.DollarQuoted{Tag: "$$"}
	runCases(t, []layerCase{
		{name: "as it is", layer: dollars, outer: "⟦a\nb⟧$$", want: "a\nb", old: "b", new: `"$b"`, edited: "a\n\"$b\"$$", picky: true},
		{name: "closing quote", layer: dollars, outer: "⟦a⟧$$", want: "a", old: "a", new: "$$", refused: errUnencodable, picky: true},
		{name: "half a closing quote", layer: dollars, outer: "⟦a⟧$$", want: "a", old: "a", new: "$", refused: errLens, picky: true},
		{name: "ends early", layer: dollars, outer: "⟦a$⟧$$", bad: true},
		{name: "tag", layer: codec.DollarQuoted{Tag: "$f$"}, outer: "⟦a$$b⟧$f$", want: "a$$b", old: "a", new: "$g", edited: "$g$$b$f$", picky: true},
		{name: "escapes", layer: single, outer: `⟦a\n\t\'\\\q\é⟧`, want: "a\n\t'\\qé", old: "a", new: "'\n\\", edited: `\'\n\\\n\t\'\\\q\é`},
		{name: "line ends as they stand", layer: single, outer: "⟦a\nb⟧", want: "a\nb", old: "b", new: "c\nb", edited: "a\nc\nb"},
		{name: "doubled quote", layer: single, outer: `⟦it''s⟧`, bad: true},
		{name: "other quote", layer: single, outer: `⟦a"b⟧`, want: `a"b`, old: "b", new: `"`, edited: `a""`},
		{name: "octal", layer: single, outer: `⟦\101⟧`, bad: true},
		{name: "pattern escape", layer: single, outer: `⟦a\%⟧`, bad: true},
		{name: "raw", layer: codec.SQLString{Quote: '"', Raw: true}, outer: `⟦a\n⟧`, want: `a\n`, old: "a", new: `"`, refused: errUnencodable},
	})
}
