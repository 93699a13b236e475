package yaml

import (
	"path"
	"regexp"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// pins finds the packages that the document asks for by its structure.
func (d *document) pins() {
	name := "YAML file"
	if d.u.Doc != nil {
		name = path.Base(d.u.Doc.Path)
	}
	root := d.tree(body(d.root), false, 0)
	found := pins.Structured(d.in, root, name)
	for _, p := range found.Pins {
		if d.template != "" {
			p.Refuse = d.template
		}
	}
	d.out.Add(found)
}

// manifestName is how files are called that list packages.
var manifestName = regexp.MustCompile(`(?i)^(.*environment.*|.*conda.*|meta|databricks|bundle)\.ya?ml$`)

// platformKey is a key that stands in the definitions of jobs and clusters.
var platformKey = regexp.MustCompile(`(?m)(?:^|[\s{,-])["']?(?:spark_version|new_cluster|job_clusters|docker_image|spark_conf|environment_key|coordinates|pypi)["']?:`)

// unread reports a manifest that is not valid; of other files only the parts
// with an endpoint matter.
func (d *document) unread(err error) {
	src := d.text.Bytes()[d.rng.Start:d.rng.End]
	if d.u.Parent == nil && d.u.Doc != nil && pins.Named(src) && (manifestName.MatchString(path.Base(d.u.Doc.Path)) || platformKey.Match(src)) {
		at := span.Span{Start: d.rng.Start, End: d.rng.Start}
		d.out.Unread = append(d.out.Unread, facts.Broken{Unit: d.u, Span: at, Reason: "its pins are not known: not valid YAML: " + err.Error()})
	}
}

// tree is a node for the readers of manifests, which know no syntax. What an
// alias stands for is read where it is written.
func (d *document) tree(n *yamlv3.Node, inFlow bool, depth int) *pins.Item {
	if d.steps++; n == nil || depth > maxDepth || d.steps > maxSteps {
		return pins.Text(nil, span.Span{})
	}
	inFlow = inFlow || n.Style&yamlv3.FlowStyle != 0
	switch n.Kind {
	case yamlv3.MappingNode:
		t := pins.Table()
		for i := 0; i+1 < len(n.Content); i += 2 {
			at := max(0, d.offset(n.Content[i]))
			t.Set(n.Content[i].Value, span.Span{Start: at, End: min(at+len(n.Content[i].Value), d.text.Len())}, d.tree(n.Content[i+1], inFlow, depth+1))
		}
		return t
	case yamlv3.SequenceNode:
		var list []*pins.Item
		for _, c := range n.Content {
			list = append(list, d.tree(c, inFlow, depth+1))
		}
		return pins.List(list)
	}
	at := max(0, d.offset(n))
	s := span.Span{Start: at, End: min(at+len(n.Value), d.text.Len())}
	if text := d.scalarText(n, inFlow); text != nil {
		return pins.Text(imds.Lit(n.Value, imds.Source{Text: text, Span: text.All()}), text.Range())
	}
	return pins.Text(imds.Lit(n.Value, imds.Source{}), s)
}
