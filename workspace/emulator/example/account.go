package example

import (
	"slices"
	"sync"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/emulator/aws"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

const metricNoToken = "MetadataNoToken"

// looksBack is how far back the account's metrics go.
const looksBack = 15 * 24 * time.Hour

// callers are the clusters whose code and init scripts ask without a token, with
// the hours between two times and the requests each time. They do so until they
// are restarted, with what was mended meanwhile.
var callers = map[string]struct{ every, calls int }{
	sharedID:               {1, 14}, // spot-guard.sh and install-agent.sh
	"0820-060000-batch006": {24, 9},
	forecastID:             {6, 3},
}

// Account is the AWS account that the workspace of the example runs in: its
// instances, and how often they were asked without a session token.
type Account struct {
	*aws.Server
	workspace *emulator.Server
	now       func() time.Time

	mu sync.Mutex
	// reported is until when each running instance has data points.
	reported map[string]time.Time
	known    map[string]aws.Instance
	began    map[string]int64 // when the clusters of the beginning were started
}

// NewAccount serves the account on 127.0.0.1.
func NewAccount(workspace *emulator.Server, now func() time.Time) (*Account, error) {
	server, err := aws.New(aws.Options{Regions: []string{"eu-west-1"}, Now: now})
	if err != nil {
		return nil, err
	}
	a := &Account{Server: server, workspace: workspace, now: now, reported: map[string]time.Time{}, known: map[string]aws.Instance{}, began: map[string]int64{}}
	for _, c := range workspace.Clusters() {
		a.began[c.ClusterId] = started(&c)
	}
	a.Follow()
	return a, nil
}

// Follow brings the account to where the workspace is now: instances that came
// and went, and data points until now. Instances that start while enforcement is
// on require tokens.
func (a *Account) Follow() {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	running := map[string]string{} // the clusters of instances
	for _, n := range a.nodes() {
		running[n.ID] = n.cluster
		if _, ok := a.known[n.ID]; ok {
			continue
		}
		if v, _ := a.workspace.Conf(setting.EnforceIMDSv2); v == "true" {
			n.Tokens = "required"
		}
		a.AddInstance(n.Instance)
		a.known[n.ID] = n.Instance
		a.reported[n.ID] = now.Add(-looksBack)
		if n.Launched.After(a.reported[n.ID]) {
			a.reported[n.ID] = n.Launched
		}
	}
	calls := map[string]bool{}
	for _, c := range a.workspace.Clusters() {
		calls[c.ClusterId] = a.began[c.ClusterId] == started(&c)
	}
	for id, in := range a.known {
		cluster, runs := running[id]
		a.Report(id, metricNoToken, a.reported[id], now)
		if c, ok := callers[cluster]; ok && calls[cluster] {
			for at := a.reported[id].Truncate(time.Hour); at.Before(now); at = at.Add(time.Hour) {
				if !at.Before(a.reported[id]) && at.Hour()%c.every == 0 {
					a.Count(id, metricNoToken, at, float64(c.calls))
				}
			}
		}
		a.reported[id] = now
		if !runs {
			in.Terminated = now
			a.AddInstance(in)
			delete(a.known, id)
			delete(a.reported, id)
		}
	}
}

// node is an instance with the cluster that it works for, empty of an idle one.
type node struct {
	aws.Instance
	cluster string
}

// nodes are those that the clusters run on, and the idle ones of pools. Those of
// pools have the tags of the pool alone.
func (a *Account) nodes() []node {
	var out []node
	for _, c := range a.workspace.Clusters() {
		if c.Driver == nil {
			continue
		}
		for _, n := range append(slices.Clone(c.Executors), *c.Driver) {
			tags := map[string]string{"Vendor": "Databricks", "ClusterId": c.ClusterId, "ClusterName": c.ClusterName, "Creator": c.CreatorUserName}
			if c.InstancePoolId != "" {
				tags = poolTags(c.InstancePoolId)
			}
			out = append(out, node{aws.Instance{ID: n.InstanceId, Launched: time.UnixMilli(started(&c)), Tags: tags}, c.ClusterId})
		}
	}
	for _, p := range a.workspace.Pools() {
		for _, id := range a.workspace.IdleInstances(p.InstancePoolId) {
			out = append(out, node{aws.Instance{ID: id, Launched: a.now().Add(-40 * 24 * time.Hour), Tags: poolTags(p.InstancePoolId)}, ""})
		}
	}
	return out
}

func poolTags(id string) map[string]string {
	return map[string]string{"Vendor": "Databricks", "DatabricksInstancePoolId": id, "DatabricksInstancePoolCreatorId": "1"}
}

// started is when a cluster was started or restarted last.
func started(c *compute.ClusterDetails) int64 { return max(c.StartTime, c.LastRestartedTime) }
