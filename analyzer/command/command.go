// Package command tells what a command line requests: which tool runs behind
// which wrappers, the URLs, the headers, the token. It works on argument
// values, so that shell words and Python argument lists are read alike.
//
// The package knows no shell syntax and no rule.
package command

import (
	"path"
	"strings"
	"sync"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/rules"
)

// Word is one argument.
type Word struct {
	Value imds.Value
	// Open is true when the argument may be no word at all, or several: an
	// unquoted shell variable of unknown content.
	Open bool
}

// Arg is a value and the index of the argument that gives it.
type Arg struct {
	Arg   int
	Value imds.Value
}

// Carried is an option that the token request should repeat: the arguments
// From to To (inclusive), or Text where the option has to be spelled anew.
type Carried struct {
	From, To int
	Text     string
	MaxTime  bool // it bounds the time of the whole request
	Patience bool // it only says how long to try
}

// Nested is code that a command runs.
type Nested struct {
	Language notebooks.Language
	// Arg is the argument with the code, -1 when it comes on standard input.
	Arg int
	// Display says why fixes of the code are only shown.
	Display string
}

// Invocation is a command that sends a request or runs code.
type Invocation struct {
	Tool  string // "curl", "wget", "httpie", "ec2-metadata", or an interpreter
	Index int    // argument that names the tool, after the wrappers
	// Wrappers are the indexes of the wrapping commands' words, CarryFrom to
	// Index the words that the token request needs as well.
	Wrappers  []int
	CarryFrom int
	// Elsewhere says where the command runs when that is not here, Display
	// whether fixes of code that runs there are only shown.
	Elsewhere string
	Display   bool
	// Refuse says why the command is not fixed.
	Refuse string
	// Replaces is true for `exec curl …`: nothing runs after it.
	Replaces bool
	// Reread is true for `eval curl …`: the words are joined and read again,
	// so that quotes around one of them are lost.
	Reread bool

	Method  string
	URLs    []Arg
	Headers []Arg
	Data    []Arg // what is sent
	Token   facts.TokenUse
	Why     string
	Misuse  string
	// EmptyToken is true when the token header is known to have no value.
	EmptyToken bool
	// Undecidable says why headers or URLs may come from elsewhere.
	Undecidable string
	Depends     string
	Unfixed     bool // there is no fix for this client
	Carry       []Carried
	// InsertAt is the argument after which a header option may go.
	InsertAt int
	// Several is true when the options fall into parts (curl --next), each
	// with headers of its own.
	Several bool
	// Plain is true when the tool's options only say how to fetch, so that
	// they may stand in the token request as well.
	Plain bool

	// Status is what curl -w prints, as a printf format, when no answer comes.
	Status string

	Nested *Nested
}

var table = sync.OnceValue(func() *rules.Shell {
	t, err := rules.LoadShell()
	if err != nil {
		panic(err) // the table is embedded and a test loads it
	}
	return t
})

// Parse reads a list of arguments, each exactly one word.
func Parse(argv []imds.Value) []Invocation {
	words := make([]Word, len(argv))
	for i, v := range argv {
		words[i] = Word{Value: v}
	}
	return ParseWords(words)
}

// ParseWords reads a list of arguments.
func ParseWords(words []Word) []Invocation {
	inv := Invocation{CarryFrom: -1}
	at, ok := inv.unwrap(words)
	if !ok {
		return nil
	}
	inv.Index = at
	if inv.CarryFrom < 0 {
		inv.CarryFrom = at
	}
	if inv.Reread {
		// GNU parallel: what follows ::: are the arguments of the calls.
		for i, w := range words {
			if strings.HasPrefix(text(w.Value), ":::") {
				words = words[:max(i, at+1)]
				break
			}
		}
	}
	name := Name(words[at].Value)
	if w := table().Wrappers[name]; w != nil && len(w.After) > 0 {
		return afterWords(w, words, at)
	}
	if t := table().Tools[name]; t != nil {
		if !inv.request(t, words) {
			return nil
		}
		return []Invocation{inv}
	}
	if in := table().Interpreters[name]; in != nil {
		return inv.interpret(in, words)
	}
	if w := table().Wrappers[name]; w != nil && w.Elsewhere != "" {
		// `ssh host` alone reads its commands from standard input.
		inv.Tool, inv.Nested = w.Names[0], &Nested{Language: notebooks.Shell, Arg: -1, Display: inv.displayed()}
		return []Invocation{inv}
	}
	if (inv.Elsewhere != "" || inv.Reread) && strings.ContainsAny(text(words[at].Value), " \t\n;") {
		inv.Tool = "ssh"
		inv.Nested = &Nested{Language: notebooks.Shell, Arg: at, Display: inv.displayed()}
		if inv.Reread {
			inv.Tool, inv.Nested.Display = "parallel", "parallel fills in its arguments first"
		}
		return []Invocation{inv}
	}
	return nil
}

