package patch

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// clusterOf is a cluster of which the service says this.
func clusterOf(t *testing.T, text string) *Cluster {
	t.Helper()
	f := fields{}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	return &Cluster{ID: "c", fields: f}
}

// Every member that the SDK knows is either configured or the state of a cluster.
func TestStateIsWhatCannotBeSet(t *testing.T) {
	d := reflect.TypeFor[compute.ClusterDetails]()
	known := map[string]bool{}
	for i := range d.NumField() {
		name, _, _ := strings.Cut(d.Field(i).Tag.Get("json"), ",")
		known[name] = true
		if name != "-" && configurable[name] == slices.Contains(state, name) {
			t.Errorf("%s: configured %v, state %v", name, configurable[name], slices.Contains(state, name))
		}
	}
	for _, name := range state[:19] {
		if !known[name] {
			t.Errorf("the SDK does not know %s", name)
		}
	}
}

// What changes by itself is no difference, what is configured is one.
func TestContentOfAClusterHolds(t *testing.T) {
	const base = `{"cluster_id": "c", "cluster_name": "n", "spark_version": "v", "num_workers": 3, "autoscale": {"min_workers": 1, "max_workers": 4},
		"aws_attributes": {"zone_id": "auto", "availability": "SPOT"}, "spark_conf": {"a": "b"}, "state": "TERMINATED", "future": {"x": 1}`
	before := string(clusterOf(t, base+"}").Content())
	for _, same := range []string{`"state": "RUNNING", "driver": {"node_id": "x"}, "executors": [], "start_time": 5, "driver_healthy": true`, `"num_workers": 4`,
		`"aws_attributes": {"availability": "SPOT", "zone_id": "eu-west-1b"}`, `"aws_attributes": {"availability": "SPOT"}`, `"spark_conf": {" a": "b ", "spark.databricks.delta.preview.enabled": "true"}`,
		`"init_scripts": [], "custom_tags": {}, "single_user_name": ""`, `"effective_spark_version": "v2", "spec": {"cluster_name": "old"}`, `"future": { "x" : 1 }`} {
		if got := string(clusterOf(t, base+", "+same+"}").Content()); got != before {
			t.Errorf("%s makes a difference:\n%s", same, got)
		}
	}
	for _, other := range []string{`"autoscale": {"min_workers": 2, "max_workers": 4}`, `"aws_attributes": {"availability": "ON_DEMAND"}`, `"spark_conf": {"a": "c"}`, `"spark_conf": {}`,
		`"future": {"x": 2}`, `"init_scripts": [{"s3": {"destination": "d"}}]`, `"unheard_of": true`, `"policy_id": "p"`} {
		if got := string(clusterOf(t, base+", "+other+"}").Content()); got == before {
			t.Errorf("%s makes no difference", other)
		}
	}
	if got := string(clusterOf(t, `{"num_workers": 3}`).Content()); !strings.Contains(got, "3") {
		t.Errorf("the number of workers of a cluster that does not scale is left out: %s", got)
	}
}

// An update names what differs and sends nothing else; the rest of a Spark
// configuration goes as it stands.
func TestUpdateSendsWhatDiffers(t *testing.T) {
	x := clusterOf(t, `{"cluster_name": "n", "spark_version": "v", "future": 1, "num_workers": 2, "spark_conf": {" a": " b ", "gone": "x", "old": "y", "spark.databricks.delta.preview.enabled": "true"}}`)
	content := strings.NewReplacer(`"old": "y"`, `"old": "z"`, `    "gone": "x",`+"\n", "", `"a": "b"`, `"a": "b",`+"\n"+`    "new": "1"`).Replace(string(x.Content()))
	u, err := x.Update([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := json.Marshal(u); string(b) != `{"cluster":{"spark_conf":{" a":" b ","new":"1","old":"z","spark.databricks.delta.preview.enabled":"true"}},"cluster_id":"c","update_mask":"spark_conf"}` {
		t.Errorf("it sends %s", b)
	}
	u, err = x.Update([]byte(`{"cluster_name": "n", "spark_version": "w", "future": 1, "num_workers": 2}`))
	if b, _ := json.Marshal(u); err != nil || string(b) != `{"cluster":{"spark_conf":{"spark.databricks.delta.preview.enabled":"true"},"spark_version":"w"},"cluster_id":"c","update_mask":"spark_conf,spark_version"}` {
		t.Errorf("it sends %s %v", b, err)
	}
	for _, bad := range []string{strings.Replace(string(x.Content()), `"future": 1`, `"future": 2`, 1), `{"state": "RUNNING"}`, `[]`} {
		if u, err := x.Update([]byte(bad)); err == nil {
			t.Errorf("%s becomes %+v", bad, u)
		}
	}
}

// The content of a policy is its text, piece by piece, and comes back whole.
func TestPolicyRoundTrip(t *testing.T) {
	f := fields{}
	if err := json.Unmarshal([]byte(`{"policy_id": "p", "name": "n <&>", "is_default": false, "created_at_timestamp": 1, "description": "日本", "max_clusters_per_user": 2,
		"definition": "{\r\n\t\"a\": {\"type\": \"fixed\", \"value\": \"x,y\"}\r\n}\r\n", "libraries": [{"pypi": {"package": "boto3==1.9.1"}}, {"future": {"x": 1}}]}`), &f); err != nil {
		t.Fatal(err)
	}
	p := &Policy{ID: "p", fields: f}
	got, err := p.Edit(p.Content())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(got)
	var is, want map[string]any
	_ = json.Unmarshal(b, &is)
	raw, _ := json.Marshal(f)
	_ = json.Unmarshal(raw, &want)
	delete(want, "is_default")
	delete(want, "created_at_timestamp")
	if !reflect.DeepEqual(is, want) {
		t.Errorf("it sends %v, want %v", is, want)
	}
	f["unheard_of"] = json.RawMessage("7")
	if _, err := p.Edit(p.Content()); err == nil || !slices.Equal(p.unknown(), []string{"unheard_of"}) {
		t.Errorf("an unknown member is sent, or not told: %v", p.unknown())
	}
}
