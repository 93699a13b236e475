package codec_test

import (
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// dockerPython decodes a program given to `python -c` in an instruction.
func dockerPython(src []byte) (*span.Text, error) {
	line, err := inside(codec.DockerLines{Escape: '\\'}, "RUN ", "")(src)
	if err != nil {
		return nil, err
	}
	rng, layer, err := codec.ShellWord(line.Bytes(), line.All())
	if err != nil {
		return nil, err
	}
	program, err := line.Decode(rng, layer)
	if err != nil {
		return nil, err
	}
	rng, layer, err = codec.PythonLiteral(program.Bytes(), program.All())
	if err != nil {
		return nil, err
	}
	return program.Decode(rng, layer)
}

// dockerList decodes a text in the exec form.
func dockerList(src []byte) (*span.Text, error) {
	line, err := inside(codec.DockerLines{Escape: '\\'}, "", "")(src)
	if err != nil || line.Len() < 4 {
		return nil, span.ErrUndecodable
	}
	return line.Decode(span.Span{Start: 2, End: line.Len() - 2}, codec.JSONString{})
}

func init() {
	bits := []string{`a`, `b c`, "\\\n", "\\ \t\n", "\n", "\n# c", "\\\n  # c \\\n", "\\\n\n", `\`, `\\`, `#`, ` `, "`", "`\n", "é"}
	lawLayers = append(lawLayers,
		lawLayer{name: "docker lines", bits: bits, decode: whole(codec.DockerLines{Escape: '\\'})},
		lawLayer{name: "docker backquotes", bits: bits, decode: whole(codec.DockerLines{Escape: '`'})},
		lawLayer{name: "tower: docker python", bits: []string{`a`, "\\\n", "\\\n# c\n ", `\n`, `"'"'"`, `é`, `\\`}, open: `RUN '"`, end: `"'`, decode: dockerPython},
		lawLayer{name: "tower: docker list", bits: []string{`a`, "\\\n", "\\\n# c\n ", `\\n`, `\"`, `é`}, open: `["`, end: `"]`, decode: dockerList})
}

func TestDockerLines(t *testing.T) {
	lines := codec.DockerLines{Escape: '\\'}
	runCases(t, []layerCase{
		{name: "one line", layer: lines, outer: "curl x", want: "curl x", old: "curl", new: "T=1; curl", edited: "T=1; curl x", picky: true},
		{name: "joined", layer: lines, outer: "a && \\\n  b", want: "a &&   b", old: "b", new: "T=1; b", edited: "a && \\\n  T=1; b", picky: true},
		{name: "comments between", layer: lines, outer: "a \\\n# c \\\n\n  # d\n b", want: "a  b", old: " b", new: "c b", edited: "a \\\n# c \\\n\n  # d\nc b", picky: true},
		{name: "in single quotes", layer: lines, outer: "echo 'a\\\nb'", want: "echo 'ab'", old: "b", new: "cb", edited: "echo 'a\\\ncb'", picky: true},
		{name: "blanks behind the escape", layer: lines, outer: "a\\ \t\nb", want: "ab", picky: true},
		{name: "escaped escape", layer: lines, outer: "a\\\\\nb", want: "a\\\\\nb", picky: true},
		{name: "a line end", layer: lines, outer: "a b", want: "a b", old: "b", new: "c\nb", refused: errUnencodable, picky: true},
		{name: "in a here-document", layer: lines, outer: "sh <<E\na \\\n b\nE", want: "sh <<E\na \\\n b\nE", old: "a", new: "c\na", edited: "sh <<E\nc\na \\\n b\nE", picky: true},
		{name: "here-document behind a joined line", layer: lines, outer: "sh \\\n <<E\n# a\nE", want: "sh  <<E\n# a\nE", old: "# a", new: "b\n# a", edited: "sh \\\n <<E\nb\n# a\nE", picky: true},
		{name: "made a comment", layer: lines, outer: "a \\\n b", want: "a  b", old: " b", new: "#b", refused: errLens, picky: true},
		{name: "joined by accident", layer: lines, outer: "sh <<E\na\nE", want: "sh <<E\na\nE", old: "<<E", new: "<<E \\", refused: errLens, picky: true},
		{name: "backquote", layer: codec.DockerLines{Escape: '`'}, outer: "a `\n b \\\nc", want: "a  b \\\nc", picky: true},
	})
}
