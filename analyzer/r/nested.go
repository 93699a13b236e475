package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/script"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// nestedFromCall records the code that a call runs or stores.
func (m *module) nestedFromCall(c *call) {
	if c.pkg == "" && m.isOwn(c.n, c.name) {
		return
	}
	via := c.fn.Text()
	if c.fn.Is("extract_operator") {
		if strings.HasSuffix(via, "fs$put") { // dbutils$fs$put
			m.nestWritten(c, c.position(0), c.position(1), via)
		}
		return
	}
	switch c.name {
	case "system", "pipe":
		m.nest(c, c.first("command", "description"), notebooks.Shell, via, false)
	case "shell", "shell.exec":
		m.nest(c, c.first("cmd"), notebooks.Shell, via, true)
	case "ssh_exec_wait", "ssh_exec_internal":
		m.nest(c, c.first("command"), notebooks.Shell, via, true)
		if !c.named("command").OK() {
			m.nest(c, c.position(1), notebooks.Shell, via, true)
		}
	case "system2":
		m.process(c, c.first("command"), c.named("args"), 1, true)
	case "run", "process_run", "exec_wait", "exec_internal", "exec_background", "execute":
		if c.pkg == "processx" || c.pkg == "sys" || m.attached["processx"] && c.name == "run" || m.attached["sys"] && strings.HasPrefix(c.name, "exec_") {
			m.process(c, c.first("command", "cmd"), c.named("args"), 1, false)
		}
	case "py_run_string", "repl_python", "py_eval":
		m.nest(c, c.first("code"), notebooks.Python, via, false)
	case "parse", "str2expression", "str2lang":
		if text := c.named("text"); text.OK() {
			m.nest(c, text, notebooks.R, via, false)
		} else if c.name != "parse" {
			m.nest(c, c.first("s", "text"), notebooks.R, via, false)
		}
	case "sql":
		if m.attached["SparkR"] || c.pkg == "SparkR" {
			m.nest(c, c.first("sqlQuery"), notebooks.SQL, via, false)
		}
	case "dbExecute", "dbGetQuery", "dbSendQuery", "dbSendStatement":
		text := c.named("statement")
		if !text.OK() {
			text = c.position(1)
		}
		m.nest(c, text, notebooks.SQL, via, false)
	case "dbutils.fs.put":
		m.nestWritten(c, c.first("file"), c.position(1), via)
	case "writeLines", "write", "write_lines", "write_file", "cat", "dput":
		to := c.first("con", "file", "path")
		if c.name == "cat" {
			to = c.named("file")
		} else if to == c.position(0) {
			to = c.position(1)
		}
		for i, a := range c.args {
			if a.name == "text" || a.name == "x" || a.name == "" && (i == 0 || c.name == "cat") {
				m.nestWritten(c, to, a.value, via)
			}
		}
	}
}

// nestWritten looks at text that is stored under a name.
func (m *module) nestWritten(c *call, path, text node, via string) {
	if !path.OK() || !text.OK() {
		return
	}
	var language notebooks.Language
	for _, v := range m.pathOfFile(path) {
		if len(v) > 0 && !v[len(v)-1].Unknown && language == "" {
			language = script.OfName(v[len(v)-1].Text)
		}
	}
	if language == "" {
		for _, w := range m.textsOf(ref{n: text}, 0) {
			if language = script.OfText(string(w.text.Bytes())); language != "" {
				break
			}
		}
	}
	if language != "" {
		m.nest(c, text, language, via, true)
	}
}

// pathOfFile are the names of a file, given by name or as a connection.
func (m *module) pathOfFile(n node) []imds.Value {
	refs, _ := m.stands(ref{n: n})
	for _, d := range refs {
		if c := m.callAt[d.n]; m.is(c, "file", "gzfile", "bzfile") {
			return m.eval(ref{c.first("description"), d.in})
		}
	}
	return m.eval(ref{n: n})
}

// nest records the texts that an expression may be as units of code.
func (m *module) nest(c *call, text node, language notebooks.Language, via string, written bool) {
	if !text.OK() {
		return
	}
	texts := m.textsOf(ref{n: text}, 0)
	for _, w := range texts {
		outer := m.unit(w.at)
		u := &facts.Unit{Language: language, Text: w.text, Cell: outer.Cell, Doc: outer.Doc, Parent: outer, Via: via,
			Holes: w.holes, Written: written, DisplayOnly: w.displayOnly}
		switch c.name {
		case "shell", "shell.exec":
			u.DisplayOnly = "the command runs under the shell of Windows"
		case "ssh_exec_wait", "ssh_exec_internal":
			u.DisplayOnly = "the command runs on another machine (" + c.name + ")"
		case "parse", "str2lang", "str2expression":
			// Of two expressions, eval(parse(text = …)) runs both; others take one.
			if around := m.callAround(c.expr); c.name != "parse" || !m.is(around, "eval", "evalq") {
				u.DisplayOnly = "the text is parsed, and one expression may be taken of it only"
			}
		}
		if !written {
			u.Vars = m.environment()
		}
		m.facts.Nested = append(m.facts.Nested, u)
	}
	if len(texts) == 0 && language == notebooks.Shell {
		m.foldedCommand(c, text, via)
	}
}

