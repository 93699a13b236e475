package emulator

import (
	"encoding/json"
	"fmt"
	"path"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/sql"
)

// computeState is what is configured beside the objects of the workspace, in
// the order in which it was added.
type computeState struct {
	clusters   []*cluster
	versions   []compute.SparkVersion
	libraries  map[string][]compute.LibraryFullStatus
	policies   []*compute.Policy
	families   map[string]string         // of policies, by id
	unknown    map[string]map[string]any // fields of policies, by id
	grants     map[string][]Grant        // of things, by their path in [Server.Deny]
	pools      []*compute.InstancePoolAndStats
	idle       map[string][]idle // in pools, by the pool
	scripts    []*compute.GlobalInitScriptDetailsWithContent
	jobs       []*jobs.Job
	pipelines  []*pipelines.GetPipelineResponse
	warehouses []*warehouse
	sqlConfig  sql.GetWorkspaceWarehouseConfigResponse
	counter    int
}

// newID is an id that no other thing has, as long as ids of the service are.
func (c *computeState) newID(format string) string {
	c.counter++
	return fmt.Sprintf(format, c.counter)
}

// seconds that lie before the workspace's clock.
func (s *Server) ago(d time.Duration) int64 { return s.opt.Now().Add(-d).UnixMilli() }

// withFields is v as JSON with fields that the SDK does not know, as real
// answers have them.
func withFields(v any, fields map[string]any) map[string]any {
	b, err := json.Marshal(v)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	m := map[string]any{}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &raw); err != nil {
		panic("emulator: " + err.Error())
	}
	for k, r := range raw {
		m[k] = r
	}
	for k, f := range fields {
		m[k] = f
	}
	return m
}

// answer is an object with the fields that are not empty, as the service
// leaves out empty lists.
func answer(list string, items []any, next string) map[string]any {
	m := map[string]any{}
	if len(items) > 0 {
		m[list] = items
	}
	if next != "" {
		m["next_page_token"] = next
	}
	return m
}

// denialOf is what the caller may not do with a thing that is no object of the
// workspace, such as "/clusters/0101-…", by it or what is above it. See
// [Server.Deny].
func (c *call) denialOf(thing string) Denial {
	for ; thing != "/" && thing != "."; thing = path.Dir(thing) {
		if d, ok := c.tree.deny[thing]; ok {
			return d
		}
	}
	return NoACL + 1
}

// adminOnly refuses callers who are no administrators.
func (c *call) adminOnly() error {
	if c.opt.NotAdmin {
		return denied("Only workspace administrators can call %s. %s is not one.", c.r.URL.Path, c.opt.User)
	}
	return nil
}

// AddSparkVersions adds runtimes to those that the workspace offers.
func (s *Server) AddSparkVersions(versions ...compute.SparkVersion) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.comp.versions = append(s.comp.versions, versions...)
}

// AddPolicy adds a cluster policy.
func (s *Server) AddPolicy(p compute.Policy) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.PolicyId == "" {
		p.PolicyId = s.comp.newID("ABC0000000%06d")
	}
	if p.CreatedAtTimestamp == 0 {
		p.CreatedAtTimestamp = s.ago(90 * 24 * time.Hour)
	}
	s.comp.inherit(&p)
	s.comp.policies = append(s.comp.policies, &p)
	return p.PolicyId
}

// AddPool adds an instance pool.
func (s *Server) AddPool(p compute.InstancePoolAndStats) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.InstancePoolId == "" {
		p.InstancePoolId = s.comp.newID("0101-000000-pool%04d")
	}
	if p.State == "" {
		p.State = compute.InstancePoolStateActive
	}
	s.comp.pools = append(s.comp.pools, &p)
	return p.InstancePoolId
}

// AddLibraries adds libraries to a cluster.
func (s *Server) AddLibraries(clusterID string, libraries ...compute.LibraryFullStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.comp.libraries == nil {
		s.comp.libraries = map[string][]compute.LibraryFullStatus{}
	}
	s.comp.libraries[clusterID] = append(s.comp.libraries[clusterID], libraries...)
}

// AddJob adds a job.
func (s *Server) AddJob(j jobs.Job) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.JobId == 0 {
		s.comp.counter++
		j.JobId = 620_000_000_000_000 + int64(s.comp.counter)*7919
	}
	if j.CreatorUserName == "" {
		j.CreatorUserName = s.opt.User
	}
	if j.CreatedTime == 0 {
		j.CreatedTime = s.ago(60 * 24 * time.Hour)
	}
	s.comp.jobs = append(s.comp.jobs, &j)
	return j.JobId
}

// AddPipeline adds a pipeline. Its spec holds what it runs and where.
func (s *Server) AddPipeline(p pipelines.GetPipelineResponse) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.PipelineId == "" {
		p.PipelineId = s.comp.newID("7f3a2c1e-0000-4000-8000-%012d")
	}
	if p.State == "" {
		p.State = pipelines.PipelineStateIdle
	}
	if p.CreatorUserName == "" {
		p.CreatorUserName = s.opt.User
	}
	s.comp.pipelines = append(s.comp.pipelines, &p)
	return p.PipelineId
}

// Policy is a policy as it is now.
func (s *Server) Policy(id string) (compute.Policy, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.comp.policies {
		if p.PolicyId == id {
			return *p, true
		}
	}
	return compute.Policy{}, false
}
