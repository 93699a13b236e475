package main

import (
	"bytes"
	"encoding/json"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/rogpeppe/go-internal/testscript"
)

// configure adds what a file describes, or changes what is there.
func configure(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
	if len(args) != 2 {
		return false
	}
	change := configuration(ts, args[0], args[1])
	if change == nil {
		return false
	}
	change(s)
	return true
}

// meanwhile does it later.
func meanwhile(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
	if len(args) != 4 {
		return false
	}
	change := configuration(ts, args[2], args[3])
	s.Inject(emulator.Fault{After: toNumber(ts, args[0]), Path: args[1], Hook: change})
	return change != nil
}

// configuration is the change that a file describes; nil of an unknown kind.
func configuration(ts *testscript.TestScript, kind, file string) func(*emulator.Server) {
	text := []byte(ts.ReadFile(file))
	switch kind {
	case "cluster":
		var d compute.ClusterDetails
		ts.Check(json.Unmarshal(text, &d))
		return func(s *emulator.Server) {
			if _, ok := s.Cluster(d.ClusterId); ok {
				s.ChangeCluster(d.ClusterId, func(c *compute.ClusterDetails) { c.SparkConf = d.SparkConf })
			} else {
				s.AddCluster(d)
			}
		}
	case "policy":
		var p compute.Policy
		ts.Check(json.Unmarshal(text, &p))
		return func(s *emulator.Server) {
			if _, ok := s.Policy(p.PolicyId); ok {
				s.ChangePolicy(p.PolicyId, func(x *compute.Policy) { x.Definition = p.Definition })
			} else {
				s.AddPolicy(p)
			}
		}
	}
	return nil
}

// configuredAs wants the configuration that a file holds.
func configuredAs(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
	if len(args) != 3 {
		return false
	}
	var is any
	switch args[0] {
	case "cluster":
		c, _ := s.Cluster(args[1])
		is = map[string]any{"spark_version": c.SparkVersion, "spark_conf": c.SparkConf, "state": c.State}
	case "policy":
		is, _ = s.Policy(args[1])
	default:
		return false
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	ts.Check(enc.Encode(is))
	if want := ts.ReadFile(args[2]); b.String() != want {
		ts.Fatalf("%s %s is:\n%s\nwant:\n%s", args[0], args[1], &b, want)
	}
	return true
}
