package report

import (
	"io"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
)

// RestartLine prints what became of the restart of a cluster, when it is known.
func RestartLine(w io.Writer, r *result.Restart, o Options) error {
	t := newTextWriter(w, nil, o)
	style := t.warn
	switch r.Outcome {
	case result.Restarted, result.RestartNotNeeded:
		style = t.ok
	case result.RestartFailed:
		style = t.red
	case result.RestartBegun:
		style = t.dim
	}
	t.printf("  %s %s\n", t.bold(Clean(r.Of.Title())+":"), style(Clean(r.Why)))
	for _, s := range r.Steps {
		t.printf("      %s %s\n", t.caret("→"), Clean(s))
	}
	return t.w.Flush()
}

// restartOutcomes are in the order in which a sum tells them.
var restartOutcomes = []struct{ outcome, text string }{
	{result.Restarted, "restarted"}, {result.RestartNotNeeded, "not needed any more"}, {result.RestartSame, "restarted on the same instances"},
	{result.RestartHeldBack, "held back"}, {result.RestartFailed, "failed"}, {result.RestartOnItsWay, "on the way"}, {result.RestartNotAsked, "not restarted"},
}

// RestartSum says how the restarts went, in a line.
func RestartSum(list []result.Restart) string {
	var parts []string
	for _, x := range restartOutcomes {
		n := 0
		for i := range list {
			if list[i].Outcome == x.outcome {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, Number(n)+" "+x.text)
		}
	}
	if len(parts) == 0 {
		return "no cluster to restart"
	}
	return Plural(len(list), "cluster", "clusters") + ": " + strings.Join(parts, ", ")
}
