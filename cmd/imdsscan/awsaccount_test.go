package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator/aws"
	"github.com/rogpeppe/go-internal/testscript"
)

// ago is a time before now, as a duration.
type ago struct{ time.Duration }

func (a *ago) UnmarshalJSON(b []byte) (err error) {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	a.Duration, err = time.ParseDuration(s)
	return err
}

// account is an emulated AWS account; its times are before now.
type account struct {
	Regions   []string
	Key       string
	Page      int
	Instances []struct {
		ID, Region, State, Tokens string
		Tags                      map[string]string
		Launched, Terminated      *ago
		Reports                   []ago // from, to
		Answered, Refused         map[string]float64
	}
	Faults []aws.Fault
}

// start serves the account; now is its clock.
func (a *account) start(now time.Time) (*aws.Server, error) {
	s, err := aws.New(aws.Options{Regions: a.Regions, Key: a.Key, Page: a.Page, Now: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	for _, in := range a.Instances {
		x := aws.Instance{ID: in.ID, Region: in.Region, State: in.State, Tags: in.Tags, Tokens: in.Tokens}
		if in.Launched != nil {
			x.Launched = now.Add(-in.Launched.Duration)
		}
		if in.Terminated != nil {
			x.Terminated = now.Add(-in.Terminated.Duration)
		}
		s.AddInstance(x)
		if len(in.Reports) == 2 {
			s.Report(in.ID, "MetadataNoToken", now.Add(-in.Reports[0].Duration), now.Add(-in.Reports[1].Duration))
		}
		for metric, calls := range map[string]map[string]float64{"MetadataNoToken": in.Answered, "MetadataNoTokenRejected": in.Refused} {
			for at, n := range calls {
				d, err := time.ParseDuration(at)
				if err != nil {
					return nil, err
				}
				s.Count(in.ID, metric, now.Add(-d), n)
			}
		}
	}
	for _, f := range a.Faults {
		s.Inject(f)
	}
	return s, nil
}

// awsAccount serves an emulated AWS account from a JSON file and points the
// environment to it: awsaccount FILE.
func awsAccount(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: awsaccount FILE")
	}
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	var a account
	ts.Check(json.Unmarshal(b, &a))
	s, err := a.start(time.Now())
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	for k, v := range s.Env() {
		ts.Setenv(k, v)
	}
}
