// Package dockerfile finds the code in the instructions of a Dockerfile: the
// shell text of RUN, CMD, ENTRYPOINT and HEALTHCHECK, their lists of arguments,
// the scripts that COPY writes. ENV and ARG give the variables it starts with.
//
// Each command is a process of its own: RUN's when the image is built, the
// others' when a container starts.
package dockerfile

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/script"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

type analysis struct {
	u     *facts.Unit
	out   *facts.Facts
	lines codec.DockerLines

	stages  map[string]*stage
	globals vars // ARGs before the first FROM
	now     *stage
}

// stage is what a build stage has set so far.
type stage struct {
	vars  vars
	shell []imds.Value // the words before the command, nil for the usual one
	small bool         // its wget may be BusyBox's
	began bool         // behind a FROM
}

// Analyze finds the code in a Dockerfile.
func Analyze(u *facts.Unit) *facts.Facts {
	escape, list, comments := parse(u.Text.Bytes())
	a := &analysis{u: u, out: &facts.Facts{}, lines: codec.DockerLines{Escape: escape}, stages: map[string]*stage{}, globals: vars{}}
	a.now = &stage{vars: a.globals}
	for _, c := range comments {
		a.mention(a.u.Text, c, "comment")
	}
	for _, in := range list {
		text, err := u.Text.Decode(in.args, a.lines)
		if err != nil || in.open != "" {
			reason := "the here-document " + in.open + " has no end"
			if err != nil {
				reason = err.Error()
			}
			a.out.Broken = append(a.out.Broken, facts.Broken{Unit: u, Span: in.at, Reason: reason})
			continue
		}
		a.instruction(in, in.name, text)
	}
	return a.out
}

// instruction looks at one instruction, given its arguments.
func (a *analysis) instruction(in instruction, name string, args *span.Text) {
	head := args.All()
	if i := strings.IndexByte(string(args.Bytes()), '\n'); i >= 0 && len(in.docs) > 0 {
		head.End = i
	}
	line := args.Sub(head)
	switch name {
	case "FROM":
		a.from(strings.Fields(line))
	case "ENV", "ARG", "LABEL":
		a.settings(name, args)
	case "SHELL":
		if list, ok := a.list(args, args.All()); ok && len(list) > 0 {
			a.now.shell = list
		}
	case "RUN", "CMD", "ENTRYPOINT":
		a.command(in, name, args, head)
	case "HEALTHCHECK":
		if i := afterWord(line, "CMD"); i > 0 {
			a.command(in, "HEALTHCHECK", args, span.Span{Start: i, End: head.End})
		}
	case "ONBUILD":
		at := len(line) - len(strings.TrimLeft(line, " \t"))
		word := at
		for word < len(line) && isLetter(line[word]) {
			word++
		}
		if inner := strings.ToUpper(line[at:word]); inner != "ONBUILD" {
			a.instruction(in, inner, args.Slice(span.Span{Start: word, End: args.Len()}))
		}
	case "COPY", "ADD":
		a.files(in, line)
		if name == "ADD" {
			a.download(args, head)
		}
	}
}

// from begins a build stage.
func (a *analysis) from(words []string) {
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		words = words[1:]
	}
	if len(words) == 0 {
		return
	}
	image := strings.ToLower(words[0])
	a.now = &stage{vars: vars{}, began: true,
		small: strings.Contains(image, "alpine") || strings.Contains(image, "busybox") || strings.Contains(image, "$")}
	if base := a.stages[image]; base != nil { // an earlier stage goes on
		*a.now = *base
		a.now.vars = base.vars.clone()
	}
	if len(words) > 2 && strings.EqualFold(words[1], "as") {
		a.stages[strings.ToLower(words[2])] = a.now
	}
}

// command looks at what RUN and its like run.
func (a *analysis) command(in instruction, name string, args *span.Text, head span.Span) {
	line := args.Sub(head)
	at := 0
	for _, w := range splitWords(line) {
		at = w.Start
		if !strings.HasPrefix(line[w.Start:], "--") {
			break
		}
		at = w.End
	}
	rest := span.Span{Start: head.Start + at, End: args.Len()}
	if list, ok := a.list(args, rest); ok {
		a.exec(name, args, rest, list)
		return
	}
	if doc, ok := a.onlyDoc(in, line[at:]); ok {
		a.script(name, doc)
		return
	}
	for rest.End > rest.Start && strings.IndexByte(" \t\n", args.Bytes()[rest.End-1]) >= 0 && len(in.docs) == 0 {
		rest.End--
	}
	u := a.unit(notebooks.Shell, args.Slice(rest), name+" of a Dockerfile")
	u.Unbroken = true
	a.through(u, rest, args)
}

// unit is a piece of code that runs by itself in the image.
func (a *analysis) unit(l notebooks.Language, text *span.Text, via string) *facts.Unit {
	return &facts.Unit{Language: l, Text: text, Cell: a.u.Cell, Doc: a.u.Doc, Parent: a.u, Via: via,
		Vars: a.now.vars.clone(), DisplayOnly: a.u.DisplayOnly, BusyBox: a.now.small}
}

