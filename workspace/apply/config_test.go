package apply

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/patch"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

const (
	withoutKey = `{"a": {"type": "unlimited"}}`
	withKey    = `{"a": {"type": "unlimited"}, "spark_conf.k": {"type": "fixed", "value": "false"}}`
)

// configs is a world with a policy, and two clusters that have to follow it; one
// of them runs. Time passes only while the machine waits.
func configs(t *testing.T, now *time.Time) *world {
	t.Helper()
	w := newWorld(t, 0)
	*now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	w.s = emulator.New(emulator.Options{Now: func() time.Time { return *now }, RestartTime: 5 * time.Minute})
	t.Cleanup(w.s.Close)
	w.client = connect(t, w.s)
	w.o.Client = w.client
	w.o.wait = func(ctx context.Context, d time.Duration) error { *now = now.Add(d); return ctx.Err() }
	w.s.AddPolicy(compute.Policy{PolicyId: "p", Name: "p", Definition: withoutKey, Description: "d"})
	w.s.AddCluster(compute.ClusterDetails{ClusterId: "off", PolicyId: "p", SparkVersion: "v", NodeTypeId: "n", SparkConf: map[string]string{"x": "y"}})
	w.s.AddCluster(compute.ClusterDetails{ClusterId: "runs", PolicyId: "p", SparkVersion: "v", NodeTypeId: "n", State: compute.StateRunning, NumWorkers: 2})
	p, err := patch.ReadPolicy(t.Context(), w.client, "p")
	if err != nil {
		t.Fatal(err)
	}
	add := func(kind, id string, before []byte, change func(string) string) {
		o, err := plan.New(plan.Object{Name: "workspace: " + id, ID: id, Type: kind, Restart: id == "runs"}, before, []byte(change(string(before))))
		if err != nil {
			t.Fatal(err)
		}
		w.plan.Objects = append(w.plan.Objects, o)
	}
	w.plan = &plan.Plan{For: plan.For{Host: w.s.URL(), User: "admin@example.com", Tool: "1", Rules: "r"}}
	add(plan.TypePolicy, "p", p.Content(), func(s string) string {
		return strings.Replace(s, `"\"a\": {\"type\": \"unlimited\"}"`, `"\"a\": {\"type\": \"unlimited\"},",
    " \"spark_conf.k\": {\"type\": \"fixed\", \"value\": \"false\"}"`, 1)
	})
	for _, id := range []string{"off", "runs"} {
		c, err := patch.ReadCluster(t.Context(), w.client, id)
		if err != nil {
			t.Fatal(err)
		}
		add(plan.TypeCluster, id, c.Content(), func(s string) string {
			if id == "off" {
				return strings.Replace(s, `"x": "y"`, "\"k\": \"false\",\n    \"x\": \"y\"", 1)
			}
			return strings.Replace(s, `  "spark_version"`, "  \"spark_conf\": {\n    \"k\": \"false\"\n  },\n  \"spark_version\"", 1)
		})
	}
	if err := w.plan.Seal(); err != nil {
		t.Fatal(err)
	}
	w.events = nil
	return w
}

// renewed tells which configurations are the new ones, and wants the others to be
// the old ones, whole.
func (w *world) renewed() string {
	w.t.Helper()
	out := ""
	p, _ := w.s.Policy("p")
	switch p.Definition {
	case withKey:
		out += "p"
	case withoutKey:
	default:
		w.t.Errorf("the policy holds %s", p.Definition)
	}
	if p.Description != "d" || p.Name != "p" {
		w.t.Errorf("the policy lost something: %+v", p)
	}
	for id, old := range map[string]map[string]string{"off": {"x": "y"}, "runs": nil} {
		c, _ := w.s.Cluster(id)
		fixed := map[string]string{"k": "false"}
		for k, v := range old {
			fixed[k] = v
		}
		switch {
		case reflect.DeepEqual(c.SparkConf, fixed):
			out += id[:1]
		case len(c.SparkConf) == len(old) && c.SparkConf["x"] == old["x"]:
		default:
			w.t.Errorf("%s holds %v", id, c.SparkConf)
		}
		if c.PolicyId != "p" || c.NodeTypeId != "n" {
			w.t.Errorf("%s lost something: %+v", id, c)
		}
	}
	return out
}

func (w *world) wantNew(want string) {
	w.t.Helper()
	got := w.renewed()
	if len(got) != len(want) || strings.Trim(got, want) != "" {
		w.t.Errorf("new are %q, want %q\n%+v", got, want, w.events)
	}
}

// Every call of a run over configurations fails in every way; then the run goes
// on, and is rolled back.
func TestEachCallOfConfigurationsFailing(t *testing.T) {
	var now time.Time
	w := configs(t, &now)
	begin := len(w.s.Requests())
	_, res, err := w.start()
	w.want(res, err, 0, "fixed:3")
	w.wantNew("por")
	calls := len(w.s.Requests()) - begin
	for call := range calls {
		for i, kind := range failures {
			if testing.Short() && (call+i)%5 != 0 {
				continue
			}
			w := configs(t, &now)
			w.s.Inject(emulator.Fault{After: call, Kind: kind})
			id, _, err := w.start()
			if err != nil {
				t.Fatal(err)
			}
			w.renewed()
			w.s.Clear()
			if call%2 == 0 {
				res, err := w.again(id, false)
				if err != nil || res.Code != 0 && kind != emulator.Status(403) {
					t.Errorf("call %d, %s: went on to %d: %s %v", call, kind, res.Code, res.Why, err)
				}
				if res.Code == 0 {
					w.wantNew("por")
				}
			}
			w.o.Restart = true
			if res, err := w.again(id, true); err != nil || res.Code != 0 {
				t.Errorf("call %d, %s: rolled back to %d: %s %v\n%+v", call, kind, res.Code, res.Why, err, w.events)
			}
			w.wantNew("")
		}
	}
}

