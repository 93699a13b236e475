package patch

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace"
)

// state are the members that say how a cluster is just now, or that follow from
// others: they change by themselves, and nobody configures them. The last ones
// the SDK does not know.
var state = []string{"cluster_id", "cluster_cores", "cluster_log_status", "cluster_memory_mb", "cluster_source", "creator_user_name", "default_tags", "driver",
	"executors", "jdbc_port", "last_restarted_time", "last_state_loss_time", "spark_context_id", "spec", "start_time", "state", "state_message",
	"terminated_time", "termination_reason",
	"disk_spec", "driver_healthy", "driver_instance_source", "effective_spark_version", "init_scripts_safe_mode", "instance_source", "last_activity_time", "pinned_by_user_name"}

// Cluster is a cluster as the service tells of it.
type Cluster struct {
	ID, Name, Policy string
	State            compute.State
	Source           compute.ClusterSource
	fields           fields
}

// ReadCluster asks for a cluster.
func ReadCluster(ctx context.Context, c *workspace.Client, id string) (*Cluster, error) {
	f, err := get(ctx, c, "/api/2.1/clusters/get", "cluster_id", id)
	if err != nil {
		return nil, c.Explain("cluster "+id, err)
	}
	return &Cluster{ID: id, Name: f.text("cluster_name"), Policy: f.text("policy_id"), State: compute.State(f.text("state")),
		Source: compute.ClusterSource(f.text("cluster_source")), fields: f}, nil
}

// configuration are the members that are configured. Within them is left out what
// the service sets by itself: the number of workers of a cluster that scales, the
// zone that it chose, a key of Spark that it adds.
// [tf: ZoneDiffSuppress, SparkConfDiffSuppressFunc]
func (x *Cluster) configuration() fields {
	out := x.fields.kept(state...)
	if _, ok := out["autoscale"]; ok {
		delete(out, "num_workers")
	}
	if aws := (fields{}); json.Unmarshal(out["aws_attributes"], &aws) == nil {
		delete(aws, "zone_id")
		out["aws_attributes"] = canonical(aws)
	}
	if conf := x.sparkConf(); conf != nil {
		plain := map[string]string{}
		for k, v := range conf {
			if k = strings.TrimSpace(k); k != addedConf {
				plain[k] = strings.TrimSpace(v)
			}
		}
		out[sparkConf] = canonical(plain)
	}
	return out.kept()
}

// Blanks around the keys and values of a Spark configuration mean nothing, and
// the service may drop them.
const (
	sparkConf = "spark_conf"
	addedConf = "spark.databricks.delta.preview.enabled"
)

// sparkConf is the Spark configuration as it stands, nil where there is none.
func (x *Cluster) sparkConf() map[string]string {
	var conf map[string]string
	if json.Unmarshal(x.fields[sparkConf], &conf) != nil {
		return nil
	}
	return conf
}

// mergedConf is the Spark configuration as it stands, with what is to be changed
// in it: the rest is sent as it is.
func (x *Cluster) mergedConf(want json.RawMessage) (json.RawMessage, error) {
	left := map[string]string{}
	if want != nil {
		if err := json.Unmarshal(want, &left); err != nil {
			return nil, err
		}
	}
	out := map[string]string{}
	for k, v := range x.sparkConf() {
		plain := strings.TrimSpace(k)
		w, ok := left[plain]
		switch {
		case plain == addedConf:
		case !ok:
			continue
		case w != strings.TrimSpace(v):
			v = w
		}
		out[k] = v
		delete(left, plain)
	}
	maps.Copy(out, left)
	return json.Marshal(out)
}

// Content is the configuration.
func (x *Cluster) Content() []byte { return canonical(x.configuration()) }

// Runs reports whether a change would restart the cluster.
func (x *Cluster) Runs() bool { return x.State == compute.StateRunning }

// Settled reports whether the service takes a change of the cluster: not while
// it is on its way from one state to another.
func (x *Cluster) Settled() bool {
	return x.State == compute.StateRunning || x.State == compute.StateTerminated
}

// Stuck reports whether the cluster stays as it is, without taking a change,
// until somebody looks at it.
func (x *Cluster) Stuck() bool {
	return x.State == compute.StateError || x.State == compute.StateUnknown || x.State == ""
}

// configurable are the members that can be changed.
var configurable = func() map[string]bool {
	out := map[string]bool{}
	t := reflect.TypeFor[compute.UpdateClusterResource]()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" {
			out[name] = true
		}
	}
	return out
}()

// Update is the request that gives the cluster the configuration of a content.
// It names the members that differ, and no others are sent.
func (x *Cluster) Update(content []byte) (*compute.UpdateCluster, error) {
	want, err := parse(content)
	if err != nil {
		return nil, err
	}
	names := differing(x.configuration(), want)
	set := fields{}
	for _, name := range names {
		if !configurable[name] {
			return nil, fmt.Errorf("%s of a cluster cannot be changed", name)
		}
		if v, ok := want[name]; ok {
			set[name] = v
		}
		if name == sparkConf {
			if set[name], err = x.mergedConf(want[name]); err != nil {
				return nil, err
			}
		}
	}
	out := &compute.UpdateCluster{ClusterId: x.ID, UpdateMask: strings.Join(names, ","), Cluster: &compute.UpdateClusterResource{}}
	raw, err := json.Marshal(set)
	if err == nil {
		err = json.Unmarshal(raw, out.Cluster)
	}
	return out, err
}

// own tells the clusters that people configure from those that something else
// made, and makes anew.
func (x *Cluster) own() bool {
	return slices.Contains([]compute.ClusterSource{compute.ClusterSourceUi, compute.ClusterSourceApi, ""}, x.Source)
}
