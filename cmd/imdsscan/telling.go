package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	redraw    = 200 * time.Millisecond
	heartbeat = 30 * time.Second
)

// telling prints the line that tells how far long work is: to a person as one
// that changes several times a second, to a log as a line once in a while. stop
// ends it; it is to be called once.
func telling(w io.Writer, line func() string) (stop func()) {
	every, person := heartbeat, isTerminal(w)
	if person {
		every = redraw
	}
	done := make(chan struct{})
	var over sync.WaitGroup
	over.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-done:
				if person {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return
			case <-tick.C:
				if person {
					fmt.Fprintf(w, "\r\x1b[K%s", line())
				} else {
					fmt.Fprintf(w, "imdsscan: %s\n", line())
				}
			}
		}
	})
	return func() {
		close(done)
		over.Wait()
	}
}
