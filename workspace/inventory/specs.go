package inventory

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
)

// Thing is what stands in the lists of the workspace.
type Thing struct {
	// Kind is cluster, job, policy, pipeline, pool or warehouse.
	Kind, ID string
	// Title is its name with its id: etl (0923-…).
	Title string
	Owner string
	// URL is where the browser shows it, empty where that is not known.
	URL string
}

// Name is the thing as reports name it: cluster etl (0923-…).
func (t *Thing) Name() string { return t.Kind + " " + t.Title }

// Spec is what a cluster is made of: one in the list of clusters, or one that a
// job or a pipeline starts.
type Spec struct {
	Thing
	// Part says which cluster of a job or a pipeline it is: "the job cluster
	// main", "the task report"; empty of a cluster.
	Part string
	// Runtime is empty where the service chooses it.
	Runtime string
	Conf    map[string]string
	Image   string
	Scripts []compute.InitScriptInfo
	Policy  string
	// Details are of a cluster in the list, nil of others.
	Details *compute.ClusterDetails
}

// Specs are what clusters are made of. Those that a job or a pipeline has started
// are left out: their definition is theirs.
func (inv *Inventory) Specs() iter.Seq[*Spec] {
	return func(yield func(*Spec) bool) {
		for i := range inv.Clusters {
			c := &inv.Clusters[i]
			if !inv.startedByOther(c) && !yield(&Spec{Thing: inv.ThingOfCluster(c), Runtime: c.SparkVersion, Conf: c.SparkConf,
				Image: image(c.DockerImage), Scripts: c.InitScripts, Policy: c.PolicyId, Details: c}) {
				return
			}
		}
		for i := range inv.Jobs {
			if !inv.jobSpecs(&inv.Jobs[i], yield) {
				return
			}
		}
		for i := range inv.Pipelines {
			p := &inv.Pipelines[i]
			if p.Spec == nil || p.Spec.Serverless {
				continue
			}
			for k := range p.Spec.Clusters {
				c := &p.Spec.Clusters[k]
				part := "its clusters"
				if c.Label != "" && c.Label != "default" {
					part = "its cluster " + c.Label
				}
				if !yield(&Spec{Thing: inv.thing("pipeline", p.PipelineId, p.Name, p.CreatorUserName, "pipelines/"), Part: part,
					Conf: c.SparkConf, Scripts: c.InitScripts, Policy: c.PolicyId}) {
					return
				}
			}
		}
	}
}

func (inv *Inventory) jobSpecs(j *jobs.BaseJob, yield func(*Spec) bool) bool {
	if j.Settings == nil {
		return true
	}
	job, ok := inv.ThingOfJob(j), true
	spec := func(part string, c *compute.ClusterSpec) {
		if c != nil && ok {
			ok = yield(&Spec{Thing: job, Part: part, Runtime: c.SparkVersion, Conf: c.SparkConf, Image: image(c.DockerImage), Scripts: c.InitScripts, Policy: c.PolicyId})
		}
	}
	for k := range j.Settings.JobClusters {
		c := &j.Settings.JobClusters[k]
		spec("the job cluster "+c.JobClusterKey, c.NewCluster)
	}
	EachTask(j, func(t *jobs.Task) { spec("the task "+t.TaskKey, t.NewCluster) })
	return ok
}

func image(i *compute.DockerImage) string {
	if i == nil {
		return ""
	}
	return i.Url
}

// ThingOfCluster is a cluster as reports name it.
func (inv *Inventory) ThingOfCluster(c *compute.ClusterDetails) Thing {
	return inv.thing("cluster", c.ClusterId, c.ClusterName, c.CreatorUserName, "compute/clusters/")
}

// ThingOfJob is a job as reports name it.
func (inv *Inventory) ThingOfJob(j *jobs.BaseJob) Thing {
	name := ""
	if j.Settings != nil {
		name = j.Settings.Name
	}
	return inv.thing("job", jobID(j.JobId), name, j.CreatorUserName, "jobs/")
}

// Thing is what is listed as a kind, under an id.
func (inv *Inventory) Thing(kind, id, name, owner string) Thing {
	at := map[string]string{"cluster": "compute/clusters/", "job": "jobs/", "pipeline": "pipelines/"}[kind]
	return inv.thing(kind, id, name, owner, at)
}

func (inv *Inventory) thing(kind, id, name, owner, at string) Thing {
	t := Thing{Kind: kind, ID: id, Owner: owner, Title: strings.TrimPrefix(Named(kind, name, id), kind+" ")}
	if at != "" {
		t.URL = inv.host + "/" + at + id
	}
	return t
}

// Rule is what a policy says of one key.
type Rule struct {
	Type         string `json:"type"`
	Value        any    `json:"value"`
	DefaultValue any    `json:"defaultValue"`
	Values       []any  `json:"values"`
	Pattern      string `json:"pattern"`
}

// Fixed is the value that every cluster of the policy has.
func (r *Rule) Fixed() (string, bool) {
	if r.Type != "fixed" || r.Value == nil {
		return "", false
	}
	return fmt.Sprint(r.Value), true
}

// Default is the value that clusters have unless somebody chooses another.
func (r *Rule) Default() (string, bool) {
	if r.DefaultValue == nil {
		return "", false
	}
	return fmt.Sprint(r.DefaultValue), true
}

// Allowed are the values of a list to choose from.
func (r *Rule) Allowed() []string {
	var out []string
	if r.Type == "allowlist" {
		for _, v := range r.Values {
			out = append(out, fmt.Sprint(v))
		}
	}
	return out
}

// PolicyRules are the rules of a policy by their keys; what overrides the
// family's definition holds. The error is of a definition that is no JSON of
// rules.
func PolicyRules(p *compute.Policy) (map[string]Rule, error) {
	out := map[string]Rule{}
	for _, text := range []string{p.Definition, p.PolicyFamilyDefinitionOverrides} {
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			return nil, notRules(err)
		}
	}
	return out, nil
}

// notRules says in words what is wrong with a definition.
func notRules(err error) error {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at := "it"
		if t.Field != "" {
			at = t.Field
		}
		return fmt.Errorf("not JSON of rules: %s is of the type %s", at, t.Value)
	}
	return fmt.Errorf("not JSON of rules: %w", err)
}
