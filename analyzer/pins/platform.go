package pins

import (
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// Structured finds the pins in a file of a general syntax, read by another
// package: conda's environments, and Databricks bundles, jobs and clusters.
func Structured(u *facts.Unit, root *Item, by string, vars ...Variable) *facts.Facts {
	r := &reader{u: u, out: &facts.Facts{}, by: by, vars: vars}
	r.condaEnvironment(root)
	r.platform(root)
	return r.out
}

// Variable is a name that stands for a value: ${var.x} in Terraform.
type Variable struct {
	Name  string
	Unit  *facts.Unit
	Value *Item
}

// Loose is a requirement that stands in a text by itself, nil where the text
// is anything else.
func Loose(u *facts.Unit, i *Item, by string) *facts.Pin {
	if spec := flat(i.value()); strings.Contains(spec, "$") || !strings.ContainsAny(spec, "=<>~") {
		return nil
	}
	return Within(u, i.text, i.span, by)
}

// condaEnvironment reads an environment.yml: packages, and pip's among them.
func (r *reader) condaEnvironment(root *Item) {
	for _, p := range root.get("package").elements() { // of conda-lock
		name, _ := p.get("name").value().Known()
		if manager, _ := p.get("manager").value().Known(); manager == "pip" {
			r.locked(rules.PyPI, versions.Poetry, name, p.get("version"), "conda-lock lock --update NAME")
		} else if manager == "conda" {
			r.locked(rules.Conda, versions.Conda, name, p.get("version"), "conda-lock lock --update NAME")
		}
	}
	for _, key := range []string{"build", "host", "run"} { // of a recipe
		for _, d := range root.get("requirements", key).elements() {
			if d.text != nil {
				r.add(Conda(r.u, d.text, d.span, r.name()))
			}
		}
	}
	switch {
	case root.get("channels") == nil && root.get("dependencies") == nil:
		return
	case root.get("environment_version") != nil || root.get("client") != nil: // Databricks'
		r.requirementList(root.get("dependencies"))
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
func (r *reader) platform(root *Item) {
	r.fill = r.bundleFiller(root)
	r.definitions(root, 0)
}

func (r *reader) definitions(i *Item, depth int) {
	if i == nil || depth > maxPlatformDepth {
		return
	}
	r.glue(settings(i))
	r.library(i)
	for _, e := range i.list {
		r.definitions(e, depth+1)
	}
	for _, m := range i.table {
		switch m.key {
		case "spark_version":
			r.runtime(m.value)
		case "preloaded_spark_versions": // of a pool
			for _, v := range m.value.elements() {
				r.runtime(v)
			}
		case "preloaded_docker_images", "preloaded_docker_image":
			r.image(m.value.get("url"))
			for _, v := range m.value.elements() {
				r.image(v.get("url"))
			}
		case "docker_image":
			r.image(m.value.get("url"))
		case "docker_image.url":
			for _, v := range allowed(m.value) {
				r.image(v)
			}
		case "spec", "environment":
			// of a job's environments, and of a pipeline
			if m.key == "environment" || m.value.get("client") != nil || m.value.get("environment_version") != nil || i.get("environment_key") != nil {
				r.dependencies(m.value)
			}
		case "spark.jars.packages", "spark_conf.spark.jars.packages":
			for _, v := range allowed(m.value) {
				r.packages(v)
			}
		case "definition":
			r.embedded(m.value, depth)
		case "whl", "egg", "jar":
			if i.get("task_key") == nil {
				r.artifactFile(m.value)
			}
		}
		r.definitions(m.value, depth+1)
	}
}

// allowed are the values that the rule of a cluster policy names: fixed, in a
// list, or by default; the value itself where it is none.
func allowed(i *Item) []*Item {
	if i == nil || !i.isTab {
		return []*Item{i}
	}
	switch flat(i.get("type").value()) {
	case "blocklist", "forbidden":
		return nil
	}
	out := append([]*Item(nil), i.get("values").elements()...)
	for _, key := range []string{"value", "defaultValue"} {
		if v := i.get(key); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// runtime notes the runtimes that a cluster, or a policy for clusters, has.
func (r *reader) runtime(i *Item) {
	for _, v := range allowed(i) {
		if v.value() == nil {
			continue
		}
		for _, x := range r.fill.expand(v.text) {
			c := facts.Cluster{Unit: r.u, Span: v.span, Related: x.related("the runtime is set here")}
			if key, known := x.text.Known(); known {
				c.Runtime = key
			} else {
				c.Runtime, c.Unknown = x.text.String(), x.unknown
			}
			if c.Runtime != "" && !strings.Contains(c.Runtime, "databricks_spark_version.") { // which chooses one that is supported
				r.out.Clusters = append(r.out.Clusters, c)
			}
		}
	}
	if p := i.get("pattern"); flat(i.get("type").value()) == "regex" && p.value() != nil {
		r.out.Clusters = append(r.out.Clusters, facts.Cluster{Unit: r.u, Span: p.span, Runtime: flat(p.text),
			Unknown: "the policy allows every runtime that its pattern matches: look whether one of them is not supported"})
	}
}

func (r *reader) image(url *Item) {
	if url.value() == nil {
		return
	}
	text := flat(url.text)
	for _, x := range r.fill.expand(url.text) {
		text = x.text.String()
	}
	r.out.Clusters = append(r.out.Clusters, facts.Cluster{Unit: r.u, Span: url.span, Image: text})
}

const glueCatalog = "spark.databricks.hive.metastore.glueCatalog."

// settings are the keys of a Spark configuration with their values, however
// they stand in a definition: as a table, as the rules of a policy, as a list
// of keys and values.
func settings(i *Item) map[string]*Item {
	out := map[string]*Item{}
	set := func(key string, v *Item) {
		if key = strings.TrimPrefix(key, "spark_conf."); strings.HasPrefix(key, glueCatalog) || key == "spark.databricks.passthrough.enabled" {
			if values := allowed(v); len(values) > 0 && v != nil {
				out[key] = values[0]
			}
		}
	}
	for _, m := range i.table {
		set(m.key, m.value)
	}
	for _, e := range i.list {
		if key := e.get("key"); key.value() != nil {
			set(flat(key.text), e.get("value"))
		}
	}
	return out
}

// glue looks whether a Spark configuration uses an isolated Glue catalog: it
// is, unless that is turned off.
func (r *reader) glue(conf map[string]*Item) {
	is := func(key, value string) bool { return strings.EqualFold(flat(conf[key].value()), value) }
	if !is(glueCatalog+"enabled", "true") || is(glueCatalog+"isolation.enabled", "false") || is("spark.databricks.passthrough.enabled", "true") {
		return
	}
	at := conf[glueCatalog+"enabled"].span
	if i := conf[glueCatalog+"isolation.enabled"]; i != nil {
		at = i.span
	}
	r.out.Clusters = append(r.out.Clusters, facts.Cluster{Unit: r.u, Span: at, Isolated: true})
}

// library is an element of a list of libraries.
func (r *reader) library(i *Item) {
	if p := i.get("pypi", "package"); p.value() != nil {
		r.expanded(p, func(v imds.Value) *facts.Pin { return r.requirement(v, p.span) })
	}
	if p := i.get("cran", "package"); p.value() != nil {
		r.add(r.pin(rules.CRAN, "", flat(p.text), nil, p.span))
	}
	if p := i.get("maven", "coordinates"); p.value() != nil {
		r.expanded(p, func(v imds.Value) *facts.Pin { return r.coordinates(v, p.span) })
	}
}

// dependencies are those of an environment: pip's, and for the JVM.
func (r *reader) dependencies(i *Item) {
	i.get("dependencies").strings(func(p *Item) {
		r.expanded(p, func(v imds.Value) *facts.Pin { return r.requirement(v, p.span) })
	})
	i.get("java_dependencies").strings(func(p *Item) {
		r.expanded(p, func(v imds.Value) *facts.Pin { return r.coordinates(v, p.span) })
	})
}

// packages are the artifacts of spark.jars.packages.
func (r *reader) packages(i *Item) {
	if i.value() == nil {
		return
	}
	for _, x := range r.fill.expand(i.text) {
		at := 0
		for _, one := range strings.Split(flat(x.text), ",") {
			v := slice(x.text, at, at+len(one))
			at += len(one) + 1
			p := r.coordinates(v, i.span)
			if p == nil {
				continue
			}
			p.Unknown = x.unknown
			for _, s := range x.related("the version is set here") {
				if len(p.Spec) > 0 && p.Spec[0].Source.Text == s.Source.Text && s.Source.Span.Overlaps(p.Spec[0].Source.Span) {
					p.Unsafe, p.Related = x.shared, append(p.Related, s)
				}
			}
			r.add(p)
		}
	}
}

// artifactFile is a library that is given by its file.
func (r *reader) artifactFile(i *Item) {
	if text := flat(i.value()); strings.HasSuffix(text, ".whl") || strings.HasSuffix(text, ".egg") {
		r.expanded(i, func(v imds.Value) *facts.Pin { return Requirement(r.u, v, i.span, r.name()) })
	}
}

// expanded adds the pins of a text, for each way in which its variables may be
// filled in.
func (r *reader) expanded(i *Item, pin func(imds.Value) *facts.Pin) {
	for _, x := range r.fill.expand(i.text) {
		p := pin(x.text)
		if p == nil {
			continue
		}
		p.Unknown = x.unknown
		if len(x.set) > 0 {
			p.Span, p.Unsafe, p.Related = i.span, x.shared, append(p.Related, x.related("the version is set here")...)
		}
		r.add(p)
	}
}

// coordinates reads g:a:v.
func (r *reader) coordinates(v imds.Value, at span.Span) *facts.Pin {
	text := flat(v)
	parts := strings.Split(text, ":")
	if len(parts) < 3 {
		return nil
	}
	version := parts[len(parts)-1]
	p := r.pin(rules.Maven, versions.Maven, parts[0]+":"+parts[1], slice(v, len(text)-len(version), len(text)), at)
	p.Span = place(r.u, v, at)
	return p
}

// embedded reads a policy's definition, which is JSON in a string.
func (r *reader) embedded(i *Item, depth int) {
	if i.value() == nil || len(i.text) != 1 || i.text[0].Source.Text == nil || !strings.HasPrefix(strings.TrimSpace(i.text[0].Text), "{") {
		return
	}
	src := i.text[0].Source
	inner := &facts.Unit{Language: notebooks.Packages, Text: src.Text.Slice(src.Span), Cell: r.u.Cell, Doc: r.u.Doc, Parent: r.u.Parent}
	in := &reader{u: inner, out: &facts.Facts{}, by: r.by, fill: r.fill}
	root, at, err := parseJSON(in)
	if err != nil {
		in.unread(at, "a definition is not known: "+err.Error())
	}
	in.definitions(root, depth+1)
	r.out.Add(in.out)
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
	r.platform(r.open(parseJSON))
	r.out.Pins = append(r.out.Pins, Beyond(r.out.Pins, Coordinates(r.u, nil))...)
}

// Beyond are the pins of a text that its structure did not show already.
func Beyond(structured, text []*facts.Pin) (out []*facts.Pin) {
	var known []span.Span
	for _, p := range structured {
		known = append(known, p.Unit.Text.Raw(p.Span))
	}
	slices.SortFunc(known, func(a, b span.Span) int { return a.Start - b.Start })
	for _, p := range text {
		raw := p.Unit.Text.Raw(p.Span)
		i, _ := slices.BinarySearchFunc(known, raw, func(k, raw span.Span) int { return k.End - raw.Start - 1 })
		if i == len(known) || !known[i].Overlaps(raw) {
			out = append(out, p)
		}
	}
	return out
}
