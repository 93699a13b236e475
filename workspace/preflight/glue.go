package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rules"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

const (
	glueEnabled   = "spark.databricks.hive.metastore.glueCatalog.enabled"
	glueIsolation = "spark.databricks.hive.metastore.glueCatalog.isolation.enabled"
	passthrough   = "spark.databricks.passthrough.enabled"
)

// glueUse is whether a configuration uses the Glue catalog, and how.
type glueUse int

const (
	noGlue   glueUse = iota
	shared           // isolation is switched off
	isolated         // what enforcement does not go with
	passes           // credential passthrough: isolation does not apply
	secret           // a secret decides
)

func is(conf map[string]string, key, value string) bool {
	return strings.EqualFold(strings.TrimSpace(conf[key]), value)
}

func glueOf(conf map[string]string) glueUse {
	switch {
	case strings.Contains(conf[glueEnabled], "{{") && !is(conf, passthrough, "true") && !is(conf, glueIsolation, "false"):
		return secret
	case !is(conf, glueEnabled, "true"):
		return noGlue
	case is(conf, passthrough, "true"):
		return passes
	case is(conf, glueIsolation, "false"):
		return shared
	}
	return isolated
}

// glue looks for isolated Glue catalogs.
func (j *judge) glue() {
	for _, s := range j.specs {
		if s.Kind == "pipeline" {
			continue // below, together with the pipeline's own configuration
		}
		where := fmt.Sprintf("in the job, for %s, add to spark_conf", s.Part)
		if s.Details != nil {
			where = fmt.Sprintf("Compute > %s > Edit > Advanced > Spark config: add", s.Details.ClusterName)
		}
		j.glueConf(&s.Thing, in(s), s.Conf, s.Runtime, where)
	}
	for i := range j.Inventory.Pipelines {
		p := &j.Inventory.Pipelines[i]
		if p.Spec == nil || p.Spec.Serverless {
			continue
		}
		t := j.Inventory.Thing("pipeline", p.PipelineId, p.Name, p.CreatorUserName)
		where := "in the pipeline's settings, under Configuration, add"
		if len(p.Spec.Clusters) == 0 {
			j.glueConf(&t, "", p.Spec.Configuration, "", where)
		}
		for k := range p.Spec.Clusters {
			conf := map[string]string{}
			for _, from := range []map[string]string{p.Spec.Configuration, p.Spec.Clusters[k].SparkConf} {
				for key, v := range from {
					conf[key] = v
				}
			}
			if j.glueConf(&t, "", conf, "", where) {
				break
			}
		}
	}
	for i := range j.Inventory.Policies {
		j.gluePolicy(&j.Inventory.Policies[i])
	}
	j.glueWarehouses()
}

// glueConf judges one configuration, and reports whether there is something to
// say.
func (j *judge) glueConf(t *inventory.Thing, part string, conf map[string]string, runtime, where string) bool {
	use := glueOf(conf)
	switch {
	case (use == isolated || use == shared) && rules.AllRuntimes().KeepsIsolation(runtime):
		remedy := "move it to a supported runtime (" + j.choice(runtime) + "), on which " + glueIsolation + " false, which it has already, holds"
		if use == isolated {
			remedy = "move it to a supported runtime first (" + j.choice(runtime) + "); then " + where + " " + glueIsolation + " false"
		}
		j.add(on(t, result.Blocker, result.CheckGlue, part+"it uses the Glue catalog, whose isolation cannot be switched off on the runtime "+runtime, remedy))
	case use == secret:
		j.add(on(t, result.Warn, result.CheckGlue, fmt.Sprintf("%swhether it uses the Glue catalog is not known: %s is %.60q", part, glueEnabled, conf[glueEnabled]),
			"ask who set the secret; where it says true, "+where+" "+glueIsolation+" false"+restarts(t)))
	case use == isolated:
		why := part + "it uses an isolated Glue catalog: " + glueEnabled + " is true and " + glueIsolation + " is not set"
		if v, ok := conf[glueIsolation]; ok {
			why = fmt.Sprintf("%sit uses an isolated Glue catalog: %s is %.20q", part, glueIsolation, v)
			where = strings.Replace(where, "add", "change", 1)
		}
		j.add(on(t, result.Blocker, result.CheckGlue, why, where+" "+glueIsolation+" false"+restarts(t)))
	default:
		return false
	}
	return true
}

func restarts(t *inventory.Thing) string {
	switch t.Kind {
	case "cluster":
		return "; the cluster restarts with it"
	case "pipeline":
		return "; then stop and start it, if it runs continuously"
	}
	return ""
}

// gluePolicy looks at what a policy sets on its clusters.
func (j *judge) gluePolicy(p *compute.Policy) {
	all := rulesOf(p)
	enabled, isolation := all["spark_conf."+glueEnabled], all["spark_conf."+glueIsolation]
	if through, ok := all["spark_conf."+passthrough]; ok {
		if v, fixed := through.Fixed(); fixed && strings.EqualFold(v, "true") {
			return
		}
	}
	t := j.Inventory.Thing("policy", p.PolicyId, p.Name, p.CreatorUserName)
	users := j.usersOf(p.PolicyId)
	remedy := fmt.Sprintf(`Compute > Policies > %s > Edit: "spark_conf.%s": {"type": "fixed", "value": "false"}; then edit and restart its clusters`, p.Name, glueIsolation)
	off, fixedOff := isolation.Fixed()
	fixedOff = fixedOff && strings.EqualFold(off, "false")
	preset, hasDefault := isolation.Default()
	presetOff := hasDefault && strings.EqualFold(preset, "false")
	item := func(level, why string) {
		o := on(&t, level, result.CheckGlue, why+" ("+users.text+")", remedy)
		o.Affects = users.n
		j.add(o)
	}
	value, fixed := enabled.Fixed()
	byDefault, ok := enabled.Default()
	switch {
	case fixedOff:
	case fixed && strings.EqualFold(value, "true") && presetOff:
		item(result.NoteToRead, "it fixes the Glue catalog on and only proposes to switch its isolation off: somebody may switch it on again")
	case fixed && strings.EqualFold(value, "true"):
		item(result.Blocker, "it fixes the Glue catalog on for its clusters, and does not switch its isolation off")
	case ok && strings.EqualFold(byDefault, "true") && !presetOff:
		item(result.Warn, "it proposes the Glue catalog, isolated, unless somebody chooses otherwise")
	case slices.ContainsFunc(enabled.Allowed(), func(v string) bool { return strings.EqualFold(v, "true") }) && !presetOff:
		item(result.Warn, "it allows the Glue catalog, isolated, to those who choose it")
	}
}

// glueWarehouses looks at what all SQL warehouses share.
func (j *judge) glueWarehouses() {
	w := j.Inventory.Warehouses
	if w == nil {
		return
	}
	conf := map[string]string{}
	take := func(pairs []sql.EndpointConfPair) {
		for _, p := range pairs {
			conf[p.Key] = p.Value
		}
	}
	//lint:ignore SA1019 workspaces that were set up long ago have these
	for _, r := range []*sql.RepeatedEndpointConfPairs{w.ConfigParam, w.GlobalParam, w.SqlConfigurationParameters} {
		if r != nil {
			//lint:ignore SA1019 as above
			take(slices.Concat(r.ConfigPair, r.ConfigurationPairs))
		}
	}
	take(w.DataAccessConfig)
	t := inventory.Thing{Kind: "warehouse", ID: "config", Title: "configuration of the workspace"}
	j.glueConf(&t, "", conf, "", "Settings > Compute > SQL warehouses > Manage > Data access configuration: add")
}
