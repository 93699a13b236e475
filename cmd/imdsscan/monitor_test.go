package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator/aws"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// watchUntil is a writer that calls stop once what was written holds text.
type watchUntil struct {
	text string
	stop func()
	sb   strings.Builder
}

func (w *watchUntil) Write(b []byte) (int, error) {
	w.sb.Write(b)
	if strings.Contains(w.sb.String(), w.text) {
		w.stop()
	}
	return len(b), nil
}

// An interrupt ends a watch with the whole table and status 130, one look
// with the status alone.
func TestMonitorInterrupted(t *testing.T) {
	s, err := aws.New(aws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for k, v := range s.Env() {
		t.Setenv(k, v)
	}
	s.AddInstance(aws.Instance{ID: "i-1", Tags: map[string]string{"Vendor": "Databricks", "ClusterId": "c-1", "ClusterName": "dev"}})
	s.Count("i-1", "MetadataNoToken", time.Now(), 0)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var stderr strings.Builder
	out := &watchUntil{text: "1 quiet", stop: stop}
	if code := run(ctx, []string{"monitor", "--watch", "--interval", "1h"}, streams{strings.NewReader(""), out, &stderr}); code != exitInterrupted {
		t.Errorf("status %d", code)
	}
	if got := out.sb.String(); !strings.Contains(got, "1 cluster is quiet, 1 instance") || !strings.HasSuffix(got, "Quiet.\n") {
		t.Error(got)
	}
	if stderr.String() != "imdsscan: interrupted\n" {
		t.Errorf("%q", stderr.String())
	}
	if code := run(ctx, []string{"monitor"}, streams{strings.NewReader(""), io.Discard, io.Discard}); code != exitInterrupted {
		t.Errorf("status %d of a look", code)
	}
}

// Calls that were seen are seen, whatever could not be read beside them.
func TestMonitorStatusOfCallsAndGaps(t *testing.T) {
	for _, c := range []struct {
		verdict        evidence.State
		complete, zero bool
		want           int
	}{
		{evidence.CallsSeen, true, false, exitFindings}, {evidence.CallsSeen, false, false, exitFindings},
		{evidence.CallsSeen, false, true, exitIncomplete}, {evidence.CallsSeen, true, true, exitClean},
		{evidence.Unknown, true, false, exitIncomplete}, {evidence.Quiet, false, false, exitIncomplete}, {evidence.Quiet, true, false, exitClean},
	} {
		o := monitorOptions{exitZero: c.zero}
		if got := o.status(&evidence.Report{Verdict: c.verdict, Complete: c.complete}); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
