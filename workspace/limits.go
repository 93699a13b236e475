package workspace

import (
	"context"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Requests a second. The platform is known to take about 60 exports and 30
// imports of a workspace, all users together; for the rest the SDK's own
// default is kept. DATABRICKS_RATE_LIMIT (rate_limit in a profile) takes the
// place of all of them.
const (
	exportsPerSecond = 60
	importsPerSecond = 30
	treePerSecond    = 60 // listing folders, looking at objects
	otherPerSecond   = 15
)

// limits keep the requests of one connection to their rates.
type limits struct {
	exports, imports, tree, others *rate.Limiter

	mu    sync.Mutex
	until time.Time
}

func newLimits(asked int) *limits {
	if asked > 0 {
		all := limiter(asked)
		return &limits{exports: all, imports: all, tree: all, others: all}
	}
	return &limits{exports: limiter(exportsPerSecond), imports: limiter(importsPerSecond),
		tree: limiter(treePerSecond), others: limiter(otherPerSecond)}
}

// limiter allows n requests a second; after a rest, those of a quarter of a
// second at once.
func limiter(n int) *rate.Limiter { return rate.NewLimiter(rate.Limit(n), max(1, n/4)) }

// wait holds a request until its turn.
func (l *limits) wait(ctx context.Context, path string) error {
	for {
		l.mu.Lock()
		left := time.Until(l.until)
		l.mu.Unlock()
		if left <= 0 {
			break
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
	return l.of(path).Wait(ctx)
}

func (l *limits) of(path string) *rate.Limiter {
	switch {
	case strings.HasSuffix(path, "/workspace/export"):
		return l.exports
	case strings.HasSuffix(path, "/workspace/import"):
		return l.imports
	case strings.Contains(path, "/workspace/"):
		return l.tree
	}
	return l.others
}

// hold stops all requests for a time, when the service has said so.
func (l *limits) hold(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := time.Now().Add(d); at.After(l.until) {
		l.until = at
	}
}
