package report

import (
	"io"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
)

// ways are the ways in which something gets new instances, with what they mean.
var ways = []struct{ how, title string }{
	{result.ByRestart, "Interactive clusters, which imdsscan enforce on --restart restarts"},
	{result.AfterPool, "To be restarted once their pool is seen to"},
	{result.ByPerson, "For a person to do"},
	{result.EndByItself, "End by themselves"},
	{"", "Other"},
}

// Running prints for people what may hold instances from before the switch, by
// what has to be done.
func Running(w io.Writer, list []result.Running, o Options) error {
	t := newTextWriter(w, nil, o)
	t.running(list)
	return t.w.Flush()
}

func (t *textWriter) running(list []result.Running) {
	for _, way := range ways {
		var some []result.Running
		for _, x := range list {
			if x.How == way.how {
				some = append(some, x)
			}
		}
		if len(some) == 0 {
			continue
		}
		t.printf("%s (%s)\n", t.bold(way.title), Number(len(some)))
		shown := some
		if !t.o.Verbose && len(shown) > shownRunning {
			shown = shown[:shownRunning]
		}
		for i := range shown {
			t.holder(&shown[i])
		}
		if more := len(some) - len(shown); more > 0 {
			t.printf("  %s\n", t.dim("and "+Number(more)+" more   [-v lists them]"))
		}
	}
}

// shownRunning is how many of a way are listed unless all are asked for.
const shownRunning = 20

func (t *textWriter) holder(x *result.Running) {
	t.printf("  %s", t.bold(Clean(x.Title())))
	if x.Owner != "" {
		t.printf(", of %s", Clean(x.Owner))
	}
	if x.State != "" {
		t.printf(", %s", Clean(x.State))
	}
	t.printf(": %s\n", Clean(x.Why))
	if len(x.Jobs) > 0 {
		t.printf("      %s a restart ends the runs on it of %s\n", t.warn("!"), Clean(strings.Join(x.Jobs, ", ")))
	}
	for _, s := range x.Steps {
		t.printf("      %s %s\n", t.caret("→"), Clean(s))
	}
}

// jsonRunning is a holder in the JSON of other commands' results.
type jsonRunning struct {
	Kind    string   `json:"kind"`
	ID      string   `json:"id"`
	Name    string   `json:"name,omitempty"`
	Owner   string   `json:"owner,omitempty"`
	URL     string   `json:"url,omitempty"`
	State   string   `json:"state,omitempty"`
	Runtime string   `json:"runtime,omitempty"`
	Source  string   `json:"source,omitempty"`
	Started string   `json:"started,omitempty"`
	Pools   []string `json:"pools,omitempty"`
	Fleet   bool     `json:"fleet,omitempty"`
	Jobs    []string `json:"jobs,omitempty"`
	Before  string   `json:"from_before"`
	How     string   `json:"how,omitempty"`
	Why     string   `json:"why"`
	Steps   []string `json:"steps,omitempty"`
}

func runningJSON(list []result.Running) []jsonRunning {
	out := []jsonRunning{}
	for _, x := range list {
		out = append(out, jsonRunning{x.Kind, x.ID, x.Name, x.Owner, x.URL, x.State, x.Runtime, x.Source, stamp(x.Started), x.Pools, x.Fleet, x.Jobs, x.Before, x.How, x.Why, x.Steps})
	}
	return out
}