// through adds a unit of shell text as the stage's SHELL reads it.
func (a *analysis) through(u *facts.Unit, at span.Span, args *span.Text) {
	if a.now.shell != nil {
		invs := command.Parse(append(append([]imds.Value(nil), a.now.shell...), imds.Value{{Text: "code"}}))
		if len(invs) != 1 || invs[0].Nested == nil || invs[0].Nested.Arg != len(a.now.shell) {
			shell, _ := a.now.shell[0].Prefix()
			a.unexplained(args, at, "handed to "+shell+", which is not analysed")
			return
		}
		u.Language = invs[0].Nested.Language
	}
	a.out.Nested = append(a.out.Nested, u)
}

// onlyDoc is the here-document that is the whole of the command.
func (a *analysis) onlyDoc(in instruction, line string) (hereDoc, bool) {
	line = strings.TrimSpace(line)
	if len(in.docs) != 1 || !strings.HasPrefix(line, "<<") || strings.ContainsAny(line, " \t;|&") {
		return hereDoc{}, false
	}
	return in.docs[0], true
}

// script adds a here-document that is run: by its first line, else by the shell.
func (a *analysis) script(name string, doc hereDoc) {
	text, err := a.u.Text.Decode(doc.body, codec.HereDoc{Quoted: true, Dash: doc.dash, Delimiter: doc.name})
	if err != nil {
		a.out.Broken = append(a.out.Broken, facts.Broken{Unit: a.u, Span: doc.body, Reason: err.Error()})
		return
	}
	u := a.unit(notebooks.Shell, text, "here-document for "+name+" of a Dockerfile")
	if strings.HasPrefix(text.Sub(text.All()), "#!") {
		if u.Language = script.OfText(text.Sub(text.All())); u.Language == "" {
			a.unexplained(text, text.All(), "a script in a language that is not analysed")
			return
		}
		a.out.Nested = append(a.out.Nested, u)
		return
	}
	a.through(u, text.All(), text)
}

// commands are what a shell would run in a here-document.
var commands = regexp.MustCompile("(?m)(?:^|[^\\\\])(?:\\$\\(|`)")

// files looks at the scripts that COPY writes from here-documents.
func (a *analysis) files(in instruction, line string) {
	words := splitWords(line)
	for _, doc := range in.docs {
		body := a.u.Text.Sub(doc.body)
		l := script.OfText(body)
		if l == "" && len(words) > 0 {
			last := words[len(words)-1]
			if l = script.OfName(strings.Trim(line[last.Start:last.End], `"'`)); l == "" {
				l = script.OfName(doc.name)
			}
		}
		if l == "" {
			continue
		}
		// Docker fills in variables, but runs no commands as a shell does.
		filled := !doc.quoted && strings.ContainsAny(body, `$\`)
		layer := codec.HereDoc{Quoted: !filled || commands.MatchString(body), Dash: doc.dash, Delimiter: doc.name}
		text, err := a.u.Text.Decode(doc.body, layer)
		if err != nil {
			continue
		}
		u := a.unit(l, text, "a file that "+in.name+" writes")
		u.Written = true
		if filled {
			u.DisplayOnly = "Docker fills in the variables of the here-document first"
		}
		if !layer.Quoted {
			for _, h := range codec.HereDocHoles(a.u.Text.Bytes(), doc.body, layer) {
				u.Holes = append(u.Holes, a.expand(a.u.Text, h))
			}
		}
		a.out.Nested = append(a.out.Nested, u)
	}
}

// download looks at the addresses that ADD fetches when the image is built.
func (a *analysis) download(args *span.Text, head span.Span) {
	words := splitWords(args.Sub(head))
	for i, w := range words {
		if i == len(words)-1 {
			break // where it is put
		}
		sp := w.Shift(head.Start)
		v := a.expand(args, sp)
		if k := imds.Classify(v).Kind; k == imds.AWS || k == imds.Undecided {
			a.out.Requests = append(a.out.Requests, &facts.Request{Unit: a.within(args), Span: sp, Client: "ADD", Method: "GET", URLs: []imds.Value{v}})
		}
	}
}

// within is the Dockerfile as a unit of which args is the text.
func (a *analysis) within(args *span.Text) *facts.Unit {
	u := *a.u
	u.Text, u.Parent = args, a.u
	return &u
}

func (a *analysis) mention(t *span.Text, s span.Span, why string) {
	if len(imds.Find(t.Bytes()[s.Start:s.End])) > 0 {
		a.out.Mentions = append(a.out.Mentions, facts.Mention{Unit: a.within(t), Span: s, Why: why})
	}
}

func (a *analysis) unexplained(t *span.Text, s span.Span, why string) {
	if len(imds.Find(t.Bytes()[s.Start:s.End])) > 0 {
		a.out.Unexplained = append(a.out.Unexplained, facts.Unexplained{Unit: a.within(t), Span: s, Why: why})
	}
}

// afterWord is the place behind the word in a line, 0 without it.
func afterWord(line, word string) int {
	for _, w := range splitWords(line) {
		if strings.EqualFold(line[w.Start:w.End], word) {
			return w.End
		}
	}
	return 0
}
