package codec_test

import (
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
)

func TestNewlines(t *testing.T) {
	l := codec.Newlines{}
	runCases(t, []layerCase{
		{name: "crlf", layer: l, outer: "a\r\nb\r\n", want: "a\nb\n", old: "b", new: "x\nb", edited: "a\r\nx\r\nb\r\n"},
		{name: "lf stays", layer: l, outer: "a\nb\n", want: "a\nb\n", old: "b", new: "x\nb", edited: "a\nx\nb\n"},
		{name: "mixed takes the line end before", layer: l, outer: "a\r\nb\nc", want: "a\nb\nc", old: "b", new: "b\nx", edited: "a\r\nb\r\nx\nc"},
		{name: "mixed takes the next line end on the first line", layer: l, outer: "a\nb\r\nc", want: "a\nb\nc", old: "a", new: "x\na", edited: "x\na\nb\r\nc"},
		{name: "lone cr is text", picky: true, layer: l, outer: "a\rb\n", want: "a\rb\n", old: "b", new: "\n", edited: "a\r\r\n\n"},
		{name: "line ends around the range", layer: l, outer: "a\r\n⟦b⟧\r\n", want: "b", old: "b", new: "b\nc", edited: "a\r\nb\r\nc\r\n"},
		{name: "cr cr lf", layer: l, outer: "a\r\r\nb", want: "a\r\nb"},
		{name: "empty", layer: l, outer: "", want: "", old: "", new: "a\n", edited: "a\n"},
	})
}

func TestMagicPrefix(t *testing.T) {
	py, scala, sql := codec.MagicPrefix{Mark: "# MAGIC"}, codec.MagicPrefix{Mark: "// MAGIC"}, codec.MagicPrefix{Mark: "-- MAGIC"}
	runCases(t, []layerCase{
		{name: "lines", layer: py, outer: "# MAGIC %sh\n# MAGIC curl x", want: "%sh\ncurl x", old: "curl x", new: "T=1\ncurl x",
			edited: "# MAGIC %sh\n# MAGIC T=1\n# MAGIC curl x"},
		{name: "scala", layer: scala, outer: "// MAGIC %sh\n// MAGIC a", want: "%sh\na", old: "a", new: "b\na", edited: "// MAGIC %sh\n// MAGIC b\n// MAGIC a"},
		{name: "sql", layer: sql, outer: "-- MAGIC %sh a", want: "%sh a", old: "a", new: "\na", edited: "-- MAGIC %sh \n-- MAGIC a"},
		{name: "indent is kept", layer: py, outer: "# MAGIC if x\n# MAGIC   a", want: "if x\n  a", old: "  a", new: "  b\n  a", edited: "# MAGIC if x\n# MAGIC   b\n# MAGIC   a"},
		{name: "bare empty line", layer: py, outer: "# MAGIC a\n# MAGIC\n# MAGIC b", want: "a\n\nb", old: "b", new: "c\n\nb",
			edited: "# MAGIC a\n# MAGIC\n# MAGIC c\n# MAGIC\n# MAGIC b"},
		{name: "empty line with a blank", layer: py, outer: "# MAGIC a\n# MAGIC \n# MAGIC b", want: "a\n\nb", old: "b", new: "c\n\nb",
			edited: "# MAGIC a\n# MAGIC \n# MAGIC c\n# MAGIC \n# MAGIC b"},
		{name: "empty line as in another cell", layer: py, outer: "# MAGIC \nx\n⟦# MAGIC a⟧\n# MAGIC \n", want: "a", old: "a", new: "a\n\nb",
			edited: "# MAGIC \nx\n# MAGIC a\n# MAGIC \n# MAGIC b\n# MAGIC \n"},
		{name: "text on a bare line", layer: py, outer: "# MAGIC a\n# MAGIC\n# MAGIC b", want: "a\n\nb", old: "\nb", new: "c\nb",
			edited: "# MAGIC a\n# MAGIC c\n# MAGIC b"},
		{name: "lines joined after a bare line", layer: py, outer: "# MAGIC\n# MAGIC b", want: "\nb", old: "\n", new: "", edited: "# MAGIC b"},
		{name: "only a bare mark", layer: py, outer: "# MAGIC", want: "", old: "", new: "a", edited: "# MAGIC a"},
		{name: "line without a mark is kept", layer: py, outer: "# MAGIC %sh\ncurl x\n# MAGIC b", want: "%sh\ncurl x\nb", old: "b", new: "c",
			edited: "# MAGIC %sh\ncurl x\n# MAGIC c"},
		{name: "near miss of a mark", picky: true, layer: py, outer: "# MAGIC a\n# MAGICAL b\n#MAGIC c", want: "a\n# MAGICAL b\n#MAGIC c"},
		{name: "last line end without a mark", layer: py, outer: "# MAGIC a\n", want: "a\n", old: "a\n", new: "a\nb\n", edited: "# MAGIC a\n# MAGIC b\n"},
		{name: "cr before the line end", layer: py, outer: "# MAGIC\r\n# MAGIC b", want: "\r\nb"},
	})
}

