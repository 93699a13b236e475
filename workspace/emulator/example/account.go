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
// the hours between two times and the requests each time.
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
}

// NewAccount serves the account on 127.0.0.1.
func NewAccount(workspace *emulator.Server, now func() time.Time) (*Account, error) {
	server, err := aws.New(aws.Options{Regions: []string{"eu-west-1"}, Now: now})
	if err != nil {
		return nil, err
	}
	a := &Account{Server: server, workspace: workspace, now: now, reported: map[string]time.Time{}, known: map[string]aws.Instance{}}
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
	running := map[string]bool{}
	for _, in := range a.instances() {
		running[in.ID] = true
		if _, ok := a.known[in.ID]; !ok {
			if v, _ := a.workspace.Conf(setting.EnforceIMDSv2); v == "true" {
				in.Tokens = "required"
			}
			a.AddInstance(in)
			a.known[in.ID] = in
			from := now.Add(-looksBack)
			if in.Launched.After(from) {
				from = in.Launched
			}
			a.reported[in.ID] = from
		}
	}
	for id, in := range a.known {
		from := a.reported[id]
		a.Report(id, metricNoToken, from, now)
		if c, ok := callers[in.Tags["ClusterId"]]; ok && in.Tokens != "required" {
			for at := from.Truncate(time.Hour); at.Before(now); at = at.Add(time.Hour) {
				if !at.Before(from) && at.Hour()%c.every == 0 {
					a.Count(id, metricNoToken, at, float64(c.calls))
				}
			}
		}
		a.reported[id] = now
		if !running[id] {
			in.Terminated = now
			a.AddInstance(in)
			delete(a.known, id)
			delete(a.reported, id)
		}
	}
}

// instances are those that the clusters run on, and the idle ones of pools.
func (a *Account) instances() []aws.Instance {
	var out []aws.Instance
	pools := map[string]compute.InstancePoolAndStats{}
	for _, p := range a.workspace.Pools() {
		pools[p.InstancePoolId] = p
	}
	for _, c := range a.workspace.Clusters() {
		if c.Driver == nil {
			continue
		}
		tags := map[string]string{"Vendor": "Databricks", "ClusterId": c.ClusterId, "ClusterName": c.ClusterName, "Creator": c.CreatorUserName}
		launched := time.UnixMilli(max(c.StartTime, c.LastRestartedTime))
		for _, n := range append(slices.Clone(c.Executors), *c.Driver) {
			if n.InstanceId != "" {
				out = append(out, aws.Instance{ID: n.InstanceId, Launched: launched, Tags: tags})
			}
		}
	}
	for _, p := range pools {
		if p.Stats == nil {
			continue
		}
		tags := map[string]string{"Vendor": "Databricks", "DatabricksInstancePoolId": p.InstancePoolId, "DatabricksInstancePoolCreatorId": "1"}
		for _, id := range a.workspace.IdleInstances(p.InstancePoolId) {
			out = append(out, aws.Instance{ID: id, Launched: a.now().Add(-40 * 24 * time.Hour), Tags: tags})
		}
	}
	return out
}
