package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// cluster is a cluster and where it is on its way between states.
type cluster struct {
	compute.ClusterDetails
	asked   time.Time // when it began its way
	until   time.Time // when it is through; zero when it is on no way
	starts  int
	failure string         // the next start ends with it
	unknown map[string]any // configured, and not known to the SDK
}

// AddCluster adds a cluster. Without a state it is TERMINATED.
func (s *Server) AddCluster(d compute.ClusterDetails) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.ClusterId == "" {
		d.ClusterId = s.comp.newID("0101-000000-emul%04d")
	}
	d.State = cmp.Or(d.State, compute.StateTerminated)
	d.ClusterSource = cmp.Or(d.ClusterSource, compute.ClusterSourceUi)
	d.CreatorUserName = cmp.Or(d.CreatorUserName, s.opt.User)
	c := &cluster{ClusterDetails: d}
	if d.State == compute.StateRunning && d.Driver == nil {
		c.asked = time.UnixMilli(max(d.StartTime, d.LastRestartedTime))
		c.boot(func(string) string { return "" })
	}
	s.comp.clusters = append(s.comp.clusters, c)
	return d.ClusterId
}

// FailStart lets the next start or restart of a cluster end in TERMINATED.
func (s *Server) FailStart(id, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.comp.cluster(id); c != nil {
		c.failure = reason
	}
}

// ConfigureUnknown sets a field of a cluster or a policy that the SDK does not
// know. A whole edit loses it, an update does not.
func (s *Server) ConfigureUnknown(id, field string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.comp.cluster(id); c != nil {
		c.unknown = map[string]any{field: value}
		return
	}
	if s.comp.unknown == nil {
		s.comp.unknown = map[string]map[string]any{}
	}
	s.comp.unknown[id] = map[string]any{field: value}
}

// Cluster is a cluster as it is now.
func (s *Server) Cluster(id string) (compute.ClusterDetails, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.comp.cluster(id)
	if c == nil {
		return compute.ClusterDetails{}, false
	}
	s.comp.settle(c, s.opt.Now())
	return c.ClusterDetails, true
}

func (c *computeState) cluster(id string) *cluster {
	i := slices.IndexFunc(c.clusters, func(x *cluster) bool { return x.ClusterId == id })
	if i < 0 {
		return nil
	}
	return c.clusters[i]
}

// boot gives the cluster instances: those that a pool has, or else new ones.
func (c *cluster) boot(take func(pool string) string) {
	c.starts++
	node := func(i int) compute.SparkNode {
		new := "i-" + guid(c.ClusterId, fmt.Sprint(c.starts, i))[:8] + fmt.Sprintf("%09x", i)
		return compute.SparkNode{InstanceId: cmp.Or(take(c.poolOf(i)), new), StartTimestamp: max(c.asked.UnixMilli(), 0),
			NodeId: guid("node", c.ClusterId, fmt.Sprint(c.starts, i))[:32]}
	}
	driver := node(0)
	c.Driver = &driver
	c.Executors = nil
	for i := range c.NumWorkers {
		c.Executors = append(c.Executors, node(i+1))
	}
}

// poolOf is the pool of the driver, node 0, or of the workers.
func (c *cluster) poolOf(node int) string {
	if node == 0 {
		return cmp.Or(c.DriverInstancePoolId, c.InstancePoolId)
	}
	return c.InstancePoolId
}

// begin puts the cluster on its way to RUNNING.
func (s *computeState) begin(c *cluster, state compute.State, now time.Time, takes time.Duration) {
	s.release(c, now)
	c.State, c.asked, c.until = state, now, now.Add(takes)
	if state == compute.StatePending {
		c.StartTime = now.UnixMilli() // "entered a PENDING state" [sdk]
	}
}

// release takes its instances from the cluster, and hands them back to pools.
func (s *computeState) release(c *cluster, now time.Time) {
	if c.Driver != nil {
		s.giveBack(c.poolOf(0), c.Driver.InstanceId, now)
	}
	for i, n := range c.Executors {
		s.giveBack(c.poolOf(i+1), n.InstanceId, now)
	}
	c.Driver, c.Executors = nil, nil
}

// settle lets the cluster arrive where time has brought it.
func (s *computeState) settle(c *cluster, now time.Time) {
	if c.until.IsZero() || now.Before(c.until) {
		return
	}
	if c.failure != "" {
		c.State, c.StateMessage = compute.StateTerminated, c.failure
		c.TerminatedTime = c.until.UnixMilli()
		c.TerminationReason = &compute.TerminationReason{Code: compute.TerminationReasonCodeCloudProviderLaunchFailure, Type: compute.TerminationReasonTypeCloudFailure}
	} else {
		c.State, c.StateMessage = compute.StateRunning, ""
		c.LastRestartedTime = c.until.UnixMilli() // [sdk]
		c.boot(func(pool string) string { return s.take(pool, now) })
	}
	c.until, c.failure = time.Time{}, ""
}

