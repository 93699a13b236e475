package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// configurable refuses a cluster that cannot be configured now. [sdk:
// ClustersService.Edit]
func configurable(x *cluster) error {
	switch {
	case x.ClusterSource == compute.ClusterSourceJob:
		return invalid("Clusters created by the Databricks Jobs service cannot be edited: %s", x.ClusterId)
	case x.State != compute.StateRunning && x.State != compute.StateTerminated:
		return &apiError{http.StatusBadRequest, "INVALID_STATE", fmt.Sprintf("Cluster %s is in unexpected state %s.", x.ClusterId, x.State), ""}
	}
	return nil
}

// editCluster replaces a cluster's configuration, whole. A running one is
// restarted. [sdk: ClustersService.Edit]
func editCluster(c *call) error {
	var body compute.EditCluster
	if err := c.decode(&body); err != nil {
		return err
	}
	body.ApplyPolicyDefaultValues = false
	c.mu.Lock()
	defer c.mu.Unlock()
	x, err := c.clusterToChange(body.ClusterId)
	if err == nil {
		err = configurable(x)
	}
	if err != nil {
		return err
	}
	fields, err := jsonFields(body)
	if err != nil {
		return err
	}
	if err := c.configure(x, fields, configFields()); err != nil {
		return err
	}
	x.unknown = nil
	return c.json(struct{}{})
}

// updateCluster changes the fields of a cluster that the mask names. [sdk:
// ClustersService.Update]
func updateCluster(c *call) error {
	var body compute.UpdateCluster
	if err := c.decode(&body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	x, err := c.clusterToChange(body.ClusterId)
	if err == nil {
		err = configurable(x)
	}
	if err != nil {
		return err
	}
	if body.Cluster == nil || body.UpdateMask == "" {
		return invalid("Missing required field: cluster, update_mask")
	}
	fields, err := jsonFields(body.Cluster)
	if err != nil {
		return err
	}
	mask := strings.Split(body.UpdateMask, ",")
	if body.UpdateMask == "*" {
		mask = configFields()
	}
	for _, name := range mask {
		if !slices.Contains(configFields(), name) {
			return invalid("Unknown field in update_mask: %s", name)
		}
	}
	if err := c.configure(x, fields, mask); err != nil {
		return err
	}
	return c.json(struct{}{})
}

// configFields are the fields that a configuration has.
func configFields() []string {
	var names []string
	t := reflect.TypeFor[compute.UpdateClusterResource]()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

func jsonFields(v any) (map[string]json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	return m, json.Unmarshal(raw, &m)
}

// configure sets the fields of a cluster that the mask names: those not given
// are not configured any more.
func (c *call) configure(x *cluster, fields map[string]json.RawMessage, mask []string) error {
	now, err := jsonFields(x.ClusterDetails)
	if err != nil {
		return err
	}
	for _, name := range mask {
		delete(now, name)
		if v, ok := fields[name]; ok {
			now[name] = v
		}
	}
	raw, err := json.Marshal(now)
	if err != nil {
		return err
	}
	var d compute.ClusterDetails
	if err := json.Unmarshal(raw, &d); err != nil {
		return err
	}
	switch {
	case d.SparkVersion == "":
		return invalid("Missing required field: spark_version")
	case d.NodeTypeId == "" && d.InstancePoolId == "":
		return invalid("Missing required field: node_type_id")
	case d.SparkVersion != x.SparkVersion && len(c.comp.versions) > 0 &&
		!slices.ContainsFunc(c.comp.versions, func(v compute.SparkVersion) bool { return v.Key == d.SparkVersion }):
		return invalid("Invalid spark version %s.", d.SparkVersion)
	}
	if slices.Contains(mask, "spark_conf") && d.SparkConf != nil {
		plain := map[string]string{}
		for k, v := range d.SparkConf {
			plain[strings.TrimSpace(k)] = strings.TrimSpace(v) // [?]
		}
		d.SparkConf = plain
	}
	if err := c.conforms(&d); err != nil {
		return err
	}
	if x.State == compute.StateRunning {
		c.comp.release(x, c.opt.Now()) // to the pool that it has been on
		d.Driver, d.Executors = nil, nil
	}
	x.ClusterDetails = d
	if x.State == compute.StateRunning {
		c.comp.begin(x, compute.StateRestarting, c.opt.Now(), c.opt.RestartTime)
	}
	return nil
}