// environment is what the session sets with Sys.setenv.
func (m *module) environment() map[string]imds.Value {
	var out map[string]imds.Value
	for _, c := range m.callsByName["Sys.setenv"] {
		for _, a := range c.args {
			if vs := m.eval(ref{n: a.value}); a.name != "" && len(vs) == 1 {
				if out == nil {
					out = map[string]imds.Value{}
				}
				out[a.name] = vs[0]
			}
		}
	}
	return out
}

// nestedText is the text of a string expression, decoded so that it can be
// edited where it is written.
type nestedText struct {
	at          node
	text        *span.Text
	holes       []imds.Value
	displayOnly string
}

// textsOf decodes the texts that an expression may be: literals, also through
// names, with what is pasted to them and filled into them.
func (m *module) textsOf(r ref, depth int) []nestedText {
	if depth > 8 {
		return nil
	}
	var out []nestedText
	refs, _ := m.stands(r)
	for _, d := range refs {
		if d.n.Is("string") {
			out = append(out, m.literalText(d.n)...)
		} else if c := m.callAt[d.n]; c != nil && (c.pkg != "" || !m.isOwn(c.n, c.name)) {
			out = append(out, m.callText(c, d, depth)...)
		}
		if len(out) > 8*maxRefs {
			break
		}
	}
	return out
}

func (m *module) callText(c *call, d ref, depth int) []nestedText {
	switch c.name {
	case "paste0", "paste", "str_c":
		return m.pastedText(c, d.in, depth)
	case "sprintf", "gettextf":
		format := c.first("fmt")
		return m.filled(ref{format, d.in}, codec.PercentTemplate{}, depth, func(text string) (holes [][]imds.Value) {
			for _, h := range codec.PercentHoles([]byte(text)) {
				a := c.position(h.Index + 1)
				if c.named("fmt").OK() {
					a = c.position(h.Index)
				}
				holes = append(holes, m.eval(ref{a, d.in}))
			}
			return holes
		})
	case "glue", "str_glue":
		return m.filled(ref{c.position(0), d.in}, codec.FormatTemplate{}, depth, func(text string) (holes [][]imds.Value) {
			for _, h := range codec.FormatHoles([]byte(text)) {
				holes = append(holes, m.holeValue(c, h.Name, d.in))
			}
			return holes
		})
	case "c", "list", "trimws", "as.character", "enc2utf8", "noquote", "dedent", "str_trim", "strwrap", "gsub", "sub":
		var out []nestedText
		for i, a := range c.args {
			take := c.name == "c" || c.name == "list" || i == 0
			if c.name == "gsub" || c.name == "sub" {
				take = a.name == "x" || a.name == "" && i == 2
			}
			if take && a.value.OK() {
				out = append(out, m.textsOf(ref{a.value, d.in}, depth+1)...)
			}
		}
		return out
	}
	return nil
}

// literalText decodes one literal.
func (m *module) literalText(n node) []nestedText {
	outer := m.unit(n).Text
	rng, layer, err := codec.RLiteral(outer.Bytes(), n.Span())
	if err != nil {
		return nil
	}
	text, err := outer.Decode(rng, layer)
	if err != nil {
		return nil
	}
	return []nestedText{{at: n, text: text}}
}

// filled puts a template layer over the texts of an expression.
func (m *module) filled(r ref, layer span.Layer, depth int, holes func(string) [][]imds.Value) []nestedText {
	var out []nestedText
	for _, w := range m.textsOf(r, depth+1) {
		text, err := w.text.Decode(w.text.All(), layer)
		if err != nil || len(w.holes) > 0 {
			w.displayOnly = "the text is a template that is not understood"
			out = append(out, w)
			continue
		}
		for _, vs := range holes(string(w.text.Bytes())) {
			w.addHole(vs)
		}
		w.text = text
		out = append(out, w)
	}
	return out
}

// addHole adds the value of a hole, given its alternatives.
func (w *nestedText) addHole(vs []imds.Value) {
	value, mixed := facts.Fill(vs)
	if mixed {
		w.displayOnly = facts.Mixed
	}
	w.holes = append(w.holes, value)
}

// scripts records the literals that are scripts by their first line.
func (m *module) scripts() {
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := 0; i < t.Len(); i++ {
			n := t.At(i)
			if !n.Is("string") || !strings.Contains(n.Text(), "#!") {
				continue
			}
			texts := m.literalText(n)
			if len(texts) != 1 {
				continue
			}
			if language := script.OfText(string(texts[0].text.Bytes())); language != "" {
				via := language.Title() + " script in a string"
				at := m.fullText(n)
				m.nest(&call{n: n, expr: n}, at, language, via, true)
			}
		}
	}
}

// fullText climbs from a literal to the text it is a part of: what is pasted
// together, the lines of a script, the template with what is filled in.
func (m *module) fullText(lit node) node {
	n := lit
	for range 8 {
		c := m.callAround(n)
		if c == nil || !m.is(c, "paste0", "paste", "c", "sprintf", "glue", "str_glue", "trimws") {
			break
		}
		n = c.expr
	}
	return n
}
