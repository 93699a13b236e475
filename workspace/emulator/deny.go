package emulator

import "strings"

// Denial is what the caller may not do with an object and what is in it.
type Denial int

const (
	// Hidden: the caller sees nothing of it. The service answers as if it did
	// not exist. [cli: a list answers 404 also without read access]
	Hidden Denial = iota
	// NoRead: it is listed, and neither its content nor what is in it is given.
	NoRead
	// NoWrite: it can be read.
	NoWrite
	// NoACL: its permissions are not shown.
	NoACL
)

// Deny takes permissions from the caller: of an object of the workspace and
// all below it, by its path; of an API, by its path from /api/ on, which may
// end in "*"; of other things by /clusters/ID, /jobs/ID, /policies/ID,
// /pipelines/ID, /pools/ID, /Volumes/… and dbfs:/….
func (s *Server) Deny(target string, d ...Denial) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how := Hidden
	if len(d) > 0 {
		how = d[0]
	}
	if !strings.HasPrefix(target, "/api/") {
		target = plain(target)
	}
	s.tree.deny[target] = how
}

// Allow takes a denial back.
func (s *Server) Allow(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tree.deny, plain(target))
}

// deniedAPI refuses a call of a denied API.
func (c *call) deniedAPI(path string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for target := range c.tree.deny {
		prefix, star := strings.CutSuffix(target, "*")
		if strings.HasPrefix(target, "/api/") && (path == target || star && strings.HasPrefix(path, prefix)) {
			return denied("%s does not have permission to call %s", c.opt.User, path)
		}
	}
	return nil
}

// denial is the strictest denial that holds for an object.
func (t *tree) denial(n *node) (Denial, bool) {
	found, any := NoACL+1, false
	for ; n != nil; n = n.parent {
		if len(t.deny) == 0 {
			break
		}
		if d, ok := t.deny[n.path()]; ok && d < found {
			found, any = d, true
		}
	}
	return found, any
}

func (t *tree) hidden(n *node) bool {
	d, ok := t.denial(n)
	return ok && d == Hidden
}

// readable refuses an object that the caller may not read.
func (t *tree) readable(n *node) error {
	if d, ok := t.denial(n); ok && d <= NoRead {
		return denied("%s does not have CAN_READ permissions on %s. Please contact the owner or an administrator for access.", t.s.opt.User, n.path())
	}
	return nil
}

// writable refuses an object that the caller may not change.
func (t *tree) writable(n *node) error {
	if d, ok := t.denial(n); ok && d <= NoWrite {
		return denied("%s does not have CAN_EDIT permissions on %s. Please contact the owner or an administrator for access.", t.s.opt.User, n.path())
	}
	return nil
}
