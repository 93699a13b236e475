package pins

import (
	"regexp"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

var (
	// The settings of clusters as JSON in code, escaped or not, and as options
	// and lines of configurations.
	runtimeText = regexp.MustCompile(`\\?["']spark_version\\?["']\s*:\s*\\?["']([^"'\\\s]+)\\?["']`)
	glueText    = regexp.MustCompile(`spark\.databricks\.hive\.metastore\.glueCatalog\.enabled\\?["']?\s*[:=,\s]\s*\\?["']?(?i:true)\b`)
	noGlueText  = regexp.MustCompile(`(?:spark\.databricks\.hive\.metastore\.glueCatalog\.isolation\.enabled\\?["']?\s*[:=,\s]\s*\\?["']?(?i:false)\b|spark\.databricks\.passthrough\.enabled\\?["']?\s*[:=,\s]\s*\\?["']?(?i:true)\b)`)
)

// Settings finds the settings of clusters that matter in code whose structure
// does not show them: definitions given to a command or to a request, options
// of spark-submit, Spark's configuration.
func Settings(u *facts.Unit) (out []facts.Cluster) {
	b := u.Text.Bytes()
	if u.Language != notebooks.Python { // whose own reader finds them
		for _, m := range runtimeText.FindAllSubmatchIndex(b, maxCoordinates) {
			if !commented(u, m[0]) {
				out = append(out, facts.Cluster{Unit: u, Span: span.Span{Start: m[2], End: m[3]}, Runtime: string(b[m[2]:m[3]])})
			}
		}
	}
	for _, m := range noGlueText.FindAllIndex(b, -1) {
		if !commented(u, m[0]) {
			return out
		}
	}
	for _, m := range glueText.FindAllIndex(b, maxCoordinates) {
		if !commented(u, m[0]) {
			out = append(out, facts.Cluster{Unit: u, Span: span.Span{Start: m[0], End: m[1]}, Isolated: true})
		}
	}
	return out
}

// sparkConf reads the configuration of Spark.
func sparkConf(r *reader) {
	buildFile(r)
	r.out.Clusters = append(r.out.Clusters, Settings(r.u)...)
}
