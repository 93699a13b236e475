package inventory

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
)

// Definition is a thing that is configured, as the service tells of it.
type Definition struct {
	// Kind is cluster, job, policy, pipeline, pool or warehouse.
	Kind, ID string
	// Name is the thing as reports name it: cluster etl (0923-…).
	Name  string
	Owner string
	// URL is where the browser shows it, empty where that is not known.
	URL string
	// JSON is its definition, without secrets.
	JSON []byte
}

// Definitions are all that is configured, one after the other. Clusters that a
// job or a pipeline has started are left out: their definition is theirs.
func (inv *Inventory) Definitions() iter.Seq[Definition] {
	return func(yield func(Definition) bool) {
		add := func(kind, id, name, owner, at string, value any) bool {
			d := Definition{Kind: kind, ID: id, Name: Named(kind, name, id), Owner: owner, JSON: HideSecrets(indented(value))}
			if at != "" {
				d.URL = inv.URL(at + id)
			}
			return yield(d)
		}
		for i := range inv.Clusters {
			if c := &inv.Clusters[i]; !inv.startedByOther(c) &&
				!add("cluster", c.ClusterId, c.ClusterName, c.CreatorUserName, "compute/clusters/", inv.cluster(c)) {
				return
			}
		}
		for i := range inv.Jobs {
			j := &inv.Jobs[i]
			if j.Settings != nil && !add("job", jobID(j.JobId), j.Settings.Name, j.CreatorUserName, "jobs/", j.Settings) {
				return
			}
		}
		for i := range inv.Policies {
			p := &inv.Policies[i]
			if !add("policy", p.PolicyId, p.Name, p.CreatorUserName, "", policy(p)) {
				return
			}
		}
		for i := range inv.Pipelines {
			p := &inv.Pipelines[i]
			if p.Spec != nil && !add("pipeline", p.PipelineId, p.Name, p.CreatorUserName, "pipelines/", p.Spec) {
				return
			}
		}
		for i := range inv.Pools {
			p := &inv.Pools[i]
			if !add("pool", p.InstancePoolId, p.InstancePoolName, "", "", pool(p)) {
				return
			}
		}
		if inv.Warehouses != nil {
			yield(Definition{Kind: "warehouse", ID: "config", Name: "warehouse configuration of the workspace", JSON: HideSecrets(indented(inv.Warehouses))})
		}
	}
}

// startedByOther reports whether a cluster was started by what is listed
// itself.
func (inv *Inventory) startedByOther(c *compute.ClusterDetails) bool {
	switch c.ClusterSource {
	case compute.ClusterSourcePipeline, compute.ClusterSourcePipelineMaintenance, compute.ClusterSourceSql:
		return true
	case compute.ClusterSourceJob:
		// Runs that were submitted without a job have a cluster as well.
		name, _, _ := strings.Cut(strings.TrimPrefix(c.ClusterName, "job-"), "-run-")
		for _, text := range []string{c.DefaultTags["JobId"], c.CustomTags["JobId"], name} {
			id, err := strconv.ParseInt(text, 10, 64)
			if err == nil && slices.ContainsFunc(inv.Jobs, func(j jobs.BaseJob) bool { return j.JobId == id }) {
				return true
			}
		}
	}
	return false
}

// cluster is the definition of a cluster with its libraries, without what says
// only how it is just now.
func (inv *Inventory) cluster(c *compute.ClusterDetails) any {
	d := *c
	d.Spec, d.Driver, d.Executors, d.ClusterLogStatus, d.TerminationReason, d.DefaultTags = nil, nil, nil, nil, nil, nil
	d.State, d.StateMessage, d.SparkContextId, d.LastStateLossTime = "", "", 0, 0
	d.ForceSendFields = nil
	out := map[string]any{}
	if json.Unmarshal(indented(d), &out) != nil {
		return d
	}
	var libraries []*compute.Library
	for _, l := range inv.Libraries[c.ClusterId] {
		if l.Library != nil && l.Status != compute.LibraryInstallStatusUninstallOnRestart {
			libraries = append(libraries, l.Library)
		}
	}
	if len(libraries) > 0 {
		out["libraries"] = libraries
	}
	return out
}

// policy is a policy with its definition as the JSON that it is.
func policy(p *compute.Policy) any {
	out := map[string]any{"policy_id": p.PolicyId, "name": p.Name, "definition": nested(p.Definition)}
	if p.PolicyFamilyDefinitionOverrides != "" {
		out["policy_family_definition_overrides"] = nested(p.PolicyFamilyDefinitionOverrides)
	}
	if len(p.Libraries) > 0 {
		out["libraries"] = p.Libraries
	}
	return out
}

func nested(text string) any {
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return text
}

// pool is a pool with the names that clusters have for the same things.
func pool(p *compute.InstancePoolAndStats) any {
	out := map[string]any{"instance_pool_id": p.InstancePoolId, "instance_pool_name": p.InstancePoolName, "node_type_id": p.NodeTypeId}
	var versions, images []any
	for _, v := range p.PreloadedSparkVersions {
		versions = append(versions, map[string]any{"spark_version": v})
	}
	for _, i := range p.PreloadedDockerImages {
		images = append(images, map[string]any{"docker_image": map[string]any{"url": i.Url}})
	}
	if len(versions) > 0 {
		out["preloaded_spark_versions"] = versions
	}
	if len(images) > 0 {
		out["preloaded_docker_images"] = images
	}
	return out
}

func indented(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil // values of the SDK are JSON
	}
	return b.Bytes()
}
