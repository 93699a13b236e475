package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/workspace/metrics"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// watch looks again and again. Text is a line a look and the whole table when
// calls are new and at the end; JSON is a document a line.
func watch(ctx context.Context, o *monitorOptions, session *metrics.Session, from time.Time, show *notice, s streams) int {
	begin := time.Now()
	var last *evidence.Report
	calls := int64(0)
	ticker := time.NewTicker(o.interval)
	defer ticker.Stop()
	for {
		r, err := session.Look(ctx, metrics.NewWindow(from, clock()))
		show.clear()
		if err != nil {
			code := monitorError(ctx, s, err)
			o.finish(s, last)
			return code
		}
		fresh := r.Summary.Calls+r.Summary.Rejected > calls
		calls = max(calls, r.Summary.Calls+r.Summary.Rejected)
		if err := o.tick(s, r, fresh); err != nil {
			fmt.Fprintf(s.err, "imdsscan: %v\n", err)
			return exitIncomplete
		}
		last = r
		if o.stop > 0 && time.Since(begin) >= o.stop {
			o.finish(s, last)
			return o.status(last)
		}
		select {
		case <-ctx.Done():
			code := monitorError(ctx, s, ctx.Err())
			o.finish(s, last)
			return code
		case <-ticker.C:
		}
	}
}

// tick prints a look of a watch.
func (o *monitorOptions) tick(s streams, r *evidence.Report, fresh bool) error {
	if o.textOnStdout() && !fresh {
		if err := report.MonitorLine(s.out, r, report.Options{Color: colored(o.color, s.out)}); err != nil {
			return err
		}
		for _, p := range r.Problems {
			fmt.Fprintf(s.err, "imdsscan: %s %s: %s\n", p.Region, p.Action, p.Reason)
		}
		if len(o.formats) == 0 {
			return nil
		}
		files := *o
		files.formats = slices.DeleteFunc(slices.Clone(o.formats), func(f string) bool { return f == "text" })
		return files.print(io.Discard, r, true)
	}
	return o.print(s.out, r, true)
}

// finish prints the whole table of the last look.
func (o *monitorOptions) finish(s streams, last *evidence.Report) {
	if last == nil || !o.textOnStdout() {
		return
	}
	if err := report.Monitor(s.out, last, report.Options{Color: colored(o.color, s.out), Verbose: o.verbose, Quiet: o.quiet}); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
	}
}

func (o *monitorOptions) textOnStdout() bool { return !slices.Contains(o.formats, "json") }

// notice is a line on standard error that says what goes on, while a person
// watches.
type notice struct {
	mu    sync.Mutex
	w     io.Writer // nil when silent
	shown bool
}

func newNotice(w io.Writer, quiet bool) *notice {
	if quiet || !isTerminal(w) {
		w = nil
	}
	return &notice{w: w}
}

func (n *notice) set(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.w != nil {
		fmt.Fprintf(n.w, "\r\x1b[K%s", text)
		n.shown = true
	}
}

func (n *notice) clear() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.shown {
		fmt.Fprint(n.w, "\r\x1b[K")
		n.shown = false
	}
}
