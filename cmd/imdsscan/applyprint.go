package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/workspace/apply"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/mattn/go-isatty"
)

// canAsk reports whether somebody can answer.
func canAsk(s streams) bool {
	f, ok := s.in.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// ask asks a question that is answered with yes or no; anything but yes is no,
// and so is an interrupt.
func ask(ctx context.Context, s streams, question string) bool {
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case a := <-answer:
		return a == "y" || a == "yes"
	case <-ctx.Done():
		fmt.Fprintln(s.err)
		return false
	}
}

func objects(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}

// printEvent tells what became of an object. What did not go well is told also
// to those who want to hear little.
func printEvent(s streams, o *stateFlags, e apply.Event) {
	good := e.Outcome == apply.Fixed || e.Outcome == apply.Already || e.Outcome == apply.Restored && e.Why == ""
	if good && o.quiet {
		return
	}
	line := printable(e.Name) + ": " + string(e.Outcome)
	if e.Why != "" {
		line += ": " + printable(e.Why)
	}
	fmt.Fprintln(s.out, line)
}

// waitingFor tells why nothing seems to happen.
func waitingFor(s streams) func(name, state string) {
	return func(name, state string) {
		fmt.Fprintf(s.err, "imdsscan: %s is %s; waiting until it takes a change\n", printable(name), state)
	}
}

// outcomeOrder is how sums are told.
var outcomeOrder = []apply.Outcome{apply.Fixed, apply.Already, apply.Restored, apply.Changed, apply.Left, apply.Failed, apply.Drifted, apply.Unclear, apply.Damaged}

// printEnd is the last line.
func printEnd(s streams, o *stateFlags, id string, res *apply.Result) {
	if res.Why != "" {
		fmt.Fprintf(s.err, "imdsscan: %s\n", printable(res.Why))
	}
	if o.quiet {
		return
	}
	var parts []string
	for _, what := range outcomeOrder {
		if n := res.Count[what]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to do"}
	}
	if res.Open > 0 {
		parts = append(parts, fmt.Sprintf("%d not done yet", res.Open))
	}
	fmt.Fprintf(s.out, "run %s: %s.\n", id, strings.Join(parts, ", "))
}

// printRestarts names what still runs the old init scripts.
func printRestarts(s streams, r *apply.Run) {
	var users []string
	for i := range r.Plan.Objects {
		o := &r.Plan.Objects[i]
		if st := r.Journal.State.Object(o.Name).Status; st == journal.Written || st == journal.Original {
			users = append(users, o.UsedBy...)
		}
	}
	slices.Sort(users)
	for _, u := range slices.Compact(users) {
		fmt.Fprintf(s.err, "imdsscan: %s\n", restartAdvice(printable(u)))
	}
}

// restartAdvice says what a user of an init script needs to run it as it is now.
func restartAdvice(user string) string {
	kind, _, _ := strings.Cut(user, " ")
	switch kind {
	case "job":
		return user + ": its next run takes the init script as it is now"
	case "policy":
		return "restart the clusters of " + user + ": they run with the init script as it was"
	}
	return "restart " + user + ": until then the init script as it was is in use"
}
