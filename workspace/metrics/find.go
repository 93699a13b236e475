package metrics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

const (
	namespace     = "AWS/EC2"
	dimension     = "InstanceId"
	metricCalls   = "MetadataNoToken"         // calls that were answered
	metricRefused = "MetadataNoTokenRejected" // calls that were refused
	describePage  = 1000                      // EC2's largest
	filterValues  = 200                       // EC2's limit of values of a filter
	maxPages      = 10_000                    // more is a service that repeats itself
)

// instance is one to look at, and its tags: nil when they are not known.
type instance struct {
	evidence.Instance
	tags map[string]string
}

// found are the instances of a region.
type found struct {
	instances map[string]instance
	account   string
	described bool // EC2 was asked for all of them
	excluded  int  // not Databricks's, or of another workspace
	ended     int  // before the window
	problems  []evidence.Problem
	fatal     error // the credentials are of no use
}

func (f *found) problem(err error, action, region string) {
	p, credentials := explain(err, action, region)
	f.problems = append(f.problems, p)
	if credentials {
		f.fatal = &Refusal{p.Reason, p.Remedy}
	}
}

// find lists the instances of a region that are Databricks's, or may have been:
// EC2 forgets an instance about an hour after its end, CloudWatch two weeks
// after its last data point.
func (s *Session) find(ctx context.Context, region string, w Window) found {
	f := found{instances: map[string]instance{}}
	client := ec2.NewFromConfig(s.in(region))
	s.o.Progress(region + ": instances")
	err := f.describe(ctx, client, region, ec2types.Filter{Name: aws.String("tag:" + vendorTag), Values: []string{vendor}})
	described := err == nil
	if err != nil {
		f.problem(err, actionDescribeInstances, region)
	}
	if f.fatal != nil || ctx.Err() != nil {
		return f
	}
	s.o.Progress(region + ": metrics")
	listed, err := listed(ctx, cloudwatch.NewFromConfig(s.in(region)), w.To.Sub(w.From) <= recently)
	if err != nil {
		f.problem(err, actionListMetrics, region)
	}
	var unknown []string
	for _, id := range slices.Sorted(maps.Keys(union(listed, s.o.Known.Instances))) {
		if _, ok := f.instances[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	f.described = described && s.ownership(ctx, client, region, &f, unknown)
	for id := range listed {
		f.addUnseen(id, region)
	}
	s.remember(&f)
	maps.DeleteFunc(f.instances, func(id string, in instance) bool {
		_, known := s.o.Known.Instances[id]
		other := in.tags != nil && in.tags[vendorTag] != vendor && !known
		elsewhere := s.elsewhere(in.tags["ClusterId"])
		if other || elsewhere {
			f.excluded++
		}
		return other || elsewhere
	})
	return f
}

func union(listed map[string]bool, known map[string]Known) map[string]bool {
	out := maps.Clone(listed)
	for id := range known {
		out[id] = true
	}
	return out
}

// addUnseen adds an instance that EC2 did not describe.
func (f *found) addUnseen(id, region string) {
	if _, ok := f.instances[id]; ok {
		return
	}
	in := instance{Instance: evidence.Instance{ID: id, Region: region, Lifecycle: evidence.NotRead}}
	if f.described {
		in.Lifecycle = evidence.Gone
	}
	f.instances[id] = in
}

// place adds the instances that only a list names. CloudWatch lists what had
// data points in two weeks, so within that time it does not matter where they
// are asked for; before it they may be in any region.
func (s *Session) place(all []found, w Window) {
	for id := range s.o.Known.Instances {
		if slices.ContainsFunc(all, func(f found) bool { _, ok := f.instances[id]; return ok }) {
			continue
		}
		for i := range all {
			if all[i].fatal == nil {
				all[i].addUnseen(id, s.regions[i])
				if s.o.Now().Sub(w.From) <= listsFor {
					break
				}
			}
		}
	}
}

// listsFor is how far back ListMetrics knows instances.
const listsFor = 14*day + time.Hour

func (s *Session) elsewhere(cluster string) bool {
	return cluster != "" && s.o.Known.Elsewhere != nil && s.o.Known.Elsewhere(cluster)
}

// ownership asks EC2 about instances that have the metric without being
// Databricks's by their tags: they are others', or gone.
func (s *Session) ownership(ctx context.Context, client *ec2.Client, region string, f *found, ids []string) bool {
	for part := range slices.Chunk(ids, filterValues) {
		if err := f.describe(ctx, client, region, ec2types.Filter{Name: aws.String("instance-id"), Values: part}); err != nil {
			f.problem(err, actionDescribeInstances, region)
			return false
		}
	}
	return true
}

// remember keeps whose instances are, and recalls it of those that EC2 has
// forgotten since an earlier look.
func (s *Session) remember(f *found) {
	for id, in := range f.instances {
		old, ok := s.seen[id]
		switch {
		case in.tags != nil:
			s.seen[id] = in
		case ok:
			in.tags, in.Launched, in.Tokens, in.HopLimit = old.tags, old.Launched, old.Tokens, old.HopLimit
			f.instances[id] = in
		}
	}
}

// describe adds the instances that the filter selects.
func (f *found) describe(ctx context.Context, client *ec2.Client, region string, filter ec2types.Filter) error {
	in := &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{filter}, MaxResults: aws.Int32(describePage)}
	for page := 0; ; page++ {
		out, err := client.DescribeInstances(ctx, in)
		if err != nil {
			return err
		}
		for _, r := range out.Reservations {
			f.account = aws.ToString(r.OwnerId)
			for i := range r.Instances {
				x := described(&r.Instances[i], region)
				f.instances[x.ID] = x
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return nil
		}
		if page > maxPages || aws.ToString(out.NextToken) == aws.ToString(in.NextToken) {
			return errRepeats
		}
		in.NextToken = out.NextToken
	}
}

var errRepeats = errors.New("the service repeats its pages")

func described(x *ec2types.Instance, region string) instance {
	in := instance{Instance: evidence.Instance{ID: aws.ToString(x.InstanceId), Region: region}}
	if x.State != nil {
		in.Lifecycle = string(x.State.Name)
	}
	if x.LaunchTime != nil {
		t := x.LaunchTime.UTC()
		in.Launched = &t
	}
	if m := x.MetadataOptions; m != nil {
		in.Tokens = string(m.HttpTokens)
		in.HopLimit = int(aws.ToInt32(m.HttpPutResponseHopLimit))
	}
	// A terminated instance loses its tags before EC2 forgets it.
	ended := in.Lifecycle == string(ec2types.InstanceStateNameTerminated) || in.Lifecycle == string(ec2types.InstanceStateNameShuttingDown)
	if !ended || len(x.Tags) > 0 {
		in.tags = map[string]string{}
		for _, t := range x.Tags {
			in.tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return in
}

// recently is how far ListMetrics looks back when asked for recent ones.
const recently = 3 * time.Hour

// listed are the ids of instances that have one of the metrics.
func listed(ctx context.Context, client *cloudwatch.Client, recent bool) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, name := range []string{metricCalls, metricRefused} {
		in := &cloudwatch.ListMetricsInput{Namespace: aws.String(namespace), MetricName: aws.String(name),
			Dimensions: []cwtypes.DimensionFilter{{Name: aws.String(dimension)}}}
		if recent {
			in.RecentlyActive = cwtypes.RecentlyActivePt3h
		}
		for page := 0; ; page++ {
			out, err := client.ListMetrics(ctx, in)
			if err != nil {
				return ids, err
			}
			for _, m := range out.Metrics {
				// A metric with more dimensions is not one of an instance.
				if len(m.Dimensions) == 1 && aws.ToString(m.Dimensions[0].Name) == dimension {
					ids[aws.ToString(m.Dimensions[0].Value)] = true
				}
			}
			if aws.ToString(out.NextToken) == "" {
				break
			}
			if page > maxPages || aws.ToString(out.NextToken) == aws.ToString(in.NextToken) {
				return ids, fmt.Errorf("%s: %w", name, errRepeats)
			}
			in.NextToken = out.NextToken
		}
	}
	return ids, nil
}
