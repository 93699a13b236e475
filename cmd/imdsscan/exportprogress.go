package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/imdsscan/imdsscan/workspace/mirror"
)

// exportWatch tells how far an export is: several times a second to a person,
// once in a while to a log.
type exportWatch struct {
	w      io.Writer
	counts *mirror.Counts
	begin  time.Time
	person bool
	done   chan struct{}
	wg     sync.WaitGroup
}

func watchExport(w io.Writer, o *exportOptions, c *mirror.Counts) *exportWatch {
	p := &exportWatch{w: w, counts: c, begin: time.Now(), person: isTerminal(w), done: make(chan struct{})}
	if o.quiet {
		return p
	}
	every := 30 * time.Second
	if p.person {
		every = 200 * time.Millisecond
	}
	p.wg.Go(func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-t.C:
				if p.person {
					fmt.Fprintf(w, "\r\x1b[K%s", p.line())
				} else {
					fmt.Fprintf(w, "imdsscan: %s\n", p.line())
				}
			}
		}
	})
	return p
}

func (p *exportWatch) stop() {
	close(p.done)
	p.wg.Wait()
	if p.person {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// line tells what was done so far. How much is left is known once every folder
// was listed.
func (p *exportWatch) line() string {
	c := p.counts
	listed, done := c.Listed.Load(), c.Done.Load()
	took := time.Since(p.begin)
	s := fmt.Sprintf("%s of %s objects, %s", count(done), count(listed), megabytes(c.Bytes.Load()))
	rate := float64(done) / took.Seconds()
	if done > 0 && took > time.Second {
		s += fmt.Sprintf(", %.0f a second", rate)
		left := time.Duration(float64(listed-done) / rate * float64(time.Second)).Round(time.Second)
		if c.Unlisted.Load() > 0 {
			s += fmt.Sprintf(", at least %v left", left)
		} else {
			s += fmt.Sprintf(", %v left", left)
		}
	}
	return s
}
