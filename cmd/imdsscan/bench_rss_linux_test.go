package main

import (
	"os"
	"syscall"
)

// maxRSS is the largest size of a process in bytes.
func maxRSS(p *os.ProcessState) int64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}
