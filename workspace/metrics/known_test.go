package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func show(known map[string]Known) string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(known)) {
		k := known[id]
		pool := "-"
		if k.Pool != nil {
			pool = k.Pool.ID
		}
		out = append(out, fmt.Sprintf("%s %v %s %s %s", id, k.Clusters, pool, k.Owner, k.LastSeen.Format(time.RFC3339)))
	}
	return strings.Join(out, "\n")
}

func TestReadKnown(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"as the SQL editor writes it", "\ufeffinstance_id,cluster_id,cluster_name,owner,pool_id,last_seen\r\n" +
			"i-1,c-1,\"a, b\",ana@x.org,null,2026-11-20T10:00:00.000+00:00\r\n", "i-1 [{c-1 a, b}] - ana@x.org 2026-11-20T10:00:00Z"},
		{"columns in any order, some missing", "Owner, CLUSTER_ID ,instance_id\nbo@x.org,c-2,i-2\n", "i-2 [{c-2 }] - bo@x.org 0001-01-01T00:00:00Z"},
		{"several clusters of one owner", "instance_id,cluster_id,owner,last_seen,pool_id\ni-3,c-1,a,2026-11-20 10:00:00,p\ni-3,c-2,a,2026-11-21 10:00:00.5,p\ni-3,c-2,a,2026-11-19T10:00:00,p\n",
			"i-3 [{c-1 } {c-2 }] p a 2026-11-21T10:00:00Z"},
		{"several owners", "instance_id,cluster_id,owner\ni-3,c-1,a\ni-3,c-2,b\n", "i-3 [{c-1 } {c-2 }] -  0001-01-01T00:00:00Z"},
	} {
		got, err := ReadKnown(strings.NewReader(c.text))
		if err != nil || show(got) != c.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.name, err, show(got), c.want)
		}
	}
	for _, c := range [][2]string{
		{"", "empty"}, {"id,cluster\ni-1,c\n", "no column instance_id"}, {"instance_id\nj-1\n", "line 2: "}, {"instance_id,last_seen\ni-1,soon\n", `last_seen "soon"`},
		{"instance_id,cluster_id\ni-1\n", "wrong number of fields"}, {"{}", "not a result of imdsscan monitor"}, {` {"schema_version": "1.0"}`, "not a result of imdsscan monitor"},
	} {
		if _, err := ReadKnown(strings.NewReader(c[0])); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%q: %v", c[0], err)
		}
	}
}
