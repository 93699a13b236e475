package shell

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// vars are the words of the recipe.
func (a *analysis) vars(r *record) map[string]string {
	v := map[string]string{"url": r.base.text, "tool": a.tool(r), "prefix": a.prefix(r), "carry": "", "route": "", "bound": "", "gap": "", "status": r.inv.Status, "origin": r.base.origin}
	if at := a.callSpan(r).Start; at > 0 && a.u.Text.Bytes()[at-1] == '(' {
		v["gap"] = " "
	}
	v["q"] = a.quote(r)
	if v["q"] == "'" && !strings.ContainsAny(v["url"], "$`'") {
		v["url"] = strings.ReplaceAll(v["url"], `"`, "'")
	}
	bounded := false
	whole := a.plainTool(r)
	for _, c := range r.inv.Carry {
		if whole && c.From < len(r.argv) && r.argv[c.From].word == r.argv[r.inv.Index].word {
			bounded = bounded || c.MaxTime
			continue
		}
		text := a.carried(r, c)
		if text == "" {
			continue
		}
		v["carry"] += text + " "
		if !c.Patience {
			v["route"] += text + " "
		}
		bounded = bounded || c.MaxTime
	}
	if !bounded {
		v["bound"] = defaultBound[r.inv.Tool]
	}
	if r.inv.Tool == "wget" && !strings.Contains(v["carry"], "-t") {
		v["bound"] += "--tries=1 "
	}
	return v
}

// quote is the quote for texts without expansions: the double one, unless the
// string that the command stands in would have to escape it.
func (a *analysis) quote(r *record) string {
	if escapes(a.u, a.span(r.call).Start, `"`) && !escapes(a.u, a.span(r.call).Start, "'") {
		return "'"
	}
	return `"`
}

// escapes reports whether text written at a place of the unit looks different
// in the cell.
func escapes(u *facts.Unit, at int, text string) bool {
	for t := u.Text; t.Parent() != nil && t != u.Cell.Code && t != u.Cell.Text; t = t.Parent() {
		in := span.Span{Start: at, End: at}
		enc, err := t.Layer().Encode(t, in, text)
		if err != nil || enc != text {
			return true
		}
		at = t.Out(in).Start
	}
	return false
}

// defaultBound limits the time of a token request: with a hop limit of 1 the
// answer never reaches a container.
var defaultBound = map[string]string{"curl": "-m 5 ", "wget": "--timeout=5 ", "httpie": "--timeout=5 "}

// tool is how the script spells the tool.
func (a *analysis) tool(r *record) string {
	w := r.call.Args[r.argv[r.inv.Index].word]
	if w.Lit() != "" {
		return a.text(w)
	}
	if a.fieldsOf(r, r.argv[r.inv.Index].word) == 1 || a.plainTool(r) {
		return a.text(w)
	}
	return command.Name(r.argv[r.inv.Index].value)
}

// plainTool is true for a variable such as CURL="curl -s" that holds the tool
// with options that the token request may have as well.
func (a *analysis) plainTool(r *record) bool {
	word := r.argv[r.inv.Index].word
	var argv []command.Word
	for i, f := range r.argv {
		if f.word == word {
			if i < r.inv.Index {
				return false
			}
			argv = append(argv, command.Word{Value: f.value, Open: f.open})
		}
	}
	argv = append(argv, command.Word{Value: imds.Lit("http://x", imds.Source{})})
	invs := command.ParseWords(argv)
	return len(invs) == 1 && invs[0].Plain && len(invs[0].URLs) == 1 && invs[0].Undecidable == ""
}

// prefix is what the token request needs before the tool: proxy settings, and
// wrappers that decide over the network.
func (a *analysis) prefix(r *record) string {
	out := ""
	for _, as := range r.call.Assigns {
		if as.Name != nil && strings.Contains(strings.ToLower(as.Name.Value), "proxy") {
			out += a.text(as) + " "
		}
	}
	last := -1
	from := max(r.inv.CarryFrom, 0)
	if command.Name(r.argv[from].value) == "env" && !strings.Contains(strings.ToLower(a.fieldTexts(r, from, r.inv.Index)), "proxy") {
		from = r.inv.Index // other variables do not matter to a token
	}
	for i := from; i < r.inv.Index; i++ {
		if w := r.argv[i].word; w != last && w != r.argv[r.inv.Index].word {
			out += a.text(r.call.Args[w]) + " "
			last = w
		}
	}
	return out
}

func (a *analysis) fieldTexts(r *record, from, to int) string {
	out := ""
	for i := from; i < to && i < len(r.argv); i++ {
		out += r.argv[i].value.String() + " "
	}
	return out
}

// carried is the text of an option that the token request repeats.
func (a *analysis) carried(r *record, c command.Carried) string {
	if c.Text != "" {
		return c.Text
	}
	if c.To >= len(r.argv) {
		return ""
	}
	var parts []string
	last := -1
	for i := c.From; i <= c.To; i++ {
		f := r.argv[i]
		w := r.call.Args[f.word]
		if a.fieldsOf(r, f.word) == 1 {
			if f.word != last {
				parts = append(parts, a.text(w))
			}
			last = f.word
			continue
		}
		known, ok := f.value.Known()
		if !ok || known == "" || strings.ContainsAny(known, " \t\n'\"\\$`*?[#~;&|<>()") {
			return ""
		}
		parts = append(parts, known)
	}
	return strings.Join(parts, " ")
}

func (a *analysis) fieldsOf(r *record, word int) int {
	n := 0
	for _, f := range r.argv {
		if f.word == word {
			n++
		}
	}
	return n
}
