package codec_test

import (
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// yamlValue decodes the value behind "k: " of a YAML text, in all its styles.
func yamlValue(src []byte) (*span.Text, error) {
	rng, l, err := codec.YAMLScalar(src, min(3, len(src)), false, 0, nil)
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

// yamlElement decodes the second scalar of "[a, …]".
func yamlElement(src []byte) (*span.Text, error) {
	rng, l, err := codec.YAMLScalar(src, min(4, len(src)), true, -1, nil)
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

// yamlList decodes a sequence as a script.
func yamlList(src []byte) (*span.Text, error) {
	at := strings.IndexByte(string(src), '-')
	if at < 0 {
		return nil, span.ErrUndecodable
	}
	rng, l, _, err := codec.YAMLList(src, at, false)
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

// yamlElements decodes a list in brackets as a script.
func yamlElements(src []byte) (*span.Text, error) {
	rng, l, _, err := codec.YAMLList(src, 1, true)
	if err != nil {
		return nil, err
	}
	return span.File(src).Decode(rng, l)
}

// yamlScript decodes a shell word in a block of a YAML file with CRLF.
func yamlScript(src []byte) (*span.Text, error) {
	lines, err := whole(codec.Newlines{})(src)
	if err != nil {
		return nil, err
	}
	rng, l, err := codec.YAMLScalar(lines.Bytes(), min(3, lines.Len()), false, 0, nil)
	if err != nil {
		return nil, err
	}
	script, err := lines.Decode(rng, l)
	if err != nil {
		return nil, err
	}
	rng, layer, err := codec.ShellWord(script.Bytes(), span.Span{Start: 0, End: max(0, script.Len()-1)})
	if err != nil {
		return nil, err
	}
	return script.Decode(rng, layer)
}

var (
	yamlBits      = []string{`a`, `b c`, "\n  ", "\n\n  ", "\n   d", `''`, `\n`, `\"`, `\\`, `\x41`, `é`, `\u00e9`, `: `, `:`, ` #`, `#`, `'`, `"`, ` `, "\\\n  ", `{`, `,`, `-`, "\t", `]`, `$x`}
	yamlBlockBits = []string{`a`, `b c`, "\n  ", "\n", "\n\n  ", "\n    d", "\n  \te", `: `, `#`, `'`, `"`, `é`, ` `, "\n \n  ", "\n     \n  ", `\n`, "\n  # f"}
	yamlItemBits  = []string{"- a\n", "- b c\n", "- 'd: ''e'\n", "- \"f\\ng\"\n", "- |\n  h\n\n  i\n", "- j\n  k\n", "# l\n", "\n", "- *m\n", "- {n: o}\n", "- p: q\n  r: s\n", "- &t u v  # w\n", "- >-\n   x\n   y\n", "-   z z\n", "  # 1\n", "- |2-\n   2\n", "- [a, b]\n"}
)

func init() {
	lawLayers = append(lawLayers, []lawLayer{
		{name: "yaml plain", bits: yamlBits, open: "k: a", decode: yamlValue},
		{name: "yaml single", bits: yamlBits, open: "k: '", end: "'", decode: yamlValue},
		{name: "yaml double", bits: yamlBits, open: `k: "`, end: `"`, decode: yamlValue},
		{name: "yaml element", bits: yamlBits, open: `[a, b`, end: `]`, decode: yamlElement},
		{name: "yaml literal", bits: yamlBlockBits, open: "k: |\n  a", end: "\n", decode: yamlValue},
		{name: "yaml literal strip", bits: yamlBlockBits, open: "k: |-\n  ", end: "a\n", decode: yamlValue},
		{name: "yaml literal keep", bits: yamlBlockBits, open: "k: |+ # c\n", end: "a\n\n", decode: yamlValue},
		{name: "yaml literal indented", bits: yamlBlockBits, open: "k: |2\n   a", end: "a\n", decode: yamlValue},
		{name: "yaml folded", bits: yamlBlockBits, open: "k: >\n  a", end: "\n", decode: yamlValue},
		{name: "yaml folded strip", bits: yamlBlockBits, open: "k: >-\n  a", end: "a\n", decode: yamlValue},
		{name: "yaml folded keep", bits: yamlBlockBits, open: "k: >+\n\n  a", end: "a\n\n", decode: yamlValue},
		{name: "yaml list", bits: yamlItemBits, open: "- a\n", decode: yamlList},
		{name: "template of yaml", bits: []string{`a`, `{{ b }}`, `{{`, `}}`, "\n", "\n  {{- c }}", "\n{% d %}{% e %}", ` `, `${{ f }}`, `<% g %>`, `: `, `{`}, decode: whole(codec.YAMLTemplate{})},
		{name: "fields", bits: []string{`a`, `${{ b }}`, `${{`, `}}`, `${{ '}}' }}`, "\n", `$`, `{`, `$x`}, decode: whole(codec.Fields{"${{", "}}"})},
		{name: "fields of two kinds", bits: []string{`a`, `{{ b }}`, `{% c %}`, "\n", `{`, `}}`}, decode: whole(codec.Fields{"{{", "}}", "{%", "%}"})},
		{name: "sub", bits: []string{`a`, `${b}`, `${!c}`, `$d`, `$`, `{`, `}`, "\n", `é`}, decode: whole(codec.Sub{})},
		{name: "elements of yaml", bits: []string{`"a a a\n b b", `, `'b ''c d e f', `, `d e f g h, `, `!Ref f, `, "\n  # g\n ", `{h: "],"}, `, `*i, `, `[j, k], `, `"l" , `}, open: `[a, `, end: `z]`, decode: yamlElements},
		{name: "tower: yaml script", bits: []string{`a`, ` `, `\ `, `'b c'`, `"d $x"`, "'e\r\n  f'", `é`, `: `, `#`, "'\r\n\r\n   g'"}, open: "k: |\r\n  \"", end: "\"\r\n", decode: yamlScript},
	}...)
}