// The process dies at each record.
func TestEachCrashOfConfigurations(t *testing.T) {
	var now time.Time
	w := configs(t, &now)
	n := w.moments(func() { w.start() })
	for at := 1; at <= n; at++ {
		w := configs(t, &now)
		w.crashAt(at)
		id, _, err := w.start()
		if err != errCrash {
			t.Fatal(err)
		}
		w.renewed()
		w.o.at = nil
		if at%2 == 0 {
			res, err := w.again(id, false)
			w.wantNew("por")
			if err != nil || res.Code != 0 {
				t.Errorf("crash %d: went on to %d %v", at, res.Code, err)
			}
		}
		w.o.Restart = true
		if res, err := w.again(id, true); err != nil || res.Code != 0 {
			t.Errorf("crash %d: rolled back to %d %v", at, res.Code, err)
		}
		w.wantNew("")
	}
}

// What else than the configuration changes with it is told, and what somebody
// makes of it meanwhile stays.
func TestConfigurationsThatComeOutOtherwise(t *testing.T) {
	var now time.Time
	for name, c := range map[string]struct {
		path  string
		hook  func(*emulator.Server)
		code  int
		words string
	}{
		"permissions": {"/api/2.1/clusters/update", func(s *emulator.Server) {
			s.SetPermissions("/clusters/off", emulator.Grant{User: "eve", Level: "CAN_MANAGE"})
		}, CodeVerification, "off drifted the new content is there, but its permissions were"},
		"permissions of a policy": {"/api/2.0/policies/clusters/edit", func(s *emulator.Server) {
			s.SetPermissions("/policies/p", emulator.Grant{Group: "users", Level: "CAN_USE"})
		}, CodeVerification, "p drifted the new content is there, but its permissions were"},
		"another field": {"/api/2.1/clusters/update", func(s *emulator.Server) {
			s.ChangeCluster("off", func(c *compute.ClusterDetails) { c.AutoterminationMinutes = 7 })
		}, CodeVerification, "off undecided " + unclear},
		"gone": {"/api/2.1/clusters/update", func(s *emulator.Server) { s.DeleteCluster("off") }, CodeChanged, "off left somebody deleted"},
		"on its way": {"/api/2.1/clusters/update", func(s *emulator.Server) {
			s.ChangeCluster("off", func(c *compute.ClusterDetails) { c.State = compute.StatePending })
		}, CodeIncomplete, "off failed not written, the original is there: "},
	} {
		t.Run(name, func(t *testing.T) {
			w := configs(t, &now)
			w.s.Inject(emulator.Fault{Path: c.path, Hook: c.hook})
			_, res, err := w.start()
			if err != nil || res.Code != c.code {
				t.Errorf("%d %s %v", res.Code, res.Why, err)
			}
			said := ""
			for _, e := range w.events {
				said += fmt.Sprintln(strings.TrimPrefix(e.Name, "workspace: "), e.Outcome, e.Why)
			}
			if !strings.Contains(said, c.words) {
				t.Errorf("%q is not said:\n%s", c.words, said)
			}
		})
	}
}

// A cluster that restarts is waited for before it is put back, and Ctrl-C ends
// the waiting.
func TestRollbackWaitsForARestart(t *testing.T) {
	var now time.Time
	w := configs(t, &now)
	id, res, err := w.start()
	w.want(res, err, 0, "fixed:3")
	if c, _ := w.s.Cluster("runs"); c.State != compute.StateRestarting {
		t.Fatalf("it is %s", c.State)
	}
	w.o.Restart = true
	waits := w.o.wait
	w.o.wait = func(context.Context, time.Duration) error { return context.Canceled }
	res, err = w.again(id, true)
	w.want(res, err, CodeIncomplete, "failed:1 restored:2")
	w.o.wait = waits
	from := now
	res, err = w.again(id, true)
	w.want(res, err, 0, "restored:3")
	if waited := now.Sub(from); waited < 4*time.Minute || waited > 6*time.Minute {
		t.Errorf("it waited %v", waited)
	}
	w.wantNew("")
	if s, _ := w.dir.Read(id); s.Object("workspace: runs").Status != journal.Original {
		t.Error("not put back")
	}
}

// A cluster that stays in a state in which it takes no change is told of at once.
func TestAClusterInErrorIsNotWaitedFor(t *testing.T) {
	var now time.Time
	w := configs(t, &now)
	w.s.ChangeCluster("off", func(c *compute.ClusterDetails) { c.State = compute.StateError })
	from := now
	_, res, err := w.start()
	if said := fmt.Sprint(w.events); err != nil || now != from || !strings.Contains(said, "it is ERROR, and takes no change") {
		t.Errorf("%v after %v, %v: %s", err, now.Sub(from), res, said)
	}
	if c, _ := w.s.Cluster("off"); c.SparkConf["k"] != "" {
		t.Errorf("it was changed: %v", c.SparkConf)
	}
}
