package python

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/script"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/rules"
)

// shellCalls run their first argument in a shell.
var shellCalls = map[string]bool{
	"os.system": true, "os.popen": true, "os.popen2": true, "os.popen3": true, "os.popen4": true,
	"popen2.popen2": true, "popen2.popen3": true,
	"subprocess.getoutput": true, "subprocess.getstatusoutput": true,
	"commands.getoutput": true, "commands.getstatusoutput": true,
	"asyncio.create_subprocess_shell": true, "asyncio.subprocess.create_subprocess_shell": true,
	"IPython.get_ipython.system": true, "IPython.get_ipython.getoutput": true,
}

// subprocessCalls run an argument list, or a command line with shell=True.
var subprocessCalls = map[string]bool{
	"subprocess.run": true, "subprocess.call": true, "subprocess.check_call": true,
	"subprocess.check_output": true, "subprocess.Popen": true,
}

// nestedFromCall records the code that a call runs or stores: the shell
// command given to os.system, the script written by dbutils.fs.put.
func (m *module) nestedFromCall(call node, name string) {
	function := call.Field("function")
	if name == "" {
		name = function.Text()
	}
	args := m.args(call)
	first := args.first("args", "command", "cmd")
	switch {
	case shellCalls[name]:
		m.nest(call, first, notebooks.Shell, name, false)
	case subprocessCalls[name]:
		m.nestSubprocess(call, args, first, name)
	case execCalls[name] != 0:
		m.process(call, name, args)
	case name == "exec" || name == "eval":
		m.nest(call, first, notebooks.Python, name, false)
	case function.Is("attribute"):
		m.nestMethod(call, function, args)
	}
}

// first is the first positional argument, or the first of the keywords given.
func (a arguments) first(keys ...string) node {
	if len(a.pos) > 0 {
		return a.pos[0]
	}
	for _, k := range keys {
		if n := a.key[k]; n.OK() {
			return n
		}
	}
	return node{}
}

func (m *module) nestSubprocess(call node, args arguments, first node, name string) {
	shell := args.key["shell"]
	if !shell.OK() || shell.Is("false") {
		m.process(call, name, args)
		return
	}
	if !shell.Is("true") {
		m.processOfHelper(call, first, name) // the caller decides
	}
	if first.Is("list", "tuple") {
		// With a shell, only the first element is the command line.
		for _, c := range first.Named() {
			if !c.Is("comment") {
				first = c
				break
			}
		}
	}
	m.nest(call, first, notebooks.Shell, name, false)
}

// nestMethod looks at methods that run or store code and are known by their
// name and the shape of the call rather than by an import.
func (m *module) nestMethod(call, function node, args arguments) {
	method := function.Field("attribute").Text()
	object := function.Field("object")
	via := function.Text()
	first := args.first()
	switch method {
	case "system", "getoutput":
		if object.Text() == "get_ipython()" {
			m.nest(call, first, notebooks.Shell, via, false)
		}
	case "run_cell_magic", "run_line_magic":
		magic, _ := m.constant(ref{n: first})
		switch {
		case len(args.pos) < 2:
		case magic == "bash" || magic == "sh" || magic == "sx":
			m.nest(call, args.pos[len(args.pos)-1], notebooks.Shell, via, false)
		case rules.AllInstallers().Command(magic) != nil:
			m.magicInstalls(call, magic, args.pos[1])
		}
	case "exec_command", "sudo":
		m.nest(call, first, notebooks.Shell, via, true)
	case "put":
		if len(args.pos) > 1 && strings.HasSuffix(via, "fs.put") {
			m.nestWritten(call, args.pos[0], args.pos[1], via)
		}
	case "write_text", "write_bytes":
		for _, d := range m.defsOrSelf(object) {
			if d.Is("call") && m.args(d).first().OK() {
				m.nestWritten(call, m.args(d).first(), first, via)
			} else {
				m.nestWritten(call, d, first, via)
			}
		}
	case "sql":
		m.nest(call, first, notebooks.SQL, via, false)
	case "execute":
		m.nestSQL(call, first, via)
	case "write", "writelines":
		if method == "writelines" && first.Is("list", "tuple", "identifier") {
			m.nestLines(call, object, first, via)
			return
		}
		for _, d := range m.defsOrSelf(object) {
			if d.Is("call") && strings.HasSuffix(d.Field("function").Text(), "open") {
				m.nestWritten(call, m.args(d).first("file"), first, via)
			}
		}
	}
}

