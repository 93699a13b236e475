package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/patch"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// clusters are the configurations of clusters.
type clusters struct {
	file
	c *workspace.Client
	// restart reports whether a cluster may be restarted.
	restart func(o *plan.Object) bool
	wait    func(d time.Duration) error
	waiting func(name, state string)
	// last is the cluster as it was last seen: an update names what differs.
	last *patch.Cluster
}

func (l *clusters) stat(ctx context.Context, o *plan.Object) (journal.Identity, error) {
	var err error
	if l.last, err = patch.ReadCluster(ctx, l.c, o.ID); err != nil {
		return journal.Identity{}, err
	}
	return journal.Identity{ID: o.ID, Type: plan.TypeCluster}, nil
}

func (l *clusters) read(ctx context.Context, o *plan.Object, _ journal.Identity) ([]byte, error) {
	if _, err := l.stat(ctx, o); err != nil {
		return nil, err
	}
	return l.last.Content(), nil
}

// A cluster that starts or restarts is waited for as long as that usually takes.
const (
	settles = 15 * time.Minute
	askAnew = 10 * time.Second
)

func (l *clusters) settled(ctx context.Context, o *plan.Object) (waited bool, err error) {
	for left := settles; !l.last.Settled(); left -= askAnew {
		if left <= 0 || l.last.Stuck() {
			return waited, refusal(o, "it is %s, and takes no change until it runs or is terminated: run again then", l.last.State)
		}
		if !waited {
			l.waiting(o.Name, string(l.last.State))
		}
		waited = true
		if err := l.wait(askAnew); err != nil {
			return waited, refusal(o, "interrupted, while it was %s", l.last.State)
		}
		if _, err := l.stat(ctx, o); err != nil {
			return waited, err
		}
	}
	return waited, l.mayChange(o)
}

// mayChange refuses a cluster that runs and must not be restarted.
func (l *clusters) mayChange(o *plan.Object) error {
	if l.last.Runs() && !l.restart(o) { // it may have been started since the plan was made
		return refusal(o, "it runs, and the change restarts it: terminate it first, or allow the restart with --restart-running")
	}
	return nil
}

// Running are the clusters that the run wrote, which run now.
func (r *Run) Running(ctx context.Context, c *workspace.Client) []string {
	var out []string
	for i := range r.Plan.Objects {
		o := &r.Plan.Objects[i]
		if o.Type != plan.TypeCluster || r.Journal.State.Object(o.Name).Writes == 0 {
			continue
		}
		if x, err := patch.ReadCluster(ctx, c, o.ID); err == nil && x.State != compute.StateTerminated {
			out = append(out, o.Name)
		}
	}
	return out
}

func refusal(o *plan.Object, why string, args ...any) error {
	why = fmt.Sprintf(why, args...)
	return &workspace.Error{Object: o.Name, Reason: why}
}

func (l *clusters) write(ctx context.Context, o *plan.Object, _ journal.Identity, content []byte) error {
	if err := l.mayChange(o); err != nil {
		return err
	}
	update, err := l.last.Update(content)
	if err != nil {
		return refusal(o, "%v", err)
	}
	_, err = compute.NewClusters(l.c.API).Update(workspace.Once(ctx), *update)
	return l.explain(l.c.ExplainWrite(o.Name, err))
}

// explain tells what can be done about a refusal.
func (l *clusters) explain(err error) error {
	var e *workspace.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case strings.Contains(e.Reason, "Validation failed for"):
		e.Reason += "; its policy (" + l.last.Policy + ") decides that: change the policy first, or bring the cluster in line with it"
	case strings.Contains(e.Reason, "INVALID_STATE"):
		e.Reason += "; run again when it runs or is terminated"
	}
	return err
}

func (l *clusters) permissions(ctx context.Context, o *plan.Object, _ journal.Identity) (string, error) {
	return permissions(ctx, l.c, o.Name, "clusters", o.ID)
}

// policies are cluster policies.
type policies struct {
	file
	c *workspace.Client
	// last is the policy as it was last seen.
	last *patch.Policy
}

func (l *policies) stat(ctx context.Context, o *plan.Object) (journal.Identity, error) {
	var err error
	if l.last, err = patch.ReadPolicy(ctx, l.c, o.ID); err != nil {
		return journal.Identity{}, err
	}
	return journal.Identity{ID: o.ID, Type: plan.TypePolicy}, nil
}

func (l *policies) read(ctx context.Context, o *plan.Object, _ journal.Identity) ([]byte, error) {
	if _, err := l.stat(ctx, o); err != nil {
		return nil, err
	}
	return l.last.Content(), nil
}

func (l *policies) write(ctx context.Context, o *plan.Object, _ journal.Identity, content []byte) error {
	body, err := l.last.Edit(content)
	if err != nil {
		return refusal(o, "%v", err)
	}
	// The SDK's own type would leave out of libraries what it does not know.
	return l.c.ExplainWrite(o.Name, l.c.Do(workspace.Once(ctx), http.MethodPost, "/api/2.0/policies/clusters/edit", body, nil))
}

func (l *policies) permissions(ctx context.Context, o *plan.Object, _ journal.Identity) (string, error) {
	return permissions(ctx, l.c, o.Name, "cluster-policies", o.ID)
}