// listClusters lists clusters in pages. [sdk: ListClustersRequest]
func listClusters(c *call) error {
	if err := c.onlyLists([]string{"page_size", "page_token", "filter_by.is_pinned", "filter_by.policy_id", "sort_by.direction", "sort_by.field"},
		"filter_by.cluster_sources", "filter_by.cluster_states"); err != nil {
		return err
	}
	size, err := c.number("page_size", 20, 0, 100)
	if err != nil {
		return err
	}
	sources, states := c.query["filter_by.cluster_sources"], c.query["filter_by.cluster_states"]
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*cluster
	for _, x := range c.comp.clusters {
		c.comp.settle(x, c.opt.Now())
		if c.denialOf("/clusters/"+x.ClusterId) == Hidden ||
			len(sources) > 0 && !slices.Contains(sources, string(x.ClusterSource)) ||
			len(states) > 0 && !slices.Contains(states, string(x.State)) ||
			c.query.Get("filter_by.policy_id") != "" && c.query.Get("filter_by.policy_id") != x.PolicyId {
			continue
		}
		all = append(all, x)
	}
	some, next, err := page("clusters", all, c.query.Get("page_token"), cmp.Or(size, 20))
	if err != nil {
		return err
	}
	var list []any
	for _, x := range some {
		list = append(list, x.json())
	}
	return c.json(answer("clusters", list, next))
}

// json is a cluster with fields that are in answers and in no description.
func (c *cluster) json() map[string]any {
	fields := map[string]any{"init_scripts_safe_mode": false, "effective_spark_version": c.SparkVersion}
	maps.Copy(fields, c.unknown)
	return withFields(c.ClusterDetails, fields)
}

// clusterNamed finds a cluster that the caller may see. The service calls a
// missing one an invalid parameter. [sdk: error overrides]
func (c *call) clusterNamed(id string) (*cluster, error) {
	if id == "" {
		return nil, invalid("Missing required field: cluster_id")
	}
	x := c.comp.cluster(id)
	if x == nil {
		return nil, invalid("Cluster %s does not exist", id)
	}
	if c.denialOf("/clusters/"+id) <= NoRead {
		return nil, denied("%s does not have CAN_ATTACH_TO permissions on %s", c.opt.User, id)
	}
	c.comp.settle(x, c.opt.Now())
	return x, nil
}

// clusterToChange is a cluster that the caller may manage.
func (c *call) clusterToChange(id string) (*cluster, error) {
	x, err := c.clusterNamed(id)
	if err == nil && c.denialOf("/clusters/"+id) <= NoWrite {
		err = denied("%s does not have CAN_MANAGE permissions on %s", c.opt.User, id)
	}
	return x, err
}

func getCluster(c *call) error {
	if err := c.only("cluster_id"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	x, err := c.clusterNamed(c.query.Get("cluster_id"))
	if err != nil {
		return err
	}
	return c.json(x.json())
}

// restartCluster restarts a running cluster. Of any other nothing happens, and
// the answer is the same. [sdk: ClustersService.Restart]
func restartCluster(c *call) error {
	var body compute.RestartCluster
	if err := c.decode(&body); err != nil {
		return err
	}
	return c.changeCluster(body.ClusterId, func(x *cluster) error {
		if x.State == compute.StateRunning {
			c.comp.begin(x, compute.StateRestarting, c.opt.Now(), c.opt.RestartTime)
		}
		return nil
	})
}

// changeCluster makes a change of a cluster that the caller may manage.
func (c *call) changeCluster(id string, change func(*cluster) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, err := c.clusterToChange(id)
	if err != nil {
		return err
	}
	if err := change(x); err != nil {
		return err
	}
	return c.json(struct{}{})
}

// startCluster starts a terminated cluster. Of any other nothing happens; one of
// a job cannot be started. [sdk: ClustersService.Start]
func startCluster(c *call) error {
	var body compute.StartCluster
	if err := c.decode(&body); err != nil {
		return err
	}
	return c.changeCluster(body.ClusterId, func(x *cluster) error {
		if x.ClusterSource == compute.ClusterSourceJob {
			return invalid("Cluster %s was launched to run a job and cannot be started", x.ClusterId)
		}
		if x.State == compute.StateTerminated {
			c.comp.begin(x, compute.StatePending, c.opt.Now(), c.opt.RestartTime)
		}
		return nil
	})
}

func sparkVersions(c *call) error {
	if err := c.only(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.json(compute.GetSparkVersionsResponse{Versions: c.comp.versions})
}

func allClusterStatuses(c *call) error {
	if err := c.only(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []any
	for _, x := range c.comp.clusters {
		if libraries := c.comp.libraries[x.ClusterId]; len(libraries) > 0 && c.denialOf("/clusters/"+x.ClusterId) > NoRead {
			list = append(list, compute.ClusterLibraryStatuses{ClusterId: x.ClusterId, LibraryStatuses: libraries})
		}
	}
	return c.json(answer("statuses", list, ""))
}