// createsFunction is true for SQL that may hold a function in another language.
var createsFunction = regexp.MustCompile(`(?is)\bCREATE\b.*\bLANGUAGE\b`)

// nestSQL records a text that is SQL by its looks: cursor.execute("CREATE …").
func (m *module) nestSQL(call, text node, via string) {
	for _, w := range m.textsOf(text, 0) {
		if createsFunction.Match(w.text.Bytes()) {
			m.nest(call, text, notebooks.SQL, via, false)
			return
		}
	}
}

// nestLines looks at a list of lines that is written to a file.
func (m *module) nestLines(call, file, lines node, via string) {
	for _, d := range m.defsOrSelf(file) {
		if !d.Is("call") || !strings.HasSuffix(d.Field("function").Text(), "open") {
			continue
		}
		for _, list := range m.defsOrSelf(lines) {
			if !list.Is("list", "tuple") {
				continue
			}
			for _, line := range list.Named() {
				m.nestWritten(call, m.args(d).first("file"), line, via)
			}
		}
	}
}

func (m *module) defsOrSelf(n node) []node {
	if defs, _ := m.defs(n); len(defs) > 0 {
		return defs
	}
	return []node{n}
}

// nestWritten looks at text that is stored under a name.
func (m *module) nestWritten(call, path, text node, via string) {
	if !path.OK() || !text.OK() {
		return
	}
	language := languageOfPath(m.eval(path))
	if language == "" {
		for _, w := range m.textsOf(text, 0) {
			if language = script.OfText(string(w.text.Bytes())); language != "" {
				break
			}
		}
	}
	if language != "" {
		m.nest(call, text, language, via, true)
	}
}

func languageOfPath(paths []imds.Value) notebooks.Language {
	for _, v := range paths {
		if len(v) == 0 || v[len(v)-1].Unknown {
			continue
		}
		if l := script.OfName(v[len(v)-1].Text); l != "" {
			return l
		}
	}
	return ""
}

// nest records the texts that an expression may be as units of code.
func (m *module) nest(call, text node, language notebooks.Language, via string, written bool) {
	if !text.OK() {
		return
	}
	texts := m.textsOf(text, 0)
	for _, w := range texts {
		outer := m.unit(w.at)
		u := &facts.Unit{Language: language, Text: w.text, Cell: outer.Cell, Doc: outer.Doc, Parent: outer, Via: via,
			Holes: w.holes, Written: written, DisplayOnly: outer.DisplayOnly}
		if u.DisplayOnly == "" {
			u.DisplayOnly = w.displayOnly
		}
		if !written {
			u.Vars = m.environment()
		}
		m.facts.Nested = append(m.facts.Nested, u)
	}
	if language == notebooks.Shell {
		if len(texts) == 0 {
			m.foldedCommand(call, text, via)
		}
		m.foldedInstalls(call, text, len(texts) == 0)
	}
}

// environment is what the session sets in os.environ.
func (m *module) environment() map[string]imds.Value {
	var out map[string]imds.Value
	for _, c := range m.changes["import.os.environ"] {
		key, ok := m.constant(ref{n: c.key})
		if c.method != "[]=" || !ok || !c.value.OK() {
			continue
		}
		if vs := m.eval(c.value); len(vs) == 1 {
			if out == nil {
				out = map[string]imds.Value{}
			}
			out[key] = vs[0]
		}
	}
	return out
}
