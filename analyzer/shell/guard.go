package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/notebooks"
)

// guard picks how the request is kept from running without a token. curl
// drops a header without value, so an empty token would be a request without
// one. Where the command is the last thing its process does, an expansion
// that fails, ${T:?}, ends just that process as a failing command would.
func (a *analysis) guard(r *record, at spot, inline bool) (shape, guard string) {
	brace := !a.avoidBraces() && !a.keepsErrors(r.stmt)
	pick := func(with, without string) (string, string) {
		if brace {
			return "checked", with
		}
		return "plain", without
	}
	switch {
	case r.inv.Status != "" && inline:
		return "plain", "statusinline"
	case r.inv.Status != "":
		return "plain", "status"
	case inline:
		return pick("inline", "inlinetest")
	case a.writes(r.stmt):
		return pick("subshell", "subtest")
	case at.pipe, at.background && !at.joined:
		return pick("none", "subtest")
	case at.negated:
		return pick("subshell", "subtest")
	case a.ownProcess(at) && at.i == len(at.list)-1 && !at.alternative:
		if brace {
			return "checked", "none"
		}
		if at.joined {
			return "plain", "subtest"
		}
		return "plain", "test"
	case at.joined && !at.second || a.inCondition(at):
		return "plain", "test"
	}
	return pick("subshell", "subtest")
}

// writes is true for a command whose output goes to a file: the file is made
// before the command runs, but not where an expansion of the command fails.
func (a *analysis) writes(s *syntax.Stmt) bool {
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if !strings.HasPrefix(a.text(r.Word), "/dev/") {
				return true
			}
		}
	}
	return false
}

// avoidBraces is true where the text may be a template of another language.
func (a *analysis) avoidBraces() bool {
	return a.template || a.u.KeepsErrors || strings.HasPrefix(a.u.Via, "!") ||
		a.u.Parent != nil && a.u.Parent.Language != notebooks.Shell && a.u.Parent.Language != notebooks.YAML
}

// keepsErrors is true for a command whose error output goes where its output
// goes, or to a file: what the shell says of a failing expansion must not.
func (a *analysis) keepsErrors(s *syntax.Stmt) bool {
	for n := syntax.Node(s); n != nil; n = a.parents[n] {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			return false
		case *syntax.Stmt:
			for _, r := range n.Redirs {
				errors := r.N != nil && r.N.Value == "2" || r.Op == syntax.RdrAll || r.Op == syntax.AppAll
				if errors && !strings.HasPrefix(a.text(r.Word), "/dev/") && r.Op != syntax.DplIn {
					return true
				}
			}
		}
	}
	return false
}

// ownProcess is true for a list that a process of its own runs.
func (a *analysis) ownProcess(at spot) bool {
	switch a.parents[at.item].(type) {
	case *syntax.CmdSubst, *syntax.ProcSubst, *syntax.Subshell:
		return true
	}
	return false
}

// inCondition is true for the last statement of a condition.
func (a *analysis) inCondition(at spot) bool {
	if at.i != len(at.list)-1 {
		return false
	}
	switch p := a.parents[at.item].(type) {
	case *syntax.IfClause:
		return len(p.Cond) > 0 && p.Cond[len(p.Cond)-1] == at.item
	case *syntax.WhileClause:
		return p.Cond[len(p.Cond)-1] == at.item
	}
	return false
}
