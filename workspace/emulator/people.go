package emulator

import (
	"slices"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/sql"
)

// What people do in the browser while a program works on the workspace. As
// there, a changed configuration of a cluster holds from its next start.

// Clusters are all clusters as they are now.
func (s *Server) Clusters() []compute.ClusterDetails {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []compute.ClusterDetails
	for _, c := range s.comp.clusters {
		s.comp.settle(c, s.opt.Now())
		out = append(out, c.ClusterDetails)
	}
	return out
}

// Policies are all cluster policies.
func (s *Server) Policies() []compute.Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []compute.Policy
	for _, p := range s.comp.policies {
		out = append(out, *p)
	}
	return out
}

// Pools are all instance pools.
func (s *Server) Pools() []compute.InstancePoolAndStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []compute.InstancePoolAndStats
	for _, p := range s.comp.pools {
		s.comp.settlePool(p, s.opt.Now())
		x := *p
		if p.Stats != nil {
			stats := *p.Stats
			x.Stats = &stats
		}
		out = append(out, x)
	}
	return out
}

// ChangeCluster changes a cluster.
func (s *Server) ChangeCluster(id string, change func(*compute.ClusterDetails)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := one(s.comp.clusters, "cluster "+id, func(c *cluster) bool { return c.ClusterId == id })
	s.comp.settle(c, s.opt.Now())
	change(&c.ClusterDetails)
}

// DeleteCluster deletes a cluster for good.
func (s *Server) DeleteCluster(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.comp.cluster(id); c != nil {
		s.comp.settle(c, s.opt.Now())
		s.comp.release(c, s.opt.Now())
	}
	s.comp.clusters = slices.DeleteFunc(s.comp.clusters, func(c *cluster) bool { return c.ClusterId == id })
	delete(s.comp.libraries, id)
}

// RestartCluster restarts a running cluster.
func (s *Server) RestartCluster(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.comp.cluster(id); c != nil {
		s.comp.settle(c, s.opt.Now())
		if c.State == compute.StateRunning {
			s.comp.begin(c, compute.StateRestarting, s.opt.Now(), s.opt.RestartTime)
		}
	}
}

// TerminateCluster terminates a cluster, with the reason that the service gives.
func (s *Server) TerminateCluster(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.comp.cluster(id); c != nil {
		now := s.opt.Now()
		s.comp.settle(c, now)
		s.comp.release(c, now)
		c.State, c.StateMessage, c.until, c.TerminatedTime = compute.StateTerminated, "", time.Time{}, now.UnixMilli()
		c.TerminationReason = &compute.TerminationReason{Code: compute.TerminationReasonCodeUserRequest, Type: compute.TerminationReasonTypeSuccess}
	}
}

// SetLibraries replaces the libraries of a cluster.
func (s *Server) SetLibraries(clusterID string, libraries ...compute.LibraryFullStatus) {
	s.mu.Lock()
	delete(s.comp.libraries, clusterID)
	s.mu.Unlock()
	s.AddLibraries(clusterID, libraries...)
}

// ChangeJob changes the first job of a name.
func (s *Server) ChangeJob(name string, change func(*jobs.JobSettings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(one(s.comp.jobs, "job "+name, func(j *jobs.Job) bool { return j.Settings.Name == name }).Settings)
}

// ChangePolicy changes a policy.
func (s *Server) ChangePolicy(id string, change func(*compute.Policy)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(one(s.comp.policies, "policy "+id, func(p *compute.Policy) bool { return p.PolicyId == id }))
}

// ChangePool changes a pool.
func (s *Server) ChangePool(id string, change func(*compute.InstancePoolAndStats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(one(s.comp.pools, "pool "+id, func(p *compute.InstancePoolAndStats) bool { return p.InstancePoolId == id }))
}

// DeletePool deletes a pool.
func (s *Server) DeletePool(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.comp.pools = slices.DeleteFunc(s.comp.pools, func(p *compute.InstancePoolAndStats) bool { return p.InstancePoolId == id })
}

// StopWarehouse stops a SQL warehouse.
func (s *Server) StopWarehouse(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := one(s.comp.warehouses, "warehouse "+id, func(w *warehouse) bool { return w.Id == id })
	w.State, w.until, w.NumClusters = sql.StateStopped, time.Time{}, 0
}

// one is the first of a list that is meant; whoever names one that is not there
// is wrong about the workspace that it has filled.
func one[T any](list []*T, what string, is func(*T) bool) *T {
	for _, x := range list {
		if is(x) {
			return x
		}
	}
	panic("emulator: there is no " + what)
}