// displayed is why fixes of code that the command runs are only shown.
func (inv *Invocation) displayed() string {
	if inv.Display {
		return inv.Elsewhere
	}
	return ""
}

// afterWords are the commands that stand behind certain words of another.
func afterWords(w *rules.ShellWrapper, words []Word, at int) (out []Invocation) {
	for i := at + 1; i < len(words); i++ {
		if !contains(w.After, text(words[i].Value)) {
			continue
		}
		end := i + 1
		for end < len(words) && text(words[end].Value) != ";" && text(words[end].Value) != "+" {
			end++
		}
		for _, inv := range ParseWords(words[i+1 : end]) {
			inv.Shift(i + 1)
			inv.Refuse = w.Refuse
			out = append(out, inv)
		}
		i = end
	}
	return out
}

// Name is the command a word names, without its folder; empty when not known.
func Name(v imds.Value) string {
	s, ok := v.Known()
	if !ok {
		// `$BIN/curl`: the folder does not matter.
		last := v[len(v)-1]
		if i := strings.LastIndexByte(last.Text, '/'); !last.Unknown && i >= 0 && i+1 < len(last.Text) {
			return last.Text[i+1:]
		}
		return ""
	}
	if s == "" || strings.HasSuffix(s, "/") {
		return ""
	}
	return path.Base(s)
}

// unwrap finds the command behind sudo, env, timeout and their like.
func (inv *Invocation) unwrap(words []Word) (at int, ok bool) {
	for range 8 {
		if at >= len(words) {
			return 0, false
		}
		name := Name(words[at].Value)
		w := table().Wrappers[name]
		if w == nil || len(w.After) > 0 || givenCode(table().Interpreters[name], words[at:]) {
			return at, true
		}
		start := at
		inv.Wrappers = append(inv.Wrappers, start)
		if w.Carry && inv.CarryFrom < 0 {
			inv.CarryFrom = start
		}
		if w.Elsewhere != "" {
			inv.Elsewhere, inv.Display = w.Elsewhere, w.Display
		}
		inv.Replaces = inv.Replaces || w.Replaces
		inv.Reread = inv.Reread || w.Rereads
		at, ok = skipWrapper(w, words, at+1)
		if !ok {
			return 0, false
		}
		if at == len(words) && w.Elsewhere != "" && w.Skip > 0 {
			// `ssh host` alone reads the commands from its input.
			return start, true
		}
	}
	return 0, false
}

// givenCode is true for a command that may be a wrapper, and here is given
// code: runuser -c, flock -c.
func givenCode(in *rules.ShellInterpreter, words []Word) bool {
	for _, w := range words {
		if in != nil && isCode(in, text(w.Value)) {
			return true
		}
	}
	return false
}

