// Package yaml finds code in YAML files: the scripts of pipelines, the user
// data of machines, the commands of containers. Which values are code is data,
// in rules/yaml.yaml. A value becomes a nested unit of its language, decoded
// through the layers of notebooks/codec, so that a fix keeps the file's style.
//
// The structure of a file is read by a YAML parser; where a scalar stands is
// then found again in the text, and only what decodes to the parser's value
// is taken.
package yaml

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// Bounds of the analysis. Real files stay far below.
const (
	maxFile  = 16 << 20
	maxSteps = 1_000_000 // nodes visited in a document, through aliases too
	maxDepth = 200       // collections in collections
)

// Analyze finds the code in a YAML file.
func Analyze(u *facts.Unit) *facts.Facts {
	out := &facts.Facts{}
	table, err := rules.LoadYAML()
	if err != nil {
		panic(err) // the file is embedded and a test loads it
	}
	if u.Text.Len() > maxFile {
		out.Broken = append(out.Broken, facts.Broken{Unit: u, Span: u.Text.All(), Reason: "a YAML file of more than 16 MB is not parsed"})
		return out
	}
	for _, s := range documents(u.Text.Bytes()) {
		if !matters(&facts.Unit{Text: u.Text.Slice(s)}) {
			continue
		}
		d := &document{u: u, out: out, table: table, rng: s, text: u.Text}
		d.analyze()
	}
	return out
}

// documents are the parts of a file that `---` and `...` divide it into.
func documents(src []byte) []span.Span {
	var out []span.Span
	start := 0
	for at := 0; at < len(src); {
		end := at + len(src[at:])
		if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if line := src[at:end]; at > start && (bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("..."))) &&
			(len(line) == 3 || bytes.IndexByte([]byte(" \t\n"), line[3]) >= 0) {
			out = append(out, span.Span{Start: start, End: at})
			start = at
		}
		at = end
	}
	return append(out, span.Span{Start: start, End: len(src)})
}

// document is the work on one document of a file.
type document struct {
	u     *facts.Unit
	out   *facts.Facts
	table *rules.YAML
	rng   span.Span
	// text is what is parsed: the unit's text, or the same with the directives
	// of a template hidden; in is the unit of that text.
	text *span.Text
	in   *facts.Unit
	// template is why nothing in the document is edited.
	template string

	root     *yamlv3.Node
	lines    []int // where the lines begin in text
	cursor   cursor
	dialects []*rules.YAMLDialect
	scalars  []scalar // in the order of the file
	steps    int
	done     map[*yamlv3.Node]bool // taken as code
	merged   map[mergeID]bool
	vars     map[*yamlv3.Node]map[string]imds.Value
	texts    map[textID]*span.Text
}

// fieldAtStart finds a template's directive where a value or a line begins.
var fieldAtStart = regexp.MustCompile(`(?m)(^[ \t]*|[:\-] +)(\{\{|\{%|<%)`)

func (d *document) analyze() {
	d.in = d.u
	src := d.u.Text.Bytes()[d.rng.Start:d.rng.End]
	filled := fieldAtStart.Match(src)
	err := d.parse()
	if (err != nil || filled) && (filled || bytes.Contains(src, []byte("{{")) || bytes.Contains(src, []byte("{%")) || bytes.Contains(src, []byte("<%"))) {
		if masked, decodeErr := d.u.Text.Decode(d.rng, codec.YAMLTemplate{}); decodeErr == nil {
			unit := *d.u
			unit.Text = masked
			plain := *d
			d.text, d.rng, d.in, d.template = masked, masked.All(), &unit, "a template engine fills in this file before it is read"
			if maskedErr := d.parse(); maskedErr != nil {
				*d = plain
			} else {
				err = nil
			}
		}
	}
	if err != nil {
		d.out.Broken = append(d.out.Broken, facts.Broken{Unit: d.u, Span: d.rng, Reason: err.Error()})
		d.unread(err)
		d.comments()
		return
	}
	d.done, d.merged = map[*yamlv3.Node]bool{}, map[mergeID]bool{}
	d.vars = map[*yamlv3.Node]map[string]imds.Value{}
	d.dialects = d.dialectsOf()
	d.visit(d.root, nil, nil)
	if pins.Named(src) {
		d.pins()
	}
	if d.steps > maxSteps {
		d.out.Broken = append(d.out.Broken, facts.Broken{Unit: d.u, Span: d.u.Text.All(), Reason: "the file is too large or its aliases expand too far to follow all"})
	}
	d.mentions()
}

var errorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// parse reads the document. The parser is not ours and is given hostile files.
func (d *document) parse() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML parser failed: %v", r)
		}
	}()
	src := d.text.Bytes()[d.rng.Start:d.rng.End]
	if nested(src) > maxDepth {
		return fmt.Errorf("more than %d brackets are nested", maxDepth)
	}
	var root yamlv3.Node
	if err := yamlv3.Unmarshal(src, &root); err != nil {
		reason := err.Error()
		if m := errorLine.FindStringSubmatch(reason); m != nil {
			reason = reason[len(m[0]):]
			if n, convErr := strconv.Atoi(m[1]); convErr == nil {
				reason = fmt.Sprintf("line %d: %s", n+bytes.Count(d.text.Bytes()[:d.rng.Start], []byte("\n")), reason)
			}
		}
		return fmt.Errorf("%s", strings.TrimSpace(reason))
	}
	d.root, d.cursor, d.texts = &root, cursor{}, map[textID]*span.Text{}
	d.lines = lineStarts(src, d.rng.Start)
	return nil
}

// nested is how deep brackets are nested at most, in quotes or not.
func nested(src []byte) int {
	depth, deepest := 0, 0
	for _, c := range src {
		switch c {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth = max(0, depth-1)
		case '\n':
			depth = min(depth, maxDepth/2) // text may open what it never closes
		}
	}
	return deepest
}

// dialectsOf are the dialects that the root's keys allow.
func (d *document) dialectsOf() []*rules.YAMLDialect {
	var out []*rules.YAMLDialect
	root := body(d.root)
	for _, y := range d.table.Dialects {
		fits := len(y.Keys) == 0 && !y.List
		for _, keys := range y.Keys {
			all := true
			for _, k := range keys {
				all = all && get(root, k) != nil
			}
			fits = fits || all
		}
		if y.List && root != nil && root.Kind == yamlv3.SequenceNode {
			fits = true
		}
		if fits {
			out = append(out, y)
		}
	}
	return out
}

func body(n *yamlv3.Node) *yamlv3.Node {
	if n != nil && n.Kind == yamlv3.DocumentNode && len(n.Content) > 0 {
		return n.Content[0]
	}
	return n
}

// get is the value of a key of a mapping, or of one that it merges; nil
// without one.
func get(m *yamlv3.Node, key string) *yamlv3.Node {
	for range 8 {
		if m != nil && m.Kind == yamlv3.AliasNode {
			m = m.Alias
		}
		if m == nil || m.Kind != yamlv3.MappingNode {
			return nil
		}
		var merge *yamlv3.Node
		for i := 0; i+1 < len(m.Content); i += 2 {
			switch m.Content[i].Value {
			case key:
				return m.Content[i+1]
			case "<<":
				merge = m.Content[i+1]
			}
		}
		m = merge
	}
	return nil
}