func TestJSONString(t *testing.T) {
	l := codec.JSONString{}
	runCases(t, []layerCase{
		{name: "escapes", layer: l, outer: `{"a":"⟦a\n\t\"\\\/\b\f\r\u0041⟧"}`, want: "a\n\t\"\\/\b\f\rA", old: "a", new: `"b"`, edited: `{"a":"\"b\"\n\t\"\\\/\b\f\r\u0041"}`},
		{name: "plain slash", layer: l, outer: `a/b`, want: "a/b", old: "b", new: "x/y", edited: `a/x/y`},
		{name: "escaped slash", layer: l, outer: `a\/b`, want: "a/b", old: "b", new: "x/y", edited: `a\/x\/y`},
		{name: "raw non-ASCII", layer: l, outer: `é`, want: "é", old: "é", new: "éü😀", edited: `éü😀`},
		{name: "escaped non-ASCII", layer: l, outer: `\u00e9`, want: "é", old: "é", new: "éü😀", edited: `\u00e9\u00fc\ud83d\ude00`},
		{name: "upper case hex", layer: l, outer: `\u00E9`, want: "é", old: "é", new: "éü", edited: `\u00E9\u00FC`},
		{name: "style of the file", layer: l, outer: `"\u00e9","⟦a⟧"`, want: "a", old: "a", new: "ü", edited: `"\u00e9","\u00fc"`},
		{name: "surrogate pair", layer: l, outer: `\ud83d\ude00`, want: "😀"},
		{name: "lone surrogate", layer: l, outer: `a\ud83db`, want: "a\xed\xa0\xbdb", old: "b", new: "c\xed\xb8\x80d", edited: `a\ud83dc\ude00d`},
		{name: "surrogates may not meet", layer: l, outer: `a\ud83db`, want: "a\xed\xa0\xbdb", old: "b", new: "\xed\xb8\x80", refused: errLens},
		{name: "html escapes", layer: l, outer: `a \u003e b`, want: "a > b", old: "b", new: "<&", edited: `a \u003e \u003c\u0026`},
		{name: "control characters", layer: l, outer: `a`, want: "a", old: "a", new: "\x00\x1f\x7f", edited: `\u0000\u001f` + "\x7f"},
		{name: "quote inside", layer: l, outer: `a"b`, bad: true},
		{name: "unknown escape", layer: l, outer: `a\x41`, bad: true},
		{name: "cut escape", layer: l, outer: `a\u00e`, bad: true},
		{name: "raw newline", layer: l, outer: "a\nb", bad: true},
		{name: "invalid utf-8 is kept", layer: l, outer: "a\xffb", want: "a\xffb"},
	})
}

