package aws

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	cloudWatchSpace = "http://monitoring.amazonaws.com/doc/2010-08-01/"
	namespace       = "AWS/EC2"
	dimension       = "InstanceId"
)

type xmlDimension struct{ Name, Value string }

type xmlMetric struct {
	Namespace  string
	Name       string         `xml:"MetricName"`
	Dimensions []xmlDimension `xml:"Dimensions>member"`
}

type listMetricsAnswer struct {
	XMLName xml.Name    `xml:"ListMetricsResponse"`
	Space   string      `xml:"xmlns,attr"`
	Metrics []xmlMetric `xml:"ListMetricsResult>Metrics>member"`
	Next    string      `xml:"ListMetricsResult>NextToken,omitempty"`
	ID      string      `xml:"ResponseMetadata>RequestId"`
}

func (s *Server) listMetrics(c call) (any, *failure) {
	since := s.o.Now().Add(-listed)
	switch v := c.p.get("RecentlyActive"); {
	case v == "PT3H":
		since = s.o.Now().Add(-3 * time.Hour)
	case c.p.has("RecentlyActive"):
		return nil, invalid("InvalidParameterValue", "The value %q for parameter RecentlyActive is invalid. Must be PT3H.", v)
	}
	wantDimension := false
	for i := 1; c.p.any("Dimensions.member." + strconv.Itoa(i)); i++ {
		key := "Dimensions.member." + strconv.Itoa(i)
		if c.p.get(key+".Name") != dimension || c.p.has(key+".Value") {
			return nil, invalid("InvalidParameterValue", "only the dimension %s is emulated, by name", dimension)
		}
		wantDimension = true
	}
	if ns := c.p.get("Namespace"); ns != namespace || !wantDimension {
		return nil, invalid("InvalidParameterValue", "only metrics of %s by %s are emulated", namespace, dimension)
	}
	name := c.p.get("MetricName")
	var found []series
	for k, points := range s.points {
		if k.region != c.region || name != "" && k.metric != name {
			continue
		}
		for minute := range points {
			if !time.Unix(minute*60, 0).Before(since) {
				found = append(found, k)
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b series) int {
		return cmp.Or(cmp.Compare(a.metric, b.metric), cmp.Compare(a.instance, b.instance))
	})
	kind := "metrics/" + name
	offset, fail := c.p.offset(kind, "InvalidNextToken", len(found))
	if fail != nil {
		return nil, fail
	}
	size := maxListed
	if s.o.Page > 0 {
		size = min(size, s.o.Page)
	}
	out := listMetricsAnswer{Space: cloudWatchSpace, ID: requestID}
	end := min(offset+size, len(found))
	for _, k := range found[offset:end] {
		out.Metrics = append(out.Metrics, xmlMetric{namespace, k.metric, []xmlDimension{{dimension, k.instance}}})
	}
	if end < len(found) {
		out.Next = pageToken(kind, end)
	}
	return out, nil
}

type xmlMessage struct{ Code, Value string }

type xmlResult struct {
	ID         string       `xml:"Id"`
	Label      string       `xml:"Label"`
	Timestamps []string     `xml:"Timestamps>member"`
	Values     []float64    `xml:"Values>member"`
	Status     string       `xml:"StatusCode"`
	Messages   []xmlMessage `xml:"Messages>member"`
}

type getMetricDataAnswer struct {
	XMLName xml.Name    `xml:"GetMetricDataResponse"`
	Space   string      `xml:"xmlns,attr"`
	Results []xmlResult `xml:"GetMetricDataResult>MetricDataResults>member"`
	Next    string      `xml:"GetMetricDataResult>NextToken,omitempty"`
	ID      string      `xml:"ResponseMetadata>RequestId"`
}

// pointsPerItem scales a smaller page to data points.
const pointsPerItem = 100

// query is one metric that is asked for.
type query struct {
	id     string
	series series
	period int
}

var queryID = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,254}$`)

func (s *Server) getMetricData(c call) (any, *failure) {
	from, fail := c.p.time("StartTime")
	if fail != nil {
		return nil, fail
	}
	to, fail := c.p.time("EndTime")
	if fail != nil {
		return nil, fail
	}
	if !from.Before(to) {
		return nil, invalid("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
	}
	queries, fail := s.queries(c)
	if fail != nil {
		return nil, fail
	}
	size, fail := c.p.number("MaxDatapoints", maxPoints, 1, maxPoints)
	if fail != nil {
		return nil, fail
	}
	if s.o.Page > 0 {
		size = min(size, pointsPerItem*s.o.Page)
	}
	descending := true
	switch v := c.p.get("ScanBy"); v {
	case "TimestampAscending":
		descending = false
	case "", "TimestampDescending":
	default:
		return nil, invalid("ValidationError", "The value %q for parameter ScanBy is invalid.", v)
	}
	var all [][]point
	total := 0
	for _, q := range queries {
		points := s.sums(q, from, to)
		if descending {
			slices.Reverse(points)
		}
		all, total = append(all, points), total+len(points)
	}
	kind := fmt.Sprintf("data/%d-%d/%d", from.Unix(), to.Unix(), len(queries))
	offset, fail := c.p.offset(kind, "InvalidNextToken", total)
	if fail != nil {
		return nil, fail
	}
	return pageOfData(c.fault, queries, all, offset, size, total, kind), nil
}

// pageOfData is the part of the points, counted through all metrics, that
// starts at offset. A metric with points left after it has partial data.
func pageOfData(fault Kind, queries []query, all [][]point, offset, size, total int, kind string) getMetricDataAnswer {
	out := getMetricDataAnswer{Space: cloudWatchSpace, ID: requestID}
	at := 0
	for i, q := range queries {
		r := xmlResult{ID: q.id, Label: q.series.instance + " " + q.series.metric, Status: "Complete"}
		points := all[i]
		low, high := max(offset-at, 0), min(offset+size-at, len(points))
		at += len(points)
		switch fault {
		case PartialData:
			high, r.Status = min(high, len(points)/2), "PartialData"
		case DataError:
			high, r.Status = 0, "InternalError"
		case DataRefused:
			high, r.Status = 0, "Forbidden"
			r.Messages = []xmlMessage{{"Forbidden", "Access to the metric is denied"}}
		default:
			if high < len(points) {
				r.Status = "PartialData"
			}
		}
		for j := low; j < high; j++ {
			r.Timestamps = append(r.Timestamps, points[j].at.Format(time.RFC3339))
			r.Values = append(r.Values, points[j].sum)
		}
		out.Results = append(out.Results, r)
	}
	if offset+size < total && fault == "" {
		out.Next = pageToken(kind, offset+size)
	}
	return out
}

func (s *Server) queries(c call) ([]query, *failure) {
	n := c.p.count("MetricDataQueries.member")
	if n == 0 {
		return nil, invalid("MissingParameter", "The parameter MetricDataQueries is required.")
	}
	if n > maxQueries {
		return nil, invalid("ValidationError", "The collection MetricDataQueries must not have a size greater than %d.", maxQueries)
	}
	var out []query
	seen := map[string]bool{}
	for i := range n {
		key := "MetricDataQueries.member." + strconv.Itoa(i+1)
		q := query{id: c.p.get(key + ".Id")}
		if !queryID.MatchString(q.id) || seen[q.id] {
			return nil, invalid("ValidationError", "The value %q for parameter %s.Id is not matching the expected pattern, or not unique.", q.id, key)
		}
		seen[q.id] = true
		if v := c.p.get(key + ".ReturnData"); v != "" && v != "true" {
			return nil, invalid("ValidationError", "no query is returned without its data here")
		}
		stat := key + ".MetricStat"
		if v := c.p.get(stat + ".Stat"); v != "Sum" {
			return nil, invalid("ValidationError", "only the statistic Sum is emulated, not %q", v)
		}
		metric := stat + ".Metric"
		if c.p.get(metric+".Namespace") != namespace || c.p.get(metric+".Dimensions.member.1.Name") != dimension || c.p.any(metric+".Dimensions.member.2") {
			return nil, invalid("ValidationError", "only metrics of %s by %s are emulated", namespace, dimension)
		}
		q.series = series{c.region, c.p.get(metric + ".MetricName"), c.p.get(metric + ".Dimensions.member.1.Value")}
		var fail *failure
		if q.period, fail = c.p.number(stat+".Period", 0, 60, 86_400); fail != nil {
			return nil, fail
		}
		if q.period == 0 || q.period%60 != 0 {
			return nil, invalid("ValidationError", "The period must be a multiple of 60, not %d.", q.period)
		}
		out = append(out, q)
	}
	return out, nil
}

// point is a sum over a period that starts at the time.
type point struct {
	at  time.Time
	sum float64
}

// sums are the data points of the query, oldest first. Old points are kept
// for longer periods only.
func (s *Server) sums(q query, from, to time.Time) []point {
	now := s.o.Now()
	sums := map[int64]float64{}
	for minute, v := range s.points[q.series] {
		at := time.Unix(minute*60, 0)
		if at.Before(from) || !at.Before(to) || q.period%finest(now.Sub(at)) != 0 {
			continue
		}
		start := minute * 60 / int64(q.period) * int64(q.period)
		sums[start] += v
	}
	var out []point
	for start, v := range sums {
		out = append(out, point{time.Unix(start, 0).UTC(), v})
	}
	slices.SortFunc(out, func(a, b point) int { return a.at.Compare(b.at) })
	return out
}

const day = 24 * time.Hour

// finest is the shortest period in seconds that points of the age are kept for.
func finest(age time.Duration) int {
	switch {
	case age <= 15*day:
		return 60
	case age <= 63*day:
		return 300
	case age <= 455*day:
		return 3600
	}
	return 1 << 30
}
