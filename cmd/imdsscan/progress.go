package main

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// progress counts files on standard error while a person watches; anywhere
// else it is silent.
type progress struct {
	mu   sync.Mutex
	w    io.Writer // nil when silent
	n    int
	last time.Time
}

func newProgress(w io.Writer, o *options) *progress {
	if o.quiet || !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, last: time.Now()}
}

func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if p.w != nil && time.Since(p.last) > 200*time.Millisecond {
		p.last = time.Now()
		fmt.Fprintf(p.w, "\r\x1b[K%d files", p.n)
	}
}

func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
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