// skipWrapper returns the index of the wrapped command's first word.
func skipWrapper(w *rules.ShellWrapper, words []Word, at int) (int, bool) {
	takes := func(o string) bool {
		for _, t := range w.Takes {
			if t == o {
				return true
			}
		}
		return false
	}
	subcommand := len(w.Words) == 0
	skip := w.Skip
	for ; at < len(words); at++ {
		s := text(words[at].Value)
		switch {
		case s == "--":
			continue
		case strings.HasPrefix(s, "-") && len(s) > 1:
			if w.Names[0] == "command" && (s == "-v" || s == "-V") {
				return 0, false // `command -v curl` runs nothing
			}
			if takes(s) {
				at++
			}
		case w.Assigns && isAssignment(s):
		case w.Numbers && isNumber(s):
		case contains(w.Words, s):
			subcommand = true
		case !subcommand:
			return 0, false
		case skip > 0:
			skip--
		default:
			return at, true
		}
	}
	return len(words), w.Elsewhere != "" && subcommand && skip == 0
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// text is the known text before the first hole.
func text(v imds.Value) string {
	s, _ := v.Prefix()
	return s
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.smh") == ""
}

// isAssignment is true for NAME=value.
func isAssignment(s string) bool {
	i := strings.IndexByte(s, '=')
	if i <= 0 {
		return false
	}
	for j := 0; j < i; j++ {
		c := s[j]
		if c != '_' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(j > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}

// interpret reads `bash -c CODE` and its like.
func (inv Invocation) interpret(in *rules.ShellInterpreter, words []Word) []Invocation {
	inv.Tool = in.Names[0]
	if in.Language == "python" {
		inv.Tool = "python"
	}
	code := func(at int) []Invocation {
		inv.Nested = &Nested{Language: notebooks.Language(in.Language), Arg: at, Display: in.Display}
		if inv.Nested.Display == "" {
			inv.Nested.Display = inv.displayed()
		}
		return []Invocation{inv}
	}
	var operands []int
	for at := inv.Index + 1; at < len(words); at++ {
		s := text(words[at].Value)
		switch {
		case len(s) > 1 && s[0] == '-' && len(operands) == 0 || in.Anywhere && contains(in.Code, s):
			if isCode(in, s) {
				if at+1 < len(words) {
					return code(at + 1)
				}
				return nil
			}
			if contains(in.Takes, s) || isShellGroup(in, s, 'o') {
				if s == "-m" {
					return nil // python -m module
				}
				at++
			}
			if s == "-s" {
				return code(-1)
			}
		default:
			operands = append(operands, at)
		}
	}
	switch {
	case in.First:
		if len(operands) > 1 {
			return code(operands[0])
		}
		return nil
	case in.Words && len(operands) == 1:
		return code(operands[0])
	case in.Words && len(operands) > 1:
		inner := ParseWords(words[operands[0]:])
		for i := range inner {
			inner[i].Shift(operands[0])
			inner[i].readAgain(words[operands[0]:])
			inner[i].Reread = true
		}
		return inner
	case len(operands) == 0 && !in.Anywhere, in.Reads, len(operands) > 0 && text(words[operands[0]].Value) == "-":
		return code(-1)
	}
	return nil
}

// readAgain corrects what was read of words that eval reads once more, where
// quotes in them have a meaning only then.
func (inv *Invocation) readAgain(words []Word) {
	all := ""
	for _, w := range words {
		all += w.Value.String() + " "
	}
	if !strings.ContainsAny(all, "\"'\\") {
		return
	}
	inv.Misuse, inv.Token, inv.Why = "", facts.TokenUnknown, "eval reads the words again"
	if strings.Contains(strings.ToLower(all), strings.ToLower(imds.TokenHeader)+":") {
		inv.Token, inv.Why = facts.TokenPresent, "the header "+imds.TokenHeader+" is sent"
	}
}

// isCode is true for -c, also as the last letter of a group such as -lc.
func isCode(in *rules.ShellInterpreter, s string) bool {
	if contains(in.Code, s) {
		return true
	}
	switch in.Language {
	case "shell", "python":
		return isGroup(s, 'c')
	case "perl", "ruby":
		return len(s) > 2 && s[0] == '-' && s[len(s)-1] == 'e' && strings.Trim(s[1:len(s)-1], "0123456789acilnpsw") == ""
	}
	return false
}

// isShellGroup is true for -eo and its like, whose last letter takes a value.
func isShellGroup(in *rules.ShellInterpreter, s string, last byte) bool {
	return in.Language == "shell" && contains(in.Takes, "-o") && isGroup(s, last)
}

// isGroup is true for several one-letter options in a word of which the last
// is the one given.
func isGroup(s string, last byte) bool {
	return len(s) > 2 && s[0] == '-' && s[1] != '-' && s[len(s)-1] == last && strings.Trim(s[1:len(s)-1], "abcefhiklmnprstuvxBCEHPT") == ""
}

// Shift moves all indexes by n, for arguments that follow n others.
func (inv *Invocation) Shift(n int) {
	inv.Index += n
	inv.CarryFrom += n
	inv.InsertAt += n
	for i := range inv.Wrappers {
		inv.Wrappers[i] += n
	}
	for i := range inv.URLs {
		inv.URLs[i].Arg += n
	}
	for i := range inv.Headers {
		inv.Headers[i].Arg += n
	}
	for i := range inv.Carry {
		inv.Carry[i].From += n
		inv.Carry[i].To += n
	}
	if inv.Nested != nil && inv.Nested.Arg >= 0 {
		inv.Nested.Arg += n
	}
}
