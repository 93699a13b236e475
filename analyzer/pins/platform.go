package pins

import (
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/rules"
)

// Structured finds the pins in a file of a general syntax, read by another
// package: conda's environments, and Databricks bundles, jobs and clusters.
func Structured(u *facts.Unit, root *Item, by string) *facts.Facts {
	r := &reader{u: u, out: &facts.Facts{}, by: by}
	r.condaEnvironment(root)
	r.platform(root, 0)
	return r.out
}

// condaEnvironment reads an environment.yml: packages, and pip's among them.
func (r *reader) condaEnvironment(root *Item) {
	if root.get("channels") == nil && root.get("dependencies") == nil {
		return
	}
	for _, d := range root.get("dependencies").elements() {
		if d.text != nil {
			r.add(Conda(r.u, d.text, d.span, r.name()))
		}
		r.requirementList(d.get("pip"))
	}
}

// maxPlatformDepth bounds collections in collections.
const maxPlatformDepth = 100

// platform looks for the libraries and environments of jobs, clusters and
// pipelines, wherever they stand: their keys are telling.
func (r *reader) platform(i *Item, depth int) {
	if i == nil || depth > maxPlatformDepth {
		return
	}
	for _, e := range i.list {
		r.library(e)
		r.platform(e, depth+1)
	}
	for _, m := range i.table {
		switch m.key {
		case "spark_version":
			v := m.value
			if v.get("value") != nil { // of a policy
				v = v.get("value")
			}
			if key, known := v.value().Known(); known && key != "" {
				r.out.Clusters = append(r.out.Clusters, facts.Cluster{Unit: r.u, Span: v.span, Runtime: key})
			}
		case "docker_image":
			if url := m.value.get("url"); url.value() != nil {
				r.out.Clusters = append(r.out.Clusters, facts.Cluster{Unit: r.u, Span: url.span, Image: flat(url.text)})
			}
		case "spark_conf":
			r.glue(m.value)
		case "spec":
			if m.value.get("client") != nil || m.value.get("environment_version") != nil {
				r.requirementList(m.value.get("dependencies"))
			}
		case "environment": // of a pipeline
			r.requirementList(m.value.get("dependencies"))
		}
		r.platform(m.value, depth+1)
	}
}

const glueCatalog = "spark.databricks.hive.metastore.glueCatalog."

// glue looks whether a Spark configuration uses an isolated Glue catalog: it
// is, unless that is turned off.
func (r *reader) glue(conf *Item) {
	enabled := conf.get(glueCatalog + "enabled")
	if flat(enabled.value()) != "true" || flat(conf.get(glueCatalog+"isolation.enabled").value()) == "false" ||
		flat(conf.get("spark.databricks.passthrough.enabled").value()) == "true" {
		return
	}
	at := enabled.span
	if i := conf.get(glueCatalog + "isolation.enabled"); i != nil {
		at = i.span
	}
	r.out.Clusters = append(r.out.Clusters, facts.Cluster{Unit: r.u, Span: at, Isolated: true})
}

// library is an element of a list of libraries.
func (r *reader) library(i *Item) {
	if p := i.get("pypi", "package"); p.value() != nil {
		r.add(r.requirement(p.text, p.span))
	}
	if p := i.get("cran", "package"); p.value() != nil {
		r.add(r.pin(rules.CRAN, "", flat(p.text), nil, p.span))
	}
}

// Notebook finds the packages in a Jupyter notebook's metadata: those of its
// environment on Databricks.
func Notebook(u *facts.Unit) []*facts.Pin {
	r := &reader{u: u, out: &facts.Facts{}, by: "the notebook's environment"}
	root, _, err := parseJSON(r)
	if err != nil {
		return nil // what could not be read is reported by the format
	}
	r.requirementList(root.get("metadata", "application/vnd.databricks.v1+notebook", "environmentMetadata", "dependencies"))
	return r.out.Pins
}

// platformJSON reads the JSON of jobs and clusters.
func platformJSON(r *reader) {
	root := r.open(parseJSON)
	r.out.Pins = append(r.out.Pins, Coordinates(r.u, nil)...)
	r.platform(root, 0)
}
