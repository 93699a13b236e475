package example

import (
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// The account has the instances of the clusters; those that start once
// enforcement is on require tokens, and what is gone is gone.
func TestAccountFollows(t *testing.T) {
	at := time.Now()
	now := func() time.Time { return at }
	s := New(emulator.Options{Now: now, RestartTime: time.Second})
	defer s.Close()
	a, err := NewAccount(s, now)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	before := a.nodes()
	if len(before) < 10 {
		t.Fatalf("%d instances", len(before))
	}
	s.SetConf(setting.EnforceIMDSv2, "true")
	Settle(s, at)
	at = at.Add(time.Hour)
	a.Follow()
	tokens := map[string]int{}
	for id, in := range a.known {
		if c := in.Tags["ClusterId"]; in.Tags["DatabricksInstancePoolId"] == "1127-100000-fleet-pool-new1" && in.Tokens != "required" {
			t.Errorf("%s of the new pool does not require tokens", id)
		} else if c == sharedID && in.Tokens == "required" {
			t.Errorf("%s runs from before and requires tokens", id)
		}
		tokens[in.Tokens]++
	}
	if tokens["required"] == 0 || len(a.known) == len(before) {
		t.Errorf("%v, %d instances", tokens, len(a.known))
	}
}

// What the people do leaves nothing that refers to what is not there.
func TestRepairedReferences(t *testing.T) {
	s := New(emulator.Options{})
	defer s.Close()
	Repair(s)
	pools := map[string]bool{}
	Settle(s, time.Now())
	for _, p := range s.Pools() {
		pools[p.InstancePoolId] = true
	}
	for _, c := range s.Clusters() {
		if c.InstancePoolId != "" && !pools[c.InstancePoolId] {
			t.Errorf("%s is on a pool that is gone", c.ClusterName)
		}
		if c.ClusterSource == compute.ClusterSourceJob && c.State == compute.StateRunning {
			t.Errorf("%s still runs", c.ClusterName)
		}
	}
}
