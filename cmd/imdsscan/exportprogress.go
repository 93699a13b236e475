package main

import (
	"fmt"
	"io"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/workspace/mirror"
)

// exportWatch tells how far an export is.
type exportWatch struct {
	counts *mirror.Counts
	begin  time.Time
	stop   func()
}

func watchExport(w io.Writer, o *exportOptions, c *mirror.Counts) *exportWatch {
	p := &exportWatch{counts: c, begin: time.Now(), stop: func() {}}
	if !o.quiet {
		p.stop = telling(w, p.line)
	}
	return p
}

// line tells what was done so far. How much is left is known once every folder
// was listed.
func (p *exportWatch) line() string {
	c := p.counts
	listed, done := c.Listed.Load(), c.Done.Load()
	took := time.Since(p.begin)
	s := fmt.Sprintf("%s of %s objects, %s", report.Number(int(done)), report.Number(int(listed)), megabytes(c.Bytes.Load()))
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
