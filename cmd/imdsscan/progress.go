package main

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// progress counts what the scan has done, and tells it on standard error.
type progress struct {
	w      io.Writer // nil when silent
	remote bool
	begin  time.Time
	// Of a workspace: listed are the objects found so far, read those that are
	// done with.
	listed, read atomic.Int64
	allListed    atomic.Bool
	// analysed are files, and of a workspace those that may matter.
	analysed, findings atomic.Int64
	// done ends the telling.
	done func()
}

func newProgress(w io.Writer, o *options) *progress {
	p := &progress{w: w, done: func() {}}
	if o.quiet {
		p.w = nil
	}
	p.remote = len(o.targets) > 0 && o.remote()
	return p
}

// start begins to tell.
func (p *progress) start() {
	p.begin = time.Now()
	if p.w != nil {
		p.done = telling(p.w, func() string { return p.line(time.Since(p.begin)) })
	}
}

// soFar says for an interrupted scan of a workspace what was not read.
func (p *progress) soFar() string {
	if !p.remote {
		return ""
	}
	out := fmt.Sprintf(" after %s of %s objects", report.Number(int(p.read.Load())), report.Number(int(p.listed.Load())))
	if !p.allListed.Load() {
		out += ", and not all folders were listed"
	}
	return out
}

// line says how far the scan is after a time.
func (p *progress) line(after time.Duration) string {
	count := func(n int64, one, many string) string {
		if n == 1 {
			return "1 " + one
		}
		return report.Number(int(n)) + " " + many
	}
	found := count(p.findings.Load(), "finding", "findings")
	if !p.remote {
		return count(p.analysed.Load(), "file", "files") + ", " + found
	}
	listed, read := p.listed.Load(), p.read.Load()
	out := report.Number(int(read)) + " of " + count(listed, "object", "objects") + " read"
	if rate := float64(read) / max(after.Seconds(), 1); rate >= 0.5 {
		out += fmt.Sprintf(", %.0f a second", rate)
		if p.allListed.Load() && listed > read {
			out += ", " + (time.Duration(float64(listed-read)/rate) * time.Second).String() + " left"
		}
	}
	if !p.allListed.Load() {
		out += ", listing goes on"
	}
	return out + fmt.Sprintf("; %s analysed, %s", report.Number(int(p.analysed.Load())), found)
}

// panicSite is the place of this program where a panic arose: the first line
// of the stack below the call of panic that names a file of the module.
func panicSite(stack []byte) string {
	_, below, _ := bytes.Cut(stack, []byte("panic("))
	for line := range bytes.Lines(below) {
		line = bytes.TrimSpace(line)
		if i := bytes.Index(line, []byte("imdsscan/")); i >= 0 && bytes.Contains(line, []byte(".go:")) {
			place, _, _ := bytes.Cut(line[i+len("imdsscan/"):], []byte(" "))
			return string(place)
		}
	}
	return "an unknown place"
}

func tool() result.Tool {
	return result.Tool{Name: "imdsscan", Version: versionText(), URI: "https://github.com/imdsscan/imdsscan"}
}