func TestJSONLines(t *testing.T) {
	l := codec.JSONLines{}
	runCases(t, []layerCase{
		{name: "lines", layer: l, outer: "[\n    \"⟦a\\n\",\n    \"b⟧\"\n   ]", want: "a\nb", old: "b", new: "c\nb", edited: "[\n    \"a\\n\",\n    \"c\\n\",\n    \"b\"\n   ]"},
		{name: "appended", layer: l, outer: "[\n \"⟦a\\n\",\n \"b⟧\"\n]", want: "a\nb", old: "b", new: "b\nc\n", edited: "[\n \"a\\n\",\n \"b\\n\",\n \"c\\n\"\n]"},
		{name: "appended after a last line end", layer: l, outer: "[\n \"⟦a\\n\",\n \"b\\n⟧\"\n]", want: "a\nb\n", old: "b\n", new: "b\nc", edited: "[\n \"a\\n\",\n \"b\\n\",\n \"c\"\n]"},
		{name: "compact", layer: l, outer: `["⟦a\n","b⟧"]`, want: "a\nb", old: "b", new: "c\nb", edited: `["a\n","c\n","b"]`},
		{name: "line removed", layer: l, outer: `["⟦a\n", "b\n", "c⟧"]`, want: "a\nb\nc", old: "b\n", new: "", edited: `["a\n", "c"]`},
		{name: "one element holds all lines", layer: l, outer: `["⟦a\nb⟧"]`, want: "a\nb", old: "b", new: "c\nb", edited: `["a\nc\nb"]`},
		{name: "one line, indented", layer: l, outer: "[\n   \"⟦a⟧\"\n  ]", want: "a", old: "a", new: "b\na", edited: "[\n   \"b\\n\",\n   \"a\"\n  ]"},
		{name: "one line ended", layer: l, outer: "[\n   \"⟦a\\n⟧\"\n  ]", want: "a\n", old: "a", new: "b\na", edited: "[\n   \"b\\n\",\n   \"a\\n\"\n  ]"},
		{name: "one line, as elsewhere in the file", layer: l, outer: `["x\n" , "y"],["⟦a⟧"]`, want: "a", old: "a", new: "b\na", edited: `["x\n" , "y"],["b\n" , "a"]`},
		{name: "one line, as later in the file", layer: l, outer: `["⟦a⟧"],["x\n", "y"]`, want: "a", old: "a", new: "b\na", edited: `["b\n", "a"],["x\n", "y"]`},
		{name: "one line, nothing to go by", layer: l, outer: `{"source":["⟦a⟧"]}`, want: "a", old: "a", new: "b\na", edited: `{"source":["b\n","a"]}`},
		{name: "one line, blanks in the file", layer: l, outer: `{"source": ["⟦a⟧"]}`, want: "a", old: "a", new: "b\na", edited: `{"source": ["b\n", "a"]}`},
		{name: "elements that end no line", layer: l, outer: `["⟦aé", "b⟧"]`, want: "aéb", old: "é", new: "x", edited: `["ax", "b"]`},
		{name: "empty elements", layer: l, outer: `["⟦", "a\n", "", "b", "⟧"]`, want: "a\nb", old: "b", new: "c\nb", edited: `["", "a\n", "", "c\n", "b", ""]`},
		{name: "crlf in the text and the file", layer: l, outer: "[\r\n \"⟦a\\r\\n\",\r\n \"b⟧\"]", want: "a\r\nb", old: "b", new: "c\r\nb", edited: "[\r\n \"a\\r\\n\",\r\n \"c\\r\\n\",\r\n \"b\"]"},
		{name: "quote in a line", layer: l, outer: `["⟦a \"b\"\n", "c⟧"]`, want: "a \"b\"\nc", old: "c", new: `"`, edited: `["a \"b\"\n", "\""]`},
		{name: "missing comma", layer: l, outer: `["⟦a" "b⟧"]`, bad: true},
		{name: "not only strings", layer: l, outer: `["⟦a", 1, "b⟧"]`, bad: true},
	})
}
