package metrics

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

const (
	maxQueries = 500 // of one GetMetricData
	parallel   = 4   // calls at a time; the service allows 50 a second
	tries      = 3   // of metrics that the service could not give
)

// sample is what an instance has in a period; a metric without a data point is
// told apart from zero.
type sample struct {
	calls, refused float64
}

// data are the samples of an instance by the start of their period. failed says
// why they may not be all.
type data struct {
	samples map[time.Time]sample
	failed  string
}

// read asks for both metrics of the instances.
func read(ctx context.Context, client *cloudwatch.Client, ids []string, w Window, done func(n int)) (map[string]*data, error) {
	out := make(map[string]*data, len(ids))
	for _, id := range ids {
		out[id] = &data{samples: map[time.Time]sample{}}
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		first error
		slots = make(chan struct{}, parallel)
	)
	for part := range slices.Chunk(ids, maxQueries/2) {
		slots <- struct{}{}
		mu.Lock()
		stop := first != nil
		mu.Unlock()
		if stop || ctx.Err() != nil {
			<-slots
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			// The instances of a part are nobody else's.
			err := readPart(ctx, client, part, w, out)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && first == nil {
				first = err
			}
			done(len(part))
		})
	}
	wg.Wait()
	return out, first
}

// readPart reads instances that fit into one call, page by page, and asks again
// for metrics that the service failed on.
func readPart(ctx context.Context, client *cloudwatch.Client, ids []string, w Window, out map[string]*data) error {
	queries := queriesOf(ids, w)
	for try := 0; len(queries) > 0; try++ {
		status, messages, err := readQueries(ctx, client, queries, ids, w, out)
		if err != nil {
			for _, q := range queries {
				_, in := target(aws.ToString(q.Id), ids, out)
				in.failed = "the metric could not be read"
			}
			return err
		}
		queries = slices.DeleteFunc(queries, func(q cwtypes.MetricDataQuery) bool {
			id := aws.ToString(q.Id)
			s := status[id]
			if s == cwtypes.StatusCodeComplete {
				return true
			}
			if s == cwtypes.StatusCodeInternalError && try+1 < tries {
				return false
			}
			_, in := target(id, ids, out)
			in.failed = failure(s, messages[id])
			return true
		})
	}
	return nil
}

func failure(s cwtypes.StatusCode, message string) string {
	switch s {
	case cwtypes.StatusCodePartialData:
		s = "a part of the data points"
	case cwtypes.StatusCodeForbidden:
		s = "no access to the metric"
	case "":
		s = "nothing for the metric"
	}
	text := "CloudWatch gave " + string(s)
	if s == cwtypes.StatusCodeInternalError {
		text = fmt.Sprintf("CloudWatch failed %d times (InternalError)", tries)
	}
	if message != "" {
		text += ": " + oneLine(message)
	}
	return text
}

// The id of a query tells the metric and the position of the instance.
const (
	idCalls   = "calls"
	idRefused = "refused"
)

func queriesOf(ids []string, w Window) []cwtypes.MetricDataQuery {
	var out []cwtypes.MetricDataQuery
	for i, id := range ids {
		for _, m := range []struct{ id, name string }{{idCalls, metricCalls}, {idRefused, metricRefused}} {
			out = append(out, cwtypes.MetricDataQuery{
				Id:         aws.String(m.id + strconv.Itoa(i)),
				ReturnData: aws.Bool(true),
				MetricStat: &cwtypes.MetricStat{
					Stat:   aws.String("Sum"),
					Period: aws.Int32(int32(w.Period / time.Second)),
					Metric: &cwtypes.Metric{Namespace: aws.String(namespace), MetricName: aws.String(m.name),
						Dimensions: []cwtypes.Dimension{{Name: aws.String(dimension), Value: aws.String(id)}}},
				},
			})
		}
	}
	return out
}

// target is the metric and the instance that a query is of, nil if it is of none.
func target(query string, ids []string, out map[string]*data) (metric string, in *data) {
	metric = idCalls
	number, ok := strings.CutPrefix(query, idCalls)
	if !ok {
		metric = idRefused
		number = strings.TrimPrefix(query, idRefused)
	}
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(ids) {
		return "", nil
	}
	return metric, out[ids[i]]
}

// readQueries reads all pages. status is the last one of each query: while
// pages follow it is partial.
func readQueries(ctx context.Context, client *cloudwatch.Client, queries []cwtypes.MetricDataQuery, ids []string, w Window, out map[string]*data) (status map[string]cwtypes.StatusCode, messages map[string]string, err error) {
	status, messages = map[string]cwtypes.StatusCode{}, map[string]string{}
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(w.From), EndTime: aws.Time(w.To), MetricDataQueries: queries, ScanBy: cwtypes.ScanByTimestampAscending}
	for page := 0; ; page++ {
		answer, err := client.GetMetricData(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range answer.MetricDataResults {
			id := aws.ToString(r.Id)
			metric, to := target(id, ids, out)
			if to == nil || len(r.Timestamps) != len(r.Values) {
				return nil, nil, fmt.Errorf("the answer has a result that was not asked for (%s)", id)
			}
			status[id] = r.StatusCode
			for _, m := range r.Messages {
				messages[id] = aws.ToString(m.Value)
			}
			for i, at := range r.Timestamps {
				at = at.UTC()
				x := to.samples[at]
				if metric == idCalls {
					x.calls = r.Values[i]
				} else {
					x.refused = r.Values[i]
				}
				to.samples[at] = x
			}
		}
		if aws.ToString(answer.NextToken) == "" {
			return status, messages, nil
		}
		if page > maxPages || aws.ToString(answer.NextToken) == aws.ToString(in.NextToken) {
			return nil, nil, errRepeats
		}
		in.NextToken = answer.NextToken
	}
}
