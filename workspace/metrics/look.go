package metrics

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// Look reads the window. What could not be read is in the report's problems;
// the error is a *Refusal when the credentials are of no use in any region, or
// the context's.
func (s *Session) Look(ctx context.Context, w Window) (*evidence.Report, error) {
	r := &evidence.Report{SchemaVersion: evidence.Version, Kind: evidence.Kind, Tool: evidence.Tool{Name: "imdsscan", Version: s.o.Version},
		TakenAt: s.o.Now().UTC().Truncate(time.Second), Regions: s.regions, Workspace: s.o.Known.Workspace,
		Window: evidence.Window{From: w.From, To: w.To, Period: int(w.Period / time.Second)}}
	r.Problems = append(r.Problems, s.o.Known.Problems...)
	var fatal error
	failed := 0
	at := map[string]int{}
	all := make([]found, len(s.regions))
	for i, region := range s.regions {
		if all[i] = s.find(ctx, region, w); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	s.place(all, w)
	for i, region := range s.regions {
		f := &all[i]
		if s.lookIn(ctx, region, f, w); ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if f.fatal != nil {
			fatal = f.fatal
			failed++
		}
		if f.account != "" {
			r.Account = f.account
		}
		r.Problems = append(r.Problems, f.problems...)
		r.Summary.Excluded += f.excluded
		r.Summary.Ended += f.ended
		for _, id := range slices.Sorted(maps.Keys(f.instances)) {
			take(r, at, f.instances[id].Instance)
		}
	}
	if failed == len(s.regions) {
		return nil, fatal
	}
	s.checkPlace(r)
	s.notes(r, w)
	r.Tally()
	return r, nil
}

// take adds an instance. One that only a list names may have been asked for in
// every region; the region that knows of it counts.
func take(r *evidence.Report, at map[string]int, in evidence.Instance) {
	i, twice := at[in.ID]
	switch {
	case !twice:
		at[in.ID] = len(r.Instances)
		r.Instances = append(r.Instances, in)
	case in.Lifecycle != evidence.Gone || len(in.Reported) > 0:
		r.Instances[i] = in
	}
}

// lookIn reads the metrics of the instances found in a region.
func (s *Session) lookIn(ctx context.Context, region string, f *found, w Window) {
	if f.fatal != nil || len(f.instances) == 0 {
		return
	}
	ids := slices.Sorted(maps.Keys(f.instances))
	done := 0
	progress := func(n int) {
		done += n
		s.o.Progress(fmt.Sprintf("%s: %d of %d instances", region, done, len(ids)))
	}
	got, err := read(ctx, cloudwatch.NewFromConfig(s.in(region)), ids, w, progress)
	if err != nil {
		f.problem(err, actionGetMetricData, region)
	}
	reasons := map[string]int{}
	for _, id := range ids {
		in := f.instances[id]
		s.o.Known.attribute(&in.Instance, in.tags)
		judge(&in.Instance, got[id], w)
		if got[id].failed != "" {
			reasons[got[id].failed]++
		} else if s.endedBefore(&in.Instance, w) {
			f.ended++
			delete(f.instances, id)
			continue
		}
		f.instances[id] = in
	}
	if err == nil {
		for _, why := range slices.Sorted(maps.Keys(reasons)) {
			f.problems = append(f.problems, evidence.Problem{Region: region, Action: actionGetMetricData, Reason: fmt.Sprintf("%s (instances: %d)", why, reasons[why]), Remedy: "Run it again."})
		}
	}
}

// endedBefore tells an instance that ended before the window: CloudWatch lists it
// for two weeks. One that a list saw in the window, or says no time of, is
// unknown.
func (s *Session) endedBefore(in *evidence.Instance, w Window) bool {
	k, known := s.o.Known.Instances[in.ID]
	return in.Lifecycle == evidence.Gone && len(in.Reported) == 0 && (!known || !k.LastSeen.IsZero() && k.LastSeen.Before(w.From))
}

// youth is how long CloudWatch may take to have data points of a new instance:
// basic monitoring sends them every five minutes, and they arrive late.
const youth = 15 * time.Minute

// judge says what the data points of the instance say.
func judge(in *evidence.Instance, d *data, w Window) {
	times := slices.SortedFunc(maps.Keys(d.samples), time.Time.Compare)
	for _, at := range times {
		x := d.samples[at]
		end := at.Add(w.Period)
		if end.After(w.To) {
			end = w.To
		}
		if n := len(in.Reported); n > 0 && !at.After(in.Reported[n-1].To.Add(gap)) {
			in.Reported[n-1].To = end
		} else {
			in.Reported = append(in.Reported, evidence.Span{From: at, To: end})
		}
		p := evidence.Point{At: at, Calls: int64(math.Round(x.calls)), Rejected: int64(math.Round(x.refused))}
		if p.Calls > 0 || p.Rejected > 0 {
			in.Calls += p.Calls
			in.Rejected += p.Rejected
			in.Points = append(in.Points, p)
		}
	}
	switch {
	case in.Calls > 0 || in.Rejected > 0:
		in.State = evidence.CallsSeen
	case d.failed != "":
		in.State, in.Why = evidence.Unknown, d.failed
	case len(times) > 0:
		in.State = evidence.Quiet
	default:
		in.State, in.Why = evidence.Unknown, silence(in, w)
		in.Young = in.Launched != nil && w.To.Sub(*in.Launched) < youth
	}
}

// gap between data points that is not one: they come every five minutes, also
// when asked for by the minute.
const gap = 4 * time.Minute

// silence says why there may be no data points.
func silence(in *evidence.Instance, w Window) string {
	switch {
	case in.Lifecycle == evidence.Gone:
		return "it has ended, and CloudWatch has no data point of it"
	case in.Lifecycle == "stopped" || in.Lifecycle == "stopping":
		return "it is stopped, and CloudWatch has no data point of it"
	case in.Launched != nil && w.To.Sub(*in.Launched) < youth:
		return "it started less than 15 minutes ago; CloudWatch has no data point of it yet"
	case in.Tokens == "required":
		return "it requires tokens, and CloudWatch has no data point; AWS publishes MetadataNoTokenRejected when it refuses a call, so it may well be quiet, but nothing proves it"
	}
	return "CloudWatch has no data point of it"
}

// checkPlace looks for nodes of running clusters that EC2 does not know: then
// this is another account or region than the workspace's.
func (s *Session) checkPlace(r *evidence.Report) {
	missing, running := 0, 0
	for i := range r.Instances {
		if s.o.Known.Instances[r.Instances[i].ID].Running {
			running++
			if r.Instances[i].Lifecycle == evidence.Gone {
				missing++
			}
		}
	}
	if missing > 0 && missing == running {
		r.Problems = append(r.Problems, evidence.Problem{
			Reason: fmt.Sprintf("none of the %d instances of the workspace's running clusters is in this account and region", running),
			Remedy: "Check --aws-profile and --region: they must be those the workspace's clusters run in."})
	}
}

// notes say what a look of this kind cannot show.
func (s *Session) notes(r *evidence.Report, w Window) {
	if s.o.Now().Sub(w.From) > listsFor {
		r.Notes = append(r.Notes, "CloudWatch lists instances for two weeks after their last data point; those that ended earlier are seen only when --instances names them")
	}
	nobody := 0
	for i := range r.Instances {
		if r.Instances[i].Attribution == evidence.Nobody {
			nobody++
		}
	}
	if nobody > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("not attributed: %d. EC2 forgets an instance and its tags about an hour after its end, so these may be Databricks's or another team's; --print-instances-sql prints a query that names their clusters, --instances takes its result", nobody))
	}
}
